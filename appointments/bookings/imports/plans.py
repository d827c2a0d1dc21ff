"""
What bringing in a file would do, row by row.

No time is given twice: what clashes with our calendar or with an earlier row stays out and is said so, unless somebody
overbooks it, and what came in before is known by its submission_id.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments.bookings.imports.files import Reading
from appointments.bookings.imports.rows import Row
from appointments.bookings.imports.taken import Times
from appointments.inquiries.search import normalize
from appointments.models import Appointment, BusyBlock, Practitioner, VisitType
from appointments.models.inquiry import BY_FILE
from appointments.scheduling import calendars
from appointments.slots import Calendar, Slot
from clinic import keyed
from clinic.models import Clinic


class Verdict(models.TextChoices):
    """What becomes of a row, in the order in which somebody should look at them."""

    UNREADABLE = "unreadable", _("Stays out")
    CLASH = "clash", _("Stays out: a clash")
    OUTSIDE = "outside", _("Stays out: no hours then")
    BUSY = "busy", _("Kept as busy time")
    IN = "in", _("Comes in")
    OVERBOOKED = "overbooked", _("Comes in overbooked")
    HERE = "here", _("Is here already")
    OVER = "over", _("Stays out: it is over")

    @classmethod
    def taking_time(cls) -> tuple["Verdict", ...]:
        return (cls.BUSY, cls.IN)


@dataclass(frozen=True)
class Line:
    """A row with whom it is, what for and when, as far as that is known, and what becomes of it."""

    row: Row
    verdict: Verdict
    why: str = ""
    practitioner: Practitioner | None = None
    visit_type: VisitType | None = None
    slot: Slot | None = None
    # How it is known when it is brought a second time, by the newest key first.
    submission_ids: tuple[str, ...] = ()

    @property
    def submission_id(self) -> str:
        return self.submission_ids[0] if self.submission_ids else ""

    @property
    def may_be_overbooked(self) -> bool:
        """Whether it is somebody's visit, and stays out for nothing but its time."""
        return self.row.is_visit and self.verdict in (Verdict.CLASH, Verdict.OUTSIDE)


@dataclass(frozen=True)
class Plan:
    lines: list[Line]

    def of(self, verdict: Verdict) -> list[Line]:
        return [line for line in self.lines if line.verdict == verdict]

    def overbooking(self, numbers: Collection[int]) -> "Plan":
        """The same plan, in which the rows of these numbers come in overbooked, as far as they may."""
        return Plan(
            [
                _as(line, Verdict.OVERBOOKED, line.why)
                if line.row.number in numbers and line.may_be_overbooked
                else line
                for line in self.lines
            ]
        )

    @property
    def coming(self) -> list[Line]:
        """The visits that come in."""
        return self.of(Verdict.IN) + self.of(Verdict.OVERBOOKED)

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(line.verdict for line in self.lines)

    @cached_property
    def digest(self) -> str:
        """The same for two plans that do the same."""
        told = [(line.row, str(line.verdict), line.slot, line.submission_id) for line in self.lines]
        return hashlib.sha256(repr(told).encode()).hexdigest()


def plan(reading: Reading, *, practitioner: Practitioner | None, visit_type: VisitType | None, now: datetime) -> Plan:
    """
    What would become of each row, in the file's order: a handful of queries, however many rows.

    `practitioner` and `visit_type` are those of rows that do not say them.
    """
    zone = Clinic.current().zone
    understood = list(_understood(reading.rows, practitioner, visit_type, now))
    return Plan(list(_judged(understood, zone, now)))


def _understood(
    rows: Iterable[Row], practitioner: Practitioner | None, visit_type: VisitType | None, now: datetime
) -> Iterator[Line]:
    """The rows with their practitioner, kind of visit and slot; the verdict is IN or BUSY where those are known."""
    doctors = {normalize(each.name): each for each in Practitioner.objects.active()}
    kinds = {normalize(each.name): each for each in VisitType.objects.active()}
    for row in rows:
        doctor = doctors.get(normalize(row.practitioner)) if row.practitioner else practitioner
        kind = kinds.get(normalize(row.visit_type)) if row.visit_type else visit_type
        if row.problem or row.starts_at is None:
            yield Line(row, Verdict.UNREADABLE, row.problem, doctor, kind)
        elif doctor is None:
            said = gettext("Nobody named “%s” sees patients here.") % row.practitioner[:60]
            said = said if row.practitioner else gettext("It does not name the practitioner.")
            yield Line(row, Verdict.UNREADABLE, said, None, kind)
        elif kind is None:
            said = gettext("There is no kind of visit named “%s”.") % row.visit_type[:60]
            said = said if row.visit_type else gettext("It does not name the kind of visit.")
            yield Line(row, Verdict.UNREADABLE, said, doctor)
        else:
            ends_at = row.ends_at or row.starts_at + timedelta(minutes=kind.minutes)
            pause = timedelta(minutes=kind.buffer_minutes if row.is_visit else 0)
            slot = Slot(row.starts_at, ends_at, ends_at + pause, doctor.pk, kind.pk)
            verdict = Verdict.IN if row.is_visit else Verdict.BUSY
            known = Line(row, verdict, _with_care(row), doctor, kind, slot, _submission_ids(row, doctor))
            yield _as(known, Verdict.OVER) if ends_at <= now else known


