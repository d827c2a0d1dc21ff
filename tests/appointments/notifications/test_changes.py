"""What staff cause is mailed two minutes later, and only what differs from what its people heard last."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from appointments import tasks
from appointments.actors import Actor
from appointments.bookings import appointments, displacement, statuses
from appointments.inquiries import conversation
from appointments.models import Appointment, CallTask, Closure, Email, Inquiry, InquiryStatus
from tests import make

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 25)


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
    return make.practitioner()


@pytest.fixture
def rosa(clock) -> Inquiry:
    sent = make.inquiry(contact_by="email", email="rosa@example.com", message="")
    clock.shift(timedelta(minutes=5))
    tasks.send_mails()
    return sent


@pytest.fixture
def visit(rosa, doctor, ann, clock, mailoutbox) -> Appointment:
    """Rosa was told of it."""
    given = appointments.give(inquiry=rosa, slot=make.slots(doctor, DAY)[0], by=ann)
    minutes_later(clock, 2)
    mailoutbox.clear()
    return given


def minutes_later(clock, minutes: int) -> None:
    clock.shift(timedelta(minutes=minutes))
    tasks.send_mails()


def mailed(mailoutbox) -> list[str]:
    return [mail.subject.rpartition(",")[0] for mail in mailoutbox if mail.to == ["rosa@example.com"]]


def as_it_is(appointment: Appointment) -> Appointment:
    return Appointment.objects.get(pk=appointment.pk)


def test_an_answer_is_mailed_two_minutes_later(rosa, ann, clock, mailoutbox):
    mailoutbox.clear()
    conversation.reply(inquiry=rosa, words="Yes.", version=rosa.version, by=ann)

    minutes_later(clock, 1)
    assert mailed(mailoutbox) == []
    minutes_later(clock, 1)

    assert mailed(mailoutbox) == ["We have answered"]


def test_what_a_patient_does_is_mailed_at_once(visit, clock, mailoutbox):
    statuses.cancel(appointment=visit, by=Actor.visitor())

    tasks.send_mails()

    assert mailed(mailoutbox) == ["Your appointment is canceled"]


def test_a_cancellation_that_is_taken_back_in_time_tells_nothing(visit, ann, clock, mailoutbox):
    statuses.cancel(appointment=visit, by=ann)
    minutes_later(clock, 1)
    statuses.undo(appointment=as_it_is(visit), by=ann)

    minutes_later(clock, 10)

    assert mailed(mailoutbox) == []


def test_a_cancellation_that_stays_is_mailed(visit, ann, clock, mailoutbox):
    statuses.cancel(appointment=visit, by=ann)

    minutes_later(clock, 2)

    assert mailed(mailoutbox) == ["Your appointment is canceled"]


def test_a_cancellation_that_is_taken_back_later_tells_both(visit, ann, clock, mailoutbox):
    statuses.cancel(appointment=visit, by=ann)
    minutes_later(clock, 3)
    statuses.undo(appointment=as_it_is(visit), by=ann)

    minutes_later(clock, 3)

    assert mailed(mailoutbox) == ["Your appointment is canceled", "Your appointment is booked"]


def test_a_visit_that_is_moved_and_moved_back_tells_nothing(visit, doctor, ann, clock, mailoutbox):
    free = make.slots(doctor, DAY)
    for slot in (free[0], free[1], visit.slot):
        appointments.reschedule(appointment=visit, slot=slot, by=ann)

    minutes_later(clock, 10)

    assert mailed(mailoutbox) == []


def test_a_visit_that_is_moved_twice_is_told_once(visit, doctor, ann, clock, mailoutbox):
    for slot in make.slots(doctor, DAY)[:2]:
        appointments.reschedule(appointment=visit, slot=slot, by=ann)

    minutes_later(clock, 10)

    assert mailed(mailoutbox) == ["Your appointment has moved"]


def test_who_keeps_their_time_with_somebody_else_hears_that_the_time_stays(visit, ann, clock, mailoutbox):
    other = make.practitioner("John Roe, MD", visit=visit.visit_type)
    appointments.reschedule(appointment=visit, slot=make.slots(other, DAY)[0], by=ann)

    minutes_later(clock, 2)

    assert mailed(mailoutbox) == ["Somebody else will see you"]
    (mail,) = mailoutbox
    assert "The time of your appointment stays. Somebody else will see you:" in mail.body
    at_nine = "Wednesday, November 25, 9 a.m., New York time"
    assert f"{at_nine}\nwith John Roe, MD\n\nIt was: {at_nine}, with {visit.practitioner.name}" in mail.body
    assert "moved" not in mail.body


def test_who_chooses_somebody_else_at_the_same_time_hears_it_too(visit, rosa, mailoutbox):
    other = make.practitioner("John Roe, MD", visit=visit.visit_type)
    slot = make.slots(other, DAY)[0]

    appointments.reschedule(appointment=visit, slot=slot, by=Actor.visitor())
    tasks.send_mails()

    assert mailed(mailoutbox) == ["Somebody else will see you"]


def test_what_moves_after_somebody_else_was_to_see_them_has_moved(visit, ann, clock, mailoutbox):
    other = make.practitioner("John Roe, MD", visit=visit.visit_type)
    for slot in make.slots(other, DAY)[:2]:
        appointments.reschedule(appointment=visit, slot=slot, by=ann)

    minutes_later(clock, 2)

    assert mailed(mailoutbox) == ["Your appointment has moved"]
    day = "Wednesday, November 25"
    now, before = f"{day}, 9:30 a.m., New York time", f"{day}, 9 a.m., New York time"
    assert f"{now}\nwith John Roe, MD\n\nIt was: {before}, with {visit.practitioner.name}" in mailoutbox[0].body


def test_a_time_that_was_moved_before_anybody_heard_of_it_is_told_as_a_new_one(rosa, doctor, ann, clock, mailoutbox):
    mailoutbox.clear()
    given = appointments.give(inquiry=rosa, slot=make.slots(doctor, DAY)[0], by=ann)
    appointments.reschedule(appointment=given, slot=make.slots(doctor, DAY)[3], by=ann)

    minutes_later(clock, 10)

    assert mailed(mailoutbox) == ["Your appointment is booked"]


def test_a_time_that_is_moved_and_canceled_is_canceled_as_its_patient_knows_it(visit, doctor, ann, clock, mailoutbox):
    appointments.reschedule(appointment=visit, slot=make.slots(doctor, DAY)[5], by=ann)
    statuses.cancel(appointment=visit, by=ann)

    minutes_later(clock, 10)

    assert mailed(mailoutbox) == ["Your appointment is canceled"]
    assert "9 a.m." in mailoutbox[0].body
    assert "noon" not in mailoutbox[0].body


def test_who_never_heard_of_a_time_hears_no_cancellation_and_still_waits(rosa, doctor, ann, clock, mailoutbox):
    mailoutbox.clear()
    given = appointments.give(inquiry=rosa, slot=make.slots(doctor, DAY)[0], by=ann)
    statuses.cancel(appointment=given, by=ann)

    minutes_later(clock, 10)

    after = Inquiry.objects.get(pk=rosa.pk)
    assert mailed(mailoutbox) == []
    assert (after.status, after.answered_at) == (InquiryStatus.OPEN, None)


class TestAVisitThatIsSoon:
    """In less than three hours, nobody may read a mail: somebody calls, at once."""

    @pytest.fixture
    def visit(self, rosa, doctor) -> Appointment:
        begins, visit_type = timezone.now() + timedelta(hours=2), doctor.schedules.get().visit_type
        return make.appointment(rosa, begins.isoformat(), practitioner=doctor, visit_type=visit_type)

    def calls(self) -> list[str]:
        return [call.kind for call in CallTask.objects.open().filter(due_at__lte=timezone.now())]

    def mails(self) -> list[str]:
        return [mail.kind for mail in Email.objects.filter(state="waiting", inquiry__isnull=False)]

    def test_canceled(self, visit, ann):
        statuses.cancel(appointment=visit, by=ann)

        assert (self.calls(), self.mails()) == (["cancelled"], [])

    def test_moved_to_a_later_day(self, visit, doctor, ann):
        appointments.reschedule(appointment=visit, slot=make.slots(doctor, DAY)[0], by=ann)

        assert (self.calls(), self.mails()) == (["moved"], [])

    def test_given(self, rosa, doctor, ann):
        appointments.give(inquiry=rosa, slot=make.slots(doctor, timezone.localdate())[0], by=ann)

        assert (self.calls(), self.mails()) == (["booked"], [])

    def test_displaced(self, visit, doctor, ann):
        with displacement.changing_hours(by=ann):
            Closure.objects.create(
                name="Ill", practitioner=doctor, starts_at=timezone.now(), ends_at=timezone.now() + timedelta(hours=8)
            )

        assert (self.calls(), self.mails()) == (["displaced"], [])

    def test_canceled_by_its_patient_is_mailed(self, visit):
        statuses.cancel(appointment=visit, by=Actor.visitor())

        assert (self.calls(), self.mails()) == ([], ["cancelled"])
