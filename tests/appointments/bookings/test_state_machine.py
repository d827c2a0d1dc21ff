"""
Everything that people can do with times, in any order: what must always hold is asked of the tables in plain SQL.

EXAMPLES=200 makes it long (make faults); alone it is the short form that runs with every test.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from appointments.actors import Actor
from appointments.bookings import appointments, displacement, proposals, statuses
from appointments.errors import HasAppointment, NotPossible, SlotTaken, TooManyReschedules
from appointments.models import Appointment, AppointmentStatus, Closure, Inquiry, Practitioner, VisitType, WorkingHours
from appointments.models.appointment_status import CancelledBy
from appointments.scheduling import calendars
from appointments.slots import Slot
from clinic.accounts import roles
from clinic.models import Clinic
from tests import make
from tests.racing import overlaps

EXAMPLES = int(os.environ.get("EXAMPLES", "6"))
MONDAY_MORNING, TUESDAY = "2026-11-23T11:00:00Z", date(2026, 11, 24)
REFUSED = (SlotTaken, HasAppointment, TooManyReschedules, NotPossible)
VISITOR = Actor.visitor()

# A minute at which nobody can be seen: outside the hours, or closed. Knows nothing of our own code.
MISFIT = """
    NOT EXISTS (
        SELECT FROM appointments_workinghours hours
        WHERE hours.practitioner_id = seen.practitioner_id
        AND hours.weekday = extract(isodow FROM minute AT TIME ZONE %(zone)s) - 1
        AND (minute AT TIME ZONE %(zone)s)::time >= hours.opens AND (minute AT TIME ZONE %(zone)s)::time < hours.closes
    ) OR EXISTS (
        SELECT FROM appointments_closure closure
        WHERE coalesce(closure.practitioner_id, seen.practitioner_id) = seen.practitioner_id
        AND minute >= closure.starts_at AND minute < closure.ends_at
    )
