"""
What bringing in a file would do, row by row.

No time is given twice: what clashes with our calendar or with an earlier row stays out and is said so, unless somebody
overbooks it, and what came in before is known by its submission_id.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from appointments.bookings.imports import compared
from appointments.bookings.imports.files import Reading
from appointments.bookings.imports.lines import Line, Plan, Verdict
from appointments.bookings.imports.rows import Row
from appointments.bookings.imports.taken import Around, Times
from appointments.inquiries.search import normalize
from appointments.models import BusyBlock, Practitioner, VisitType
from appointments.models.inquiry import BY_FILE
from appointments.slots import Calendar, Slot
from clinic import keyed
from clinic.models import Clinic

# What leaves the time that it has here.
LEAVING = (Verdict.MOVED, Verdict.CANCELLED)


def plan(reading: Reading, *, practitioner: Practitioner | None, visit_type: VisitType | None, now: datetime) -> Plan:
    """
    What would become of each row, in the file's order: a handful of queries, however many rows.

    `practitioner` and `visit_type` are those of rows that do not say them.
    """
    zone = Clinic.current().zone
    understood = list(_understood(reading.rows, practitioner, visit_type, now))
    return Plan(_judged(understood, zone, now))


def _understood(
    rows: Iterable[Row], practitioner: Practitioner | None, visit_type: VisitType | None, now: datetime
) -> Iterator[Line]:
    """The rows with their practitioner, kind of visit and slot; the verdict is IN or BUSY where those are known."""
    doctors = {normalize(each.name): each for each in Practitioner.objects.active()}
    kinds = {normalize(each.name): each for each in VisitType.objects.active()}
    for row in rows:
        doctor = doctors.get(normalize(row.practitioner)) if row.practitioner else practitioner
        kind = kinds.get(normalize(row.visit_type)) if row.visit_type else visit_type
        if row.is_cancelled and doctor is not None:
            ids = _submission_ids(row, doctor)
            yield Line(row, Verdict.UNREADABLE, row.problem, doctor, kind, submission_ids=ids)
        elif row.problem or row.starts_at is None:
            ids = _submission_ids(row, doctor) if row.uid and doctor else ()
            yield Line(row, Verdict.UNREADABLE, row.problem, doctor, kind, submission_ids=ids)
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
            if row.takes_no_time:
                verdict = Verdict.FREE
            line = Line(row, verdict, _with_care(row), doctor, kind, slot, _submission_ids(row, doctor))
            yield line.judged(Verdict.OVER) if ends_at <= now else line


def _with_care(row: Row) -> str:
    """What somebody should know of a row that comes in; empty where there is nothing to say."""
    said = [*filter(None, [row.takes_no_time]), *row.notes]
    if row.is_tentative:
        to_confirm = gettext("It is tentative there: it comes in to be confirmed.")
        said.append(to_confirm if row.is_visit else gettext("It is tentative there."))
    if row.is_private:
        said.append(gettext("It is private there: its title is not read."))
    elif not row.is_visit:
        said.append(gettext("It names no patient."))
    elif not row.can_be_reached:
        said.append(gettext("No number yet: it will stand in the list of calls."))
    return " ".join(said)


def _submission_ids(row: Row, practitioner: Practitioner) -> tuple[str, ...]:
    """What the same appointment has again when it is brought a second time."""
    # repr keeps the parts apart, whatever signs are in them.
    starts_at = row.starts_at and row.starts_at.isoformat()
    as_written = _keyed(repr((practitioner.pk, starts_at, _normalized(row.written or row.name))))
    if not row.uid:
        return as_written
    # A meeting has one id in the calendars of all who come. A title may name a patient in one file and not in the next.
    as_visit, as_busy_time = _keyed(row.uid), _keyed(repr((practitioner.pk, row.uid)))
    by_id = (*as_visit, *as_busy_time) if row.is_visit else (*as_busy_time, *as_visit)
    return by_id + as_written  # A table may have had no column of ids before.


def _keyed(known_by: str) -> tuple[str, ...]:
    # With our secret: a reader of the database must not find out a name by trying names.
    return tuple(BY_FILE + digest[:57] for digest in keyed.digests("appointments.importing", known_by))


def _normalized(name: str) -> str:
    """A name as rows are known by it. Never to be changed: the files of before would come in a second time."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^\w@.+]+", " ", plain).split())


def _judged(lines: list[Line], zone: ZoneInfo, now: datetime) -> list[Line]:
    """
    The lines, compared with what came in before, and with what takes time.

    What moves leaves its time to others, unless it turns out that it can't move: then it stays where it is, and all
    is looked at once more.
    """
    lines = sorted(_compared(lines, zone, now), key=lambda line: line.row.number)
    slots = [line.slot for line in lines if line.verdict in Verdict.taking_time() and line.slot]
    if not slots:
        return lines
    around, staying = Around.read(slots, zone, now), set[int]()
    while True:
        leaving = [
            line
            for line in lines
            if line.verdict in LEAVING and line.row.number not in staying and not line.keeps_its_time
        ]
        judged = list(_fitted(lines, around, leaving))
        refused = {
            line.row.number for line in judged if line.known and line.verdict in (Verdict.CLASH, Verdict.OUTSIDE)
        }
        if refused <= staying:
            return judged
        staying |= refused


