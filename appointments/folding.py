"""Words as the search box compares them: Núñez is Nunez, (212) 555-0123 is 2125550123."""

import re
import unicodedata


def fold(words: str) -> str:
    """Lower case without accents or punctuation, one space between words."""
    decomposed = unicodedata.normalize("NFKD", words.casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w@.+]+", " ", plain).split())


def endings(number: str) -> list[str]:
    """A phone number as people give it when asked who they are: whole, without the country, local, last four."""
    return [number[-length:] for length in (len(number), 10, 7, 4) if number]


def fold_query(typed: str) -> list[str]:
    """
    The folded words that must all be found, as beginnings of words.

    Digits and dashes typed as a phone number are one word; a reference is found with or without its dash.
    """
    if re.fullmatch(r"[\d\s().+\-/]{4,}", typed.strip()):
        return [digits] if (digits := re.sub(r"\D", "", typed)) else []
    if re.fullmatch(r"\w{4}-\w{4}", typed.strip()):
        return [fold(typed.replace("-", ""))]
    return fold(typed).split()
