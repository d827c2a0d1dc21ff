"""Words as the search box compares them: Núñez is Nunez, (212) 555-0123 is 2125550123."""

import re
import unicodedata
from collections.abc import Iterable

from appointments.models import Inquiry
from clinic import phones


def normalize(words: str) -> str:
    """Lower case without accents or punctuation, one space between words."""
    decomposed = unicodedata.normalize("NFKD", words.casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w@.+]+", " ", plain).split())


def phone_suffixes(number: str) -> list[str]:
    """A phone number as people give it when asked who they are: whole, without the country, local, last four."""
    return [number[-length:] for length in (len(number), 10, 7, 4) if number]


def parse_query(typed: str) -> list[str]:
    """
    The folded words that must all be found, as beginnings of words.

    Digits and dashes typed as a phone number are one word; a reference is found with or without its dash.
    """
    if re.fullmatch(r"[\d\s().+\-/]{4,}", typed.strip()):
        return [digits] if (digits := re.sub(r"\D", "", typed)) else []
    if re.fullmatch(r"\w{4}-\w{4}", typed.strip()):
        return [normalize(typed.replace("-", ""))]
    return normalize(typed).split()


def words_of(inquiry: Inquiry) -> str:
    """What the inquiry is found by: each word after a space, so that a search can look for beginnings."""
    numbers = (phones.e164(typed).lstrip("+") for typed in (inquiry.phone, inquiry.patient_phone))
    return words((inquiry.name, inquiry.patient_name), inquiry.reference, inquiry.email, numbers)


def words(names: Iterable[str], reference: str, email: str, numbers: Iterable[str]) -> str:
    """The same from its parts; `numbers` are digits alone, with the country's."""
    found = [*map(normalize, (*names, reference, email)), *(part for each in numbers for part in phone_suffixes(each))]
    return "".join(f" {part}" for part in found if part)
