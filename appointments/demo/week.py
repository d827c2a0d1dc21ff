"""The practitioners of the fictional clinic, their hours, and a week that is partly booked."""

import hashlib
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments, proposals, statuses, waiting_list
from appointments.inquiries import conversation, lifecycle
from appointments.models import Inquiry, InquiryKind, Practitioner, Schedule, VisitType
from appointments.models.inquiry_choices import ContactChannel
from appointments.models.log import Outcome
from appointments.scheduling import calendars
from appointments.slots import Slot
from clinic.models import Clinic

FIRST, FOLLOW_UP = "First visit", "Follow-up visit"
VISIT_TYPES: dict[str, dict[str, Any]] = {
    FIRST: {
        "minutes": 45, "buffer_minutes": 15, "lead_hours": 24, "patients_may_choose": True,
        "said_as": "For your first visit here", "chosen_as": "This is my first visit",
    },
    FOLLOW_UP: {
        "said_as": "For a follow-up visit", "chosen_as": "I have been here before",
        "minutes": 20, "buffer_minutes": 10, "lead_hours": 12, "patients_may_choose": True, "booked_at_once": True,
        "preparation": "Please come ten minutes early, so that we can start on time.",
    },
}  # fmt: skip
PRACTITIONERS = {
    "Amara Osei, MD": (
        "Spine surgeon",
        "Dr. Osei sees patients with fractures of the spine.",
        "English and Twi",
    ),
    "Tomás Rivera, MD": ("Spinal specialist", "Dr. Rivera sees new patients.", "English and Spanish"),
    "Ingrid Halvorsen, NP": (
        "Nurse practitioner",
        "Ingrid sees you for follow-up visits and answers your questions.",
        "English",
    ),
}
# Weekdays (0 is Monday), and from when until when.
HOURS: dict[str, list[tuple[tuple[int, ...], time, time]]] = {
    "Amara Osei, MD": [((0, 1, 3), time(9), time(12)), ((0, 1, 3), time(13), time(16, 30))],
    "Tomás Rivera, MD": [((0, 1, 2, 3, 4), time(8, 30), time(12, 30))],
    "Ingrid Halvorsen, NP": [((0, 1, 2, 3), time(10), time(12)), ((0, 1, 2, 3), time(13), time(15, 30))],
}
OFFERS = {
    "Amara Osei, MD": (FIRST, FOLLOW_UP),
    "Tomás Rivera, MD": (FIRST,),
    "Ingrid Halvorsen, NP": (FOLLOW_UP,),
}
# Who has which place among the free times of the next days, and what became of it. Nobody is real.
PATIENTS = {
    "Edna Castellanos": (0, "booked"),
    "Samuel Okonkwo-Hart": (1, "booked"),
    "Marguerite Dubois": (3, "booked"),
    "Josefina Arroyo": (6, "booked"),
    "Abigail Thornbury": (8, "booked"),
    "Rashid Karimi": (22, "wants earlier"),
    "Constance Ferreira": (11, "cancelled"),
    "Yolanda Pettigrew": (13, "booked"),
    "Ignatius Bell": (15, "offered"),
    "Beatrix Holloway": (9, "booked"),
    "Thaddeus Nakamura": (27, "booked"),
    # Last: among what the others left.
    "Leonard Whitcomb": (4, "pending"),
}


def enter_practitioners() -> None:
    """Three people with hours and times that can be chosen online; who is there already stays as they are."""
    types = {
        name: VisitType.objects.get_or_create(name=name, defaults={"position": position, **fields})[0]
        for position, (name, fields) in enumerate(VISIT_TYPES.items())
    }
    for position, (name, (title, about, languages)) in enumerate(PRACTITIONERS.items()):
        person, is_new = Practitioner.objects.get_or_create(
            name=name, defaults={"title": title, "about": about, "languages": languages, "position": position}
        )
        if not is_new and person.working_hours.exists():
            continue
        for weekdays, opens, closes in HOURS[name]:
            for weekday in weekdays:
                person.working_hours.create(weekday=weekday, opens=opens, closes=closes)
        for visit in OFFERS[name]:
            person.schedules.update_or_create(visit_type=types[visit], defaults={"is_online": True})


def book_the_week(ann: Any) -> int:
    """Give the patients their times; return how many were not there before. Nothing without our practitioners."""
    if not Practitioner.objects.filter(name__in=HOURS).exists():
        return 0
    now, by = timezone.now(), Actor.staff(ann)
    free, made = _free(now), 0
    for number, (name, (place, what)) in enumerate(PATIENTS.items()):
        inquiry, is_new = lifecycle.submit(inquiry=_inquiry(name, number), by=Actor.visitor(), now=now)
        if is_new and place + 2 < len(free):
            _give(inquiry, free, place, what, by, now)
        made += is_new
    return made


def _free(now: datetime) -> list[Slot]:
    found: list[Slot] = []
    zone = Clinic.current().zone
    first = now.astimezone(zone).date() + timedelta(days=1)
    last = first + timedelta(days=9)
    for schedule in Schedule.objects.online():
        calendar = calendars.between([schedule.practitioner_id], first, last, zone=zone)[schedule.practitioner_id]
        # One kind of visit for each of them: otherwise two lists would name the same times.
        if schedule.visit_type.name == OFFERS[schedule.practitioner.name][0]:
            visit = schedule.visit_type.rules._replace(lead=timedelta())
            found += calendar.slots(visit, now=now, first=first, last=last)
    return sorted(found)


def _inquiry(name: str, number: int) -> Inquiry:
    return Inquiry(
        submission_id=hashlib.sha256(f"demo week {name}".encode()).hexdigest(),
        kind=InquiryKind.APPOINTMENT,
        name=name,
        contact_by=ContactChannel.PHONE,
        phone=f"212 555 01{number + 20}",
        sum_solved=True,
    )


def _give(inquiry: Inquiry, free: list[Slot], place: int, what: str, by: Actor, now: datetime) -> None:
    if what == "pending":
        appointments.book(inquiry=inquiry, slot=_to_confirm(now), by=Actor.visitor())
    elif what == "offered":
        slots = free[place : place + 3]
        proposals.propose(inquiry=inquiry, slots=slots, until=min(now + timedelta(hours=20), slots[0].starts_at), by=by)
    else:
        given = appointments.give(inquiry=inquiry, slot=free[place], by=by)
        conversation.log_call(inquiry=inquiry, outcome=Outcome.REACHED, by=by)
        if what == "cancelled":
            statuses.cancel(appointment=given, by=Actor.visitor())
        if what == "wants earlier":
            waiting_list.join_or_leave(inquiry=inquiry, on=True, by=Actor.visitor())


def _to_confirm(now: datetime) -> Slot:
    """A time of a visit that the front desk confirms and that a patient may still choose."""
    first = VisitType.objects.get(name=FIRST)
    earliest = now + timedelta(hours=first.lead_hours)
    return next(slot for slot in _free(now) if slot.visit_type_id == first.pk and slot.starts_at > earliest)
