"""What came in before, compared with what its calendar says now and with what is here of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from appointments.bookings.imports.lines import Line, Verdict
from appointments.bookings.imports.rows import Row
from appointments.models import Appointment, AppointmentStatus, BroughtIn, BusyBlock
from appointments.slots import Slot
from clinic.sentences import ended

# What a visit is that its old calendar may still change.
OPEN = (AppointmentStatus.PENDING, AppointmentStatus.BOOKED, AppointmentStatus.CANCELLED)


class Time(NamedTuple):
    """When, and with whom. In place of one, None says that it does not take place."""

    starts_at: datetime
    ends_at: datetime
    practitioner_id: int

    @classmethod
    def of(cls, row: "Appointment | BusyBlock | BroughtIn") -> "Time":
        return cls(row.starts_at, row.ends_at, row.practitioner_id)


@dataclass(frozen=True)
class Known:
    """What came in before: what its calendar said last, and what is here of it now."""

    said: BroughtIn
    appointment: Appointment | None = None
    block: BusyBlock | None = None

    @property
    def last(self) -> Time | None:
        """The time as the other calendar said it last."""
        return None if self.said.is_cancelled else Time.of(self.said)

    @property
    def here(self) -> Time | None:
        if self.appointment is not None:
            return None if self.appointment.status == AppointmentStatus.CANCELLED else Time.of(self.appointment)
        return Time.of(self.block) if self.block is not None else None

    @property
    def is_erased(self) -> bool:
        return self.appointment is not None and self.appointment.inquiry.erased_at is not None

    @property
    def may_change(self) -> bool:
        """Whether what is here may still become what the other calendar says."""
        return self.appointment is None or self.appointment.status in OPEN

    def told(self, row: Row) -> Time | None:
        """The time as the row tells it: without an end of its own it is as long as before."""
        if row.is_cancelled or row.starts_at is None:
            return None
        ends_at = row.ends_at or row.starts_at + (self.said.ends_at - self.said.starts_at)
        return Time(row.starts_at, ends_at, self.said.practitioner_id)

    def slot(self, time: Time, visit_type: int) -> Slot:
        """What is here, at another time."""
        if self.appointment is None:
            return Slot(*time[:2], time.ends_at, time.practitioner_id, visit_type)
        pause = self.appointment.blocked_until - self.appointment.ends_at
        return Slot(*time[:2], time.ends_at + pause, time.practitioner_id, self.appointment.visit_type_id)

    def __repr__(self) -> str:
        """Another text whenever something of it changed: a plan is known by it."""
        status = self.appointment.status if self.appointment else None
        return repr((self.said.pk, self.last, self.said.sequence, self.here, status))


def known(submission_ids: Collection[str]) -> dict[str, Known]:
    """What came in before, by submission_id: three statements."""
    said = BroughtIn.objects.in_bulk(submission_ids)
    blocks = BusyBlock.objects.in_bulk([each.busy_block_id for each in said.values() if each.busy_block_id])
    found = {pk: Known(each, block=blocks.get(each.busy_block_id or 0)) for pk, each in said.items()}
    visits = Appointment.objects.given().filter(inquiry__submission_id__in=submission_ids)
    # The live one comes last, if there is one.
    for each in sorted(visits.select_related("inquiry"), key=lambda each: (each.is_live, each.time_set_at, each.pk)):
        pk = each.inquiry.submission_id
        found[pk] = Known(said.get(pk) or BroughtIn(submission_id=pk, **Time.of(each)._asdict()), each)
    return found


def compare(line: Line, known: Known, people: Mapping[int, str], zone: ZoneInfo) -> Line:
    """The line with what becomes of what came in before: here already, moved, canceled, or for somebody to decide."""
    row = line.row
    told = known.told(row)
    if told and row.practitioner and line.practitioner:
        told = told._replace(practitioner_id=line.practitioner.pk)
    slot = known.slot(told, line.visit_type.pk if line.visit_type else 0) if told else None
    line = line.known_as(known, slot)
    if row.sequence is not None and row.sequence < known.said.sequence:
        return line.judged(Verdict.HERE, gettext("This file is older than what came in before: it is left as it is."))
    if told in (known.last, known.here):
        return line.judged(Verdict.HERE, _where(known, zone))
    there = _change(known.last, told, people, zone)
    if known.here != known.last:
        return line.judged(Verdict.DECIDE, f"{there} {_meanwhile(known, people, zone)}")
    if known.appointment is not None and not known.may_change:
        return line.judged(Verdict.DECIDE, f"{there} {_marked(known.appointment)}")
    return line.judged(Verdict.MOVED if told else Verdict.CANCELLED, there)


def _change(before: Time | None, after: Time | None, people: Mapping[int, str], zone: ZoneInfo) -> str:
    """A sentence on what the other calendar made of it."""
    if after is None:
        return gettext("It was canceled in your old calendar.")
    if before is None:
        return ended(gettext("It was canceled in your old calendar, and is back: %s") % _moment(after.starts_at, zone))
    said = []
    if before.starts_at != after.starts_at:
        same_day = _day(before.starts_at, zone) == _day(after.starts_at, zone)
        shown = _clock if same_day else _moment
        words = {"old": shown(before.starts_at, zone), "new": shown(after.starts_at, zone)}
        said.append(gettext("It was moved in your old calendar: from %(old)s to %(new)s") % words)
    if before.ends_at - before.starts_at != after.ends_at - after.starts_at:
        minutes = [int((each.ends_at - each.starts_at).total_seconds()) // 60 for each in (before, after)]
        length = {"old": minutes[0], "new": minutes[1]}
        said.append(gettext("It takes %(new)d minutes in your old calendar, not %(old)d.") % length)
    if before.practitioner_id != after.practitioner_id:
        said.append(gettext("In your old calendar it is with %s now.") % people.get(after.practitioner_id, "…"))
    return " ".join(map(ended, said))


def _meanwhile(known: Known, people: Mapping[int, str], zone: ZoneInfo) -> str:
    """A sentence on what became of it here since its calendar was compared last."""
    if known.here is None:
        return gettext("Here it was canceled.") if known.appointment else gettext("Here it was removed.")
    words = {"when": _moment(known.here.starts_at, zone), "who": people.get(known.here.practitioner_id, "…")}
    return ended(gettext("Here it was changed, too: %(when)s, %(who)s") % words)


def _marked(appointment: Appointment) -> str:
    return gettext("Here it is marked: %s.") % AppointmentStatus(appointment.status).label


def _where(known: Known, zone: ZoneInfo) -> str:
    if known.appointment is None:
        return (
            gettext("It is kept as busy time.") if known.block else gettext("It was busy time, and was removed here.")
        )
    return gettext("It is %(what)s.") % {"what": reference_and_time(known.appointment, zone)}


def reference_and_time(appointment: Appointment, zone: ZoneInfo) -> str:
    """How sentences about rows name an appointment."""
    at = timezone.localtime(appointment.starts_at, zone)
    return gettext("%(reference)s (%(day)s, %(time)s)") % {
        "reference": appointment.inquiry.shown_reference,
        "day": date_format(at, "N j, Y"),
        "time": date_format(at, "P"),
    }


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return date_format(timezone.localtime(moment, zone), "N j, Y")


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    return date_format(timezone.localtime(moment, zone), "P")


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return f"{_day(moment, zone)}, {_clock(moment, zone)}"
