"""Answers that the clinic gives often, with their words in braces filled in for one inquiry. Nothing is sent here."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from django.utils import timezone
from django.utils.formats import date_format

from appointments.models import AppointmentStatus, CannedReply, Inquiry
from clinic.models import Clinic

# What a reply may say with words in braces, and an example.
PLACEHOLDERS = {
    "first name": "Rosa",
    "name": "Rosa Lind",
    "reference": "K7QM-3XHT",
    "time": "Tuesday, November 24, 9:30 a.m.",
    "practitioner": "Jane Doe, MD",
    "clinic": "Maple Spine Clinic",
    "clinic phone": "(212) 555-0100",
}
_BRACES = re.compile(r"\{([^{}]*)\}")


class Filled(NamedTuple):
    """A reply for one inquiry; what there is nothing to put in for stays in its braces."""

    pk: int
    title: str
    words: str


def unknown(words: str) -> list[str]:
    """What stands in braces and is no placeholder."""
    return [name for name in _BRACES.findall(words) if name not in PLACEHOLDERS]


def unfilled(words: str) -> list[str]:
    """The placeholders that stand in words which are to be sent."""
    return [name for name in dict.fromkeys(_BRACES.findall(words)) if name in PLACEHOLDERS]


def fill(words: str, values: Mapping[str, str]) -> str:
    """Put the values in; they are never read as placeholders."""
    return _BRACES.sub(lambda found: values.get(found[1], "") or found[0], words)


def filled(inquiry: Inquiry) -> Iterator[Filled]:
    """All replies as they read for this inquiry; two statements, one where there are none."""
    replies = list(CannedReply.objects.all())
    values = _values(inquiry) if replies else {}
    for reply in replies:
        yield Filled(reply.pk, reply.title, fill(reply.words, values))


def _values(inquiry: Inquiry) -> dict[str, str]:
    clinic = Clinic.current()
    values = {
        "first name": inquiry.name.split()[0],
        "name": inquiry.name,
        "reference": inquiry.shown_reference,
        "clinic": clinic.name,
        "clinic phone": clinic.phone,
    }
    given = inquiry.appointments.filter(
        status__in=(AppointmentStatus.PENDING, AppointmentStatus.BOOKED),
        held_until=None,
        displaced_at=None,
        starts_at__gt=timezone.now(),
    )
    if theirs := given.select_related("practitioner").first():
        values["time"] = date_format(timezone.localtime(theirs.starts_at, clinic.zone), "l, F j, P")
        values["practitioner"] = theirs.practitioner.name
    return values
