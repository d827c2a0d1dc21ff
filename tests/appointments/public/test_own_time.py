"""An inquiry's own page and its time: choosing, moving, cancelling, asking again."""

import re
from datetime import date, datetime

import pytest
import time_machine
import vobject
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from appointments.actors import Actor
from appointments.admin.base import OVERBOOK
from appointments.admin.lists.why_waiting import why_waiting
from appointments.bookings import appointments, displacement, proposals, statuses, waiting_list
from appointments.errors import NotPossible, SlotTaken, TooManyReschedules
from appointments.models import Appointment, AppointmentStatus, Closure, Inquiry, InquiryStatus, PreparationSignOff
from appointments.models.appointment_status import CancelledBy
from appointments.notifications import compose
from appointments.scheduling import slot_codes
from clinic.models import Clinic
from tests import make
from tests.patient import Patient

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)
VISITOR = Actor.visitor()


@pytest.fixture(autouse=True)
def clock():
    make.clinic(late_policy="We may ask you to call next time.", address="4 Linden Road\nNew York")
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def ann():
    return Actor.staff(make.front_desk())


@pytest.fixture
def doctor():
    return make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit"))


@pytest.fixture
def rosa():
    return make.inquiry(contact_by="email", email="rosa@example.com", name="Rosa Lind")


def booked(rosa: Inquiry, doctor, place: int = 4) -> Appointment:
    return appointments.book(inquiry=rosa, slot=make.slots(doctor, TUESDAY)[place], by=VISITOR)


def get(inquiry: Inquiry, rest: str = "", **query: str):
    return Patient().get(inquiry.own_page_url() + rest, query)


def html(inquiry: Inquiry, rest: str = "", **query: str) -> str:
    return get(inquiry, rest, **query).content.decode()


def post(inquiry: Inquiry, rest: str, **data: str):
    return Patient().post(inquiry.own_page_url() + rest, data)


def seen(appointment: Appointment | None) -> dict[str, str]:
    """What a page that shows this appointment posts of it."""
    return {"appointment": str(appointment.pk), "version": str(appointment.version)} if appointment else {}


def answer_offers(inquiry: Inquiry, **data: str):
    """Press a button below the offered times, on the page as it is now."""
    shown = ",".join(str(each.pk) for each in inquiry.appointments.proposed(timezone.now()))
    return post(inquiry, "offers/", proposals=shown, **seen(inquiry.appointments.live().first()), **data)


def cancel(appointment: Appointment):
    return post(appointment.inquiry, "cancel/", **seen(appointment))


def choose(inquiry: Inquiry, slot, instead_of: Appointment | None = None):
    return post(inquiry, "times/", slot=slot_codes.encode(slot), **seen(instead_of))


