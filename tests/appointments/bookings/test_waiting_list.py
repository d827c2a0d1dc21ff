"""The wish for an earlier time, and what ends it."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments, displacement, proposals, statuses, waiting_list
from appointments.errors import NotPossible
from appointments.inquiries import lifecycle
from appointments.models import Appointment, AppointmentStatus, WaitingListWish
from clinic.models import Clinic
from tests import make

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)
VISITOR = Actor.visitor()


@pytest.fixture(autouse=True)
def clock():
    make.clinic()
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def doctor():
    return make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit", booked_at_once=False))


@pytest.fixture
def ann():
    return Actor.staff(make.front_desk())


@pytest.fixture
def waiting(doctor):
    """Somebody at 11 a.m. who would come earlier."""
    appointment = appointments.book(inquiry=make.inquiry(), slot=make.slots(doctor, TUESDAY)[4], by=VISITOR)
    waiting_list.join_or_leave(inquiry=appointment.inquiry, on=True, by=VISITOR)
    return appointment


def still_waits(appointment) -> bool:
    appointment.inquiry.refresh_from_db()
    return appointment.inquiry.waiting_list_since is not None


@pytest.mark.parametrize(("place", "waits"), [(0, False), (3, False), (4, True), (8, True)])
@pytest.mark.parametrize("who", ["patient", "staff"])
def test_it_ends_when_they_move_to_an_earlier_time_and_only_then(doctor, ann, waiting, place, waits, who):
    slots = [*make.slots(doctor, TUESDAY)[:4], waiting.slot, *make.slots(doctor, TUESDAY)[4:]]

    appointments.reschedule(appointment=waiting, slot=slots[place], by=VISITOR if who == "patient" else ann)

    assert still_waits(waiting) is waits


def test_it_stays_when_the_time_is_confirmed(waiting, ann):
    statuses.change_status(appointment=waiting, to=AppointmentStatus.BOOKED, by=ann)

    assert still_waits(waiting)


def test_it_stays_when_a_colleague_takes_over_at_the_same_time(waiting, doctor, ann):
    other = make.practitioner(visit=waiting.visit_type)
    with displacement.changing_hours(by=ann):
        doctor.closures.create(name="Ill", starts_at="2026-11-24T05:00Z", ends_at="2026-11-25T05:00Z")

    waiting.refresh_from_db()
    assert displacement.hand_over(displaced=[waiting], to=other, by=ann) == (1, 0)

    assert still_waits(waiting)


@pytest.mark.parametrize(("place", "waits"), [(0, False), (8, True)])
def test_an_offer_that_is_taken_ends_it_where_it_is_earlier(doctor, ann, waiting, place, waits):
    until = datetime.fromisoformat("2026-11-23T22:00:00+00:00")
    slots = [make.slots(doctor, TUESDAY)[place]]
    (offered,) = proposals.propose(inquiry=waiting.inquiry, slots=slots, until=until, by=ann)

    proposals.accept(proposal=offered, by=VISITOR)

    assert still_waits(waiting) is waits


def test_it_ends_with_the_time_that_is_cancelled(waiting):
    statuses.cancel(appointment=waiting, by=VISITOR)

    assert not still_waits(waiting)


def test_while_nobody_waits_one_statement_is_enough(waiting, django_assert_num_queries):
    waiting_list.join_or_leave(inquiry=waiting.inquiry, on=False, by=VISITOR)

    with django_assert_num_queries(1):
        assert waiting_list.freed_slots(waiting.time_set_at) == []


def test_while_nothing_has_become_free_six_are(waiting, django_assert_num_queries):
    with django_assert_num_queries(6):
        assert waiting_list.freed_slots(waiting.time_set_at) == []


EVENING = {"weekday": 1, "opens": "17:30", "closes": "18:30"}  # Tuesdays.
UNTIL = datetime.fromisoformat("2026-11-23T19:00:00+00:00")


def waits(doctor, half_days=(), practitioner=None, **fields):
    """Somebody without a time, on the waiting list."""
    inquiry = make.inquiry(**fields)
    visit = doctor.schedules.get().visit_type
    waiting_list.wait(
        inquiry=inquiry, visit_type=visit, practitioner=practitioner, half_days=half_days, by=VISITOR
    )  # fmt: skip
    inquiry.refresh_from_db()
    return inquiry


def free_for(inquiry) -> list[str]:
    """The times on the list that this inquiry's people fit, as the clinic's clocks show them."""
    return [
        freed.starts_at.astimezone(Clinic.current().zone).strftime("%a %d %H:%M")
        for freed in waiting_list.freed_slots(timezone.now())
        if inquiry in [entry.inquiry for entry in freed.entries]
    ]


class TestWithoutATime:
    def test_what_was_free_when_they_began_to_wait_is_not_offered_and_what_becomes_free_is(self, doctor):
        taken = appointments.book(inquiry=make.inquiry(), slot=make.slots(doctor, TUESDAY)[0], by=VISITOR)
        rosa = waits(doctor)
        assert free_for(rosa) == []

        statuses.cancel(appointment=taken, by=VISITOR)

        assert free_for(rosa) == ["Tue 24 09:00"]

    def test_a_session_that_is_added_is_shown(self, doctor):
        rosa = waits(doctor)

        doctor.working_hours.create(**EVENING, valid_from=TUESDAY, valid_until=TUESDAY)

        assert free_for(rosa) == ["Tue 24 17:30", "Tue 24 18:00"]

    def test_so_it_is_to_somebody_with_a_time_who_would_come_earlier(self, waiting, doctor):
        Appointment.objects.filter(pk=waiting.pk).update(status=AppointmentStatus.BOOKED)
        assert free_for(waiting.inquiry) == []

        doctor.working_hours.create(weekday=1, opens="07:00", closes="08:00", valid_from=TUESDAY, valid_until=TUESDAY)

        assert free_for(waiting.inquiry) == ["Tue 24 07:00", "Tue 24 07:30"]

    def test_so_is_what_was_only_held_for_somebody_and_what_was_closed(self, doctor, ann, clock):
        offered = make.slots(doctor, TUESDAY)[0]
        proposals.propose(inquiry=make.inquiry(), slots=[offered], until=UNTIL, by=ann)
        closure = doctor.closures.create(
            name="Ill", starts_at="2026-11-25T14:00Z", ends_at="2026-11-25T15:00Z"
        )  # fmt: skip
        rosa = waits(doctor)

        closure.delete()
        assert free_for(rosa) == ["Wed 25 09:00", "Wed 25 09:30"]
        clock.move_to(UNTIL)

        assert free_for(rosa) == ["Tue 24 09:00", "Wed 25 09:00", "Wed 25 09:30"]

    @pytest.mark.parametrize(
        ("half_days", "fits"),
        [((), True), ((3,), True), ((2, 3), True), ((2,), False), ((1, 5), False)],
    )
    def test_only_on_half_days_that_suit_them(self, doctor, half_days, fits):
        rosa = waits(doctor, half_days)

        doctor.working_hours.create(**EVENING, valid_from=TUESDAY, valid_until=TUESDAY)

        assert bool(free_for(rosa)) is fits

    def test_only_with_whom_they_want_to_see(self, doctor):
        visit = doctor.schedules.get().visit_type
        other = make.practitioner(visit=visit)
        anybody, hers, his = waits(doctor), waits(doctor, practitioner=doctor), waits(doctor, practitioner=other)

        doctor.working_hours.create(**EVENING, valid_from=TUESDAY, valid_until=TUESDAY)

        assert [bool(free_for(each)) for each in (anybody, hers, his)] == [True, True, False]

    def test_nobody_is_offered_what_a_patient_could_not_choose_so_soon(self, doctor, clock):
        doctor.schedules.get().visit_type.__class__.objects.update(lead_hours=30)
        rosa = waits(doctor)

        doctor.working_hours.create(**EVENING, valid_from=TUESDAY, valid_until=TUESDAY)

        assert free_for(rosa) == ["Tue 24 18:00"]

    def test_the_longest_waiting_stands_first_with_a_time_or_without(self, doctor, waiting, clock):
        clock.shift(60)
        rosa = waits(doctor)
        clock.shift(60)
        late = waits(doctor)

        doctor.working_hours.create(weekday=1, opens="08:00", closes="08:30")

        freed = waiting_list.freed_slots(timezone.now())[0]
        assert [entry.inquiry for entry in freed.entries] == [waiting.inquiry, rosa, late]
        assert [entry.appointment for entry in freed.entries] == [waiting, None, None]

    def test_a_later_word_keeps_their_place_and_shows_what_is_free_on_the_new_days(self, doctor, clock):
        rosa = waits(doctor, [2])
        since = rosa.waiting_list_since
        clock.shift(60)

        waiting_list.wait(
            inquiry=rosa, visit_type=doctor.schedules.get().visit_type, practitioner=None, half_days=[2, 5], by=VISITOR
        )

        rosa.refresh_from_db()
        assert rosa.waiting_list_since == since
        assert set(free_for(rosa)[:2]) == {"Wed 25 12:00", "Wed 25 12:30"}
        assert not any(time.startswith("Tue") for time in free_for(rosa))

    def test_who_gets_a_time_waits_no_longer(self, doctor, ann):
        rosa = waits(doctor)

        appointments.give(inquiry=rosa, slot=make.slots(doctor, TUESDAY)[0], by=ann)

        rosa.refresh_from_db()
        assert rosa.waiting_list_since is None

    def test_a_patient_is_promised_an_answer_and_who_is_entered_by_the_desk_is_not(self, doctor, ann):
        closed = make.inquiry()
        lifecycle.transition(inquiry=closed, to="closed", version=1, by=ann)
        about = {"visit_type": doctor.schedules.get().visit_type, "practitioner": None, "half_days": []}

        waiting_list.wait(inquiry=closed, by=ann, **about)
        closed.refresh_from_db()
        assert closed.status == "closed"
        waiting_list.join_or_leave(inquiry=closed, on=False, by=ann)
        waiting_list.wait(inquiry=closed, by=VISITOR, **about)

        closed.refresh_from_db()
        assert closed.status == "open"

    def test_nobody_waits_for_what_nobody_sees_patients_for(self, doctor):
        other = make.practitioner()
        about = {"inquiry": make.inquiry(), "half_days": [], "by": VISITOR}

        for visit, who in ((make.visit_type(), None), (doctor.schedules.get().visit_type, other)):
            with pytest.raises(NotPossible):
                waiting_list.wait(visit_type=visit, practitioner=who, **about)

    def test_who_must_be_checked_by_hand_does_not_join_by_themselves(self, doctor, ann):
        inquiry = make.inquiry(screening="by_hand", screening_reason="asked")
        about = {"visit_type": doctor.schedules.get().visit_type, "practitioner": None, "half_days": []}

        with pytest.raises(NotPossible):
            waiting_list.wait(inquiry=inquiry, by=VISITOR, **about)

    def test_who_asks_for_a_time_is_on_the_list_where_it_is_known_for_what(self, doctor):
        rosa = make.inquiry()
        waiting_list.ask_for_time(inquiry=rosa, by=VISITOR)

        doctor.working_hours.create(**EVENING, valid_from=TUESDAY, valid_until=TUESDAY)
        assert free_for(rosa) == ["Tue 24 17:30", "Tue 24 18:00"]
        make.practitioner()
        carol = make.inquiry()
        waiting_list.ask_for_time(inquiry=carol, by=VISITOR)

        assert not WaitingListWish.objects.filter(inquiry=carol).exists()

    def test_what_was_free_again_before_they_began_is_no_news_until_it_was_given_once_more(self, doctor, clock):
        def given():
            return appointments.book(inquiry=make.inquiry(), slot=make.slots(doctor, TUESDAY)[0], by=VISITOR)

        statuses.cancel(appointment=given(), by=VISITOR)
        clock.shift(60)
        rosa = waits(doctor)
        clock.shift(60)
        assert free_for(rosa) == []

        statuses.cancel(appointment=given(), by=VISITOR)

        assert free_for(rosa) == ["Tue 24 09:00"]

    @pytest.mark.parametrize("to", ["arrived", "noshow"])
    def test_who_has_come_or_did_not_waits_no_longer(self, waiting, ann, clock, to):
        clock.move_to(waiting.starts_at + timedelta(minutes=1))
        appointments_before = waiting_list.freed_slots(timezone.now())
        statuses.change_status(appointment=waiting, to=AppointmentStatus.BOOKED, by=ann)

        statuses.change_status(appointment=waiting, to=AppointmentStatus(to), by=ann)

        assert (still_waits(waiting), appointments_before) == (False, [])
