"""Names that are nearly the same: by the runs of three letters that two of them share."""

from collections.abc import Iterable

# A name with one mistake still has a run of letters without it. Of a long one a third is whole, also with two.
LONG = 8


def of_word(word: str) -> list[str]:
    """Each letter with its two neighbors, in their order; a space stands before the first letter and after the last."""
    padded = f" {word} "
    return [padded[place : place + 3] for place in range(len(word))]


def of_words(words: Iterable[str]) -> list[str]:
    """The trigrams of all these words, each once, in the order of the alphabet."""
    return sorted({each for word in words for each in of_word(word)})


def what_is_left(word: str) -> list[list[str]]:
    """
    The trigrams that a name has which is like `word`, as alternatives of which one must be there as a whole.

    Each leaves out what one letter that is wrong, missing, too many or swapped with the next one changes; or the word
    is a part of the name. The shortest words say too little for that: names begin like them.
    """
    found, size = of_word(word), len(word)
    if size <= 3:
        return [found[:-1] or found]
    if size >= LONG:
        third = size // 3
        return [found[:third], found[third : size - third], found[size - third :]]
    changed = min(size - 2, 4)
    of_a_part = found[1:-1]  # Neither the name's beginning nor its end.
    return [of_a_part, *(found[:first] + found[first + changed :] for first in range(size - changed + 1))]
