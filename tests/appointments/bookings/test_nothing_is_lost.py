"""What somebody wrote, was promised or was told stays true, whatever happens to their time."""

from datetime import date, datetime, timedelta

import pytest
import time_machine

from appointments.actors import Actor
from appointments.bookings import appointments, displacement, proposals, statuses, waiting_list
from appointments.demo.history import rewritable
from appointments.errors import NotPossible, TooManyReschedules
from appointments.inquiries.conversation import write_back
from appointments.models import (
    Appointment,
    AppointmentStatus,
    CallTask,
    Closure,
    Email,
    Inquiry,
    InquiryStatus,
    NotificationKind,
)
from appointments.notifications import outbox, reminders
from appointments.notifications.notify import complete_calls
from appointments.records import erasure, history
from appointments.scheduling import slot_codes
from clinic.models import Clinic
from tests import make
from tests.patient import Patient

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
VISITOR = Actor.visitor()
CLOSED = {"name": "Ill", "starts_at": "2026-11-24T05:00Z", "ends_at": "2026-11-25T05:00Z"}
LATER = datetime.fromisoformat("2026-11-23T22:00:00+00:00")


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
    return make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit"))


def given(doctor, place: int = 4, **fields) -> Appointment:
    by = Actor.staff(make.front_desk())
    return appointments.give(inquiry=make.inquiry(**fields), slot=make.slots(doctor, TUESDAY)[place], by=by)


def waits_for_us(inquiry: Inquiry) -> bool:
    return Inquiry.objects.waiting_for_us().filter(pk=inquiry.pk, answered_at=None).exists()


def close_tuesday(ann) -> Closure:
    with displacement.changing_hours(by=ann):
        return Closure.objects.create(**CLOSED)


def reopen(closure: Closure, ann) -> None:
    with displacement.changing_hours(by=ann):
        closure.delete()


class TestWords:
    def move(self, appointment, doctor, ann):
        appointments.reschedule(appointment=appointment, slot=make.slots(doctor, TUESDAY)[0], by=VISITOR)

    def decline(self, appointment, doctor, ann):
        proposals.decline(inquiry=appointment.inquiry, by=VISITOR)

    def offer(self, appointment, doctor, ann):
        slots = make.slots(doctor, TUESDAY)[:1]
        proposals.propose(inquiry=appointment.inquiry, slots=slots, until=LATER, by=ann)

    def hand_over(self, appointment, doctor, ann):
        other = make.practitioner(visit=appointment.visit_type)
        with displacement.changing_hours(by=ann):
            doctor.closures.create(**CLOSED)
        displacement.hand_over(displaced=Appointment.objects.all(), to=other, by=ann)

    def take_an_offer(self, appointment, doctor, ann):
        slots = make.slots(doctor, TUESDAY)[:1]
        (offered,) = proposals.propose(inquiry=appointment.inquiry, slots=slots, until=LATER, by=ann)
        proposals.accept(proposal=offered, by=VISITOR)

    @pytest.mark.parametrize("how", ["move", "decline", "offer", "hand_over", "take_an_offer"])
    def test_what_a_patient_wrote_is_not_closed_unread(self, doctor, ann, how):
        appointment = given(doctor)
        write_back(inquiry=appointment.inquiry, words="I have a fever, may I come?")

        getattr(self, how)(appointment, doctor, ann)

        assert waits_for_us(appointment.inquiry)

    def test_what_stands_before_whoever_gives_the_time_is_read(self, doctor):
        inquiry = make.inquiry(message="Mornings are best", contact_by="email", email="rosa@example.com")
        slot = make.slots(doctor, TUESDAY)[0]
        reader = Actor.staff(make.front_desk(), has_read=inquiry.version)

        appointments.give(inquiry=inquiry, slot=slot, by=reader)

        inquiry.refresh_from_db()
        assert inquiry.status == InquiryStatus.CLOSED

    def test_what_arrived_after_they_looked_is_not(self, doctor):
        appointment = given(doctor)
        seen = Inquiry.objects.get(pk=appointment.inquiry_id).version
        write_back(inquiry=appointment.inquiry, words="I have a fever, may I come?")

        reader = Actor.staff(make.front_desk(), has_read=seen)
        appointments.reschedule(appointment=appointment, slot=make.slots(doctor, TUESDAY)[0], by=reader)

        assert waits_for_us(appointment.inquiry)

    def test_a_booking_with_a_message_waits_to_be_read_and_one_without_does_not(self, doctor):
        for words, waits in (("Is there parking?", True), ("", False)):
            inquiry = make.inquiry(message=words)
            appointments.book(inquiry=inquiry, slot=make.slots(doctor, TUESDAY)[0], by=VISITOR)
            assert waits_for_us(inquiry) is waits