class TestThePage:
    def test_it_says_when_where_and_with_whom_in_the_clinics_time(self, rosa, doctor):
        booked(rosa, doctor)
        Inquiry.objects.update(message="My back hurts")

        page = html(rosa)

        assert "Your appointment is booked" in page
        assert ">Tue, November 24<br>" in page
        assert "11 a.m." in page
        assert '<span class="zone">New York time</span>' in page
        assert "Jane Doe, MD" in page
        assert "4 Linden Road" in page
        assert "My back hurts" not in page
        assert "Rosa" not in page

    def test_how_to_prepare_shows_once_a_clinician_has_signed_these_words(self, rosa, doctor):
        visit = booked(rosa, doctor).visit_type
        type(visit).objects.update(preparation="Wear shoes without laces.")
        visit.refresh_from_db()
        assert "laces" not in html(rosa)

        PreparationSignOff.objects.create(visit_type=visit, digest=visit.preparation_digest, signed_by=make.user())
        assert "Wear shoes without laces." in html(rosa)

        type(visit).objects.update(preparation="Wear boots.")
        assert "boots" not in html(rosa)

    def test_nothing_is_kept_by_a_cache_or_found_by_a_search_engine(self, rosa, doctor):
        booked(rosa, doctor)
        for rest in ("", "times/", "cancel/", "card/", "calendar.ics"):
            answer = get(rosa, rest)
            assert answer.status_code == 200, rest
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Robots-Tag"] == "noindex"
            assert answer.headers["Referrer-Policy"] == "same-origin"

    def test_reading_changes_nothing(self, rosa, doctor):
        appointment = booked(rosa, doctor)
        slot = make.slots(doctor, TUESDAY)[0]
        for rest in ("", "times/", f"times/?slot={slot_codes.encode(slot)}", "cancel/", "card/", "calendar.ics"):
            Patient().get(rosa.own_page_url() + rest)
        only_posts = ("offers/", "earlier/", "coming/")
        assert [Patient().get(rosa.own_page_url() + rest).status_code for rest in only_posts] == [405] * 3

        appointment.refresh_from_db()
        assert (appointment.version, appointment.events.count()) == (1, 1)
        assert Appointment.objects.count() == 1

    @pytest.mark.parametrize("rest", ["times/", "cancel/", "offers/", "earlier/", "coming/"])
    def test_another_sites_page_cannot_post_here(self, rosa, doctor, rest):
        booked(rosa, doctor)
        answer = Patient().post(rosa.own_page_url() + rest, {"on": ""}, headers={"sec-fetch-site": "cross-site"})

        assert answer.status_code == 403

    def test_the_calendar_file_is_served_and_neutral(self, rosa, doctor):
        booked(rosa, doctor)

        answer = get(rosa, "calendar.ics")

        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
        event = vobject.readOne(answer.content.decode()).vevent
        assert event.summary.value == "Appointment"
        assert event.dtstart.value == datetime.fromisoformat("2026-11-24T16:00:00+00:00")

    def test_without_a_time_there_is_no_file_no_card_and_nothing_to_cancel(self, rosa):
        assert [get(rosa, rest).status_code for rest in ("calendar.ics", "card/", "cancel/")] == [404, 404, 404]

    def test_the_card_has_what_one_needs_at_the_refrigerator(self, rosa, doctor):
        booked(rosa, doctor)
        make.clinic(phone="(646) 555-0111")

        page = html(rosa, "card/")

        assert all(
            words in page
            for words in ("11 a.m.", "Jane Doe, MD", "4 Linden Road", "(646) 555-0111", rosa.shown_reference)
        )


