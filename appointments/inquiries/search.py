"""
Finding an inquiry by what somebody at the counter or on the phone says: names, a phone number, a reference, an email.

`words_of` writes the words that a row is found by, `parse_query` reads what was typed. Both use `normalize`, so that
the same name is the same word in both. A change to `normalize` needs a migration like 0018, which writes the words of
all rows again.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Max

from appointments.models import Inquiry
from clinic import phones

# Letters of Europe that Unicode does not take for another one with a mark. Apostrophes that it takes for letters.
LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n",
     "ə": "e", "ĸ": "k", "ʻ": " ", "ʼ": " ", "ʹ": " ", "ʿ": " ", "ʾ": " "}
)  # fmt: skip
# Longer words are compared by so many signs: an index has no room for any length.
LONGEST = 60
# A query of more words than this says nothing more about whom it means.
MOST_WORDS = 8
# Stands before a number that is written backward: the end of a number is then the beginning of a word.
BACKWARD = "#"
SHORTEST_ENDING = 4
# So many are found at most. Of more, those among so many of the newest inquiries.
MOST, NEWEST = 300, 15_000


def normalize(words: str) -> str:
    """Lower case without accents or punctuation, one space between words: Søren Groß is soren gross."""
    plain = unicodedata.normalize("NFKD", words.casefold()).casefold()
    plain = "".join(sign for sign in plain if unicodedata.category(sign)[0] != "M")
    return " ".join(re.sub(r"[\W_]+", " ", plain.translate(LETTERS)).split())


def names_of(name: str) -> Iterator[str]:
    """
    The words of a name, and what they are when written as one: Jean-Paul is jean, paul and jeanpaul.

    Two neighbors may be one word (OConnor), and three where the first two are short (delacruz).
    """
    parts = normalize(name).split()
    yield from parts
    yield from map("".join, pairwise(parts))
    for first, second, third in zip(parts, parts[1:], parts[2:], strict=False):
        if max(len(first), len(second)) <= 3:
            yield first + second + third


def ending(digits: str) -> str:
    """The last digits of a phone number, as a word that begins like that of each longer ending."""
    return BACKWARD + digits[::-1]


def email_of(typed: str) -> str:
    """An email, whole or from its beginning, as one word."""
    return re.sub(r"\s", "", typed.casefold())


def parse_query(typed: str) -> list[str]:
    """
    The words that must all be found, each as the beginning of one.

    Digits are the end of a phone number, however they are divided; a reference is found with or without its dash, and
    a name with or without its hyphen or apostrophe.
    """
    joined = re.sub(r"(?<=\d)[\s().\-/+]+(?=\d)", "", typed)
    found = [word for part in re.split(r"[\s,;:/()]+", joined) for word in _typed(part)]
    return [word[:LONGEST] for word in dict.fromkeys(found)][:MOST_WORDS]


def _typed(part: str) -> list[str]:
    if "@" in part:
        return [email_of(part)]
    words = normalize(part).split()
    if len(words) > 1:
        return list(map("".join, pairwise(words)))
    return [ending(word) if _is_ending(word) else word for word in words]


def _is_ending(word: str) -> bool:
    return len(word) >= SHORTEST_ENDING and re.fullmatch("[0-9]+", word) is not None


def words_of(inquiry: Inquiry) -> str:
    """What the inquiry is found by: each word after a space."""
    numbers = (phones.e164(typed) or typed for typed in (inquiry.phone, inquiry.patient_phone))
    digits = (re.sub("[^0-9]", "", number) for number in numbers)
    return words((inquiry.name, inquiry.patient_name), inquiry.reference, inquiry.email, digits)


def words(names: Iterable[str], reference: str, email: str, numbers: Iterable[str]) -> str:
    """The same from its parts; `numbers` are digits alone, with the country's where it is known."""
    reference = normalize(reference)
    found = [word for name in (*names, email.partition("@")[0]) for word in names_of(name)]
    found += [
        ending(reference) if _is_ending(reference) else reference,
        email_of(email),
        *map(ending, filter(None, numbers)),
    ]
    return "".join(f" {word[:LONGEST]}" for word in dict.fromkeys(found) if word)


class Found(NamedTuple):
    """The ids of inquiries; `is_cut` when there are more, and these are some of the newest."""

    ids: list[int]
    is_cut: bool


def find(typed: str) -> Found:
    """
    The inquiries that all the typed words fit, in no order. Nothing when nothing was typed that could be a word.

    Never takes long: a word that fits thousands of people, like one letter, is answered with the newest of them.
    """
    wanted = parse_query(typed)
    if not wanted:
        return Found([], is_cut=False)
    if max(map(len, wanted)) == 1:
        return Found(_newest(wanted), is_cut=True)  # Initials fit everybody: the index only takes longer to say so.
    with transaction.atomic(), connection.cursor() as cursor:
        # The planner believes that making words of each row costs nothing: it would rather read the whole table.
        cursor.execute("SET LOCAL enable_seqscan = off")
        ids = list(Inquiry.objects.with_words(wanted).values_list("pk", flat=True)[: MOST + 1])
        cursor.execute("SET LOCAL enable_seqscan = DEFAULT")
    return Found(ids, is_cut=False) if len(ids) <= MOST else Found(_newest(wanted), is_cut=True)


def _newest(wanted: list[str]) -> list[int]:
    """The ids of those of the newest inquiries that all these words fit."""
    last = Inquiry.objects.aggregate(Max("pk"))["pk__max"] or 0
    rows = Inquiry.objects.filter(pk__gt=last - NEWEST).order_by("-pk")
    for word in wanted:
        rows = rows.filter(search_words__contains=f" {word}")
    return list(rows.values_list("pk", flat=True)[:MOST])