def _with_care(row: Row) -> str:
    """What somebody should know of a row that comes in; empty where there is nothing to say."""
    if not row.is_visit:
        return gettext("It names no patient.")
    return "" if row.can_be_reached else gettext("No number yet: it will stand in the list of calls.")


def _as(line: Line, verdict: Verdict, why: str = "") -> Line:
    return Line(line.row, verdict, why, line.practitioner, line.visit_type, line.slot, line.submission_ids)


def _submission_ids(row: Row, practitioner: Practitioner) -> tuple[str, ...]:
    """What the same appointment has again when it is brought a second time."""
    # repr keeps the parts apart, whatever signs are in them.
    known_by = row.uid or repr(
        (practitioner.pk, row.starts_at and row.starts_at.isoformat(), _normalized(row.written or row.name))
    )
    # With our secret: a reader of the database must not find out a name by trying names.
    return tuple(BY_FILE + digest[:57] for digest in keyed.digests("appointments.importing", known_by))


def _normalized(name: str) -> str:
    """A name as rows are known by it. Never to be changed: the files of before would come in a second time."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^\w@.+]+", " ", plain).split())


def _judged(lines: list[Line], zone: ZoneInfo, now: datetime) -> Iterator[Line]:
    open_lines = [(line, line.slot) for line in lines if line.verdict in Verdict.taking_time() and line.slot]
    if not open_lines:
        yield from lines
        return
    first = min(slot.starts_at for _line, slot in open_lines)
    last = max(slot.blocked_until for _line, slot in open_lines)
    doctors = {slot.practitioner_id for _line, slot in open_lines}
    here = _here([known for line, _slot in open_lines for known in line.submission_ids], zone)
    kept = set(
        BusyBlock.objects.filter(practitioner__in=doctors, starts_at__gte=first, ends_at__lte=last)
        .values_list("practitioner", "starts_at", "ends_at")
    )  # fmt: skip
    days = first.astimezone(zone).date(), last.astimezone(zone).date()
    hours = calendars.between(doctors, *days, zone=zone, appointments=False)
    times, seen = _taken(doctors, first, last, zone, now), dict[str, Line]()
    for line in lines:
        slot = line.slot
        if line.verdict not in Verdict.taking_time() or slot is None:
            yield line
        elif said := next((here[known] for known in line.submission_ids if known in here), ""):
            yield _as(line, Verdict.HERE, said)
        elif not line.row.can_be_reached and (slot.practitioner_id, slot.starts_at, slot.ends_at) in kept:
            yield _as(line, Verdict.HERE, gettext("It is kept as busy time."))
        elif earlier := seen.get(line.submission_id):
            yield _again(line, earlier)
        else:
            seen[line.submission_id] = line
            judged = _fitting(line, slot, hours[slot.practitioner_id], times)
            if judged.verdict in Verdict.taking_time():
                times.add(slot, gettext("row %d of this file") % line.row.number)
            yield judged


def _again(line: Line, earlier: Line) -> Line:
    if line.slot == earlier.slot:
        return _as(line, Verdict.HERE, gettext("The same as row %d of this file.") % earlier.row.number)
    said = gettext("It is row %d of this file once more, at another time or for longer.") % earlier.row.number
    return _as(line, Verdict.UNREADABLE, said)


def _fitting(line: Line, slot: Slot, hours: Calendar, times: Times) -> Line:
    if clash := times.clash(slot):
        said = gettext("It clashes with %s.") % clash.words
        if slot.ends_at <= clash.blocked.starts_at or clash.ends_at <= slot.starts_at:
            said += " " + gettext("The kind of visit needs a pause between them.")
        return _as(line, Verdict.CLASH, said)
    if not hours.is_at_work(slot.starts_at, slot.ends_at):
        return _as(line, Verdict.OUTSIDE, gettext("It is outside their hours: change the hours first."))
    if not hours.is_free(slot.starts_at, slot.blocked_until):
        return _as(line, Verdict.OUTSIDE, gettext("A closure or busy time is then: change that first."))
    return line


def _here(submission_ids: list[str], zone: ZoneInfo) -> dict[str, str]:
    """What came in before, by submission_id: a sentence on where it is now."""
    found = Appointment.objects.filter(inquiry__submission_id__in=submission_ids).select_related("inquiry")
    return {
        each.inquiry.submission_id: gettext("It was here, and was erased.")
        if each.inquiry.erased_at
        else gettext("It is %(what)s.") % {"what": _told(each, zone)}
        for each in found.order_by("pk")
    }


def _taken(doctors: set[int], first: datetime, last: datetime, zone: ZoneInfo, now: datetime) -> Times:
    times = Times()
    held = Appointment.objects.holding_time().exclude(pk__in=Appointment.objects.expired(now))
    for each in held.filter(practitioner__in=doctors, starts_at__lt=last, blocked_until__gt=first).select_related(
        "inquiry"
    ):
        times.add(each.slot, _told(each, zone))
    return times


def _told(appointment: Appointment, zone: ZoneInfo) -> str:
    at = timezone.localtime(appointment.starts_at, zone)
    return gettext("%(reference)s (%(day)s, %(time)s)") % {
        "reference": appointment.inquiry.shown_reference,
        "day": date_format(at, "N j, Y"),
        "time": date_format(at, "P"),
    }


__all__ = ["Line", "Plan", "Verdict", "plan"]