def _compared(lines: list[Line], zone: ZoneInfo, now: datetime) -> Iterator[Line]:
    """Each line, compared with what is known of it and with the earlier lines of this file."""
    ids = {known for line in lines for known in line.submission_ids}
    known, seen = compared.known(ids), dict[str, Line]()
    people = dict(Practitioner.objects.values_list("pk", "name"))
    # A new event in place of one that was canceled is the same visit.
    for line in sorted(lines, key=lambda line: line.row.is_cancelled):
        here = next((known[each] for each in line.submission_ids if each in known), None)
        if line.verdict == Verdict.UNREADABLE and not line.row.is_cancelled:
            stays = gettext("It came in before, and stays here as it is.") if here and here.here else ""
            yield line.judged(Verdict.UNREADABLE, f"{line.why} {stays}".strip())
        elif line.verdict == Verdict.OVER and not (here and here.here and here.here.ends_at > now):
            yield line
        elif earlier := next((seen[each] for each in _ids(line, here) if each in seen), None):
            yield _again(line, earlier)
        elif here and here.is_erased:
            yield line.judged(Verdict.HERE, gettext("It was here, and was erased."))
        else:
            seen |= dict.fromkeys([*line.submission_ids, *_ids(line, here)], line)
            line = compared.compare(line, here, people, zone) if here else line
            if here and line.row.takes_no_time and line.verdict == Verdict.HERE:
                line = line.judged(line.verdict, f"{line.why} {line.row.takes_no_time}")
            yield line


def _ids(line: Line, here: compared.Known | None) -> tuple[str, ...]:
    """What another line of this file would be the same by: a private copy has another key first."""
    return (here.said.submission_id,) if here else line.submission_ids


def _again(line: Line, earlier: Line) -> Line:
    if line.row.is_cancelled:
        return line
    if line.slot and earlier.slot and line.slot[:2] == earlier.slot[:2]:
        return line.judged(Verdict.HERE, gettext("The same as row %d of this file.") % earlier.row.number)
    said = gettext("It is row %d of this file once more, at another time or for longer.") % earlier.row.number
    return line.judged(Verdict.UNREADABLE, said)


def _fitted(lines: list[Line], around: Around, leaving: list[Line]) -> Iterator[Line]:
    """The lines, each of which takes its time only where nobody else has it."""
    times, hours, found = around.times(leaving), around.hours_without(leaving), dict(around.unknown_blocks)
    kept = around.blocks - {(each.practitioner_id, each.starts_at, each.ends_at) for each in _blocks(leaving)}
    for line in lines:
        slot = line.slot
        if line.verdict not in Verdict.taking_time() or slot is None or line.keeps_its_time:
            yield line
        elif _is_kept(line, slot, kept):
            here, block = gettext("It is kept as busy time."), None
            if line.row.uid and not line.row.is_visit:
                block = found.pop((slot.practitioner_id, slot.starts_at, slot.ends_at), None)
            yield replace(line, verdict=Verdict.LINKED if block else Verdict.HERE, why=here, block=block)
        else:
            misfit = _misfit(line, slot, hours[slot.practitioner_id], times)
            if misfit is None or line.verdict == Verdict.DECIDE:
                times.add(slot, gettext("row %d of this file") % line.row.number, is_busy=line.is_busy_time)
            if misfit is None:
                yield line
            elif line.verdict == Verdict.DECIDE:
                yield replace(line, misfit=misfit[1])
            else:
                yield line.judged(
                    misfit[0], f"{line.why} {misfit[1]}" if line.known else _and_notes(misfit[1], line.row)
                )


def _and_notes(why: str, row: Row) -> str:
    return " ".join([why, *row.notes])


def _blocks(lines: list[Line]) -> Iterator[BusyBlock]:
    return (line.known.block for line in lines if line.known.block)


def _is_kept(line: Line, slot: Slot, kept: Collection[tuple[int, datetime, datetime]]) -> bool:
    """Whether this very time was kept before times from other calendars were compared, or was entered by hand."""
    is_new = line.known is None and not line.row.can_be_reached
    return is_new and (slot.practitioner_id, slot.starts_at, slot.ends_at) in kept


def _misfit(line: Line, slot: Slot, hours: Calendar, times: Times) -> tuple[Verdict, str] | None:
    """Why the time can't be given, as a sentence; None where it can."""
    here = line.known.appointment if line.known else None
    if clash := times.clash(slot, but=here.pk if here else 0, is_busy=line.is_busy_time):
        said = gettext("It clashes with %s.") % clash.words
        if slot.ends_at <= clash.blocked.starts_at or clash.ends_at <= slot.starts_at:
            said += " " + gettext("The kind of visit needs a pause between them.")
        return Verdict.CLASH, said
    if line.known and here is None:
        return None  # A busy time may lie outside the hours.
    if line.is_busy_time and hours.touches_work(slot.starts_at, slot.ends_at):
        return None  # It may overlap others, too, and reach beyond the hours.
    if not hours.is_at_work(slot.starts_at, slot.ends_at):
        return Verdict.OUTSIDE, gettext("It is outside their hours: change the hours first.")
    if not hours.is_free(slot.starts_at, slot.blocked_until):
        return Verdict.OUTSIDE, gettext("A closure or busy time is then: change that first.")
    return None


__all__ = ["Line", "Plan", "Verdict", "plan"]
