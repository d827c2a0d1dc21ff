"""Never one time twice, and nothing but a refusal in our words: real threads against real Postgres."""

import os
import threading
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments, displacement, proposals, statuses, waiting_list
from appointments.bookings.imports import files, plans
from appointments.bookings.imports.carry_out import carry_out
from appointments.errors import PlanChanged, SlotTaken
from appointments.inquiries.lifecycle import stop_reminders as stop_reminders_of
from appointments.models import Appointment, AppointmentStatus, Closure, Inquiry
from appointments.scheduling import holidays
from appointments.slots import Slot
from clinic.models import Clinic
from tests import make, workers
from tests.racing import at_once, overlaps

NOON = "2026-11-23T17:00:00Z"
TUESDAY = date(2026, 11, 24)
VISITOR = Actor.visitor()
BOOKED, CANCELLED = AppointmentStatus.BOOKED, AppointmentStatus.CANCELLED

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def monday_noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture(autouse=True)
def nothing_overlaps(db):
    """Whatever somebody raced for, nobody's time was given twice."""
    yield
    assert overlaps() == 0


@pytest.fixture
def ann():
    return Actor.staff(make.front_desk())


@pytest.fixture
def ben():
    return Actor.staff(make.front_desk())


@pytest.fixture
def doctor():
    return make.practitioner()


# Once more, since who is first is the threads' luck.
# Once with every test; ROUNDS=20 (make faults) often.
in_rounds = pytest.mark.parametrize("round_", range(int(os.environ.get("ROUNDS", "1"))))


def booked(practitioner, place: int = 0, inquiry: Inquiry | None = None) -> Appointment:
    slot = make.slots(practitioner, TUESDAY)[place]
    return appointments.book(inquiry=inquiry or make.inquiry(), slot=slot, by=VISITOR)


def offered(practitioner, ann: Actor, inquiry: Inquiry | None = None, how_many: int = 1) -> list[Appointment]:
    slots = make.slots(practitioner, TUESDAY)[:how_many]
    until = timezone.now() + timedelta(hours=2)
    return proposals.propose(inquiry=inquiry or make.inquiry(), slots=slots, until=until, by=ann)


def close(practitioner, by: Actor) -> list[Appointment]:
    """Close Tuesday, as the page for closures does."""
    with transaction.atomic(), displacement.changing_hours([practitioner.pk], by=by) as affected:
        Closure.objects.create(
            practitioner=practitioner, name="Ill", starts_at="2026-11-24T05:00Z", ends_at="2026-11-25T05:00Z"
        )
    return affected


def waiting_for_a_lock() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return cursor.fetchone()[0]


class TestOneTimeForMany:
    @in_rounds
    def test_many_want_the_last_time_and_one_gets_it(self, round_, doctor):
        slot = make.slots(doctor, TUESDAY)[0]
        acts = [partial(appointments.book, inquiry=make.inquiry(), slot=slot, by=VISITOR) for _ in range(8)]

        assert at_once(*acts) == {"ok": 1, "SlotTaken": 7}
        assert Appointment.objects.count() == 1

    @in_rounds
    def test_visits_of_different_lengths_do_not_overlap(self, round_):
        short, long = make.visit_type(minutes=30), make.visit_type(minutes=90)
        doctor = make.practitioner(visit=short)
        doctor.schedules.create(visit_type=long, is_online=True)
        first = make.slots(doctor, TUESDAY)[:3]
        slots = [Slot.starting_at(first[0].starts_at, long.rules, doctor.pk), *first]
        acts = [partial(appointments.book, inquiry=make.inquiry(), slot=slot, by=VISITOR) for slot in slots]

        assert at_once(*acts) in ({"ok": 1, "SlotTaken": 3}, {"ok": 3, "SlotTaken": 1})

    @in_rounds
    def test_two_of_staff_give_one_time_to_two_patients(self, round_, doctor, ann, ben):
        slot = make.slots(doctor, TUESDAY)[0]
        acts = [partial(appointments.give, inquiry=make.inquiry(), slot=slot, by=who) for who in (ann, ben)]

        assert at_once(*acts) == {"ok": 1, "SlotTaken": 1}

    @in_rounds
    def test_the_front_desk_gives_a_time_while_a_patient_books_it(self, round_, doctor, ann):
        slot = make.slots(doctor, TUESDAY)[0]

        ended = at_once(
            partial(appointments.give, inquiry=make.inquiry(), slot=slot, by=ann),
            partial(appointments.book, inquiry=make.inquiry(), slot=slot, by=VISITOR),
        )

        assert ended == {"ok": 1, "SlotTaken": 1}

    @in_rounds
    def test_one_inquiry_in_two_tabs_gets_one_time(self, round_, doctor):
        inquiry = make.inquiry()
        slots = make.slots(doctor, TUESDAY)[:4]

        ended = at_once(*(partial(appointments.book, inquiry=inquiry, slot=slot, by=VISITOR) for slot in slots))

        assert ended == {"ok": 1, "HasAppointment": 3}

    @in_rounds
    def test_a_cancelled_time_is_had_back_or_somebody_elses_never_both(self, round_, doctor, ann):
        cancelled = booked(doctor)
        statuses.cancel(appointment=cancelled, by=ann)

        ended = at_once(
            partial(statuses.change_status, appointment=cancelled, to=BOOKED, by=ann),
            partial(appointments.book, inquiry=make.inquiry(), slot=cancelled.slot, by=VISITOR),
        )

        assert ended == {"ok": 1, "SlotTaken": 1}


