"""How hard the pages in procedures/content/ are to read: Flesch-Kincaid grade and longest sentence."""

import re
import sys
from pathlib import Path

import django

CONTENT = Path(__file__).resolve().parent.parent / "procedures" / "content"

HIGHEST_GRADE = 8.0
LONGEST_SENTENCE = 20


def grade(text: str) -> float:
    """
    The school grade of a text of plain sentences.

    Source: Kincaid et al. (1975), Derivation of New Readability Formulas for Navy Enlisted Personnel.
    """
    words = _words(text)
    return 0.39 * len(words) / len(sentences(text)) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def sentences(text: str) -> list[str]:
    return [sentence for sentence in re.split(r"[.!?]+(?:\s|$)", text) if _words(sentence)]


def _words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z’'-]+", text)


def syllables(word: str) -> int:
    """Groups of vowels, without an e at the end that nobody hears; a little high for long words, never zero."""
    word = re.sub(r"[^a-z]", "", word.lower())
    silent = re.search(r"[^aeiouyl]e$|[^aeiouydt]ed$|[^aeiouysxzcgh]es$", word)
    return max(1, len(re.findall(r"[aeiouy]+", word)) - bool(silent))


def plain(body: str) -> str:
    """A page's sentences. Headings and terms are left out: short ones would make the page look easier than it is."""
    from procedures import markdown  # noqa: PLC0415  (its drawings are rows: models need Django to be set up)

    html = re.sub(r"<(h\d|dt|summary)\b.*?</\1>|<svg.*?</svg>", " ", str(markdown.render(body)), flags=re.DOTALL)
    html = re.sub(r"</(li|p|dd)>", ". ", html)
    return re.sub(r"([.?!])\s*\.", r"\1", re.sub(r"<[^>]+>", " ", html))


def main() -> None:
    too_hard = False
    from procedures.content_files import read  # noqa: PLC0415  (models need Django to be set up)

    for file in sorted(CONTENT.rglob("*.md")):
        words = read(file).words
        text = f"{words.lead} {plain(words.body)}"
        longest = max(sentences(text), key=lambda sentence: len(_words(sentence)))
        is_hard = grade(text) > HIGHEST_GRADE or len(_words(longest)) > LONGEST_SENTENCE
        too_hard |= is_hard
        print(f"{'     too hard:' if is_hard else '     '} grade {grade(text):.1f}, {file.relative_to(CONTENT)}")
        if is_hard:
            print(f"       longest sentence, {len(_words(longest))} words: {' '.join(longest.split())}")
    sys.exit(too_hard)


if __name__ == "__main__":
    django.setup()
    main()
