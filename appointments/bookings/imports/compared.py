"""What came in before, compared with what its calendar says now and with what is here of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from appointments.bookings.imports import reached
from appointments.bookings.imports.lines import Line, Verdict
from appointments.bookings.imports.rows import Row
from appointments.inquiries.search import normalize
from appointments.models import Appointment, AppointmentStatus, BroughtIn, BusyBlock
from appointments.slots import Slot
from clinic import keyed
from clinic.sentences import ended

# What a visit is that its old calendar may still change.
OPEN = (AppointmentStatus.PENDING, AppointmentStatus.BOOKED, AppointmentStatus.CANCELLED)


class State(NamedTuple):
    """When, with whom, what for and how surely. In place of one, None says that it takes no time."""

    starts_at: datetime
    ends_at: datetime
    practitioner_id: int
    visit_type_id: int | None = None
    is_tentative: bool = False

    @property
    def when(self) -> tuple[datetime, datetime, int]:
        return self[:3]

    def with_parts(self, parts: Collection[str], of: "State") -> "State":
        """This one, in which these parts are those of another."""
        when = of.when if "when" in parts else self.when
        kind = of.visit_type_id if "visit_type_id" in parts else self.visit_type_id
        return State(*when, kind, of.is_tentative if "is_tentative" in parts else self.is_tentative)


# What may be changed on one side without the other: each is compared by itself.
PARTS = ("when", "visit_type_id", "is_tentative")
# A title that hides what it is about says nothing of whose visit it is.
HIDDEN = frozenset(["", "away", "blocked", "busy", "free", "out of office", "private", "tentative", "unavailable"])


@dataclass(frozen=True)
class Known:
    """What came in before: what its calendar said last, and what is here of it now."""

    said: BroughtIn
    appointment: Appointment | None = None
    block: BusyBlock | None = None

    @property
    def last(self) -> State | None:
        """What the other calendar said last; what is not known of it is as it is here."""
        said, visit = self.said, self.appointment
        if said.is_cancelled or said.takes_no_time:
            return None
        if visit is None:
            return State(said.starts_at, said.ends_at, said.practitioner_id)
        kind = said.visit_type_id or visit.visit_type_id
        return State(said.starts_at, said.ends_at, said.practitioner_id, kind, self.was_tentative)

    @property
    def was_tentative(self) -> bool:
        is_pending = self.appointment is not None and self.appointment.status == AppointmentStatus.PENDING
        return is_pending if self.said.is_tentative is None else self.said.is_tentative

    @property
    def here(self) -> State | None:
        if visit := self.appointment:
            when = visit.starts_at, visit.ends_at, visit.practitioner_id
            is_tentative = visit.status == AppointmentStatus.PENDING
            return (
                None if visit.status == AppointmentStatus.CANCELLED else State(*when, visit.visit_type_id, is_tentative)
            )
        block = self.block
        return State(block.starts_at, block.ends_at, block.practitioner_id) if block is not None else None

    @property
    def is_erased(self) -> bool:
        return self.appointment is not None and self.appointment.inquiry.erased_at is not None

    @property
    def may_change(self) -> bool:
        """Whether what is here may still become what the other calendar says."""
        return self.appointment is None or self.appointment.status in OPEN

    def told(self, line: Line) -> State | None:
        """What the line tells of it now: what its row does not say is as before."""
        row, said, visit = line.row, self.said, self.appointment
        if row.is_cancelled or row.takes_no_time or row.starts_at is None:
            return None
        who = line.practitioner.pk if row.practitioner and line.practitioner else said.practitioner_id
        kind, length = said.visit_type_id or (visit.visit_type_id if visit else None), said.ends_at - said.starts_at
        if visit and row.visit_type and line.visit_type and line.visit_type.pk != kind:
            kind, length = line.visit_type.pk, timedelta(minutes=line.visit_type.minutes)
        ends_at = row.ends_at or row.starts_at + length
        if visit is None:
            return State(row.starts_at, ends_at, who)
        is_tentative = self.was_tentative if row.is_tentative is None else row.is_tentative
        return State(row.starts_at, ends_at, who, kind, is_tentative)

    def slot(self, state: State, line: Line) -> Slot:
        """What is here, in another state."""
        start, end, who = state.when
        if self.appointment is None:
            return Slot(start, end, end, who, line.visit_type.pk if line.visit_type else 0)
        pause = self.appointment.blocked_until - self.appointment.ends_at
        if state.visit_type_id != self.appointment.visit_type_id and line.visit_type:
            pause = timedelta(minutes=line.visit_type.buffer_minutes)
        return Slot(start, end, end + pause, who, state.visit_type_id or self.appointment.visit_type_id)

    def __repr__(self) -> str:
        """Another text whenever something of it changed: a plan is known by it."""
        said, visit = self.said, self.appointment
        here = (visit.status, visit.inquiry.phone, visit.inquiry.email) if visit else ()
        there = said.pk, said.sequence, said.name_digest, said.phone_digest, said.email_digest
        return repr((there, self.last, self.here, here))


def known(submission_ids: Collection[str]) -> dict[str, Known]:
    """What came in before, by submission_id: three statements."""
    said = BroughtIn.objects.in_bulk(submission_ids)
    blocks = BusyBlock.objects.in_bulk([each.busy_block_id for each in said.values() if each.busy_block_id])
    found = {pk: Known(each, block=blocks.get(each.busy_block_id or 0)) for pk, each in said.items()}
    visits = Appointment.objects.given().filter(inquiry__submission_id__in=submission_ids)
    visits = visits.select_related("inquiry", "visit_type")
    # The live one comes last, if there is one.
    for each in sorted(visits, key=lambda each: (each.is_live, each.time_set_at, each.pk)):
        pk = each.inquiry.submission_id
        when = {"starts_at": each.starts_at, "ends_at": each.ends_at, "practitioner_id": each.practitioner_id}
        found[pk] = Known(said.get(pk) or BroughtIn(submission_id=pk, **when), each)
    return found


def compare(line: Line, known: Known, people: Mapping[int, str], zone: ZoneInfo) -> Line:
    """The line with what becomes of what came in before: here already, moved, canceled, or for somebody to decide."""
    row, told, last, here = line.row, known.told(line), known.last, known.here
    if row.sequence is not None and row.sequence < known.said.sequence:
        older = gettext("This file is older than what came in before: it is left as it is.")
        return line.compared_with(known, line.slot, told=told, becomes=told).judged(Verdict.HERE, older)
    if told and (why := _another(line, known)):
        line = replace(line.compared_with(known, line.slot, told=told, becomes=told), is_another=True)
        marked = f" {_marked(known.appointment)}" if known.appointment and not known.may_change else ""
        return line.judged(Verdict.DECIDE, why + marked)
    parts = _changed(last, here, told)
    becomes = here.with_parts(parts, told) if told and last and here else told
    line = line.compared_with(known, None, told=told, becomes=becomes)
    takes_place = told is not None and here is not None and known.may_change
    reach = reached.sentence(line) if takes_place and reached.ways(line) else ""
    if shown := becomes if parts or reach else told:
        line = replace(line, slot=known.slot(shown, line))
    less_sure = ""
    if told and last and here and told.is_tentative and not last.is_tentative and not here.is_tentative:
        less_sure = gettext("It is tentative in your old calendar now: here it stays confirmed.")
    if not parts:
        if reach:
            return line.judged(Verdict.DECIDE if reached.has_to_be_decided(line) else Verdict.MOVED, reach)
        return line.judged(Verdict.HERE, f"{less_sure} {_where(known, zone)}".strip())
    there = f"{_change(last, told, line, people, zone)} {reach}".strip()
    if _differ(last, here, parts):
        return line.judged(Verdict.DECIDE, f"{there} {_meanwhile(known, parts, people, zone)} {less_sure}".strip())
    if known.appointment is not None and not known.may_change:
        return line.judged(Verdict.DECIDE, f"{there} {_marked(known.appointment)}")
    if told is None and row.takes_no_time and known.appointment is not None:
        return line.judged(Verdict.DECIDE, there)  # It may be the patient's time all the same.
    if reach and reached.has_to_be_decided(line):
        return line.judged(Verdict.DECIDE, f"{there} {less_sure}".strip())
    return line.judged(Verdict.MOVED if told else Verdict.CANCELLED, f"{there} {less_sure}".strip())


def name_digests(row: Row) -> list[str]:
    """What is kept of the name that a row has, the newest first."""
    return keyed.digests("appointments.imports.name", normalize(row.name))


def _another(line: Line, known: Known) -> str:
    """Why it is not what came in before under this id, but somebody else's visit, or busy time; else empty."""
    row, visit = line.row, known.appointment
    if known.said.name_digest in name_digests(row):
        return ""
    if visit is None:
        new = gettext("In your old calendar it is a visit now, and no busy time: %s") % row.name
        return ended(new) if row.is_visit and row.uid else ""
    if row.is_private or normalize(row.name) in HIDDEN:
        return ""
    if not row.is_visit:
        return ended(gettext("In your old calendar it names no patient now: %s") % row.name)
    was, now = normalize(visit.inquiry.name).split(), normalize(row.name).split()
    # What came in before names were compared may have been cut otherwise.
    if was == now or (not known.said.name_digest and not set(was).isdisjoint(now)):
        return ""
    words = {"new": row.name, "old": visit.inquiry.name}
    said = ended(gettext("In your old calendar it is for %(new)s now, not for %(old)s") % words)
    return f"{said} {gettext('As there, the visit that is here is canceled, and that one comes in.')}"