class TestOneAppointmentInManyHands:
    @in_rounds
    def test_two_of_staff_confirm_it_and_the_patient_is_told_once(self, round_, ann, ben):
        doctor = make.practitioner(visit=make.visit_type(booked_at_once=False))
        pending = booked(doctor)

        ended = at_once(
            *(partial(statuses.change_status, appointment=pending, to=BOOKED, by=who) for who in (ann, ben))
        )

        assert ended == {"ok": 1, "NotPossible": 1}
        assert pending.inquiry.call_tasks.filter(kind="booked").count() == 1

    @in_rounds
    def test_cancelling_while_somebody_books_leaves_one_or_none(self, round_, doctor, ann):
        appointment = booked(doctor)

        ended = at_once(
            partial(statuses.cancel, appointment=appointment, by=ann),
            partial(appointments.book, inquiry=make.inquiry(), slot=appointment.slot, by=VISITOR),
        )

        assert ended in ({"ok": 2}, {"ok": 1, "SlotTaken": 1})

    @in_rounds
    def test_whoever_cancels_and_books_anew_in_two_tabs_has_one_time_at_most(self, round_, doctor):
        appointment = booked(doctor)
        other = make.slots(doctor, TUESDAY)[3]

        ended = at_once(
            partial(statuses.cancel, appointment=appointment, by=VISITOR),
            partial(appointments.book, inquiry=appointment.inquiry, slot=other, by=VISITOR),
        )

        assert ended in ({"ok": 2}, {"ok": 1, "HasAppointment": 1})
        assert Appointment.objects.live().count() == ended["ok"] - 1

    @in_rounds
    def test_cancelled_twice_at_once_is_cancelled_once(self, round_, doctor):
        appointment = booked(doctor)

        assert at_once(*[partial(statuses.cancel, appointment=appointment, by=VISITOR)] * 2) == {"ok": 2}
        assert appointment.inquiry.call_tasks.filter(kind="cancelled").count() == 1
        assert appointment.events.count() == 2

    @in_rounds
    def test_two_taps_on_one_other_time_are_one_move(self, round_, doctor):
        appointment = booked(doctor)
        slot = make.slots(doctor, TUESDAY)[0]

        assert at_once(*[partial(appointments.reschedule, appointment=appointment, slot=slot, by=VISITOR)] * 2) == {
            "ok": 2
        }
        appointment.refresh_from_db()
        assert (appointment.slot, appointment.reschedules, appointment.events.count()) == (slot, 1, 2)

    @in_rounds
    def test_moving_onto_ones_own_time_while_another_wants_the_rest_of_it(self, round_):
        doctor = make.practitioner(visit=make.visit_type(minutes=60))
        appointment = booked(doctor)
        doctor.working_hours.filter(weekday=TUESDAY.weekday()).update(opens="09:30")
        half_later = Slot.starting_at(
            appointment.starts_at + timedelta(minutes=30), appointment.visit_type.rules, doctor.pk
        )
        after = Slot.starting_at(appointment.starts_at + timedelta(minutes=90), appointment.visit_type.rules, doctor.pk)

        ended = at_once(
            partial(appointments.reschedule, appointment=appointment, slot=half_later, by=VISITOR),
            partial(appointments.book, inquiry=make.inquiry(), slot=half_later, by=VISITOR),
            partial(appointments.book, inquiry=make.inquiry(), slot=after, by=VISITOR),
        )

        assert ended == {"ok": 2, "SlotTaken": 1}
        appointment.refresh_from_db()
        assert appointment.slot == half_later

    @in_rounds
    def test_two_who_swap_their_times_do_not_wait_for_ever_and_keep_a_time_each(self, round_):
        visit = make.visit_type()
        first, second = make.practitioner(visit=visit), make.practitioner(visit=visit)
        one, other = booked(first), booked(second)

        ended = at_once(
            partial(appointments.reschedule, appointment=one, slot=other.slot, by=VISITOR),
            partial(appointments.reschedule, appointment=other, slot=one.slot, by=VISITOR),
        )

        assert ended == {"SlotTaken": 2}
        assert Appointment.objects.live().count() == 2

    @in_rounds
    def test_cancelling_while_the_patient_wants_no_more_reminders(self, round_, doctor, ann):
        inquiry = make.inquiry(contact_by="email", email="rosa@example.com")
        appointment = booked(doctor, inquiry=inquiry)
        now = timezone.now()
        reminder = {"kind": "reminder", "to": inquiry.email, "due_at": now, "next_try_at": now}
        inquiry.emails.create(**reminder, appointment=appointment, dedupe_key="reminder")

        ended = at_once(
            partial(statuses.cancel, appointment=appointment, by=ann),
            partial(stop_reminders_of, inquiry=inquiry),
        )

        assert ended == {"ok": 2}
        assert not inquiry.call_tasks.filter(kind="reminder", done_at=None).exists()


