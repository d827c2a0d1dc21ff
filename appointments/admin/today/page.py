"""The first page of those who may see patients: today, in twelve statements at most."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.utils import timezone

from appointments.actors import name_of
from appointments.admin import wording
from appointments.admin.base import (
    ADD_CALL,
    ADD_CLOSURE,
    CHANGE_APPOINTMENT,
    ENTER_CALLERS,
    VIEW_APPOINTMENT,
    WRITE_DAY_NOTES,
)
from appointments.admin.lists.waiting_facts import Facts
from appointments.admin.lists.why_waiting import has_run_out, waits_cell, why_by
from appointments.admin.schedule.closing_presets import away_today
from appointments.admin.today import now as right_now
from appointments.admin.today import stamps, visits
from appointments.admin.today.numbers import numbers
from appointments.bookings import waiting_list
from appointments.inquiries import contacts
from appointments.models import Appointment, AppointmentStatus, DayNote, Inquiry, InquiryScreening
from clinic.made_once import Fields, Rows

# So many rows fit a screen; the lists have the others.
DISPLACED_SHOWN, WAITING_SHOWN, FREED_SHOWN = 8, 10, 3


def context(user: Any) -> dict[str, Any]:
    now = timezone.now()
    counts = numbers(now, user.pk)
    may_see_times = user.has_perm(VIEW_APPOINTMENT)
    all_visits = visits.visits_on(timezone.localdate(now)) if may_see_times else []
    lost = _displaced(now) if may_see_times and counts["displaced"] else []
    waiting = _oldest() if counts["waiting"] else []
    today = [each for each in all_visits if _waits_for_us(each) and not each.inquiry.is_late(now)]
    freed = waiting_list.freed_slots(now) if may_see_times and counts["would_come"] else []
    # The same inquiry may stand in several of them.
    known = {each.pk: each for each in (*waiting, *(each.inquiry for each in (*today, *lost)))}
    here = [each.inquiry_id for each in all_visits if each.status == AppointmentStatus.ARRIVED]
    facts = Facts([*known, *here], now)
    waits = why_by(facts, known.values())
    late = [each for each in waiting if each.is_late(now)]
    above = {each.pk for each in late} | {each.inquiry_id for each in (*today, *lost)}
    shown = visits.rows(all_visits, facts, now)
    note = DayNote.objects.about(timezone.localdate(now)) if counts["notes"] else None
    return {
        "may_see": True,
        "now": now,
        "since": stamps.write(now),
        "counts": {**counts, "earlier": len(freed)},
        "note": note,
        "note_by": name_of(note.written_by) if note and note.written_by else "",
        "may_write_note": user.has_perm(WRITE_DAY_NOTES),
        "now_rows": [
            *right_now.displaced(lost, facts, now),
            *right_now.late(late, waits, now),
            *right_now.for_today(today, waits, now),
            *right_now.freed(freed[:FREED_SHOWN]),
        ],
        "more_displaced": counts["displaced"] - len(lost),
        "rows": [_row(each, waits, facts, now) for each in waiting if each.pk not in above],
        "doctors": visits.doctors(all_visits),
        "may_close": user.has_perm(ADD_CLOSURE),
        "away_presets": away_today(visits.people(all_visits), timezone.localtime(now)),
        "visits": [each for each in shown if each.visit.status not in visits.OVER],
        "over": [each for each in shown if each.visit.status in visits.OVER],
        "may_see_times": may_see_times,
        "may_mark": user.has_perm(CHANGE_APPOINTMENT),
        "may_call": user.has_perm(ADD_CALL),
        "may_enter": user.has_perms(ENTER_CALLERS),
        "key": uuid4(),
    }


def _displaced(now: datetime) -> list[Appointment]:
    return list(Appointment.objects.displaced(now).select_related("inquiry", "practitioner")[:DISPLACED_SHOWN])


_oldest = Rows(
    Fields(Inquiry, wording.FIELDS, wording.FIELDS_BESIDE), lambda: Inquiry.objects.waiting_for_us()[:WAITING_SHOWN]
)


def _waits_for_us(visit: Appointment) -> bool:
    inquiry = visit.inquiry
    is_to_come = visit.status in (AppointmentStatus.PENDING, AppointmentStatus.BOOKED) and not visits.is_lost(visit)
    return is_to_come and inquiry.is_waiting_for_us and inquiry.screening == InquiryScreening.PASSED


def _row(inquiry: Inquiry, waits: dict[int, Any], facts: Facts, now: datetime) -> dict[str, Any]:
    held = [each for each in facts.times.get(inquiry.pk, ()) if _can_be_confirmed(each, now)]
    return {
        "inquiry": inquiry,
        "waits": waits_cell(waits[inquiry.pk], now),
        "about": wording.about(inquiry),
        "reach": contacts.reach(inquiry),
        "promise": wording.promise(inquiry, now),
        "taken_by": name_of(inquiry.assigned_to) if inquiry.assigned_to else "",
        "press": f"confirm {held[0]['pk']}:{held[0]['version']}" if held else "",
    }


def _can_be_confirmed(time: dict[str, Any], now: datetime) -> bool:
    is_pending = time["status"] == AppointmentStatus.PENDING and not time["displaced_at"]
    return is_pending and time["starts_at"] > now and not has_run_out(time, now)
