"""Giving, moving and freeing times, one at a time; several at once are in test_races.py."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments, displacement, statuses
from appointments.errors import HasAppointment, NotPossible, SlotTaken
from appointments.models import Appointment, AppointmentStatus, Closure, Inquiry, InquiryStatus
from appointments.models.appointment_status import CancelledBy
from appointments.notifications import compose, notify, outbox, reminders
from appointments.records import erasure
from tests import make

NOON = "2026-11-23T17:00:00Z"
TUESDAY = date(2026, 11, 24)
VISITOR = Actor.visitor()


@pytest.fixture(autouse=True)
def monday_noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def ann():
    return Actor.staff(make.front_desk())


def booked(practitioner, place: int = 0, inquiry: Inquiry | None = None) -> Appointment:
    slot = make.slots(practitioner, TUESDAY)[place]
    return appointments.book(inquiry=inquiry or make.inquiry(), slot=slot, by=VISITOR)


def close(practitioner, by: Actor, start="2026-11-24T05:00Z", end="2026-11-25T05:00Z") -> Closure:
    """Close Tuesday, or another period, as the page for closures does."""
    with transaction.atomic(), displacement.changing_hours([practitioner.pk], by=by):
        return Closure.objects.create(practitioner=practitioner, name="Ill", starts_at=start, ends_at=end)


@pytest.mark.django_db
class TestBooking:
    def test_a_free_time_is_given_and_no_longer_free(self):
        doctor = make.practitioner()
        free = make.slots(doctor, TUESDAY)

        given = booked(doctor)

        assert (given.slot, given.status) == (free[0], AppointmentStatus.BOOKED)
        assert make.slots(doctor, TUESDAY) == free[1:]
        assert given.events.count() == 1

    def test_whoever_wants_mails_is_told_each_step_with_its_time(self, ann):
        doctor = make.practitioner(visit=make.visit_type(booked_at_once=False))
        inquiry = make.inquiry(contact_by="email", email="rosa@example.com")
        appointment = booked(doctor, 0, inquiry)
        statuses.change_status(appointment=appointment, to=AppointmentStatus.BOOKED, by=ann)
        appointments.reschedule(appointment=appointment, slot=make.slots(doctor, TUESDAY)[1], by=ann)
        statuses.cancel(appointment=appointment, by=VISITOR)

        told = inquiry.emails.exclude(kind="received").order_by("pk")
        assert [email.kind for email in told] == ["held", "booked", "moved", "cancelled"]
        assert all("Tuesday, November 24" in compose.build(email).body for email in told)

    def test_the_front_desk_confirms_unless_the_visit_is_booked_at_once(self):
        doctor = make.practitioner(visit=make.visit_type(booked_at_once=False))

        assert booked(doctor).status == AppointmentStatus.PENDING

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda doctor, visit: doctor.schedules.update(is_online=False),
            lambda doctor, visit: type(visit).objects.update(patients_may_choose=False),
            lambda doctor, visit: type(visit).objects.update(is_active=False),
            lambda doctor, visit: type(visit).objects.update(lead_hours=48),
            lambda doctor, visit: type(doctor).objects.update(is_active=False),
            lambda doctor, visit: doctor.working_hours.all().delete(),
            lambda doctor, visit: doctor.closures.create(
                name="x", starts_at="2026-11-24T14:00Z", ends_at="2026-11-24T14:01Z"
            ),
            lambda doctor, visit: doctor.busy_blocks.create(
                starts_at="2026-11-10T14:00Z", ends_at="2026-11-10T14:01Z", is_weekly=True
            ),
        ],
    )
    def test_a_time_that_may_not_be_chosen_is_refused(self, spoil):
        visit = make.visit_type()
        doctor = make.practitioner(visit=visit)
        slot = make.slots(doctor, TUESDAY)[0]
        spoil(doctor, visit)

        with pytest.raises(SlotTaken):
            appointments.book(inquiry=make.inquiry(), slot=slot, by=VISITOR)

    def test_a_time_that_somebody_made_up_is_refused(self):
        slot = make.slots(make.practitioner(), TUESDAY)[0]
        for made_up in (
            slot._replace(starts_at=slot.starts_at + timedelta(minutes=1)),
            slot._replace(ends_at=slot.ends_at + timedelta(hours=1)),
            slot._replace(practitioner_id=999),
            slot._replace(visit_type_id=999),
        ):
            with pytest.raises(SlotTaken):
                appointments.book(inquiry=make.inquiry(), slot=made_up, by=VISITOR)

    def test_an_inquiry_has_one_appointment(self):
        doctor, inquiry = make.practitioner(), make.inquiry()
        booked(doctor, 0, inquiry)

        with pytest.raises(HasAppointment):
            booked(doctor, 1, inquiry)

    def test_moving_is_one_update_and_may_touch_ones_own_time(self):
        doctor = make.practitioner(visit=make.visit_type(minutes=60))
        appointment = booked(doctor)
        doctor.working_hours.all().delete()
        doctor.working_hours.create(weekday=TUESDAY.weekday(), opens="09:30", closes="17:00")
        slot = make.slots(doctor, TUESDAY)[0]._replace(
            starts_at=appointment.starts_at + timedelta(minutes=30),
            ends_at=appointment.ends_at + timedelta(minutes=30),
            blocked_until=appointment.blocked_until + timedelta(minutes=30),
        )

        moved = appointments.reschedule(appointment=appointment, slot=slot, by=VISITOR)

        assert (moved.pk, moved.slot, moved.reschedules, moved.sequence) == (appointment.pk, slot, 1, 1)
        assert Appointment.objects.count() == 1

    def test_cancelling_frees_the_time_marks_what_is_late_and_says_it_once(self):
        doctor = make.practitioner()
        free = make.slots(doctor, TUESDAY)
        soon, later = booked(doctor, 0), booked(doctor, 8)

        for appointment in (soon, soon, later):
            statuses.cancel(appointment=appointment, by=VISITOR)

        soon.refresh_from_db()
        later.refresh_from_db()
        assert (soon.cancelled_late, later.cancelled_late) == (True, False)
        assert soon.inquiry.call_tasks.filter(kind="cancelled").count() == 1
        assert Inquiry.objects.get(pk=soon.inquiry_id).status == InquiryStatus.OPEN
        assert make.slots(doctor, TUESDAY) == free

    def test_only_the_allowed_steps_and_nobody_fails_to_come_before_the_time(self, ann):
        appointment = booked(make.practitioner())
        status = AppointmentStatus
        for to in (status.FULFILLED, status.PROPOSED, status.NOSHOW, status.CANCELLED):
            with pytest.raises(NotPossible):
                statuses.change_status(appointment=appointment, to=to, by=ann)
        with time_machine.travel(appointment.starts_at, tick=False):
            statuses.change_status(appointment=appointment, to=AppointmentStatus.NOSHOW, by=ann)
            statuses.change_status(appointment=appointment, to=AppointmentStatus.BOOKED, by=ann)
            statuses.change_status(appointment=appointment, to=AppointmentStatus.ARRIVED, by=ann)
            statuses.change_status(appointment=appointment, to=AppointmentStatus.FULFILLED, by=ann)
        assert appointment.events.count() == 5

    def test_a_cancelled_time_that_is_somebody_elses_now_is_not_had_back(self, ann):
        doctor = make.practitioner()
        first = booked(doctor)
        statuses.cancel(appointment=first, by=ann)
        booked(doctor)

        with pytest.raises(SlotTaken):
            statuses.change_status(appointment=first, to=AppointmentStatus.BOOKED, by=ann)

    def test_a_time_that_opened_again_while_it_was_cancelled_comes_back_as_good_as_any(self, ann):
        doctor = make.practitioner()
        appointment = booked(doctor)
        closed = close(doctor, ann)
        statuses.cancel(appointment=appointment, by=ann, reason=CancelledBy.CLINIC)
        with transaction.atomic(), displacement.changing_hours([doctor.pk], by=ann):
            closed.delete()

        back = statuses.change_status(appointment=appointment, to=AppointmentStatus.BOOKED, by=ann)

        assert back.displaced_at is None

    def test_a_cancelled_time_that_is_closed_now_is_not_had_back(self, ann):
        doctor = make.practitioner()
        appointment = booked(doctor)
        statuses.cancel(appointment=appointment, by=ann)
        close(doctor, ann)

        with pytest.raises(SlotTaken):
            statuses.change_status(appointment=appointment, to=AppointmentStatus.BOOKED, by=ann)

    def test_what_opens_again_displaces_nobody_any_longer(self, ann):
        doctor = make.practitioner()
        appointment = booked(doctor)
        closed = close(doctor, ann)
        assert [*Appointment.objects.displaced(timezone.now())] == [appointment]

        with transaction.atomic(), displacement.changing_hours([doctor.pk], by=ann):
            closed.delete()

        assert not Appointment.objects.displaced(timezone.now()).exists()

    def test_whoever_was_ticked_off_by_mistake_is_displaced_all_the_same(self, ann):
        status = AppointmentStatus
        doctor = make.practitioner()
        appointment = booked(doctor)
        for to in (status.ARRIVED, status.FULFILLED):
            statuses.change_status(appointment=appointment, to=to, by=ann)
        close(doctor, ann)
        for to in (status.ARRIVED, status.BOOKED):
            statuses.change_status(appointment=appointment, to=to, by=ann)

        assert [*Appointment.objects.displaced(timezone.now())] == [appointment]

    def test_a_time_whose_pause_reaches_into_a_closed_day_is_neither_shown_nor_given(self, ann):
        doctor = make.practitioner(visit=make.visit_type(buffer_minutes=60))
        doctor.working_hours.update(opens="23:00", closes="23:30")
        shown = make.slots(doctor, TUESDAY)
        close(doctor, ann, "2026-11-25T05:00Z", "2026-11-26T05:00Z")

        assert (len(shown), make.slots(doctor, TUESDAY)) == (1, [])
        with pytest.raises(SlotTaken):
            appointments.give(inquiry=make.inquiry(), slot=shown[0], by=ann)

    def test_an_offer_that_has_expired_takes_no_time(self):
        doctor = make.practitioner()
        offered = booked(doctor)
        Appointment.objects.update(status=AppointmentStatus.PROPOSED, held_until="2026-11-23T18:00:00Z")
        free = len(make.slots(doctor, TUESDAY))
        with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
            assert len(make.slots(doctor, TUESDAY)) == free + 1
            again = booked(doctor)
        offered.refresh_from_db()
        assert (offered.status, again.slot) == (AppointmentStatus.CANCELLED, offered.slot)

    def test_the_database_refuses_what_our_code_would_not_try(self):
        first = booked(make.practitioner())
        inquiry = make.inquiry()
        for name, changes in (
            ("no_two_bookings_of_a_practitioner_overlap", {}),
            ("whoever_overbooks_says_why", {"overbooked": True}),
            ("an_offer_ends", {"status": AppointmentStatus.PROPOSED}),
            ("an_appointment_ends_after_it_starts", {"ends_at": first.starts_at}),
        ):
            fields = {name: getattr(first, name) for name in (
                "practitioner", "visit_type", "starts_at", "ends_at", "blocked_until", "status"
            )}  # fmt: skip
            with pytest.raises(IntegrityError, match=name), transaction.atomic():
                Appointment.objects.create(inquiry=inquiry, **fields | changes)
        Appointment.objects.create(inquiry=inquiry, **fields, overbooked=True, overbook_reason="An emergency")

    @pytest.mark.parametrize(
        ("name", "changes"),
        [
            ("only_who_lost_a_time_is_reached_about_it", {"reached_at": NOON}),
            ("only_what_is_cancelled_is_cancelled_late", {"cancelled_late": True}),
            ("only_what_is_overbooked_says_why", {"overbook_reason": "An emergency"}),
        ],
    )
    def test_fields_that_belong_together_stay_together(self, name, changes):
        booked(make.practitioner())

        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Appointment.objects.update(**changes)

    def test_a_late_cancellation_that_is_undone_was_none(self, ann):
        appointment = booked(make.practitioner())
        late = statuses.cancel(appointment=appointment, by=ann)

        back = statuses.change_status(appointment=appointment, to=AppointmentStatus.BOOKED, by=ann)

        assert (late.cancelled_late, back.cancelled_late) == (True, False)

    def test_whoever_has_an_appointment_to_come_is_not_erased(self):
        make.clinic(keep_years=1)
        appointment = booked(make.practitioner())
        Inquiry.objects.update(status=InquiryStatus.CLOSED, moved_at="2020-01-01T00:00Z")

        assert erasure.erase_what_is_old() == 0
        with time_machine.travel(appointment.ends_at, tick=False):
            assert erasure.erase_what_is_old() == 1


@pytest.mark.django_db
class TestUndoing:
    """Whatever is undone is told again, once: what was cancelled before it went out was told to nobody."""

    ROSA = {"contact_by": "email", "email": "rosa@example.com"}

    @pytest.fixture(params=["mail", "call"])
    def rosa(self, request) -> Inquiry:
        """A patient who is told by mail, and one who is told by phone."""
        return make.inquiry(**(self.ROSA if request.param == "mail" else {}))

    def change(self, appointment, ann, *states) -> None:
        for to in states:
            statuses.change_status(appointment=appointment, to=AppointmentStatus(to), by=ann)

    def tell(self, inquiry, ann) -> None:
        """What is on its way goes out, and what is to be called is called."""
        make.two_minutes_pass()
        outbox.send_due()
        notify.complete_calls(inquiry.call_tasks.open(), ann.user)

    def due(self, inquiry) -> list[str]:
        """What is still to be told of their time."""
        about = {"kind__in": appointments.ABOUT_A_TIME}
        rows = [*inquiry.emails.filter(**about, state="waiting"), *inquiry.call_tasks.open().filter(**about)]
        return sorted(row.kind for row in rows)

    def test_whoever_was_marked_as_arrived_by_mistake_is_reminded(self, ann, rosa):
        appointment = booked(make.practitioner(), 0, rosa)
        self.tell(rosa, ann)
        reminders.plan(timezone.now())
        assert self.due(rosa) == ["reminder"]

        self.change(appointment, ann, "arrived")
        assert self.due(rosa) == []
        self.change(appointment, ann, "booked")
        for _minute in range(2):
            reminders.plan(timezone.now())

        assert self.due(rosa) == ["reminder"]

    def test_a_reminder_that_went_out_is_not_sent_again(self, ann, rosa):
        appointment = booked(make.practitioner(), 0, rosa)
        reminders.plan(timezone.now())
        with time_machine.travel("2026-11-23T22:00:00Z", tick=False):
            self.tell(rosa, ann)

            self.change(appointment, ann, "arrived", "booked")
            reminders.plan(timezone.now())

            assert self.due(rosa) == []

    def test_whoever_did_not_hear_of_their_time_before_they_were_marked_hears_of_it(self, ann, rosa, mailoutbox):
        appointment = booked(make.practitioner(), 0, rosa)

        self.change(appointment, ann, "arrived")
        assert self.due(rosa) == []
        self.change(appointment, ann, "booked")

        assert self.due(rosa) == ["booked"]
        self.tell(rosa, ann)
        self.change(appointment, ann, "arrived", "booked")
        assert self.due(rosa) == []

    @pytest.mark.parametrize(("place", "kind"), [(3, "moved"), (0, "somebody_else")])
    def test_whoever_was_moved_hears_that_they_were_moved(self, ann, rosa, place, kind):
        doctor = make.practitioner()
        appointment = booked(doctor, 0, rosa)
        self.tell(rosa, ann)
        with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
            slot = make.slots(make.practitioner(visit=appointment.visit_type), TUESDAY)[place]
            appointments.reschedule(appointment=appointment, slot=slot, by=ann)

            self.change(appointment, ann, "arrived", "booked")

        assert self.due(rosa) == [kind]

    def test_whoever_came_in_from_another_calendar_is_told_nothing(self, ann, rosa):
        doctor = make.practitioner()
        slot = make.slots(doctor, TUESDAY)[0]
        appointment = Appointment(inquiry=rosa, status=AppointmentStatus.BOOKED)
        appointment.set_slot(slot, timezone.now())
        appointment.save()

        self.change(appointment, ann, "arrived", "booked")

        assert self.due(rosa) == []

    def test_a_cancelled_time_that_is_back_is_told_and_reminded_of(self, ann, rosa):
        appointment = booked(make.practitioner(), 0, rosa)
        reminders.plan(timezone.now())

        statuses.cancel(appointment=appointment, by=ann)
        self.change(appointment, ann, "booked")
        reminders.plan(timezone.now())

        assert self.due(rosa) == ["booked", "reminder"]

    def test_the_loss_of_a_time_is_told_once_whatever_was_ticked_off_by_mistake(self, ann, rosa):
        doctor = make.practitioner()
        appointment = booked(doctor, 0, rosa)
        self.tell(rosa, ann)
        close(doctor, ann)
        displacement.tell_displaced(displaced=[appointment], by=ann)

        self.change(appointment, ann, "arrived", "booked")
        displacement.tell_displaced(displaced=[appointment], by=ann)
        assert self.due(rosa) == ["displaced"]
        self.tell(rosa, ann)
        self.change(appointment, ann, "arrived", "booked")
        displacement.tell_displaced(displaced=[appointment], by=ann)

        assert self.due(rosa) == []


@pytest.mark.django_db
class TestMovingWhatIsHeld:
    """Who moves a time that the front desk has to confirm hears both: that it moved, and that it is only held."""

    @pytest.fixture(params=[{"contact_by": "email", "email": "rosa@example.com"}, {}], ids=["mail", "call"])
    def rosa(self, request) -> Inquiry:
        return make.inquiry(**request.param)

    @pytest.fixture
    def doctor(self):
        return make.practitioner(visit=make.visit_type(booked_at_once=False))

    def due(self, inquiry) -> list[str]:
        about = {"kind__in": appointments.ABOUT_A_TIME}
        rows = [*inquiry.emails.filter(**about, state="waiting"), *inquiry.call_tasks.open().filter(**about)]
        return [row.kind for row in rows]

    def test_a_held_time_is_told_as_moved_and_still_held(self, doctor, rosa):
        appointment = booked(doctor, 0, rosa)

        appointments.reschedule(appointment=appointment, slot=make.slots(doctor, TUESDAY)[1], by=VISITOR)

        assert self.due(rosa) == ["held_moved"]

    def test_so_is_a_booked_one_that_has_to_be_confirmed_again(self, doctor, rosa, ann):
        appointment = booked(doctor, 0, rosa)
        statuses.change_status(appointment=appointment, to=AppointmentStatus.BOOKED, by=ann)

        appointments.reschedule(appointment=appointment, slot=make.slots(doctor, TUESDAY)[1], by=VISITOR)

        assert self.due(rosa) == ["held_moved"]

    def test_the_mail_says_both(self, doctor):
        inquiry = make.inquiry(contact_by="email", email="rosa@example.com")
        appointment = booked(doctor, 0, inquiry)
        appointments.reschedule(appointment=appointment, slot=make.slots(doctor, TUESDAY)[1], by=VISITOR)

        mail = compose.build(inquiry.emails.get(kind="held_moved"))

        assert mail.subject == f"Your appointment has changed, not confirmed yet, {inquiry.shown_reference}"
        assert "We are holding this for you now. It is not confirmed yet. We will contact you by " in mail.body
        assert "\nTuesday, November 24, 10 a.m., New York time\n" in mail.body
        assert [each.get_filename() for each in mail.attachments] == ["appointment.ics"]

    def test_what_was_not_told_yet_is_told_once_the_time_is_back(self, doctor, rosa, ann):
        appointment = booked(doctor, 0, rosa)
        with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
            appointments.reschedule(appointment=appointment, slot=make.slots(doctor, TUESDAY)[1], by=VISITOR)
            closure = close(doctor, ann)
            assert self.due(rosa) == []

            with displacement.changing_hours(by=ann):
                closure.delete()

            assert self.due(rosa) == ["held_moved"]