class TestPromises:
    @pytest.fixture
    def held(self, doctor):
        type(doctor.schedules.get().visit_type).objects.update(booked_at_once=False)
        return appointments.book(inquiry=make.inquiry(), slot=make.slots(doctor, TUESDAY)[4], by=VISITOR)

    @pytest.mark.parametrize("how", ["decline", "expire"])
    def test_a_held_time_is_still_to_be_confirmed_when_its_offers_end(self, held, doctor, ann, how, clock):
        inquiry = held.inquiry
        proposals.propose(inquiry=inquiry, slots=make.slots(doctor, TUESDAY)[:1], until=LATER, by=ann)
        if how == "decline":
            proposals.decline(inquiry=inquiry, by=VISITOR)
        else:
            clock.move_to(LATER)
            proposals.expire(inquiry=inquiry)

        assert waits_for_us(inquiry)

    def test_a_time_is_confirmed_before_it_begins(self, held, doctor):
        soon = appointments.book(inquiry=make.inquiry(), slot=make.slots(doctor, MONDAY)[1], by=VISITOR)

        for appointment in (held, soon):
            inquiry = Inquiry.objects.get(pk=appointment.inquiry_id)
            assert inquiry.created_at < inquiry.answer_by < appointment.starts_at

    def test_what_was_taken_away_is_not_confirmed(self, held, ann):
        close_tuesday(ann)

        with pytest.raises(NotPossible):
            statuses.change_status(appointment=held, to=AppointmentStatus.BOOKED, by=ann)

    def test_whoever_loses_an_offer_to_a_closure_is_the_front_desks_again(self, doctor, ann):
        inquiry = make.inquiry()
        proposals.propose(inquiry=inquiry, slots=make.slots(doctor, TUESDAY)[:2], until=LATER, by=ann)

        close_tuesday(ann)

        assert waits_for_us(inquiry)
        assert not inquiry.call_tasks.open().exists()

    def test_a_wish_for_an_earlier_time_ends_with_its_appointment(self, doctor, ann):
        appointment = given(doctor)
        waiting_list.join_or_leave(inquiry=appointment.inquiry, on=True, by=VISITOR)
        Appointment.objects.update(status=AppointmentStatus.NOSHOW)

        appointments.give(inquiry=appointment.inquiry, slot=make.slots(doctor, TUESDAY)[8], by=ann)

        assert Inquiry.objects.get(pk=appointment.inquiry_id).waiting_list_since is None