class TestChoosing:
    def test_a_chosen_time_is_confirmed_before_it_is_taken(self, rosa, doctor):
        slot = make.slots(doctor, TUESDAY)[2]
        page = html(rosa, "times/", day="2026-11-24")
        assert f'<form method="get" action="{rosa.own_page_url()}times/">' in page
        assert f'<button name="slot" value="{slot_codes.encode(slot)}">' in page

        page = html(rosa, "times/", slot=slot_codes.encode(slot))
        assert "Is this the right time?" in page
        assert "10 a.m." in page

        assert choose(rosa, slot).headers["Location"] == f"{rosa.own_page_url()}?done=booked"
        assert rosa.appointments.get().slot == slot

    def test_somebody_was_faster_and_fresh_times_show(self, rosa, doctor):
        slot = make.slots(doctor, TUESDAY)[2]
        appointments.book(inquiry=make.inquiry(), slot=slot, by=VISITOR)

        answer = choose(rosa, slot)

        page = answer.content.decode()
        assert answer.status_code == 409
        assert "Someone else just took that time." in page
        assert "Free times on Tuesday, November 24" in page
        assert slot_codes.encode(slot) not in page
        assert not rosa.appointments.exists()

    def test_moving_is_one_update_and_says_what_one_has_now(self, rosa, doctor):
        appointment = booked(rosa, doctor)
        slot = make.slots(doctor, TUESDAY)[0]
        assert "Your appointment is on <strong>Tuesday, November 24, 11 a.m." in html(rosa, "times/")
        assert "This replaces your appointment on" in html(rosa, "times/", slot=slot_codes.encode(slot))

        choose(rosa, slot, appointment)

        assert rosa.appointments.get().slot == slot
        assert Appointment.objects.get().pk == appointment.pk

    def test_the_present_time_is_not_among_those_to_move_to(self, doctor):
        rosa = make.inquiry(kind="appointment")

        def offered() -> list[str]:
            return re.findall(r'<button name="slot" value="([^"]+)"', html(rosa, "times/"))

        before = offered()
        theirs = before[1]
        appointments.book(inquiry=rosa, slot=slot_codes.find(theirs, [doctor.schedules.get()]), by=VISITOR)
        after = offered()

        assert theirs not in after
        assert after[0] == before[0]

    def test_losing_a_race_while_moving_keeps_the_old_time(self, rosa, doctor):
        appointment = booked(rosa, doctor)
        slot = make.slots(doctor, TUESDAY)[0]
        appointments.book(inquiry=make.inquiry(), slot=slot, by=VISITOR)

        page = choose(rosa, slot, appointment).content.decode()

        assert "You still have the appointment below." in page
        assert rosa.appointments.get().slot == appointment.slot

    def test_a_tab_that_knows_less_is_asked_again(self, rosa, doctor):
        booked(rosa, doctor)
        slot = make.slots(doctor, TUESDAY)[0]

        answer = choose(rosa, slot, instead_of=None)

        assert answer.status_code == 409
        assert "This replaces your appointment on" in answer.content.decode()
        assert rosa.appointments.get().reschedules == 0

    @pytest.mark.parametrize(("status", "word"), [("booked", "booked"), ("pending", "held")])
    def test_going_back_after_a_move_does_not_ask_whether_it_takes_its_own_place(self, rosa, doctor, status, word):
        appointment, slot = booked(rosa, doctor), make.slots(doctor, TUESDAY)[0]
        choose(rosa, slot, appointment)
        Appointment.objects.update(status=status)

        answer = get(rosa, "times/", slot=slot_codes.encode(slot))

        assert (answer.status_code, answer.headers["Location"]) == (302, f"{rosa.own_page_url()}?done={word}")

    def test_after_the_clinics_limit_the_front_desk_moves_it(self, rosa, doctor, ann):
        Clinic.objects.update(reschedules_allowed=1)
        appointment = booked(rosa, doctor)
        choose(rosa, make.slots(doctor, TUESDAY)[0], appointment)
        appointment.refresh_from_db()

        page = html(rosa)
        assert "Move this appointment" not in page
        assert "To move it, please call us." in page
        assert get(rosa, "times/").status_code == 302
        slot = make.slots(doctor, TUESDAY)[5]
        with pytest.raises(TooManyReschedules):
            appointments.reschedule(appointment=appointment, slot=slot, by=VISITOR)
        assert appointments.reschedule(appointment=appointment, slot=slot, by=ann).reschedules == 1

    def test_a_time_that_we_took_away_can_be_moved_whatever_the_limit(self, rosa, doctor, ann):
        Clinic.objects.update(reschedules_allowed=0)
        appointment = booked(rosa, doctor)
        with displacement.changing_hours(by=ann):
            Closure.objects.create(name="Ill", starts_at="2026-11-24T05:00Z", ends_at="2026-11-25T05:00Z")
        page = html(rosa)
        assert "We are sorry: we can’t see you at this time." in page
        assert "Move this appointment" in page

        appointment.refresh_from_db()
        choose(rosa, make.slots(doctor, date(2026, 11, 25))[0], appointment)

        appointment.refresh_from_db()
        assert (appointment.reschedules, appointment.displaced_at) == (0, None)
        assert "We are sorry" not in html(rosa)

    def test_a_moved_time_that_needs_the_front_desk_is_held_again(self, rosa, doctor, ann):
        doctor.schedules.get().visit_type.__class__.objects.update(booked_at_once=False)
        appointment = booked(rosa, doctor)
        statuses.change_status(appointment=appointment, to=AppointmentStatus.BOOKED, by=ann)
        rosa.refresh_from_db()
        assert rosa.status == InquiryStatus.CLOSED
        appointment.refresh_from_db()

        choose(rosa, make.slots(doctor, TUESDAY)[0], appointment)

        appointment.refresh_from_db()
        rosa.refresh_from_db()
        assert (appointment.status, rosa.status, rosa.is_promised) == (
            AppointmentStatus.PENDING,
            InquiryStatus.OPEN,
            True,
        )

    def test_a_question_has_no_times(self, doctor):
        question = make.inquiry(kind="question", message="Why?")

        assert get(question, "times/").status_code == 302
        assert "Choose a time" not in html(question)

    def test_the_front_desk_can_be_asked_and_makes_one_promise(self, rosa, doctor, ann, clock):
        statuses.cancel(appointment=booked(rosa, doctor), by=ann)
        type(rosa).objects.update(status=InquiryStatus.CLOSED, answered_at="2026-11-23T17:00Z")
        clock.move_to("2026-11-30T17:00:00Z")

        for _ in range(2):
            assert post(rosa, "times/", ask="").headers["Location"] == f"{rosa.own_page_url()}?done=asked"

        rosa.refresh_from_db()
        assert (rosa.status, rosa.answered_at) == (InquiryStatus.OPEN, None)
        assert rosa.answer_by.isoformat() == "2026-12-01T22:00:00+00:00"

    def test_the_list_opens_on_the_kind_of_visit_that_they_have(self, rosa, doctor):
        make.practitioner(visit=make.visit_type("A", position=0))
        long = make.visit_type("Long talk", position=5)
        doctor.schedules.create(visit_type=long, is_online=True)
        booked(rosa, doctor)
        Appointment.objects.update(visit_type=long)

        assert "Long talk, 30 minutes." in html(rosa, "times/")

    def test_a_tap_on_another_offer_leads_to_the_time_that_was_taken(self, rosa, doctor, ann):
        until = datetime.fromisoformat("2026-11-23T20:00:00+00:00")
        first, second = proposals.propose(inquiry=rosa, slots=make.slots(doctor, TUESDAY)[:2], until=until, by=ann)
        answer_offers(rosa, proposal=str(first.pk))

        assert (
            answer_offers(rosa, proposal=str(second.pk)).headers["Location"]
            == f"{rosa.own_page_url()}?done=not-offered"
        )