"""
MINUTES = "generate_series(seen.starts_at, seen.ends_at - interval '1 minute', '1 minute') minute"


class World(NamedTuple):
    """What is there before anything happens."""

    zone: Any
    doctors: list[Practitioner]
    visits: list[VisitType]
    inquiries: list[Inquiry]
    ann: Actor
    manager: Actor


def world() -> World:
    visits = [make.visit_type(buffer_minutes=10), make.visit_type(minutes=60, booked_at_once=False)]
    doctors = [make.practitioner(visit=visits[0]) for _ in range(2)]
    for doctor in doctors:
        doctor.schedules.create(visit_type=visits[1], is_online=True)
    WorkingHours.objects.update(opens="09:00", closes="11:00")
    inquiries = [make.inquiry() for _ in range(5)]
    staff = [Actor.staff(make.user(role)) for role in (roles.FRONT_DESK, roles.MANAGER)]
    # Something to begin with: what nobody has, nobody can change.
    for inquiry, slot in zip(
        inquiries[:3], [*make.slots(doctors[0], TUESDAY)[:2], make.slots(doctors[1], TUESDAY)[0]], strict=True
    ):
        appointments.book(inquiry=inquiry, slot=slot, by=VISITOR)
    return World(Clinic.current().zone, doctors, visits, inquiries, *staff)


# Which one of those that there are.
which = st.integers(0, 999)
# A time of the next days, on the quarter hour: often one that is open, sometimes not.
places = st.tuples(st.integers(0, 1), st.integers(2, 13), st.integers(0, 1), st.integers(0, 1))
hours = st.sampled_from([("09:00", "11:00"), ("08:30", "10:00"), ("10:00", "12:00")])


class Desk(RuleBasedStateMachine):
    """A few patients, two doctors who work two hours a day, and whatever may happen to their times."""

    world: World

    def __init__(self):
        super().__init__()
        self.clock = time_machine.travel(MONDAY_MORNING, tick=False)
        self.now = self.clock.start()
        self.example = transaction.atomic()
        self.example.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)
        self.clock.stop()

    def attempt(self, act: Callable[..., Any], **what: Any) -> None:
        with suppress(*REFUSED):
            act(**what)

    def slot(self, place: tuple[int, int, int, int]) -> Slot:
        days, quarters, doctor, visit = place
        day = timezone.now().astimezone(self.world.zone).date() + timedelta(days=days)
        starts_at = datetime.combine(day, time(8), self.world.zone) + timedelta(minutes=15 * quarters)
        return Slot.starting_at(starts_at, self.world.visits[visit].rules, self.world.doctors[doctor].pk)

    def free(self) -> list[Slot]:
        """What patients are shown of the next three days."""
        now = timezone.now()
        first = now.astimezone(self.world.zone).date()
        last = first + timedelta(days=2)
        by_id = calendars.between([doctor.pk for doctor in self.world.doctors], first, last, zone=self.world.zone)
        return [
            slot
            for calendar in by_id.values()
            for visit in self.world.visits
            for slot in calendar.slots(visit.rules, now=now, first=first, last=last)
        ]

    def inquiry(self, which: int) -> Inquiry:
        return self.world.inquiries[which % len(self.world.inquiries)]

    def has(self, *statuses: AppointmentStatus) -> bool:
        return Appointment.objects.filter(status__in=statuses).exists()

    def one(self, which: int, *statuses: AppointmentStatus) -> Appointment:
        found = list(Appointment.objects.filter(status__in=statuses or AppointmentStatus).order_by("pk"))
        return found[which % len(found)]

    @rule(which=which, pick=which)
    def a_patient_books_what_is_shown(self, which, pick):
        if free := self.free():
            slot, inquiry = free[pick % len(free)], self.inquiry(which)
            with suppress(HasAppointment):
                # SlotTaken would be a lie: it was shown a moment ago.
                appointments.book(inquiry=inquiry, slot=slot, by=VISITOR)

    @rule(which=which, place=places)
    def a_patient_posts_any_time(self, which, place):
        self.attempt(appointments.book, inquiry=self.inquiry(which), slot=self.slot(place), by=VISITOR)

    @rule(which=which, place=places)
    def staff_give_a_time(self, which, place):
        self.attempt(appointments.give, inquiry=self.inquiry(which), slot=self.slot(place), by=self.world.ann)

    @rule(which=which, place=places, may=st.booleans())
    def somebody_overbooks(self, which, place, may):
        by = self.world.manager if may else self.world.ann
        self.attempt(
            appointments.give, inquiry=self.inquiry(which), slot=self.slot(place), by=by, reason="An emergency"
        )

    @precondition(lambda self: self.has(*AppointmentStatus.live()))
    @rule(which=which, place=places)
    def a_patient_moves(self, which, place):
        row = self.one(which, *AppointmentStatus.live())
        self.attempt(appointments.reschedule, appointment=row, slot=self.slot(place), by=VISITOR)

    @rule(which=which, place=places, reason=st.sampled_from(["", "An emergency"]))
    def staff_move(self, which, place, reason):
        row = self.one(which)
        self.attempt(
            appointments.reschedule, appointment=row, slot=self.slot(place), by=self.world.manager, reason=reason
        )

    @rule(which=which, by_patient=st.booleans())
    def a_time_is_cancelled(self, which, by_patient):
        by = VISITOR if by_patient else self.world.ann
        self.attempt(
            statuses.cancel,
            appointment=self.one(which),
            by=by,
            reason=CancelledBy.PATIENT if by_patient else CancelledBy.CLINIC,
        )

    @rule(which=which, to=which)
    def staff_make_another_state_of_it(self, which, to):
        row = self.one(which)
        # Mostly one that is allowed.
        steps = [*statuses.TRANSITIONS[AppointmentStatus(row.status)] * 3, *AppointmentStatus]
        self.attempt(statuses.change_status, appointment=row, to=steps[to % len(steps)], by=self.world.ann)

    @precondition(lambda self: self.has(AppointmentStatus.CANCELLED))
    @rule(which=which)
    def staff_take_a_cancelled_one_back(self, which):
        row = self.one(which, AppointmentStatus.CANCELLED)
        self.attempt(statuses.change_status, appointment=row, to=AppointmentStatus.BOOKED, by=self.world.ann)

    @rule(which=which, places=st.lists(places, min_size=1, max_size=3), hours=st.integers(1, 24))
    def staff_offer_times(self, which, places, hours):
        slots = [self.slot(place) for place in places]
        until = min(timezone.now() + timedelta(hours=hours), *(slot.starts_at for slot in slots))
        self.attempt(proposals.propose, inquiry=self.inquiry(which), slots=slots, until=until, by=self.world.ann)

    @rule(which=which)
    def a_patient_takes_an_offer_or_what_was_one(self, which):
        offered = [AppointmentStatus.PROPOSED] if self.has(AppointmentStatus.PROPOSED) else []
        self.attempt(proposals.accept, proposal=self.one(which, *offered), by=VISITOR)

    @precondition(lambda self: self.has(AppointmentStatus.PROPOSED))
    @rule(which=which)
    def a_patient_declines(self, which):
        self.attempt(proposals.decline, inquiry=self.inquiry(which), by=VISITOR)

    @precondition(lambda self: self.has(AppointmentStatus.PROPOSED))
    @rule(which=which)
    def the_worker_ends_what_has_expired(self, which):
        proposals.expire(inquiry=self.one(which, AppointmentStatus.PROPOSED).inquiry)

    @rule(minutes=st.sampled_from([15, 45, 180, 1200]))
    def time_passes(self, minutes):
        self.now.shift(timedelta(minutes=minutes))

    @rule(place=places, minutes=st.sampled_from([15, 60, 24 * 60]), everybody=st.booleans())
    def something_is_closed(self, place, minutes, everybody):
        slot = self.slot(place)
        practitioner = None if everybody else slot.practitioner_id
        with transaction.atomic(), displacement.changing_hours(practitioner and [practitioner], by=self.world.ann):
            Closure.objects.create(
                practitioner_id=practitioner,
                name="Closed",
                starts_at=slot.starts_at,
                ends_at=slot.starts_at + timedelta(minutes=minutes),
            )

    @precondition(lambda self: Closure.objects.exists())
    @rule(which=which)
    def it_opens_again(self, which):
        closures = list(Closure.objects.order_by("pk"))
        with transaction.atomic(), displacement.changing_hours(by=self.world.ann):
            closures[which % len(closures)].delete()

    @rule(which=which, hours=hours)
    def somebodys_hours_change(self, which, hours):
        doctor = self.world.doctors[which % 2]
        with transaction.atomic(), displacement.changing_hours([doctor.pk], by=self.world.manager):
            doctor.working_hours.update(opens=hours[0], closes=hours[1])

    @precondition(lambda self: Appointment.objects.displaced(timezone.now()).exists())
    @rule(to=which)
    def the_displaced_are_handed_over(self, to):
        displaced = list(Appointment.objects.displaced(timezone.now()))
        displacement.hand_over(displaced=displaced, to=self.world.doctors[to % 2], by=self.world.ann)

    @precondition(lambda self: Appointment.objects.displaced(timezone.now()).exists())
    @rule()
    def the_displaced_are_told_and_reached(self):
        displaced = list(Appointment.objects.displaced(timezone.now()))
        displacement.tell_displaced(displaced=displaced, by=self.world.ann)
        displacement.reached(displaced=displaced, by=self.world.ann)

    def ask(self, sql: str, **values: Any) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(sql, {"zone": str(self.world.zone), "now": timezone.now()} | values)
            return cursor.fetchall()

    @invariant()
    def no_time_is_given_twice(self):
        assert overlaps() == 0

    @invariant()
    def an_inquiry_has_one_live_appointment_at_most(self):
        assert not self.ask(
            """
            SELECT inquiry_id FROM appointments_appointment WHERE status IN ('pending', 'booked', 'arrived')
            GROUP BY inquiry_id HAVING count(*) > 1
            """
        )

    @invariant()
    def whoever_lies_outside_the_hours_is_displaced_or_overbooked_and_nobody_else(self):
        rows = self.ask(
            f"""
            SELECT seen.id, seen.status, seen.overbooked, seen.displaced_at IS NOT NULL,
                EXISTS (SELECT FROM {MINUTES} WHERE {MISFIT})
            FROM appointments_appointment seen WHERE ends_at > %(now)s
            AND (status IN ('pending', 'booked', 'arrived') OR (status = 'proposed' AND held_until > %(now)s))
            """  # noqa: S608
        )
        unknown = [row for row in rows if row[4] and not (row[3] or row[2])]
        needless = [row for row in rows if row[3] and not row[4]]
        assert (unknown, needless) == ([], [])

    @invariant()
    def each_state_has_one_event_and_the_last_is_the_row(self):
        assert not self.ask(
            """
            WITH event AS (
                SELECT pgh_obj_id, pgh_id, to_jsonb(e) - %(about)s::text[] AS state FROM appointments_appointmentevent e
            ), history AS (
                SELECT *, lag(state) OVER one AS before, lead(pgh_id) OVER one IS NULL AS is_last
                FROM event WINDOW one AS (PARTITION BY pgh_obj_id ORDER BY pgh_id)
            )
            SELECT a.id FROM appointments_appointment a LEFT JOIN history ON pgh_obj_id = a.id
            WHERE state IS NULL OR state = before OR (is_last AND state != to_jsonb(a) - 'uid_host')
            """,
            about=["pgh_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id"],
        )

    @invariant()
    def each_change_of_an_appointment_counts_its_version_up(self):
        assert not self.ask(
            """
            WITH history AS (
                SELECT pgh_obj_id, version, lag(version) OVER (PARTITION BY pgh_obj_id ORDER BY pgh_id) AS before
                FROM appointments_appointmentevent
            )
            SELECT pgh_obj_id FROM history WHERE version != before + 1
            """
        )

    @invariant()
    def what_is_shown_is_free(self):
        free = self.free()
        assert not self.ask(
            f"""
            WITH seen AS (
                SELECT * FROM unnest(
                    %(practitioners)s::bigint[], %(starts)s::timestamptz[], %(ends)s::timestamptz[],
                    %(blocked)s::timestamptz[]
                ) AS slot(practitioner_id, starts_at, ends_at, blocked_until)
            )
            SELECT * FROM seen WHERE starts_at < %(now)s
            OR EXISTS (SELECT FROM {MINUTES} WHERE {MISFIT})
            OR EXISTS (
                SELECT FROM appointments_appointment a WHERE a.practitioner_id = seen.practitioner_id
                AND a.starts_at < seen.blocked_until AND seen.starts_at < a.blocked_until
                AND a.status NOT IN ('cancelled', 'noshow')
                AND NOT (a.status = 'proposed' AND a.held_until <= %(now)s)
            )
            """,  # noqa: S608
            practitioners=[slot.practitioner_id for slot in free],
            starts=[slot.starts_at for slot in free],
            ends=[slot.ends_at for slot in free],
            blocked=[slot.blocked_until for slot in free],
        )


@pytest.mark.own_moment
@pytest.mark.django_db
def test_whatever_happens_in_whatever_order_the_data_keep_their_rules():
    # Hypothesis thinks in the test's transaction, at first about all the code that there is.
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    with time_machine.travel(MONDAY_MORNING, tick=False):
        machine = type("Desk", (Desk,), {"world": world()})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=20 if EXAMPLES <= 20 else 50,
            deadline=None,
            derandomize=False,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
