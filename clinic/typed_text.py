"""What people type, and what files hold that they made: which signs a text may have."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Signs that turn the direction of what follows, also of what we write after them: for str.translate, to remove them.
BIDI_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
# Signs without a look, which come along with what is copied: soft hyphens, spaces without a width, marks of direction,
# joiners of words, letters that only fill a place.
# Source: Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties.txt, without those in the two lists below, and
# with the signs that stand around an annotation.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
# Those that join two letters, or keep them apart, are part of a name in Persian or Hindi.
_BETWEEN_LETTERS = "\u200c\u200d"
_AT_AN_EDGE = re.compile(f"(?<!\\S)[{_BETWEEN_LETTERS}]++|(?<![{_BETWEEN_LETTERS}])[{_BETWEEN_LETTERS}]++(?!\\S)")
# Those that choose a look of the sign before them are part of a name in Japanese or Mongolian, and of an emoji. Letters
# and digits of ours have no other look.
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_OF_NO_SIGN = re.compile(rf"(?:(?<=[\x00-\x7f\s{_BETWEEN_LETTERS}{_SELECTORS}])|^)[{_SELECTORS}]+(?!\u20e3)")
# A digit may be a picture of itself.
_OF_A_LOOK = re.compile(f"[{_SELECTORS}\u20e3]")
# What looks like a space and is none for Python.
_BLANK = str.maketrans("\u2800", " ")


# Letters of Hebrew, Arabic, Syriac, Thaana, N'Ko and other scripts that run right to left, and signs that turn others,
# or end an isolate.
_TURNS = re.compile(
    "[\u202a-\u202e\u2066-\u2069\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_AN_ISOLATE = re.compile("[\u2066-\u2068][^\u2066-\u2069]*\u2069")
# Source: Unicode Standard Annex 9, class B.
_A_LINE = re.compile("[^\n\r\x1c-\x1e\x85\u2029]+")
# What ends a line although it looks like nothing. Source: Unicode Standard Annex 14, class BK.
_LINE_ENDS = re.compile("[\n\r\x0b\x0c\x85\u2028\u2029]+")


def one_line(words: str) -> str:
    """
    The words in one line, without signs that have no look: what ends a line, seen or unseen, is a space.

    Headers of mails and lists are lines, and two lines that look alike should be the same.
    """
    return _AT_AN_EDGE.sub("", seen(_LINE_ENDS.sub(" ", words)))


def seen(words: str) -> str:
    """The words without signs that have no look, but those that belong to the letters of a name."""
    if words.isascii():  # Nearly all are, and no such sign is.
        return words
    return _OF_NO_SIGN.sub("", _UNSEEN.sub("", words).translate(_BLANK))


def isolated(words: str) -> str:
    """
    A value as it stands in a sentence of ours: one in a script that runs right to left turns no number beside it round.

    What is isolated already stays. An isolate that somebody typed and did not end, or ended and did not begin, has no
    other half beside the value. Source: Unicode Standard Annex 9, 2.4, "Explicit Directional Isolates". They end with
    their line.
    """
    return _A_LINE.sub(lambda line: _isolated(line[0]), words) if _TURNS.search(words) else words


def _isolated(line: str) -> str:
    outside, longer = _AN_ISOLATE.sub("", line), line
    while outside != longer:  # One may stand in another.
        outside, longer = _AN_ISOLATE.sub("", outside), outside
    return f"\u2068{_paired(line)}\u2069" if _TURNS.search(outside) else line


def _paired(line: str) -> str:
    """The line without ends of isolates that it did not begin, and with the ends that it lacks."""
    kept, begun = [], 0
    for sign in line:
        begun += (sign in "\u2066\u2067\u2068") - (sign == "\u2069")
        if begun >= 0:
            kept.append(sign)
        begun = max(begun, 0)
    return "".join(kept) + "\u2069" * begun


def plain(words: str) -> str:
    """
    What a machine reads, as people type it: an address, a number, a code. Without any sign that has no look, and with
    the usual form of wide letters and digits, as keyboards of East Asia type them.
    """
    if words.isascii():
        return words.strip()
    shown = "".join(sign for sign in seen(words) if sign not in _BETWEEN_LETTERS)
    return unicodedata.normalize("NFKC", _OF_A_LOOK.sub("", shown)).strip()


# Control signs but for tabs, ends of lines and what Django itself refuses; halves of a sign, and the sign for neither.
_UNREADABLE = re.compile(r"[\x01-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")


def validate_readable(words: str) -> None:
    """Refuse what stands for bytes that were no UTF-8, and control signs: kept as they are, a word is lost."""
    if _UNREADABLE.search(words):
        raise ValidationError(_("This has a sign that we could not read. Please type it again."))


def validate_visible(words: str) -> None:
    """Refuse a text in which there is nothing to read."""
    if not any(c.isalnum() for c in seen(words)):
        raise ValidationError(_("This has no letters or digits. Please type it again."))
