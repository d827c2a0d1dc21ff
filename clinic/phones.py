"""Telephone numbers as people type them."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.typed_text import plain

# The country whose numbers need no country code here.
REGION = "US"
NOT_DIALED = _(
    "Enter a phone number with an area code, like 212 555 0123. From another country, begin with + and the country"
    " code."
)

# What a number may be written with, and what may follow it.
_EXTENSION = r"[,;]?\s*\(?(?:ext(?:ension|n)?\.?|x|\#)\s*[:=]?\s*\d{1,6}\b"
_LOOKS_LIKE_ONE = re.compile(
    r"(?:\+\s?)?\(?\d[\d\s().\-\u2010-\u2015/\u00b7]*\d"
    rf"(?:{_EXTENSION})?",
    re.IGNORECASE,
)
# Big letters that stand for digits, as on a keypad; with spaces between they are words, but in a number that is free to
# call. What follows seven of them is for the eye.
_LETTERS = re.compile(
    r"((?:\+?1[\s.\-]?)?\(?(?:[2-9]\d\d\)?[\s.\-]?(?=[\d.\-]{0,9}[A-Z])(?:[.\-]?[\dA-Z]){7}"
    r"|8(?:00|33|44|55|66|77|88)\)?[\s.\-]?(?=[\d\s.\-]{0,9}[A-Z])(?:[\s.\-]?[\dA-Z]){7}))[A-Z\-]{0,10}(?!\w)"
)
_EXTENDED = re.compile(rf"(?:{_EXTENSION})\)?$", re.IGNORECASE)
# As of phonenumbers; and so much is read of a text.
_LONGEST, _READ = 250, 1_000
# What begins a whole number: it may follow one that is something else.
_ONE = r"(?:\+|00[1-9]|011|(?:1[\s.\-]*)?\(?[2-9]\d\d\)?[\s.\-]*[2-9]\d\d[\s.\-]*\d{4}(?!\d))"
# Numbers of another kind, which nobody should dial: of a room, a patient, a day, an hour; wherever they stand.
_OF_ANOTHER_KIND = re.compile(
    r"\b(?:apt|apartment|room|rm|suite|ste|unit|floor|zip(?:\s?code)?|postcode|box)\b[\s.:\#]*[a-z]?\d{1,5}[a-z]?\b"
    r"(?:-\d{4}\b)?"
    r"|\bss[n\#]\D{0,3}\d{3}[ \-]?\d\d[ \-]?\d{4}\d?\b"
    r"|\b(?:ref(?:erence)?|mrn|npi|id|account|acct|policy|member|medicare|medicaid|claim|chart)"
    r"(?:\s?(?:number|no|nr)\b)?[\s.:\#]*\d[\d\-]*"
    r"|(?<![\d+])(?<![\d+][\s.\-])\d{5}-\d{4}\b(?![.\-/]?\d)"
    r"|(?<![\d+./\-])(?:\d{1,2}[./\-]\d{1,2}[./\-](?:19|20)\d\d|\d{1,2}/\d{1,2}/\d\d"
    r"|(?:19|20)\d\d[./\-]\d{1,2}[./\-]\d{1,2})\b(?![.\-/]?\d)"
    r"|(?<!\d)\d{1,2}:\d\d(?!\d)",
    re.IGNORECASE,
)
# And those that could be the beginning of a number, where a whole one follows.
_BEFORE_ONE = re.compile(
    r"(?<![\w+.])(?:24/7|\d{5}|(?:19|20)\d\d|\d{1,2}[.)](?=\s)|\d{1,2}\s?(?:-|\u2013|to|till|until)\s?\d{1,2}"
    r"|(?:no|nr|age|aged|after|before|by|until|till|from|since|press|\#)[\s.:\#]*\d{1,3}"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s\d{1,2}(?:,?\s(?:19|20)\d\d)?)"
    rf"(?=[\s,;:.)\-]+{_ONE})",
    re.IGNORECASE,
)
# What people write between groups, as a point or a space: dots of all heights.
_BETWEEN = str.maketrans(dict.fromkeys("\u00b7\u2022\u2027\u2219\u22c5\u30fb", ".") | {"_": " "})
# Spaces and slashes part two numbers, or the groups of one.
_PARTS = re.compile(r"[\s/]+")
_TOO_MANY = 10
# What Europeans dial before the code of another country.
_TO_ABROAD = re.compile(r"^\(?00[\s.\-]*(?=[1-9])")
# Mexico's mobile numbers had a 1 after the country code until 2019, and many still write it.
_MEXICO, _MEXICAN_MOBILE = 52, re.compile(r"1(\d{10})")
# In the North American Numbering Plan an area code and what follows it begin with 2 to 9; 211 to 911 are services.
_NORTH_AMERICA, _OF_NORTH_AMERICA = 1, re.compile(r"[2-9](?!11)\d\d[2-9]\d{6}")


def parse(typed: str) -> phonenumbers.PhoneNumber | None:
    """
    The number in what was typed, or the first of several: spaces, brackets, dots, dashes and extensions are all fine,
    and so are words around it, like "(cell)" or "after 5 pm".

    None when it cannot be dialed from elsewhere, for example because the area code is missing. Numbers that no
    carrier has given out yet pass: the front desk would rather try one.
    """
    words = _ready(typed)
    return _number(words) or next(_in_words(words), None)


def is_one(typed: str) -> bool:
    """Whether it is one number, with nothing beside it but its extension."""
    return _number(_ready(typed)) is not None


def all_in(typed: str) -> list[str]:
    """All numbers in what was typed, each to dial, like +12125550123."""
    words = _ready(typed)
    whole = _number(words)
    return list(dict.fromkeys(map(_e164, [whole] if whole else _in_words(words))))


def _ready(typed: str) -> str:
    """The words without those numbers that are something else."""
    words = plain(typed[: 4 * _READ])[:_READ].translate(_BETWEEN)
    return _BEFORE_ONE.sub("|", _OF_ANOTHER_KIND.sub("|", words))


def _in_words(words: str) -> Iterator[phonenumbers.PhoneNumber]:
    """The numbers in a text. One that is followed by something else ends where it is one."""
    for match in islice(_LOOKS_LIKE_ONE.finditer(words), _TOO_MANY):
        yield from _groups(match[0])
    yield from filter(None, (_number(match[1]) for match in islice(_LETTERS.finditer(words), _TOO_MANY)))


def _groups(digits: str) -> Iterator[phonenumbers.PhoneNumber]:
    ends = [len(digits), *(gap.start() for gap in reversed(list(_PARTS.finditer(digits))))][:_TOO_MANY]
    for end in ends:
        left = digits[end:].strip(" /")
        if found := _number(digits[:end]):
            others = list(_groups(left)) if left else []
            # Else the rest belongs to this number, which is none then.
            if left and not others and len(_digits(left)) <= 4:
                # "since 2019 917 555 0188": one that ends with the digits is it, rather than one that leaves four.
                starts = (gap.end() for gap in list(_PARTS.finditer(digits))[:_TOO_MANY])
                found = next(filter(None, (_number(digits[start:]) for start in starts)), found)
            elif left and not others:
                continue
            yield from [found, *others]
            return


def _number(words: str) -> phonenumbers.PhoneNumber | None:
    words = words.strip()[: _LONGEST + 1]
    if not words:
        return None
    begins = next((at for at, sign in enumerate(words) if sign.isdecimal()), 0)
    if any(sign.isalpha() for sign in _EXTENDED.sub("", words[begins:])):
        letters = _LETTERS.fullmatch(words, begins)
        if letters is None:
            return None
        words = words[:begins] + letters[1]
    try:
        found = phonenumbers.parse(_TO_ABROAD.sub("+", words), REGION)
    except phonenumbers.NumberParseException:
        return None
    national = phonenumbers.national_significant_number(found)
    if found.country_code == _MEXICO and (mobile := _MEXICAN_MOBILE.fullmatch(national)):
        found.national_number = int(mobile[1])
    if found.country_code == _NORTH_AMERICA and not _OF_NORTH_AMERICA.fullmatch(national):
        return None
    possible = phonenumbers.is_possible_number_with_reason(found)
    return found if possible == phonenumbers.ValidationResult.IS_POSSIBLE else None


def validate_phone(number: str) -> None:
    """Refuse what cannot be dialed, with how to write it."""
    if not parse(number):
        raise ValidationError(NOT_DIALED)


def link(typed: str) -> str:
    """What a tel: link dials, with the extension: "+12125550123;ext=4". Empty when there is no number."""
    found = parse(typed)
    if found is None:
        return ""
    uri = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.RFC3966)
    return uri.removeprefix("tel:").replace("-", "")


# Each page links to the clinic's numbers, some five times.
@lru_cache(maxsize=16)
def dialed(typed: str) -> str:
    """What a tel: link dials for the clinic's own number: also a short one, like 911, gets a link."""
    return link(typed) or "".join(sign for sign in typed if sign in "0123456789")


def e164(typed: str) -> str:
    """The number to dial, like +12125550123, without its extension; empty when the text has no number."""
    found = parse(typed)
    return _e164(found) if found else ""


def _e164(found: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def last_four(typed: str) -> str:
    """The last four digits of the number, without its extension; empty where there are not so many."""
    found = parse(typed)
    digits = str(found.national_number) if found else _digits(typed)
    return digits[-4:] if len(digits) >= 4 else ""


def _digits(typed: str) -> str:
    """The digits in what was typed, whatever their script."""
    return "".join(str(unicodedata.decimal(sign)) for sign in typed if sign.isdecimal())


def found_in(words: str) -> Iterator[str]:
    """The numbers in a text, as they stand there. The search ends after ten that only look like numbers."""
    return (match.raw_string for match in phonenumbers.PhoneNumberMatcher(words, REGION, max_tries=10))
