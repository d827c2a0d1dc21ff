"""
Finding an inquiry by what somebody at the counter or on the phone says: names, a phone number, a reference, an email.

`make_findable` writes the words that a row is found by, `parse_query` reads what was typed. Both use `normalize`, so
that the same name is the same word in both. A change to `normalize` or `words` needs a migration that calls
`write_again` for the rows that it means.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from django.db import connection, connections, transaction
from django.db.models import Max, QuerySet

from appointments.inquiries import trigrams
from appointments.models import Inquiry
from clinic import mailboxes, phones
from clinic.typed_text import seen

# Letters that Unicode does not take for another one with a mark, and whose names do not say so either.
LETTERS = {
    "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i", "ȷ": "j", "ŋ": "n", "ə": "e", "ǝ": "e", "ɵ": "o", "ĸ": "k",
    "ɛ": "e", "ɔ": "o", "ɣ": "g", "ɑ": "a", "ɡ": "g", "ɩ": "i", "ʊ": "u", "ʌ": "v", "ʒ": "z", "ʃ": "s", "ƕ": "hv",
    "ƣ": "oi", "ȣ": "ou", "ƿ": "w", "ȝ": "y", "ꞌ": " ",
    # One name on keyboards of Arabic, Persian and Urdu.
    "ى": "ي", "ی": "ي", "ے": "ي", "ک": "ك", "ة": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه",
}  # fmt: skip
# Those whose names do: LATIN SMALL LETTER L WITH STROKE.
WITH_SOMETHING = re.compile(r"LATIN SMALL LETTER ([A-Z]) WITH ")
# Apostrophes and other marks that Unicode takes for letters.
MODIFIERS = range(0x02B9, 0x0300)
# Longer words are compared by so many signs: an index has no room for any length.
LONGEST = 60
# A query of more words than this says nothing more about whom it means.
MOST_WORDS = 8
# Stands before a number that is written backward: the end of a number is then the beginning of a word.
BACKWARD = "#"
SHORTEST_ENDING = 4
# Words of names that are often written as one with the next: de, la, van, Mc.
SHORT = 3
# Any so many signs of a reference, one after another, find it.
OF_A_REFERENCE = 4
# Signs that are said one by one, like "8 S E 3, dash, K 7 Q M", are one word.
SPELLED = re.compile(r"(?<![^\W_])[^\W_](?:[\s.,/–-]+(?:(?:dash|hyphen)[\s.,]+)?[^\W_](?![^\W_])){3,}", re.IGNORECASE)
BETWEEN_SPELLED = re.compile(r"[\s.,/–-]+|dash|hyphen", re.IGNORECASE)
# Dashes and minus signs.
DASHES = re.compile("[\u2010-\u2015\u2212\u2043\ufe58\ufe63\uff0d]")
# Said of anybody; nobody is found by them alone, and few have them in their row.
TITLES = frozenset("mr mrs ms miss mx dr prof sr sra srta dra jr ii iii md phd".split())
# Rows: few enough that nobody waits for them.
WRITTEN_AT_ONCE = 2000
# So many are found at most. Of more, those among so many of the newest inquiries.
MOST, NEWEST = 300, 15_000
# Of those nearly named so, and how like a name must be, from 0 to 1.
MOST_NEAR, NEAR = 20, 0.7


def normalize(words: str) -> str:
    """Lower case without accents or punctuation, one space between words: Søren Groß is soren gross."""
    plain = unicodedata.normalize("NFKD", seen(words).casefold()).casefold()
    if not plain.isascii():
        plain = "".join(sign if sign.isascii() else _usual(sign) for sign in plain)
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


@lru_cache(maxsize=4096)
def _usual(sign: str) -> str:
    """What is typed for a letter or a digit that few keyboards have; itself for one of another script."""
    if unicodedata.category(sign)[0] == "M":
        return ""
    if ord(sign) in MODIFIERS:
        return " "
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    named = WITH_SOMETHING.match(unicodedata.name(sign, ""))
    return LETTERS.get(sign) or (named[1].lower() if named else sign)


def names_of(name: str) -> Iterator[str]:
    """
    The words of a name, and what they are when written as one: Jean-Paul is jean, paul and jeanpaul.

    Two neighbors may be one word (OConnor), and three where the first two are short (delacruz).
    """
    parts = normalize(name).split()
    yield from parts
    yield from map("".join, pairwise(parts))
    for first, second, third in zip(parts, parts[1:], parts[2:], strict=False):
        if max(len(first), len(second)) <= SHORT:
            yield first + second + third


def ending(digits: str) -> str:
    """The last digits of a phone number, as a word that begins like that of each longer ending."""
    return BACKWARD + digits[::-1]


def email_of(typed: str) -> str:
    """An email, whole or from its beginning, as one word."""
    return re.sub(r"\s", "", mailboxes.typed(typed).casefold())


def parse_query(typed: str) -> list[str]:
    """
    The words that must all be found, each as the beginning of one.

    Digits are the end of a phone number, however they are divided; a reference is found with or without its dash, and
    a name with or without its hyphen or apostrophe.
    """
    # Wide letters, dashes of all kinds: NFKC alone would make letters of what only looks like an apostrophe.
    usual = unicodedata.normalize("NFKC", DASHES.sub("-", seen(typed).replace("\u00b4", "'")))
    spelled = SPELLED.sub(lambda signs: f" {BETWEEN_SPELLED.sub('', signs[0])} ", usual)
    joined = re.sub(r"(?<=\d)[\s().\-/+]+(?=\d)", "", spelled)
    found = [word for part in re.split(r"[\s,;:/()]+", joined) for word in _typed(part)]
    named = [word for word in found if word not in TITLES] or found
    return [word[:LONGEST] for word in dict.fromkeys(named)][:MOST_WORDS]


def _typed(part: str) -> list[str]:
    if "@" in part:
        return [email_of(part)]
    words = normalize(part).split()
    if len(words) > 1:
        return list(map("".join, pairwise(words)))
    return [ending(word) if _is_ending(word) else word for word in words]


def _is_ending(word: str) -> bool:
    return len(word) >= SHORTEST_ENDING and re.fullmatch("[0-9]+", word) is not None


def make_findable(inquiry: Inquiry) -> None:
    """Write what this inquiry is found by into its row, which the caller saves."""
    inquiry.search_words = words_of(inquiry)
    inquiry.search_trigrams = trigrams_of((inquiry.name, inquiry.patient_name), inquiry.email)


def trigrams_of(names: Iterable[str], email: str) -> list[str]:
    """By what somebody is found whose name, or the beginning of whose email, was heard or typed nearly right."""
    each = filter(None, (*names, email.partition("@")[0]))
    return trigrams.of_words({word for name in each for word in (*names_of(name), normalize(name).replace(" ", ""))})


def words_of(inquiry: Inquiry) -> str:
    """What the inquiry is found by: each word after a space."""
    typed = filter(None, (inquiry.phone, inquiry.patient_phone))
    numbers = (number for each in typed for number in phones.all_in(each) or [each])
    digits = (re.sub("[^0-9]", "", number) for number in numbers)
    return words((inquiry.name, inquiry.patient_name), inquiry.reference, inquiry.email, digits)


def words(names: Iterable[str], reference: str, email: str, numbers: Iterable[str]) -> str:
    """The same from its parts; `numbers` are digits alone, with the country's where it is known."""
    found = [word for name in filter(None, (*names, email.partition("@")[0])) for word in names_of(name)]
    found += [*_of_reference(normalize(reference)), *_of_email(email_of(email)), *map(ending, filter(None, numbers))]
    return "".join(f" {word[:LONGEST]}" for word in dict.fromkeys(found) if word)


