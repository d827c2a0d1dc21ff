"""
The sum that keeps machines out: a function of the secret and the minute, without a database.

All processes and machines show the same sum within a minute, so that a public page has the same bytes for
everyone. A token is good for 24 hours and for any number of inquiries.
"""

import re
import unicodedata
from datetime import datetime, timedelta
from itertools import takewhile
from typing import NamedTuple

from django.utils.crypto import constant_time_compare
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from clinic import keyed
from clinic.sentences import untranslated
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
    | {word: number for number, word in enumerate(_SPANISH_ONES, start=1)}
    | {"veinte": 20, "cero": 0}
)


# Nobody answers at more length.
LONGEST = 100
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|[^\w\s]|_")
_DASHES = "\\-\u2010-\u2015\u2212"
# Between letters it joins one number, and with spaces around it a sentence and its answer; else it is a minus.
_NO_MINUS = re.compile(rf"(?<=[^\W\d_])(?:[{_DASHES}](?=[^\W\d_])| [{_DASHES}] )")
_PLUS = {"+", "plus", "and", "&", "mas", "y"}
# What makes another number of digits: a minus, a point before them, a letter beside them, another way to reckon. And
# signs that machines write.
_OTHER_NUMBER = re.compile(
    rf"[{_DASHES}]\s?\d|(?:^|\s)[.,]\d|\d[^\W\d_]|[^\W\d_]\d|\d\s?[*/^%\u00d7\u00f7]\s?\d|[{{}}<>|\\]"
)
# "Number" before one, as some keyboards have it on a key; and arrows that lead to an answer.
_NUMERO = re.compile(r"\u2116|\bn(?:[\u00ba\u00b0]|[or]\.)(?=\s*\d)", re.IGNORECASE)
_ARROW = re.compile(r"[=\-]>")
# In place of a number that can be no answer.
_NONE = -1
# What makes another number of a word, or says that it is not the answer.
_NO_ANSWER = frozenset(
    "not no never isn aren minus negative less point half hundred thousand million dozen thirty forty fifty sixty "
    "seventy eighty ninety menos cien ciento mil treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()
)


class Sum(NamedTuple):
    """Two numbers to add, and the token that proves that we asked for them."""

    first: int
    second: int
    token: str

    def is_answered_by(self, typed: str) -> bool:
        return number(typed) == self.first + self.second


def _question(asked: Sum) -> SafeString:
    """What is asked, as the label of its field."""
    words = gettext("%(first)s plus %(second)s") % asked._asdict()
    return format_html(gettext("What is {sum}?"), sum=untranslated(words))


# Put into words where it is drawn: a form that is right never is.
question = lazy(_question, SafeString)


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
    The number that somebody typed: " 24 ", "2 4", "24.0", "24!", "= 24", "15 + 9 = 24", "I got 24 (twenty-four)",
    "２４", "٢٤", "veinte y cuatro". None for another text, and for one with several numbers that are not the same.
    """
    words = " ".join(plain(_NUMERO.sub(" ", typed[: 10 * LONGEST])).casefold().split())
    words = "".join(sign for sign in unicodedata.normalize("NFD", words) if not unicodedata.combining(sign))
    words = _NO_MINUS.sub(" ", _ARROW.sub("=", words))
    tokens = _TOKEN.findall(words)
    if len(words) > LONGEST or _NO_ANSWER.intersection(tokens) or _OTHER_NUMBER.search(words):
        return None
    sums = _sums(tokens)
    values = {sum(each) for each in sums}
    return values.pop() if len(values) == 1 and min(map(len, sums)) == 1 and _NONE not in values else None


def _sums(tokens: list[str]) -> list[list[int]]:
    """Each number in a text, together with those that are added to it."""
    sums: list[list[int]] = []
    was_number = is_added = False
    while tokens:
        value, size = _first(tokens)
        if value is None:
            is_added, was_number = was_number and tokens[0] in _PLUS, False
        else:
            if is_added:
                sums[-1].append(value)
            else:
                sums.append([value])
            is_added, was_number = False, True
        tokens = tokens[size:]
    return sums


def _first(tokens: list[str]) -> tuple[int | None, int]:
    """The number that a text begins with, in digits or in words, and how many of its tokens are read."""
    if tokens[0][0].isdecimal():
        single = list(takewhile(lambda token: len(token) == 1 and token.isdecimal(), tokens))
        whole, _, decimals = "".join(single or tokens[:1]).replace(",", ".").partition(".")
        # Decimals that say something, or more digits than any sum has, are a wrong answer.
        is_whole = len(whole) < 10 and not decimals.strip("0٠۰")
        return int(whole) if is_whole else _NONE, len(single) or 1
    for size in (3, 2, 1):
        if (value := _NUMBER_WORDS.get("".join(tokens[:size]))) is not None:
            return value, min(size, len(tokens))
    return None, 1


def _of_minute(minute: int) -> list[Sum]:
    """The sum of a minute by each key, the newest first."""
    return [
        Sum(first=11 + digest[0] % 9, second=2 + digest[1] % 8, token=f"{minute}.{digest[2:18].hex()}")
        for digest in map(bytes.fromhex, keyed.digests(_SALT, str(minute)))
    ]
