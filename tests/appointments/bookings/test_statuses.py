"""What a cancellation asks of the desk; and one that was a mistake: the time is again what it was, held or booked."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments, proposals, statuses, submissions
from appointments.errors import ChangedMeanwhile, NotPossible, SlotTaken
from appointments.inquiries import promises
from appointments.models import Appointment, AppointmentStatus, CallTask, Inquiry, InquiryStatus
from tests import make

pytestmark = pytest.mark.django_db
WEDNESDAY = date(2026, 11, 25)
VISITOR = Actor.visitor()


@pytest.fixture(autouse=True)
def clock():
    make.clinic()
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def ann():
    return Actor.staff(make.front_desk())


@pytest.fixture
def doctor():
    return make.practitioner(visit=make.visit_type(booked_at_once=False))


@pytest.fixture
def held(doctor) -> Appointment:
    """It waits for the front desk to confirm it."""
    return appointments.book(inquiry=make.inquiry(), slot=make.slots(doctor, WEDNESDAY)[0], by=VISITOR)


@pytest.fixture
def held_to_check(doctor) -> Appointment:
    """It is held until a moment, while somebody checks the request."""
    inquiry = make.inquiry(screening="by_hand", screening_reason="asked")
    return submissions.hold_to_check(inquiry=inquiry, slot=make.slots(doctor, WEDNESDAY)[0], by=VISITOR)


def told() -> list[str]:
    return [task.kind for task in CallTask.objects.open()]


class TestUndoing:
    def test_a_held_time_is_held_again_and_to_be_confirmed(self, held, ann):
        statuses.cancel(appointment=held, by=ann)

        statuses.undo(appointment=Appointment.objects.get(), by=ann)

        again = Appointment.objects.get()
        assert (again.status, again.held_until, again.cancelled_late) == (AppointmentStatus.PENDING, None, False)
        assert Inquiry.objects.waiting_for_us().get().answered_at is None
        assert told() == ["held"]

    def test_a_time_that_was_confirmed_is_booked_again(self, held, ann):
        statuses.change_status(appointment=held, to=AppointmentStatus.BOOKED, by=ann)
        statuses.cancel(appointment=held, by=ann)

        statuses.undo(appointment=Appointment.objects.get(), by=ann)

        assert Appointment.objects.get().status == AppointmentStatus.BOOKED
        assert told() == ["booked"]

    def test_what_was_held_until_a_moment_is_so_again_and_nobody_is_told(self, held_to_check, ann, clock):
        statuses.cancel(appointment=held_to_check, by=ann)
        clock.shift(timedelta(hours=1))

        statuses.undo(appointment=Appointment.objects.get(), by=ann)

        again = Appointment.objects.get()
        assert (again.status, again.held_until) == (AppointmentStatus.PENDING, held_to_check.held_until)
        assert told() == []
        clock.move_to(again.held_until)
        proposals.expire_due()
        assert Appointment.objects.get().status == AppointmentStatus.CANCELLED

    def test_after_its_end_it_is_not_held_again(self, held_to_check, ann, clock):
        statuses.cancel(appointment=held_to_check, by=ann)
        clock.move_to(held_to_check.held_until)

        with pytest.raises(NotPossible):
            statuses.undo(appointment=Appointment.objects.get(), by=ann)

        assert Appointment.objects.get().status == AppointmentStatus.CANCELLED

    def test_a_hold_is_not_undone_over_times_that_were_offered_unseen(self, held_to_check, doctor, ann):
        statuses.cancel(appointment=held_to_check, by=ann)
        cancelled, until = Appointment.objects.get(), timezone.now() + timedelta(hours=1)
        slots = make.slots(doctor, WEDNESDAY)[4:5]
        [offer] = proposals.propose(inquiry=cancelled.inquiry, slots=slots, until=until, by=ann)

        with pytest.raises(ChangedMeanwhile):
            statuses.undo(appointment=cancelled, by=Actor.staff(ann.user, has_seen=()))

        statuses.undo(appointment=cancelled, by=Actor.staff(ann.user, has_seen=(offer.pk,)))
        assert list(Appointment.objects.live()) == [cancelled]

    def test_a_time_that_is_somebody_elses_now_is_not(self, held, doctor, ann):
        statuses.cancel(appointment=held, by=ann)
        appointments.book(inquiry=make.inquiry(), slot=held.slot, by=VISITOR)

        with pytest.raises(SlotTaken):
            statuses.undo(appointment=Appointment.objects.get(pk=held.pk), by=ann)

    def test_who_was_marked_as_arrived_by_mistake_is_expected_again(self, held, ann):
        for to in (AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED):
            statuses.change_status(appointment=held, to=to, by=ann)

        statuses.undo(appointment=Appointment.objects.get(), by=ann)

        assert Appointment.objects.get().status == AppointmentStatus.BOOKED

    def test_an_offer_that_was_taken_back_is_none_again(self, held_to_check, doctor, ann):
        inquiry, until = make.inquiry(), timezone.now() + timedelta(hours=1)
        slots = make.slots(doctor, WEDNESDAY)[4:5]
        [offer] = proposals.propose(inquiry=inquiry, slots=slots, until=until, by=ann)
        proposals.decline(inquiry=inquiry, by=VISITOR)

        with pytest.raises(NotPossible):
            statuses.undo(appointment=Appointment.objects.get(pk=offer.pk), by=ann)


class TestCancelledByThePatient:
    """The clinic has an answer to give: it stands among the others, by its promise."""

    @pytest.fixture
    def booked(self, doctor, ann) -> Appointment:
        """Given and told: the inquiry is answered and closed."""
        [slot] = make.slots(doctor, WEDNESDAY)[:1]
        inquiry = make.inquiry(sent=timedelta(days=3), email="rosa@example.com")
        given = appointments.give(inquiry=inquiry, slot=slot, by=ann)
        Inquiry.objects.filter(pk=inquiry.pk).update(answered_at=timezone.now(), status=InquiryStatus.CLOSED)
        return given

    def test_it_has_a_new_promise_and_stands_before_what_is_promised_for_later(self, booked, clock):
        later = make.inquiry()
        Inquiry.objects.filter(pk=later.pk).update(answer_by=timezone.now() + timedelta(days=9))

        statuses.cancel(appointment=booked, by=VISITOR)

        inquiry = booked.inquiry
        inquiry.refresh_from_db()
        assert (inquiry.status, inquiry.answered_at) == (InquiryStatus.OPEN, None)
        assert inquiry.answer_by == promises.next_answer_by(timezone.now())
        assert list(Inquiry.objects.waiting_for_us()) == [inquiry, later]

    def test_a_promise_that_runs_already_is_kept(self, booked, clock):
        Inquiry.objects.filter(pk=booked.inquiry_id).update(answered_at=None, status=InquiryStatus.OPEN)
        promised = Inquiry.objects.get(pk=booked.inquiry_id).answer_by

        statuses.cancel(appointment=booked, by=VISITOR)

        assert Inquiry.objects.get(pk=booked.inquiry_id).answer_by == promised

    def test_what_staff_cancel_asks_nothing_of_the_desk(self, booked, ann):
        statuses.cancel(appointment=booked, by=ann)

        assert list(Inquiry.objects.waiting_for_us()) == []
