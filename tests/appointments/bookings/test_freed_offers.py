"""Freed times are offered to the longest waiting, and then to the next."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments, freed_offers, proposals, statuses, waiting_list
from appointments.errors import ChangedMeanwhile, SlotTaken
from appointments.inquiries import answers
from appointments.models import Appointment, CallTask, Email, VisitType
from appointments.notifications import outbox
from clinic.models import Clinic
from tests import make

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)
VISITOR = Actor.visitor()


@pytest.fixture(autouse=True)
def clock():
    make.clinic(offers_freed_times=True)
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False) as clock:  # Monday noon in New York.
        yield clock


@pytest.fixture
def doctor():
    return make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit"))


@pytest.fixture
def freed(doctor):
    """A time of Tuesday, 9 a.m., that was somebody's until a moment ago, once somebody waits."""
    taken = appointments.book(inquiry=make.inquiry(), slot=make.slots(doctor, TUESDAY)[0], by=VISITOR)

    def free():
        statuses.cancel(appointment=taken, by=VISITOR)
        return taken.slot

    return free


def waits(doctor, **fields):
    """Somebody without a time, with an email address unless told otherwise."""
    fields = {"contact_by": "email", "email": f"p{timezone.now():%H%M%S}@example.com"} | fields
    inquiry = make.inquiry(**fields)
    visit = doctor.schedules.get().visit_type
    waiting_list.wait(inquiry=inquiry, visit_type=visit, practitioner=None, half_days=[], by=VISITOR)
    return inquiry


def offered() -> list[tuple[str, str]]:
    """Who is offered a time now, and which."""
    rows = Appointment.objects.proposed(timezone.now()).select_related("inquiry")
    return [(row.inquiry.name, row.starts_at.astimezone(Clinic.current().zone).strftime("%a %H:%M")) for row in rows]


def a_minute_passes(clock, minutes: int = 1) -> None:
    clock.shift(timedelta(minutes=minutes))
    proposals.expire_due()
    freed_offers.offer_what_became_free()


def three(doctor, clock):
    for name in ("Rosa", "Sam", "Tom"):
        waits(doctor, name=name)
        clock.shift(60)