class TestCancelling:
    def test_it_is_asked_first_and_frees_the_time(self, rosa, doctor):
        appointment = booked(rosa, doctor)
        assert "Yes, cancel it" in html(rosa, "cancel/")

        answer = cancel(appointment)

        assert answer.headers["Location"] == f"{rosa.own_page_url()}?done=cancelled"
        assert appointment.slot in make.slots(doctor, TUESDAY)
        page = html(rosa)
        assert "Your appointment is canceled" in page
        assert Inquiry.objects.get().is_promised  # The front desk has it before it,
        assert "We will contact you by" not in page  # and nobody waits for its call.
        assert "You do not need to do anything." in page
        assert "We have been in touch" not in page
        assert "Choose a new time" in page

    def test_a_second_post_is_calm(self, rosa, doctor):
        appointment = booked(rosa, doctor)
        cancel(appointment)

        answer = cancel(appointment)

        assert answer.status_code == 200
        assert "Your appointment is canceled already" in answer.content.decode()
        assert rosa.emails.filter(kind="cancelled").count() == 1

    def test_a_late_one_is_accepted_marked_and_shows_the_policy(self, rosa, doctor):
        booked(rosa, doctor)  # In 23 hours.
        page = html(rosa, "cancel/")
        assert "It is less than 24 hours until then. You can still cancel." in page
        assert "We may ask you to call next time." in page

        cancel(rosa.appointments.get())

        assert rosa.appointments.get().cancelled_late
        assert "You canceled less than 24 hours before." in html(rosa)

    def test_an_early_one_says_nothing_of_the_policy(self, rosa, doctor):
        appointments.book(inquiry=rosa, slot=make.slots(doctor, date(2026, 11, 27))[0], by=VISITOR)
        assert "We may ask" not in html(rosa, "cancel/")

        cancel(rosa.appointments.get())

        assert not rosa.appointments.get().cancelled_late
        assert "We may ask" not in html(rosa)

    def test_the_clinics_own_limit_of_lateness_counts(self, rosa, doctor):
        Clinic.objects.update(late_hours=2)
        booked(rosa, doctor)
        cancel(rosa.appointments.get())

        assert not rosa.appointments.get().cancelled_late

    def test_what_the_clinic_cancels_or_took_away_is_never_late(self, rosa, doctor, ann):
        appointment = booked(rosa, doctor)
        assert statuses.cancel(appointment=appointment, by=ann, reason=CancelledBy.CLINIC).cancelled_late is False
        with displacement.changing_hours(by=ann):
            other = booked(make.inquiry(), doctor)
        with displacement.changing_hours(by=ann):
            Closure.objects.create(name="Ill", starts_at="2026-11-24T05:00Z", ends_at="2026-11-25T05:00Z")
        assert statuses.cancel(appointment=other, by=VISITOR).cancelled_late is False

    def test_what_is_over_is_not_cancelled(self, rosa, doctor, clock):
        booked(rosa, doctor)
        clock.move_to("2026-11-24T18:00:00Z")

        assert "This appointment is in the past" in html(rosa, "cancel/")
        cancel(rosa.appointments.get())
        assert rosa.appointments.get().status == AppointmentStatus.BOOKED
        assert "Your last appointment" in html(rosa)

    def test_where_nothing_is_online_one_button_asks_for_a_new_time(self, rosa, doctor):
        booked(rosa, doctor)
        doctor.schedules.update(is_online=False)
        assert "To move it, please call us." in html(rosa)
        cancel(rosa.appointments.get())

        page = html(rosa)
        assert [words in page for words in ("We will contact you by", "Ask for a new time")] == [False, True]
        post(rosa, "times/", ask="")
        page = html(rosa)
        assert [words in page for words in ("We will contact you by", "Ask for a new time")] == [True, False]

    def test_who_asked_and_was_answered_without_a_time_can_ask_again(self, rosa, doctor):
        booked(rosa, doctor)
        doctor.schedules.update(is_online=False)
        cancel(rosa.appointments.get())
        post(rosa, "times/", ask="")
        Inquiry.objects.update(answered_at="2026-11-23T17:00Z", status=InquiryStatus.CLOSED)

        assert "Ask for a new time" in html(rosa)

    def test_the_desk_reads_that_who_cancelled_asks_for_a_time_until_they_have_one(self, client, rosa, doctor, ann):
        client.force_login(make.front_desk())
        booked(rosa, doctor)
        cancel(rosa.appointments.get())
        desk = f"/admin/appointments/inquiry/{rosa.pk}/change/"
        said = ["They ask us for a time." in client.get(desk).text]
        post(rosa, "times/", ask="")
        rosa.refresh_from_db()
        said.append("They ask us for a time." in client.get(desk).text)
        why = why_waiting([rosa], timezone.now())[rosa.pk].why

        statuses.undo(appointment=rosa.appointments.get(), by=ann)

        rosa.refresh_from_db()
        said.append("They ask us for a time." in client.get(desk).text)
        assert said == [False, True, False]
        assert why.startswith("asks us for a time; canceled ")
        assert rosa.waiting_list_since is None