class TestTold:
    def test_whoever_was_told_that_their_time_is_gone_is_told_when_it_is_back(self, doctor, ann, mailoutbox):
        rosa = given(doctor, contact_by="email", email="rosa@example.com")
        paul, silent = given(doctor, 0), given(doctor, 1)
        make.two_minutes_pass()
        outbox.send_due()
        complete_calls(CallTask.objects.open(), ann.user)
        closure = close_tuesday(ann)
        displacement.tell_displaced(displaced=[rosa, paul], by=ann)
        make.two_minutes_pass()
        outbox.send_due()
        displacement.reached(displaced=[paul], by=ann)
        before = rosa.sequence

        reopen(closure, ann)

        assert CallTask.objects.open().get().inquiry_id == paul.inquiry_id
        mail = Email.objects.exclude(kind=NotificationKind.RECEIVED).get(state="waiting", inquiry=rosa.inquiry)
        rosa.refresh_from_db()
        silent.refresh_from_db()
        assert (mail.kind, rosa.sequence, rosa.displaced_at, silent.sequence) == ("booked", before + 1, None, 0)

    def test_whoever_was_overbooked_outside_the_hours_is_displaced_by_a_closure_too(self, doctor, ann):
        boss = Actor.staff(make.user("Manager"))
        slot = make.slots(doctor, TUESDAY)[-1]
        late = slot._replace(
            starts_at=slot.starts_at + timedelta(hours=2), ends_at=slot.ends_at + timedelta(hours=2),
            blocked_until=slot.blocked_until + timedelta(hours=2),
        )  # fmt: skip
        over = appointments.give(inquiry=make.inquiry(), slot=late, by=boss, reason="In pain")

        closure = close_tuesday(ann)
        over.refresh_from_db()
        assert over.displaced_at

        reopen(closure, ann)
        over.refresh_from_db()
        assert not over.displaced_at

    def test_calls_about_a_state_that_a_time_has_left_are_not_made(self, doctor, ann):
        appointment = given(doctor)
        appointments.reschedule(appointment=appointment, slot=make.slots(doctor, TUESDAY)[0], by=ann)
        assert [task.kind for task in CallTask.objects.open()] == ["booked"]
        statuses.cancel(appointment=appointment, by=ann)
        assert [task.kind for task in CallTask.objects.open()] == []  # They never heard of a time.

        statuses.change_status(appointment=appointment, to=AppointmentStatus.BOOKED, by=ann)
        assert [task.kind for task in CallTask.objects.open()] == ["booked"]

    def test_calls_about_offers_that_ended_are_not_made(self, doctor, ann, clock):
        inquiry = make.inquiry()
        proposals.propose(inquiry=inquiry, slots=make.slots(doctor, TUESDAY)[:1], until=LATER, by=ann)
        clock.move_to(LATER)
        proposals.expire(inquiry=inquiry)

        assert not inquiry.call_tasks.open().filter(kind="offered").exists()

    def test_nobody_is_reminded_of_a_closed_day_and_everybody_once_it_is_open_again(self, doctor, ann):
        appointment = given(doctor)
        reminders.plan(LATER - timedelta(hours=4))
        assert CallTask.objects.open().filter(kind="reminder").count() == 1
        closure = close_tuesday(ann)
        assert not CallTask.objects.open().filter(kind="reminder").exists()

        reopen(closure, ann)
        reminders.plan(LATER - timedelta(hours=4))

        assert appointment.call_tasks.open().filter(kind="reminder").count() == 1

    def test_a_clinic_that_opens_once_a_week_reminds_once(self, doctor):
        Clinic.current().opening_hours.create(weekday=0, opens="09:00", closes="17:00")
        monday = date(2026, 12, 7)
        by = Actor.staff(make.front_desk())
        appointments.give(inquiry=make.inquiry(), slot=make.slots(doctor, monday)[0], by=by)
        reminders.plan(datetime.fromisoformat("2026-11-30T20:00:00+00:00"))

        assert CallTask.objects.filter(kind=NotificationKind.REMINDER).count() == 1

    def test_an_offer_that_was_replaced_is_not_mailed(self, doctor, ann, mailoutbox):
        inquiry = make.inquiry(contact_by="email", email="rosa@example.com")
        for hour in (0, 2):
            until = LATER + timedelta(hours=hour)
            proposals.propose(inquiry=inquiry, slots=make.slots(doctor, TUESDAY)[:1], until=until, by=ann)
        make.two_minutes_pass()
        outbox.send_due()

        assert sum("choose a time" in mail.subject for mail in mailoutbox) == 1

    def test_one_mail_tells_of_a_request_that_was_booked_at_once(self, doctor, mailoutbox):
        inquiry = make.inquiry(contact_by="email", email="rosa@example.com")
        appointments.book(inquiry=inquiry, slot=make.slots(doctor, TUESDAY)[0], by=VISITOR)
        make.two_minutes_pass()
        outbox.send_due()

        assert ["booked" in mail.subject for mail in mailoutbox if "rosa@example.com" in mail.to] == [True]

    def test_the_end_of_an_offer_is_nobodys_deed(self, doctor, ann, clock):
        inquiry = make.inquiry()
        proposals.propose(inquiry=inquiry, slots=make.slots(doctor, TUESDAY)[:1], until=LATER, by=ann)
        clock.move_to(LATER)
        appointments.book(inquiry=make.inquiry(), slot=make.slots(doctor, TUESDAY)[0], by=VISITOR)

        # The triggers write the database's own time.
        events = inquiry.appointments.get().events
        with rewritable(events.model):
            events.update(pgh_created_at=LATER)

        last = [line for line in history.lines(inquiry) if "offer has ended" in line.what]
        assert [line.who for line in last] == ["The site"]


