"""
Names as calendars hold them: with a phone number, a date of birth, an age or a note in the same line.

What remains is the name. Rather a word too many is cut than a date of birth kept: the dry run shows what was cut.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from clinic import phones

# Stands where something was taken out: what is before it and what is after it are not one name.
GAP = "\n"
LONGEST_PHONE = 40
# A line of nothing but digits holds dozens that could be numbers, each of which takes long to be refused.
MOST_TRIED = 4
# Bounded, so that a long word before no @ is not searched again from each of its letters.
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DATE = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{1,2}}(?:st|nd|rd|th)?[ -]{_MONTH},?[ -]\d{{4}})"
)
_BORN = r"(?:\b(?:d\.? ?o\.? ?b|born|bd|birth ?date|date of birth|geb|nac|fdn|b)\b[ .:=#-]*(?:on )?|\* ?)"
_ID = r"(?:mrn|ssn|chart|acct|account|policy|member|fax|id|no|room|rm|apt)"
# Dates and what says whose they are come first: their digits are no phone number.
NO_NUMBERS = [
    re.compile(rf"(?:{_BORN}|(?<![\d/.-])){_DATE}(?![\d]|[/.-]\d)", re.IGNORECASE),
    re.compile(rf"{_BORN}(?:\d{{6,8}}|(?:18|19|20)\d\d)\b", re.IGNORECASE),
    re.compile(rf"\b{_ID}\b[ .:#]*[\d(+][\d ().-]*", re.IGNORECASE),
]
# What staff would dial, also where the library knows no such area code.
DIALED = re.compile(r"(?<!\d)\+?\(?\d(?:[ ().-]{0,3}\d){6,14}(?: ?(?:x|ext\.?) ?\d{1,5})?", re.IGNORECASE)
# May stand before it.
LABEL = r"(?:\b(?:telephone|tel|phone|ph|cell|mobile|mob|home|work|call|cb)\b[ .:#]*|\b[chmwtp]: ?)?"
BRACKETS = re.compile(r"[(\[{][^)\]}]*[)\]}]?")
AGES = [
    re.compile(r"\b\d{1,3} ?-?(?:y/?o|yrs?|years?)\b\.?(?: ?old\b)?(?: ?[mf]\b)?", re.IGNORECASE),
    re.compile(r"(?<!\S)\d{1,3} ?(?:days?|wks?|weeks?|mos?|months?|mins?|minutes?|hrs?|hours?)\b\.?", re.IGNORECASE),
    re.compile(r"\baged? \d{1,3}\b", re.IGNORECASE),
    re.compile(r"\b(?:\d{2} ?[MF]|[MF] ?\d{2})\b"),
    re.compile(r"(?<!\S)\d{1,2}(?::\d\d)? ?[ap]\.?m\b\.?", re.IGNORECASE),
    re.compile(r"(?<!\S)[#x×]?\d[\d./:-]*,?(?!\S)", re.IGNORECASE),
]
PARTS = re.compile(r"\n|;| [-–—/|]+ |[–—]|: |\*")

# Words that no name has, at a desk. What a surname may be, like Walker, English or Fu, is not among them.
NOTE = re.compile(
    r"""(?<![\w'’-])(?:
    new[ ](?:pt|pat|patient|visit|consult\w*)\b | pts?\b\.? | patients?\b | f/u | follow(?:ing)?[ -]?ups?\b
    | re-?(?:check|sched|eval)\w* | visits?\b | consult(?:s|ation|ations)?\b | appointments?\b | appts?\b\.?
    | brings?\b | bringing\b | needs\b | wants\b | asks\b | prefers\b | speaks\b | \w+-speaking\b
    | mri\b | x-?rays?\b | scans?\b | films\b | imaging\b | dexa\b | interpreters?\b | translators?\b | wheelchair\b
    | d\.?o\.?b\b\.? | mrn\b | ssn\b | insurance\b | medicare\b | medicaid\b | co-?pay\b | self-?pay\b
    | referr(?:al|ed)\b | lvm\b | lmom?\b | voicemail\b | left[ ]message | (?:un)?confirmed\b | cancell?ed\b
    | no[ -]?show\b | w/ | c/o\b | s/p\b | r/o\b | h/o\b | hx\b | dx\b | rx\b
    | kypho\w* | vertebro\w* | vcf\b | biopsy\b | (?:post|pre)[ -]?op\b | osteopor\w* | fractures?\b
    | urgent\b | asap\b | (?:tele)?phone\b | tel\b\.? | cell\b | mobile\b | mins?\b | minutes?\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
BETWEEN = re.compile(r"(?:with|for|of|by|and)\b ?", re.IGNORECASE)
# Small words inside a name. Other words in small letters, beside a name in capitals, are a note.
PARTICLES = frozenset(
    "af al and ap av bat ben bin bint da dal de del della den der des di do dos du e el for i ibn la las le lo los ten "
    "ter through und van vande vander vel von vom y zu zum zur".split()
)
SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|2nd|3rd|m\.?d|d\.?o|ph\.?d|r\.?n|esq|d\.?d\.?s)\.?", re.IGNORECASE)
EDGES = " ,;:/|-–—*&+#"


class Named(NamedTuple):
    """What a line that names somebody says: the name, the first number and address in it, and what was cut."""

    name: str
    phone: str = ""
    email: str = ""
    cut: tuple[str, ...] = ()


@lru_cache(maxsize=8)  # A title is read for its number, and again for its name.
def read(words: str) -> Named:
    """Part the name in a line of text from everything else in it; the name is empty where nothing is left."""
    cut: list[str] = []
    email, text = email_in(words), words
    for each in dict.fromkeys(EMAIL.findall(words)):
        text = text.replace(f"<{each}>", GAP).replace(each, GAP)
        cut += [each] if each != email else []
    for pattern in NO_NUMBERS:
        text = _take(pattern, text, cut)
    numbers = list(_numbers(text))
    for number in numbers:
        text = re.sub(LABEL + re.escape(number), GAP, text, count=1, flags=re.IGNORECASE)
    phone = next((number for number in numbers[:MOST_TRIED] if _is_dialed(number)), "")
    cut += [number for number in numbers if number != phone]
    text = _take(BRACKETS, text, cut, by=" ")
    for pattern in AGES:
        text = _take(pattern, text, cut)
    return Named(_name(text, cut), phone, email, tuple(_shown(cut)))


def email_in(words: str) -> str:
    """The first email address in a text that could be one."""
    for found in EMAIL.findall(words):
        try:
            validate_email(found)
        except ValidationError:
            continue
        return str(found)
    return ""


def _numbers(text: str) -> Iterator[str]:
    """What looks like phone numbers; those that the library knows first."""
    if sum(sign.isdecimal() for sign in text) < 7:
        return
    for found in phones.found_in(text):
        yield found
        text = text.replace(found, GAP, 1)
    yield from (match[0] for match in DIALED.finditer(text))


def _is_dialed(number: str) -> bool:
    return len(number) <= LONGEST_PHONE and phones.parse(number) is not None


def _take(pattern: re.Pattern[str], text: str, cut: list[str], *, by: str = GAP) -> str:
    def taken(match: re.Match[str]) -> str:
        cut.append(match[0])
        return by

    return pattern.sub(taken, text)


def _name(text: str, cut: list[str]) -> str:
    """The name among the parts of what is left: the first that is one, and no doctor's where there is another."""
    named = [(part, _of_part(part)) for part in PARTS.split(text)]
    found = [each for each in named if each[1][0]]
    chosen = next((each for each in found if not re.match(r"dr\b", each[1][0], re.IGNORECASE)), None)
    chosen = chosen or next(iter(found), None)
    for each in named:
        cut += each[1][1] if each is chosen else [each[0]]
    return chosen[1][0] if chosen else ""


def _of_part(part: str) -> tuple[str, list[str]]:
    """The name in a part of a line, like "Lind, Rosa" in "Lind, Rosa, brings MRI", and what is cut from it."""
    name, cut = "", []
    has_given_name = False
    for piece in part.split(","):
        kept, notes = _without_notes(piece)
        if kept and not name:
            name = kept
        elif kept and SUFFIX.fullmatch(kept):
            name += f", {kept}"
        elif kept and not has_given_name and _is_given_name(kept, name):
            name, has_given_name = f"{name}, {kept}", True
        else:
            notes = [piece]
        cut += notes
    return name, cut


def _is_given_name(words: str, surname: str) -> bool:
    """Whether these words may stand for the given name behind "Lind,": small letters are a note, unless all are."""
    few = len(words.split()) <= 3
    return few and (surname.islower() or not words.split()[0].islower())


def _without_notes(words: str) -> tuple[str, list[str]]:
    words, cut = words.strip(EDGES), []
    while match := NOTE.search(words):
        if words[: match.start()].strip(EDGES):
            cut.append(words[match.start() :])
            words = words[: match.start()].strip(EDGES)
        else:
            cut.append(match[0])
            words = BETWEEN.sub("", words[match.end() :].strip(EDGES), count=1)
    signs = words.split()
    if any(any(letter.isupper() for letter in sign) for sign in signs):
        small = (at for at, sign in enumerate(signs) if at and _is_note(sign))
        end = next(small, len(signs))
        while end < len(signs) and signs[end - 1] in PARTICLES:
            end -= 1
        cut += [" ".join(signs[end:])] if end < len(signs) else []
        words = " ".join(signs[:end])
    words = words.strip(EDGES)
    return (words if any(sign.isalnum() for sign in words) else ""), cut


def _is_note(sign: str) -> bool:
    return sign.islower() and sign not in PARTICLES and not SUFFIX.fullmatch(sign)


def _shown(cut: list[str]) -> Iterator[str]:
    for piece in cut:
        shown = " ".join(piece.split()).strip(EDGES + ".()[]{}<>")
        if any(sign.isalnum() for sign in shown):
            yield shown