class TestOffers:
    @in_rounds
    def test_two_taps_give_one_appointment_and_no_error(self, round_, doctor, ann):
        first, *_ = offered(doctor, ann, how_many=3)

        assert at_once(*[partial(proposals.accept, proposal=first, by=VISITOR)] * 2) == {"ok": 2}
        assert Appointment.objects.live().get() == first
        assert first.inquiry.call_tasks.filter(kind="booked").count() == 1

    @in_rounds
    def test_two_taps_on_an_earlier_time_move_once_and_show_no_error(self, round_, doctor, ann):
        later = booked(doctor, 8)
        (earlier,) = offered(doctor, ann, later.inquiry)

        assert at_once(*[partial(proposals.accept, proposal=earlier, by=VISITOR)] * 2) == {"ok": 2}
        later.refresh_from_db()
        assert (later.slot, later.sequence) == (earlier.slot, 1)

    @in_rounds
    def test_two_tabs_take_two_of_the_offered_times_and_get_one(self, round_, ann):
        visit = make.visit_type()
        slots = [make.slots(make.practitioner(visit=visit), TUESDAY)[0] for _ in range(2)]
        both = proposals.propose(inquiry=make.inquiry(), slots=slots, until=slots[0].starts_at, by=ann)

        ended = at_once(*(partial(proposals.accept, proposal=each, by=VISITOR) for each in both))

        assert ended == {"ok": 1, "SlotTaken": 1}
        assert sorted(Appointment.objects.values_list("status", flat=True)) == [BOOKED, CANCELLED]

    @in_rounds
    def test_taken_and_declined_at_once_is_one_or_the_other(self, round_, doctor, ann):
        first, *_ = offered(doctor, ann, how_many=3)

        ended = at_once(
            partial(proposals.accept, proposal=first, by=VISITOR),
            partial(proposals.decline, inquiry=first.inquiry, by=VISITOR),
        )

        assert ended in ({"ok": 2}, {"ok": 1, "SlotTaken": 1})
        assert Appointment.objects.live().count() == ended["ok"] - 1
        assert not Appointment.objects.filter(status=AppointmentStatus.PROPOSED).exists()

    @in_rounds
    def test_an_earlier_time_is_taken_while_the_later_one_is_cancelled(self, round_, doctor, ann):
        later = booked(doctor, 8)
        (earlier,) = offered(doctor, ann, later.inquiry)

        ended = at_once(
            partial(proposals.accept, proposal=earlier, by=VISITOR),
            partial(statuses.cancel, appointment=later, by=VISITOR),
        )

        assert ended in ({"ok": 2}, {"ok": 1, "NotPossible": 1})
        assert Appointment.objects.live().count() <= 1

    @in_rounds
    def test_two_patients_are_offered_one_time_and_one_gets_the_offer(self, round_, doctor, ann, ben):
        slots, until = make.slots(doctor, TUESDAY)[:1], timezone.now() + timedelta(hours=2)
        acts = [
            partial(proposals.propose, inquiry=make.inquiry(), slots=slots, until=until, by=who) for who in (ann, ben)
        ]

        assert at_once(*acts) == {"ok": 1, "SlotTaken": 1}

    @in_rounds
    def test_an_offer_that_has_expired_goes_to_the_new_booker(self, round_, doctor, ann):
        (late,) = offered(doctor, ann)

        with time_machine.travel(late.held_until, tick=False):
            ended = at_once(
                partial(proposals.accept, proposal=late, by=VISITOR),
                partial(appointments.book, inquiry=make.inquiry(), slot=late.slot, by=VISITOR),
                partial(proposals.expire, inquiry=late.inquiry),
            )

        assert ended == {"ok": 2, "SlotTaken": 1}
        assert Appointment.objects.live().get().inquiry_id != late.inquiry_id

    @in_rounds
    def test_an_expired_offer_is_cleared_away_while_its_patient_books_the_time(self, round_, doctor, ann):
        (late,) = offered(doctor, ann)

        with time_machine.travel(late.held_until, tick=False):
            ended = at_once(
                partial(appointments.book, inquiry=late.inquiry, slot=late.slot, by=VISITOR),
                partial(proposals.expire, inquiry=late.inquiry),
                partial(waiting_list.ask_for_time, inquiry=late.inquiry, by=VISITOR),
            )

        # Who asks after the booking has a time already.
        assert ended in ({"ok": 3}, {"ok": 2, "HasAppointment": 1})
        assert late.inquiry.appointments.live().get().slot == late.slot