def _of_reference(reference: str) -> Iterator[str]:
    """A reference from each of its signs on; digits alone look like the end of a phone number, and are written so."""
    last = max(len(reference) - OF_A_REFERENCE, 0)
    yield from (reference[first:] for first in range(last + 1))
    for digits in re.finditer(r"[0-9]{4,}", reference):
        yield from (ending(digits[0][:size]) for size in range(OF_A_REFERENCE, len(digits[0]) + 1))


def _of_email(email: str) -> Iterator[str]:
    """An email from each of its parts on: lind@example.com of rosa.lind@example.com, example.com and @example.com."""
    yield email
    mailbox, at, host = email.partition("@")
    yield from (email[sign.end() :] for sign in re.finditer(r"[\W_]", mailbox))
    yield at + host
    yield from map("".join, pairwise(normalize(host).split()))


def write_again(rows: QuerySet[Inquiry]) -> None:
    """For migrations: what these rows are found by, folded as it is now. Nobody is found by what was erased."""
    fields = ("name", "patient_name", "reference", "email", "phone", "patient_phone", "search_words")
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk").only(*fields)[:WRITTEN_AT_ONCE]):
        last = batch[-1].pk
        found = [
            (row.pk, words_of(row), "/".join(trigrams_of((row.name, row.patient_name), row.email)))
            for row in batch
            if row.search_words
        ]
        ids, words, parts = zip(*found, strict=True) if found else ((), (), ())
        with connections[rows.db].cursor() as cursor:
            cursor.execute(
                "UPDATE appointments_inquiry SET search_words = new.words,"
                " search_trigrams = string_to_array(new.trigrams, '/')"
                " FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS new (id, words, trigrams)"
                " WHERE appointments_inquiry.id = new.id",
                [list(ids), list(words), list(parts)],
            )


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
    ids = _with_words(wanted) or (_with_words(joined) if (joined := _particles_joined(wanted)) != wanted else [])
    return Found(ids, is_cut=False) if len(ids) <= MOST else Found(_newest(wanted), is_cut=True)


