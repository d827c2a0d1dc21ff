"""One appointment as a file tells it, and what any of them must say to be understood."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from appointments.bookings.imports import names
from appointments.bookings.imports.names import LONGEST_PHONE
from appointments.inquiries.search import normalize
from clinic import phones, timeline
from clinic.mailboxes import validate_mailbox
from clinic.typed_text import one_line

# A title of nothing but these words names no patient.
NOBODY = frozenset(
    "admin and appointment available away block blocked book break breakfast buffer busy call calls catch clinic "
    "closed conference dinner do errand errands file for free hold holiday home hours huddle in keep leave lunch "
    "meeting no not of off office on only open operating or out patient patients pause personal private reserved "
    "room rounds staff surgery team tentative the time to travel unavailable up vacation visit visits walk "
    "working".split()
)
# What a column says, as it is compared, where it says that there is nothing.
NOTHING = frozenset(["", "n a", "na", "none", "nil", "null", "unknown", "tbd", "no phone", "no email", "no number"])
# Whom to reach stands at the beginning; meeting links and mail threads follow.
SEARCHED, SEARCHED_OF_A_TITLE = 2000, 400
LONGEST = timedelta(hours=12)
LONGEST_NAME, LONGEST_EMAIL = 150, 254


class Unreadable(Exception):
    """A sentence on why a row, or a whole file, is not understood."""


def no_text() -> Unreadable:
    """What a file is that nobody can read here."""
    return Unreadable(
        gettext("This file is no text in UTF-8. In a spreadsheet program, save it as “CSV UTF-8”; a calendar, as .ics.")
    )


@dataclass(frozen=True)
class Row:
    """
    What one line of a table or one event of a calendar says; `problem` is a sentence on why it can't come in.

    Times are in UTC; without `ends_at` it takes as long as its kind of visit. `uid` is what another calendar knows
    it by, if it comes from one; `sequence` is how often that has changed it. `cut` is what stood in the name, or beside
    the number, and does not come in; `written` is the name as the file has it, where that is another. What
    `is_cancelled` takes no time, and says so as its `problem`.
    """

    number: int
    name: str = ""
    phone: str = ""
    email: str = ""
    practitioner: str = ""
    visit_type: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    uid: str = ""
    problem: str = ""
    written: str = ""
    cut: tuple[str, ...] = ()
    sequence: int | None = None
    is_cancelled: bool = False
    # It comes in to be confirmed (None where its file does not say that of any), or stays out unless somebody says
    # otherwise; sentences that its dry run shows.
    is_tentative: bool | None = None
    is_private: bool = False
    takes_no_time: str = ""
    # Of two states of one event with the same `sequence`, the later is newer; which time of what repeats it stands for.
    stamp: str = ""
    changes: tuple[str, datetime] | None = None
    notes: tuple[str, ...] = ()

    @property
    def can_be_reached(self) -> bool:
        return bool(self.phone or self.email)

    @property
    def is_visit(self) -> bool:
        """Whether it names a patient: lunch, with nobody to reach, is no visit."""
        return self.can_be_reached or not set(normalize(self.name).split()) <= NOBODY


def plain(words: str) -> str:
    """One line of text, without the signs that show nothing or turn what follows."""
    line = " ".join(one_line(words).split())
    return "".join(c for c in line if unicodedata.category(c) != "Cc")


def a_name(words: str) -> str:
    """A name that fits; empty when there is nothing to read in it. Raises Unreadable."""
    if len(words) > LONGEST_NAME:
        raise Unreadable(gettext("The name is longer than %d characters.") % LONGEST_NAME)
    return meant(words) if any(c.isalnum() for c in words) else ""


def meant(typed: str) -> str:
    """What was typed, or nothing where it says in words that there is nothing: "n/a"."""
    return "" if normalize(typed) in NOTHING else typed


def named(row: Row, words: str, *, phone: str = "", email: str = "", written: str | None = None) -> Row:
    """
    The row with the name in these words, which a date of birth and notes are cut from.

    A number and an address in them are used where there is no `phone` and no `email` beside them. The row is known
    by what was `written`, all of these words unless told otherwise. Raises Unreadable.
    """
    found = names.read(words[:SEARCHED_OF_A_TITLE])
    cut = found.cut
    if phone and found.phone and phones.e164(found.phone) != phones.e164(phone):
        cut += (found.phone,)
    if email and found.email and found.email.lower() != email.lower():
        cut += (found.email,)
    phone, email = phone or a_phone(found.phone), email or an_email(found.email)
    name = a_name(found.name) or email or phone
    written = words if written is None else written
    is_other = written != name and any(c.isalnum() for c in written)
    return replace(row, name=name, phone=phone, email=email, written=written if is_other else "", cut=(*row.cut, *cut))


def a_phone(typed: str) -> str:
    """The typed number, which can be dialed; empty stays empty. Raises Unreadable."""
    if typed and (len(typed) > LONGEST_PHONE or not phones.parse(typed)):
        raise Unreadable(gettext("“%s” is no phone number with an area code.") % typed[:LONGEST_PHONE])
    return typed


def an_email(typed: str) -> str:
    """The typed address, which a mail can go to; empty stays empty. Raises Unreadable."""
    try:
        if typed:
            validate_mailbox(typed)
    except ValidationError as error:
        raise Unreadable(gettext("“%s” is no email address.") % typed[:LONGEST_PHONE]) from error
    if len(typed) > LONGEST_EMAIL:
        raise Unreadable(gettext("The email address is longer than %d characters.") % LONGEST_EMAIL)
    return typed


def a_moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """
    This time in UTC, read in `zone` when it names none of its own; of two such moments, the first.

    Raises Unreadable for a time that clocks never show, and for years that the site does not know.

    Source: PEP 495, for wall-clock times that happen twice or never.
    """
    years = gettext("The year must be between 1900 and 2199.")
    if not timeline.EARLIEST.year <= wall.year < timeline.LATEST.year:
        raise Unreadable(years)
    local = wall if wall.tzinfo else wall.replace(tzinfo=zone)
    moment = local.astimezone(UTC)
    # A day before the end of time: its length and the pause after it must fit, too.
    if not timeline.EARLIEST < moment < timeline.LATEST - timedelta(days=1):
        raise Unreadable(years)
    if moment.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise Unreadable(gettext("There is no such time on this day: clocks go forward past it."))
    return moment


def an_end(starts_at: datetime, ends_at: datetime) -> datetime:
    """The end, when it makes sense after this beginning. Raises Unreadable."""
    if ends_at <= starts_at:
        raise Unreadable(gettext("It ends before it starts."))
    if ends_at - starts_at > LONGEST:
        raise Unreadable(gettext("It is longer than 12 hours."))
    return ends_at