class TestClosing:
    @in_rounds
    def test_whoever_books_a_day_that_is_being_closed_is_refused_or_displaced(self, round_, doctor, ann):
        slot = make.slots(doctor, TUESDAY)[0]

        ended = at_once(
            partial(close, doctor, ann),
            partial(appointments.book, inquiry=make.inquiry(), slot=slot, by=VISITOR),
        )

        assert ended in ({"ok": 2}, {"ok": 1, "SlotTaken": 1})
        assert Appointment.objects.displaced(timezone.now()).count() == ended["ok"] - 1

    def test_whoever_closes_a_day_waits_for_who_is_booking_it(self, doctor, ann):
        affected: list[Appointment] = []
        closing = threading.Thread(target=lambda: (affected.extend(close(doctor, ann)), connection.close()))

        with transaction.atomic():
            appointment = booked(doctor)
            closing.start()
            assert workers.eventually(lambda: waiting_for_a_lock() or not closing.is_alive())
        closing.join()

        assert affected == [appointment]

    @in_rounds
    def test_whoever_takes_an_offer_on_a_day_that_is_being_closed_is_refused_or_displaced(self, round_, doctor, ann):
        first, *_ = offered(doctor, ann, how_many=3)

        ended = at_once(partial(close, doctor, ann), partial(proposals.accept, proposal=first, by=VISITOR))

        assert ended in ({"ok": 2}, {"ok": 1, "SlotTaken": 1})
        assert Appointment.objects.displaced(timezone.now()).count() == ended["ok"] - 1
        assert not Appointment.objects.filter(status=AppointmentStatus.PROPOSED).exists()

    @in_rounds
    def test_two_of_staff_hand_the_displaced_over_to_one_doctor_and_each_patient_moves_once(
        self, round_, doctor, ann, ben
    ):
        for place in (0, 0, 0):
            booked(doctor, place)
        other = make.practitioner(visit=doctor.schedules.get().visit_type)
        displaced = close(doctor, ann)

        ended = at_once(*(partial(displacement.hand_over, displaced=displaced, to=other, by=who) for who in (ann, ben)))

        assert ended == {"ok": 2}
        moved = Appointment.objects.filter(practitioner=other, displaced_at=None)
        assert [appointment.events.count() for appointment in moved] == [3, 3, 3]
        assert [each.inquiry.call_tasks.filter(kind="somebody_else").count() for each in moved] == [1, 1, 1]

    @in_rounds
    def test_patients_of_two_doctors_are_ticked_off_in_any_order(self, round_, ann, ben):
        visit = make.visit_type()
        doctors = [make.practitioner(visit=visit) for _ in range(2)]
        for doctor in doctors:
            booked(doctor)
        displaced = [affected for doctor in doctors for affected in close(doctor, ann)]
        assert len(set(displaced)) == 2

        ended = at_once(
            partial(displacement.reached, displaced=displaced, by=ann),
            partial(displacement.reached, displaced=displaced[::-1], by=ben),
        )

        assert ended == {"ok": 2}
        assert not Appointment.objects.displaced(timezone.now()).exists()
        assert [each.events.count() for each in displaced] == [3, 3]


