"""
The sum that keeps machines out: a function of the secret and the minute, without a database.

All processes and machines show the same sum within a minute, so that a public page has the same bytes for
everyone. A token is good for 24 hours and for any number of inquiries.
"""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.crypto import constant_time_compare

from clinic import keyed
from clinic.typed_text import plain

GOOD_FOR = timedelta(hours=24)
# Clocks of several machines differ a little: a token may come from a minute that has not begun here.
CLOCK_SKEW = timedelta(minutes=2)

_SALT = "appointments.captcha"
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_NUMBER_WORDS = {word: number for number, word in enumerate(_ONES)} | {
    tens + ones: 20 + number for tens in ("twenty",) for number, ones in enumerate(["", *_ONES[1:10]])
}


# The sums are 13 to 28. Without accents: "veintidós" and "veintidos", "veinte y cuatro" and "veinticuatro".
_SPANISH_ONES = "uno dos tres cuatro cinco seis siete ocho nueve".split()
_NUMBER_WORDS |= (
    {word: number for number, word in enumerate("diez once doce trece catorce quince".split(), start=10)}
    | {
        start + one: tens + number
        for tens, starts in ((10, ("dieci", "diezy")), (20, ("veinti", "veintey")))
        for start in starts
        for number, one in enumerate(_SPANISH_ONES, start=1)
    }
    | {"veinte": 20}
)


# Signs that are read of an answer.
LONGEST = 100
# What stands between a sum and its answer, and before an answer.
_EQUALS = re.compile(r"=|\b(?:is|it['’]s|equals|makes|answer|es|son|respuesta)\b:?")
# Punctuation and symbols at both ends. A minus is none: it makes another number.
_AROUND = re.compile(r"^[^\w\-\u2010-\u2015\u2212]+|[^\w]+$")
# With spaces between its digits, and with decimals that say nothing.
_DIGITS = re.compile(r"(\d+(?:\s+\d+)*)(?:\s?[.,]\s?[0]+)?")


class Sum(NamedTuple):
    """Two numbers to add, and the token that proves that we asked for them."""

    first: int
    second: int
    token: str

    def is_answered_by(self, typed: str) -> bool:
        return number(typed) == self.first + self.second


def ask(now: datetime) -> Sum:
    """The sum of the minute of `now`: 11 to 19 plus 2 to 9."""
    return _of_minute(int(now.timestamp()) // 60)[0]


def recall(token: str, now: datetime) -> Sum | None:
    """The sum that `token` belongs to; None when it has expired or was never ours."""
    minute, _, _ = token.partition(".")
    if not (token.isascii() and minute.isdecimal() and len(minute) < 12):
        return None
    age = now.timestamp() - int(minute) * 60
    if not -CLOCK_SKEW.total_seconds() <= age <= GOOD_FOR.total_seconds():
        return None
    return next((asked for asked in _of_minute(int(minute)) if constant_time_compare(asked.token, token)), None)


def number(typed: str) -> int | None:
    """
    The number that somebody typed: " 24 ", "2 4", "24.0", "24!", "= 24", "15 + 9 = 24", "it is 24", "２４", "٢٤",
    "twenty-four", "veinticuatro". None for another text.
    """
    # Nobody answers at more length, and the patterns below would take the square of it.
    sides = _EQUALS.split(plain(typed[:LONGEST]).casefold())
    # "24 = 15 + 9" has its answer on the left.
    read = (_read(side) for side in (sides[-1], sides[0]))
    return next((each for each in read if each is not None), None)


def _read(words: str) -> int | None:
    """One number in digits or in words, whatever stands around it that is neither, nor a minus."""
    words = _AROUND.sub("", words)
    if (digits := _DIGITS.fullmatch(words)) and len(digits[1]) < 10:
        return int("".join(digits[1].split()))
    letters = "".join(sign for sign in unicodedata.normalize("NFD", words) if not unicodedata.combining(sign))
    return _NUMBER_WORDS.get(letters.replace("-", "").replace(" ", ""))


def _of_minute(minute: int) -> list[Sum]:
    """The sum of a minute by each key, the newest first."""
    return [
        Sum(first=11 + digest[0] % 9, second=2 + digest[1] % 8, token=f"{minute}.{digest[2:18].hex()}")
        for digest in map(bytes.fromhex, keyed.digests(_SALT, str(minute)))
    ]