def _changed(last: State | None, here: State | None, told: State | None) -> tuple[str, ...]:
    """What the other calendar changed and is not so here already: parts of it, or whether it takes its time at all."""
    if told in (last, here):
        return ()
    if not (told and last and here):
        return ("at all",)
    parts = (part for part in PARTS if getattr(told, part) not in (getattr(last, part), getattr(here, part)))
    # What is confirmed here, after its patient was told maybe, stays so.
    return tuple(part for part in parts if not (part == "is_tentative" and told.is_tentative))


def _differ(last: State | None, here: State | None, parts: Collection[str]) -> bool:
    if not (last and here) or "at all" in parts:
        return last != here
    return any(getattr(last, part) != getattr(here, part) for part in parts)


def _change(before: State | None, after: State | None, line: Line, people: Mapping[int, str], zone: ZoneInfo) -> str:
    """A sentence on what the other calendar made of it."""
    if after is None:
        return line.row.takes_no_time or gettext("It was canceled in your old calendar.")
    if before is None:
        back = gettext("It was canceled in your old calendar, and is back: %s")
        if line.known.said.takes_no_time and not line.known.said.is_cancelled:
            back = gettext("It took no time in your old calendar, and does now: %s")
        return ended(back % _moment(after.starts_at, zone))
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
    if before.visit_type_id != after.visit_type_id and line.visit_type:
        said.append(gettext("In your old calendar it is a visit of another kind now: %s") % line.visit_type.name)
    if before.is_tentative and not after.is_tentative:
        said.append(gettext("It was confirmed in your old calendar."))
    if before.is_tentative != after.is_tentative and not said:
        said.append(gettext("It is tentative in your old calendar now."))
    return " ".join(map(ended, said))


def _meanwhile(known: Known, parts: Collection[str], people: Mapping[int, str], zone: ZoneInfo) -> str:
    """A sentence on what became of it here since its calendar was compared last."""
    if known.here is None:
        return gettext("Here it was canceled.") if known.appointment else gettext("Here it was removed.")
    if known.appointment and "visit_type_id" in parts and "when" not in parts:
        return ended(gettext("Here it was changed, too: %s") % known.appointment.visit_type.name)
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