class TestSeen:
    def test_staff_give_no_time_that_is_past(self, doctor, ann):
        slot = make.slots(doctor, TUESDAY)[0]
        past = slot._replace(
            starts_at=slot.starts_at - timedelta(days=7), ends_at=slot.ends_at - timedelta(days=7),
            blocked_until=slot.blocked_until - timedelta(days=7),
        )  # fmt: skip
        appointment = given(doctor)
        for act in (
            lambda: appointments.give(inquiry=make.inquiry(), slot=past, by=ann),
            lambda: appointments.reschedule(appointment=appointment, slot=past, by=ann),
        ):
            with pytest.raises(NotPossible):
                act()

    def test_a_time_that_the_patient_took_meanwhile_is_not_moved_unseen(self, client, doctor):
        client.force_login(make.front_desk())
        inquiry = make.inquiry()
        slots = make.slots(doctor, TUESDAY)
        address = f"/admin/appointments/inquiry/{inquiry.pk}/times/"
        before = make.hidden_fields(client.get(address).text)
        appointments.book(inquiry=inquiry, slot=slots[4], by=VISITOR)

        answer = client.post(address, before | {"do": "give", "slot": slot_codes.encode(slots[0])})

        assert "A colleague, the patient or the clock changed this time meanwhile." in answer.content.decode()
        assert inquiry.appointments.get().slot == slots[4]

    def test_taking_back_an_offer_that_a_colleague_renewed_asks_again(self, client, doctor, ann):
        client.force_login(make.front_desk())
        inquiry = make.inquiry()
        proposals.propose(inquiry=inquiry, slots=make.slots(doctor, TUESDAY)[:1], until=LATER, by=ann)
        address = f"/admin/appointments/inquiry/{inquiry.pk}/change/"
        before = make.hidden_fields(client.get(address).text)
        renewed = proposals.propose(inquiry=inquiry, slots=make.slots(doctor, TUESDAY)[1:2], until=LATER, by=ann)

        answer = client.post(address, before | {"do": "time-withdraw"}, follow=True)

        assert list(inquiry.appointments.filter(status="proposed")) == renewed
        client.post(address, make.hidden_fields(answer.text) | {"do": "time-withdraw"})
        assert not inquiry.appointments.filter(status="proposed").exists()

    def test_the_second_answer_of_a_double_tap_is_calm(self, doctor):
        inquiry, slot = make.inquiry(), make.slots(doctor, TUESDAY)[0]
        address = f"/appointments/{inquiry.key}/times/"
        page = make.hidden_fields(Patient().get(address, {"slot": slot_codes.encode(slot)}).text)
        assert page == {"slot": slot_codes.encode(slot)}

        answers = [Patient().post(address, page) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [303, 303]
        assert inquiry.appointments.count() == 1

    def test_a_cancel_page_of_an_earlier_time_asks_again(self, doctor, ann):
        appointment = given(doctor)
        address = f"/appointments/{appointment.inquiry.key}/cancel/"
        before = make.hidden_fields(Patient().get(address).text)
        appointments.reschedule(appointment=appointment, slot=make.slots(doctor, date(2026, 11, 25))[0], by=ann)

        answer = Patient().post(address, before)

        assert answer.status_code == 409
        assert "Wed, November 25" in answer.content.decode()
        assert appointment.inquiry.appointments.live().exists()
        now = make.hidden_fields(answer.text)
        assert [before, now] == [{"appointment": str(appointment.pk), "version": version} for version in "12"]
        assert Patient().post(address, now).status_code == 303
        assert not appointment.inquiry.appointments.live().exists()

    @pytest.mark.parametrize("do", ["time-take-" + "9" * 5000, "time-take-x", "time-take--1"])
    def test_a_made_up_offer_is_refused(self, client, doctor, do):
        client.force_login(make.front_desk())
        inquiry = make.inquiry()
        data = {"do": do, "version": "1", "idempotency_key": "7e1c1f0a-3f0c-4a52-8ad1-9d1f6d1b0a55"}

        assert client.post(f"/admin/appointments/inquiry/{inquiry.pk}/change/", data).status_code == 400


class TestLimits:
    def test_cancelling_and_choosing_again_ends_where_moving_does(self, doctor):
        Clinic.objects.update(reschedules_allowed=2)
        inquiry = make.inquiry()
        for place in range(3):
            slot = make.slots(doctor, TUESDAY)[place]
            statuses.cancel(appointment=appointments.book(inquiry=inquiry, slot=slot, by=VISITOR), by=VISITOR)

        with pytest.raises(TooManyReschedules):
            appointments.book(inquiry=inquiry, slot=make.slots(doctor, TUESDAY)[0], by=VISITOR)
        assert Patient().get(f"/appointments/{inquiry.key}/times/").status_code == 302
        assert "Choose a new time" not in Patient().get(inquiry.own_page_url()).content.decode()
        assert "You do not need to do anything" in Patient().get(inquiry.own_page_url()).content.decode()

    def test_a_practitioner_with_thousands_of_busy_times_can_be_saved(self, client, doctor):
        client.force_login(make.user("Manager"))
        block = doctor.busy_blocks.model
        start = datetime.fromisoformat("2026-12-01T14:00:00+00:00")
        block.objects.bulk_create(
            block(practitioner=doctor, starts_at=start + timedelta(hours=n), ends_at=start + timedelta(hours=n + 1))
            for n in range(2000)
        )

        html = client.get(f"/admin/appointments/practitioner/{doctor.pk}/change/").content.decode()

        assert html.count('name="busy_blocks-') < 600

    @pytest.mark.parametrize("moment", ["99991231T120000Z", "00010101T000000Z", "21991231T234500Z"])
    def test_a_time_at_the_end_of_the_calendar_is_none(self, client, doctor, moment):
        offer = doctor.schedules.get()
        code = f"{offer.visit_type_id}-{doctor.pk}-{moment}"
        inquiry = make.inquiry()
        client.force_login(make.front_desk())
        own, desk = f"/appointments/{inquiry.key}/times/", f"/admin/appointments/inquiry/{inquiry.pk}/times/"

        assert Patient().get("/appointments/", {"slot": code}).status_code == 200
        assert Patient().get(own, {"slot": code, "taken": code}).status_code == 200
        assert Patient().post(own, {"slot": code}).status_code == 409
        assert Patient().post("/appointments/", make.form_data(kind="appointment", slot=code)).status_code == 303
        for do in ("give", "propose"):
            page = make.hidden_fields(client.get(desk).text)
            data = {"do": do, "slot": code, "until_0": "2026-11-24", "until_1": "09:00"}
            assert client.post(desk, page | data).status_code == 200


class TestErasing:
    def test_it_frees_the_time_and_nobody_is_told(self, doctor, ann):
        appointment = given(doctor)
        waiting_list.join_or_leave(inquiry=appointment.inquiry, on=True, by=VISITOR)
        proposals.propose(inquiry=appointment.inquiry, slots=make.slots(doctor, TUESDAY)[:1], until=LATER, by=ann)

        assert erasure.erase(appointment.inquiry, reason="They asked", by=ann)

        assert len(make.slots(doctor, TUESDAY)) == 16
        assert not CallTask.objects.open().exists()
        inquiry = Inquiry.objects.get(pk=appointment.inquiry_id)
        assert (inquiry.waiting_list_since, inquiry.status) == (None, InquiryStatus.CLOSED)

    def test_nothing_of_what_was_sent_can_be_tried_out_in_the_history(self, doctor, ann):
        inquiry = make.inquiry()
        erasure.erase(inquiry, reason="They asked", by=ann)

        assert not inquiry.events.filter(submission_id=inquiry.submission_id).exists()

    def test_the_rest_of_a_list_is_told_though_one_was_erased(self, doctor, ann):
        gone, there = given(doctor, 0), given(doctor, 1)
        close_tuesday(ann)
        gone.refresh_from_db()
        there.refresh_from_db()
        Inquiry.objects.filter(pk=gone.inquiry_id).update(erased_at="2026-11-23T17:00Z")

        assert displacement.tell_displaced(displaced=[gone, there], by=ann) == (0, 1)