class TestOffers:
    @pytest.fixture
    def offered(self, rosa, doctor, ann):
        slots = make.slots(doctor, TUESDAY)[:3]
        until = datetime.fromisoformat("2026-11-23T20:00:00+00:00")
        return proposals.propose(inquiry=rosa, slots=slots, until=until, by=ann)

    def test_they_are_held_shown_and_mailed_with_their_end(self, rosa, doctor, offered):
        page = html(rosa)
        assert "We have times for you" in page
        assert "until Monday, November 23, 3 p.m." in page
        assert page.count('name="proposal"') == 3
        assert not {each.slot for each in offered} & set(make.slots(doctor, TUESDAY))
        assert "Monday, November 23, 3 p.m." in compose.build(rosa.emails.get(kind="offered")).body
        rosa.refresh_from_db()
        assert (rosa.status, rosa.is_promised) == (InquiryStatus.WAITING_FOR_PATIENT, False)

    def test_the_patient_picks_one_and_the_others_are_free(self, rosa, doctor, offered):
        for _ in range(2):
            assert answer_offers(rosa, proposal=str(offered[1].pk)).status_code == 303

        assert [each.status for each in rosa.appointments.order_by("pk")] == ["cancelled", "booked", "cancelled"]
        free = make.slots(doctor, TUESDAY)
        assert [each.slot in free for each in offered] == [True, False, True]
        assert "Your appointment is booked" in html(rosa)
        assert rosa.emails.filter(kind="booked").count() == 1

    def test_another_one_pressed_in_an_old_tab_says_what_one_has(self, rosa, doctor, offered):
        answer_offers(rosa, proposal=str(offered[1].pk))

        answer = answer_offers(rosa, proposal=str(offered[0].pk))

        assert answer.headers["Location"] == f"{rosa.own_page_url()}?done=not-offered"
        page = Patient().get(answer.headers["Location"]).content.decode()
        assert "That time is no longer offered. The appointment that you have is below." in page

    def test_after_their_end_they_are_gone_and_the_page_says_what_is_possible(self, rosa, doctor, offered, clock):
        clock.move_to("2026-11-23T20:00:00Z")

        answer = answer_offers(rosa, proposal=str(offered[0].pk))

        assert answer.status_code == 409
        assert "This time is no longer held for you" in answer.content.decode()
        assert 'name="proposal"' not in html(rosa)
        assert offered[0].slot in make.slots(doctor, TUESDAY)

    def test_nobody_takes_somebody_elses_offer(self, doctor, offered):
        other = make.inquiry()

        for pk in (str(offered[0].pk), "x", "9" * 30, ""):
            assert post(other, "offers/", proposal=pk).status_code == 409
        assert not other.appointments.exists()

    def test_none_of_these_gives_the_next_step_back_to_the_front_desk(self, rosa, doctor, offered):
        answer_offers(rosa, none="")

        rosa.refresh_from_db()
        assert (rosa.status, rosa.is_promised) == (InquiryStatus.OPEN, True)
        assert {each.slot for each in offered} <= set(make.slots(doctor, TUESDAY))

    def test_whoever_has_a_time_is_moved_to_the_earlier_one(self, rosa, doctor, ann):
        appointment = booked(rosa, doctor)
        waiting_list.join_or_leave(inquiry=rosa, on=True, by=VISITOR)
        until = datetime.fromisoformat("2026-11-23T19:00:00+00:00")
        offered = proposals.propose(inquiry=rosa, slots=make.slots(doctor, TUESDAY)[:1], until=until, by=ann)
        assert "Your appointment on Tuesday, November 24, 11 a.m. would give way to it." in html(rosa)

        answer_offers(rosa, proposal=str(offered[0].pk))

        appointment.refresh_from_db()
        rosa.refresh_from_db()
        assert (appointment.slot, appointment.status) == (offered[0].slot, AppointmentStatus.BOOKED)
        assert rosa.waiting_list_since is None
        assert rosa.appointments.live().count() == 1

    def test_keeping_ones_time_leaves_it_as_it_was(self, rosa, doctor, ann):
        appointment = booked(rosa, doctor)
        until = datetime.fromisoformat("2026-11-23T19:00:00+00:00")
        proposals.propose(inquiry=rosa, slots=make.slots(doctor, TUESDAY)[:1], until=until, by=ann)

        answer_offers(rosa, none="")

        rosa.refresh_from_db()
        assert rosa.status == InquiryStatus.CLOSED
        assert rosa.appointments.live().get() == appointment

    def test_a_worker_lets_them_expire_and_the_front_desk_sees_it(self, rosa, doctor, offered, clock):
        clock.move_to("2026-11-23T20:00:00Z")
        proposals.expire_due()

        rosa.refresh_from_db()
        assert rosa.status == InquiryStatus.OPEN
        assert set(rosa.appointments.values_list("status", flat=True)) == {"cancelled"}
        assert "Your appointment is canceled" not in html(rosa)

    def test_the_front_desk_sees_it_also_when_somebody_else_has_taken_the_time_meanwhile(
        self, rosa, doctor, offered, clock
    ):
        clock.move_to("2026-11-23T20:00:00Z")
        for each in offered:
            appointments.book(inquiry=make.inquiry(), slot=each.slot, by=VISITOR)
        proposals.expire_due()

        rosa.refresh_from_db()
        assert rosa.status == InquiryStatus.OPEN

    @pytest.mark.parametrize(
        ("slots", "until"),
        [(slice(0, 0), "2026-11-23T20:00"), (slice(0, 4), "2026-11-23T20:00"), (slice(0, 1), "2026-11-23T16:00"),
         (slice(0, 1), "2026-11-24T14:01")],
    )  # fmt: skip
    def test_one_to_three_with_an_end_before_they_begin(self, rosa, doctor, ann, slots, until):
        with pytest.raises(NotPossible):
            proposals.propose(
                inquiry=rosa, slots=make.slots(doctor, TUESDAY)[slots], by=ann,
                until=datetime.fromisoformat(f"{until}:00+00:00"),
            )  # fmt: skip

    def test_what_is_not_free_is_not_offered(self, rosa, doctor, ann):
        slot = make.slots(doctor, TUESDAY)[0]
        appointments.book(inquiry=make.inquiry(), slot=slot, by=VISITOR)

        with pytest.raises(SlotTaken):
            proposals.propose(
                inquiry=rosa, slots=[slot], until=datetime.fromisoformat("2026-11-23T20:00:00+00:00"), by=ann
            )