def _with_words(wanted: list[str]) -> list[int]:
    with transaction.atomic(), connection.cursor() as cursor:
        # The planner believes that making words of each row costs nothing: it would rather read the whole table.
        cursor.execute("SET LOCAL enable_seqscan = off")
        ids = list(Inquiry.objects.with_words(wanted).values_list("pk", flat=True)[: MOST + 1])
        cursor.execute("SET LOCAL enable_seqscan = DEFAULT")
    return ids


def _particles_joined(wanted: list[str]) -> list[str]:
    """Short words as a part of the next one: mc donald is mcdonald, de la cruz is delacruz."""
    joined: list[str] = []
    particle = ""
    for word in wanted:
        particle += word
        if len(word) > SHORT or not word.isalpha():
            joined.append(particle)
            particle = ""
    return [*joined, particle] if particle else joined


def _newest(wanted: list[str]) -> list[int]:
    """The ids of those of the newest inquiries that all these words fit."""
    last = Inquiry.objects.aggregate(Max("pk"))["pk__max"] or 0
    rows = Inquiry.objects.filter(pk__gt=last - NEWEST).order_by("-pk")
    for word in wanted:
        rows = rows.filter(search_words__contains=f" {word}")
    return list(rows.values_list("pk", flat=True)[:MOST])


def find_near(typed: str) -> list[int]:
    """
    The ids of inquiries whose names are nearly what was typed, the likest first; for where nothing fits.

    Digits must be right. Where a name of several words is like nobody's, its longest word is looked for alone.
    """
    wanted = parse_query(typed)
    names = [word for word in wanted if not word.startswith(BACKWARD) and "@" not in word]
    digits = [word for word in wanted if word.startswith(BACKWARD)]
    longest = max(names, key=len, default="")
    if len(longest) <= 3:
        return []
    return _near(names, digits) or ([] if len(names) == 1 else _near([longest], digits))


def _near(names: list[str], digits: list[str]) -> list[int]:
    rows = Inquiry.objects.filter(erased_at=None)
    for name in names:
        rows = rows.nearly_named(trigrams.what_is_left(name))
    if digits:
        rows = rows.with_words(digits)
    fields = ("pk", "name", "patient_name", "email")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        found = list(rows.values_list(*fields)[: MOST + 1])
        cursor.execute("SET LOCAL enable_seqscan = DEFAULT")
    if len(found) > MOST:
        last = Inquiry.objects.aggregate(Max("pk"))["pk__max"] or 0
        found = list(rows.filter(pk__gt=last - NEWEST).order_by("-pk").values_list(*fields)[:MOST])
    likeness = {pk: min(_likeness(name, said) for name in names) for pk, *said in found}
    near = [pk for pk in likeness if likeness[pk] >= NEAR]
    return sorted(near, key=lambda pk: (-likeness[pk], -pk))[:MOST_NEAR]


def _likeness(typed: str, said: list[str]) -> float:
    """How like `typed` the likest word of a name, or of an email before its @, is; 1 where one has it in its middle."""
    words = {word for name in said for word in (*names_of(name.partition("@")[0]), normalize(name).replace(" ", ""))}
    return max((1.0 if typed in word else SequenceMatcher(None, typed, word).ratio() for word in words), default=0)