class TestByItself:
    def test_it_is_offered_to_the_longest_waiting_and_to_the_next_once_they_decline_or_do_not_answer(
        self, doctor, freed, clock
    ):
        three(doctor, clock)
        freed()

        a_minute_passes(clock)
        assert offered() == [("Rosa", "Tue 09:00")]
        a_minute_passes(clock)
        assert offered() == [("Rosa", "Tue 09:00")]
        proposals.decline(inquiry=Appointment.objects.proposed(timezone.now()).get().inquiry, by=VISITOR)
        a_minute_passes(clock)
        assert offered() == [("Sam", "Tue 09:00")]
        a_minute_passes(clock, 121)
        assert offered() == [("Tom", "Tue 09:00")]
        a_minute_passes(clock, 121)

        assert offered() == []

    def test_it_is_held_for_two_hours_and_they_are_mailed_at_once(self, doctor, freed, clock):
        rosa = waits(doctor, name="Rosa")
        freed()

        a_minute_passes(clock)

        held = rosa.appointments.get()
        assert held.held_until - timezone.now() == timedelta(hours=2)
        mail = Email.objects.get(kind="offered")
        assert (mail.inquiry, mail.due_at) == (rosa, timezone.now())

    def test_who_takes_it_has_it_and_waits_no_longer(self, doctor, freed, clock):
        rosa = waits(doctor, name="Rosa")
        slot = freed()
        a_minute_passes(clock)

        given = proposals.accept(proposal=rosa.appointments.get(), by=VISITOR)

        rosa.refresh_from_db()
        assert (given.slot, rosa.waiting_list_since) == (slot, None)

    def test_it_answers_nobody_before_its_mail_is_out(self, doctor, freed, clock):
        rosa = waits(doctor, name="Rosa")
        freed()
        a_minute_passes(clock)

        rosa.refresh_from_db()
        assert (rosa.status, rosa.answered_at) == ("waiting_for_patient", None)
        outbox.send_due()
        answers.keep_what_was_heard()

        rosa.refresh_from_db()
        assert rosa.answered_at is not None

    def test_nothing_is_offered_while_the_manager_has_not_switched_it_on(self, doctor, freed, clock):
        Clinic.objects.update(offers_freed_times=False)
        waits(doctor)
        freed()

        a_minute_passes(clock)

        assert offered() == []

    @pytest.mark.parametrize(
        ("at", "is_offered"),
        [
            ("2026-11-24T21:59:00Z", True),  # A minute before 5 p.m.
            ("2026-11-24T22:00:00Z", False),
            ("2026-11-25T04:00:00Z", False),  # 11 p.m.
            ("2026-11-25T13:59:00Z", False),
            ("2026-11-25T14:00:00Z", True),
            ("2026-11-28T17:00:00Z", False),  # A Saturday.
        ],
    )
    def test_never_at_night_nor_on_a_day_on_which_the_clinic_is_closed(self, doctor, freed, clock, at, is_offered):
        waits(doctor)
        doctor.working_hours.create(weekday=0, opens="07:00", closes="07:30")  # A week later.
        clock.move_to(datetime.fromisoformat(at))

        freed_offers.offer_what_became_free()

        assert bool(offered()) is is_offered

    def test_nor_during_a_closure_however_long(self, doctor, freed, clock):
        waits(doctor)
        freed()
        closure = {"name": "Storm", "starts_at": "2026-11-23T00:00Z", "ends_at": "2027-02-01T00:00Z"}
        doctor.closures.model.objects.create(**closure)
        doctor.closures.model.objects.update(ends_at="2026-11-23T18:00Z")
        a_minute_passes(clock)
        assert offered() == []

        a_minute_passes(clock, 60)

        assert [when for _who, when in offered()] == ["Tue 09:00"]

    def test_never_below_the_hours_ahead_that_patients_have_to_keep(self, doctor, freed, clock):
        VisitType.objects.update(lead_hours=20)
        rosa = waits(doctor)
        clock.shift(1)
        sam = waits(doctor)
        freed()  # In 21 hours.

        a_minute_passes(clock)
        assert rosa.appointments.get().held_until == datetime.fromisoformat("2026-11-23T18:00:00+00:00")
        proposals.decline(inquiry=rosa, by=VISITOR)
        clock.move_to(datetime.fromisoformat("2026-11-23T17:31:00+00:00"))
        freed_offers.offer_what_became_free()

        assert not sam.appointments.exists()

    def test_past_who_takes_no_mail_it_is_given_to_nobody(self, doctor, freed, clock):
        waits(doctor, name="Phone Paula", contact_by="phone", email="")
        clock.shift(60)
        waits(doctor, name="Rosa")
        freed()

        a_minute_passes(clock)

        assert offered() == []
        assert not CallTask.objects.filter(kind="offered").exists()

    def test_somebody_is_asked_once_a_day_at_most_and_about_one_time(self, doctor, freed, clock):
        three(doctor, clock)
        doctor.working_hours.create(weekday=1, opens="17:30", closes="18:30")
        freed()

        a_minute_passes(clock)
        assert offered() == [("Rosa", "Tue 09:00"), ("Sam", "Tue 17:30"), ("Tom", "Tue 18:00")]
        clock.move_to(datetime.fromisoformat("2026-11-23T20:00:00+00:00"))
        proposals.expire_due()
        freed_offers.offer_what_became_free()

        assert offered() == []

    def test_run_twice_it_offers_once(self, doctor, freed, clock):
        three(doctor, clock)
        freed()
        freed_offers.offer_what_became_free()
        freed_offers.offer_what_became_free()

        assert offered() == [("Rosa", "Tue 09:00")]
        assert Email.objects.filter(kind="offered").count() == 1


class TestOffer:
    def entries(self) -> list[waiting_list.WaitingListEntry]:
        return waiting_list.freed_slots(timezone.now())[0].entries

    def offer(self, entry) -> None:
        until = freed_offers.held_until(entry, timezone.now())
        freed_offers.offer(entry=entry, until=until, by=Actor.system(has_seen=()))

    def test_no_time_is_offered_to_two(self, doctor, freed, clock):
        three(doctor, clock)
        freed()
        rosa, sam, _tom = self.entries()
        self.offer(rosa)

        with pytest.raises(SlotTaken):
            self.offer(sam)
        assert offered() == [("Rosa", "Tue 09:00")]

    @pytest.mark.parametrize("what", ["leaves", "is given another time"])
    def test_nothing_is_offered_to_who_waits_no_longer(self, doctor, freed, clock, what):
        waits(doctor, name="Rosa")
        freed()
        (rosa,) = self.entries()
        if what == "leaves":
            waiting_list.join_or_leave(inquiry=rosa.inquiry, on=False, by=VISITOR)
        else:
            given = appointments.book(inquiry=rosa.inquiry, slot=make.slots(doctor, TUESDAY)[4], by=VISITOR)
            waiting_list.join_or_leave(inquiry=given.inquiry, on=True, by=VISITOR)

        with pytest.raises(ChangedMeanwhile):
            self.offer(rosa)

    def test_with_the_patient_on_the_phone_it_is_held_until_the_visit_at_most(self, doctor, freed):
        VisitType.objects.update(lead_hours=24)
        waits(doctor)
        freed()
        (rosa,) = self.entries()
        at_seven = datetime.fromisoformat("2026-11-24T12:30:00+00:00")

        assert not freed_offers.is_in_time(rosa, at_seven)
        assert freed_offers.held_until(rosa, at_seven, is_speaking=True) == rosa.slot.starts_at