class TestWantsEarlier:
    def test_it_is_said_and_taken_back_with_one_button_each(self, rosa, doctor):
        booked(rosa, doctor)

        post(rosa, "earlier/", on="")
        assert "You would take an earlier time." in html(rosa)
        post(rosa, "earlier/", off="")

        rosa.refresh_from_db()
        assert rosa.waiting_list_since is None

    def test_without_a_time_nothing_happens_and_the_page_says_so(self, rosa):
        answer = post(rosa, "earlier/", on="")

        assert answer.status_code == 409
        assert "That is not possible any longer. This is how things are now." in answer.content.decode()
        rosa.refresh_from_db()
        assert rosa.waiting_list_since is None


class TestStaffGiving:
    def test_any_free_minute_but_only_within_the_hours(self, rosa, doctor, ann):
        slot = make.slots(doctor, TUESDAY)[0]
        seven = slot._replace(
            starts_at=slot.starts_at.replace(minute=7), ends_at=slot.ends_at.replace(minute=37),
            blocked_until=slot.blocked_until.replace(minute=37),
        )  # fmt: skip
        night = [moment.replace(hour=3) for moment in slot[:3]]

        assert appointments.give(inquiry=rosa, slot=seven, by=ann).status == AppointmentStatus.BOOKED
        with pytest.raises(SlotTaken):
            appointments.give(inquiry=make.inquiry(), slot=slot._replace(
                starts_at=night[0], ends_at=night[1], blocked_until=night[2]
            ), by=ann)  # fmt: skip

    def test_overbooking_needs_a_member_of_staff_and_a_reason(self, doctor, ann):
        boss = Actor.staff(make.user("Manager"))
        slot = make.slots(doctor, TUESDAY)[0]
        appointments.give(inquiry=make.inquiry(), slot=slot, by=ann)
        for by, reason in ((boss, ""), (Actor(kind="system"), "x")):
            with pytest.raises(SlotTaken):
                appointments.give(inquiry=make.inquiry(), slot=slot, by=by, reason=reason)

        given = appointments.give(inquiry=make.inquiry(), slot=slot, by=boss, reason="An emergency")

        assert (given.overbooked, given.overbook_reason) == (True, "An emergency")
        assert slot not in make.slots(doctor, TUESDAY)
        assert (
            appointments.give(
                inquiry=make.inquiry(), slot=make.slots(doctor, TUESDAY)[0], by=boss, reason="x"
            ).overbooked
            is False
        )

    def test_a_visitor_is_nobody_who_overbooks(self, rosa, doctor):
        assert not AnonymousUser().has_perm(OVERBOOK)
        booked(make.inquiry(), doctor, 0)
        slot = make.slots(doctor, TUESDAY)[0]
        taken = slot._replace(
            starts_at=slot.starts_at.replace(hour=14, minute=0), ends_at=slot.ends_at.replace(hour=14, minute=30),
            blocked_until=slot.blocked_until.replace(hour=14, minute=30),
        )  # fmt: skip
        with pytest.raises(SlotTaken):
            appointments.give(inquiry=rosa, slot=taken, by=VISITOR, reason="please")