class TestAnotherTimeZone:
    """A request reads the clinic once. A request that waits meanwhile for a lock decides by what is so afterwards."""

    @pytest.fixture(autouse=True)
    def clinic(self):
        return make.clinic()

    def meanwhile(self, act) -> Any:
        """Do `act` in a request that has read the clinic, while a colleague changes its zone: what came of it."""
        came: list[Any] = []

        def request() -> None:
            try:
                with Clinic.read_once():
                    Clinic.current()
                    came.append(act())
            except SlotTaken as refusal:
                came.append(type(refusal))
            finally:
                connection.close()

        waiting = threading.Thread(target=request)
        with transaction.atomic(), displacement.changing_hours(by=Actor.system()):
            waiting.start()
            assert workers.eventually(lambda: waiting_for_a_lock() or not waiting.is_alive())
            Clinic.objects.filter(pk=1).update(time_zone="America/Los_Angeles")
        waiting.join()
        return came[0]

    def test_a_time_outside_the_hours_of_the_new_clocks_is_not_given(self, doctor):
        nine_in_new_york = make.slots(doctor, TUESDAY)[0]
        book = partial(appointments.book, inquiry=make.inquiry(), slot=nine_in_new_york, by=VISITOR)

        assert self.meanwhile(book) is SlotTaken

    def test_public_holidays_are_days_by_the_new_clocks(self, doctor, ann):
        day = holidays.whole_day("Founder's Day", TUESDAY, Clinic.current().zone)

        assert self.meanwhile(partial(displacement.close_on, [day], by=ann)) == (1, [])

        [closure] = Closure.objects.all()
        assert closure.starts_at.isoformat() == "2026-11-24T08:00:00+00:00"

    def test_a_file_is_not_brought_in_as_the_old_clocks_read_it(self, doctor, ann):
        text = "name,phone,date,time,minutes\nRosa,2125550123,2026-11-24,12:00,30"
        visit = doctor.schedules.get().visit_type
        who = {"practitioner": doctor, "visit_type": visit}
        digest = plans.plan(files.read(text.encode(), Clinic.current().zone), now=timezone.now(), **who).digest

        def bring_in() -> str:
            try:
                carry_out(content=text.encode(), digest=digest, by=ann, **who)
            except PlanChanged as changed:
                [line] = changed.plan.lines
                return line.slot.starts_at.isoformat()
            return "as it was seen"

        assert self.meanwhile(bring_in) == "2026-11-24T20:00:00+00:00"
