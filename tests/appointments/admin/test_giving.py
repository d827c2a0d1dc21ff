"""Staff give, offer, move and cancel times at the inquiry's desk."""

import re
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth import get_user
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.utils import timezone

from appointments import limits
from appointments.actors import Actor
from appointments.admin.base import as_seen
from appointments.bookings import appointments, proposals, statuses, submissions, waiting_list
from appointments.models import Appointment, AppointmentStatus, Inquiry, InquiryStatus
from appointments.records import history
from appointments.scheduling import slot_codes
from clinic.accounts import roles
from clinic.models import Clinic
from tests import make

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)
VISITOR = Actor.visitor()
LIST = "/admin/appointments/appointment/"


@pytest.fixture(autouse=True)
def clock():
    make.clinic()
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def desk(client):
    client.force_login(make.front_desk(first_name="Ann", last_name="Reyes"))
    return client


@pytest.fixture
def doctor():
    visit = make.visit_type("First visit", booked_at_once=False)
    return make.practitioner("Jane Doe, MD", online=False, visit=visit)


def at_desk(inquiry) -> str:
    return f"/admin/appointments/inquiry/{inquiry.pk}/change/"


def of_times(inquiry) -> str:
    return f"/admin/appointments/inquiry/{inquiry.pk}/times/"


def press(client, inquiry, do: str, **more: str):
    """Press a button of the desk as it stands now."""
    inquiry.refresh_from_db()
    seen = {"version": str(inquiry.version), "idempotency_key": str(uuid4())}
    if appointment := inquiry.appointments.of_the_patient():
        seen["held"] = as_seen(appointment)
    seen["proposals"] = as_seen(*inquiry.appointments.proposed(timezone.now()))
    return client.post(at_desk(inquiry), {"do": do, **seen, **more}, follow=True)


def page(client, inquiry) -> str:
    return client.get(at_desk(inquiry)).content.decode()


def on_the_day(client, clock) -> None:
    """Let it be Tuesday, 7 a.m. at the clinic, and the same person be at the desk again."""
    user = get_user(client)
    clock.move_to("2026-11-24T12:00Z")
    client.force_login(user)


def given(doctor, place: int = 0, inquiry=None) -> Appointment:
    by = Actor.staff(make.front_desk())
    return appointments.give(inquiry=inquiry or make.inquiry(), slot=make.slots(doctor, TUESDAY)[place], by=by)


class TestDesk:
    def test_a_visit_goes_its_way_and_back_with_one_click_each(self, desk, doctor, clock):
        doctor.schedules.update(is_online=True)
        inquiry = make.inquiry()
        appointment = appointments.book(inquiry=inquiry, slot=make.slots(doctor, TUESDAY)[0], by=VISITOR)
        assert b"Confirm this time" in desk.get(at_desk(inquiry)).content

        states = []
        for do in ("time-confirm", "time-arrived", "time-undo", "time-arrived", "time-done", "time-undone"):
            press(desk, inquiry, do)
            if do == "time-confirm":
                on_the_day(desk, clock)
            appointment.refresh_from_db()
            states.append(appointment.status)
        assert states == ["booked", "arrived", "booked", "arrived", "fulfilled", "arrived"]

        with timezone.override("America/New_York"):
            said = [line.what for line in history.lines(inquiry)]
        assert "Held, not confirmed yet: Nov. 24, 9 a.m., First visit, Jane Doe, MD." in said
        assert "State: Held, not confirmed yet → Booked" in said
        assert sum(line.who == "Ann Reyes" for line in history.lines(inquiry)) >= 6

    @pytest.mark.parametrize("do", ["time-confirm", "time-done", "time-came", "time-undone", "time-undo-held"])
    def test_a_button_that_the_page_does_not_show_changes_nothing(self, desk, doctor, do):
        inquiry = given(doctor).inquiry
        press(desk, inquiry, "time-cancel")
        assert f'value="{do}"' not in page(desk, inquiry)

        answer = press(desk, inquiry, do)

        assert "That is not possible in its present state." in answer.text
        assert inquiry.appointments.get().status == AppointmentStatus.CANCELLED

    def test_nobody_fails_to_come_before_the_time(self, desk, doctor, clock):
        inquiry = given(doctor).inquiry
        assert b"Did not come" not in desk.get(at_desk(inquiry)).content
        press(desk, inquiry, "time-noshow")
        assert inquiry.appointments.get().status == AppointmentStatus.BOOKED

        clock.move_to("2026-11-24T14:01:00Z")
        desk.force_login(make.front_desk())
        press(desk, inquiry, "time-noshow")
        assert inquiry.appointments.get().status == AppointmentStatus.NOSHOW
        assert b"Arrived after all" in desk.get(at_desk(inquiry)).content

    def test_cancelling_says_who_could_not_and_can_be_undone_while_the_time_is_free(self, desk, doctor):
        inquiry = given(doctor).inquiry
        press(desk, inquiry, "time-cancel")
        assert inquiry.appointments.get().cancelled_late
        press(desk, inquiry, "time-undo")
        appointment = inquiry.appointments.get()
        assert (appointment.status, appointment.cancelled_late) == (AppointmentStatus.BOOKED, False)
        press(desk, inquiry, "time-cancel-ours")
        assert not inquiry.appointments.get().cancelled_late

        given(doctor)
        answer = press(desk, inquiry, "time-undo")
        assert "This time is not free any longer." in answer.content.decode()

    def test_a_held_time_that_was_cancelled_by_mistake_is_held_again(self, desk, doctor):
        doctor.schedules.update(is_online=True)
        slot = make.slots(doctor, TUESDAY)[0]
        inquiry = appointments.book(inquiry=make.inquiry(), slot=slot, by=VISITOR).inquiry
        press(desk, inquiry, "time-cancel")
        assert re.findall(r'value="(time-undo.*?)".*?>(.*?)<', page(desk, inquiry)) == [
            ("time-undo-held", "Undo: hold it again")
        ]

        press(desk, inquiry, "time-undo-held")

        assert inquiry.appointments.get().status == AppointmentStatus.PENDING

    def test_nobody_arrives_on_a_day_before(self, desk, doctor, clock):
        inquiry = given(doctor).inquiry

        assert 'value="time-arrived"' not in page(desk, inquiry)
        press(desk, inquiry, "time-arrived")
        assert inquiry.appointments.get().status == AppointmentStatus.BOOKED

        on_the_day(desk, clock)
        assert 'value="time-arrived"' in page(desk, inquiry)

    def test_nobodys_visit_is_done_on_a_day_before(self, desk, doctor, clock):
        inquiry = given(doctor).inquiry
        Appointment.objects.update(status=AppointmentStatus.ARRIVED)

        assert 'value="time-done"' not in page(desk, inquiry)
        on_the_day(desk, clock)
        assert 'value="time-done"' in page(desk, inquiry)

    def test_a_visit_that_nobody_marked_on_its_day_can_be_marked_on_the_next(self, desk, doctor, clock):
        inquiry = given(doctor).inquiry
        user = get_user(desk)
        clock.move_to("2026-11-25T17:00Z")
        desk.force_login(user)

        press(desk, inquiry, "time-arrived")

        assert inquiry.appointments.get().status == AppointmentStatus.ARRIVED

    def test_what_a_colleague_changed_meanwhile_is_looked_at_again(self, desk, doctor, clock):
        appointment = given(doctor)
        inquiry = appointment.inquiry
        on_the_day(desk, clock)
        stale = as_seen(appointment)
        press(desk, inquiry, "time-arrived")

        answer = press(desk, inquiry, "time-cancel", held=stale)

        assert "A colleague, the patient or the clock changed this time meanwhile." in answer.content.decode()
        assert inquiry.appointments.get().status == AppointmentStatus.ARRIVED

    @pytest.mark.parametrize("held", ["x", "", "9999:1", "9" * 5000])
    def test_a_made_up_post_is_looked_at_again(self, desk, doctor, held):
        appointment = given(doctor)

        answer = press(desk, appointment.inquiry, "time-cancel", held=held)

        assert "A colleague, the patient or the clock changed this time meanwhile." in answer.text
        assert appointment.inquiry.appointments.get().status == AppointmentStatus.BOOKED

    def test_another_patients_time_is_not_changed_from_here(self, desk, doctor):
        appointment, other = given(doctor), given(doctor, 3)

        press(desk, appointment.inquiry, "time-cancel", held=as_seen(other))

        assert set(Appointment.objects.values_list("status", flat=True)) == {AppointmentStatus.BOOKED}

    def test_the_desk_posts_what_it_shows(self, desk, doctor):
        appointment = given(doctor)

        assert f'name="held" value="{as_seen(appointment)}"' in desk.get(at_desk(appointment.inquiry)).text

    def test_it_says_how_often_the_patient_moved_their_time(self, desk, doctor):
        inquiry = given(doctor).inquiry
        Appointment.objects.update(reschedules=2)

        assert "changed 2 times by the patient" in desk.get(at_desk(inquiry)).text

    def test_a_note_typed_beside_the_button_is_kept(self, desk, doctor, clock):
        inquiry = given(doctor).inquiry
        on_the_day(desk, clock)
        press(desk, inquiry, "time-arrived", note="Came with her son")

        assert inquiry.notes.get().words == "Came with her son"

    def test_whoever_may_only_look_changes_nothing(self, client, doctor):
        reader = make.user()
        reader.user_permissions.add(*Permission.objects.filter(codename__in=["view_inquiry", "change_inquiry"]))
        client.force_login(reader)
        inquiry = given(doctor).inquiry

        assert b"First visit, Jane Doe, MD" in client.get(at_desk(inquiry)).content
        assert b"time-arrived" not in client.get(at_desk(inquiry)).content
        assert press(client, inquiry, "time-arrived").status_code == 403
        assert client.get(of_times(inquiry)).status_code == 403

    def test_it_is_said_that_somebody_without_email_would_come_earlier(self, desk, doctor):
        inquiry = given(doctor, 5).inquiry
        press(desk, inquiry, "time-earlier")
        inquiry.refresh_from_db()
        assert inquiry.waiting_list_since
        press(desk, inquiry, "time-not-earlier")
        inquiry.refresh_from_db()
        assert not inquiry.waiting_list_since


class TestGiving:
    def test_a_ticked_time_is_given_also_where_patients_may_not_choose(self, desk, doctor):
        inquiry = make.inquiry(contact_by="email", email="rosa@example.com")
        html = desk.get(
            f"{of_times(inquiry)}?visit={doctor.schedules.get().visit_type_id}&day=2026-11-24"
        ).content.decode()
        slot = make.slots(doctor, TUESDAY)[3]
        assert f'value="{slot_codes.encode(slot)}"' in html

        answer = desk.post(of_times(inquiry), {"do": "give", "slot": slot_codes.encode(slot)}, follow=True)

        assert ": given." in answer.content.decode()
        assert inquiry.appointments.get().slot == slot
        inquiry.refresh_from_db()
        assert inquiry.status == InquiryStatus.CLOSED

    def test_who_is_on_the_phone_need_not_be_called_about_it(self, desk, doctor):
        told, untold = make.inquiry(), make.inquiry()
        for place, (inquiry, tick) in enumerate(((told, {"is_told": "on"}), (untold, {}))):
            code = slot_codes.encode(make.slots(doctor, TUESDAY)[place])
            desk.post(of_times(inquiry), {"do": "give", "slot": code, **tick})

        assert [inquiry.call_tasks.open().count() for inquiry in (told, untold)] == [0, 1]
        assert told.calls.get().outcome == "reached"

    def test_who_has_a_time_is_moved(self, desk, doctor):
        appointment = given(doctor)
        slot = make.slots(doctor, TUESDAY)[3]
        html = desk.get(of_times(appointment.inquiry)).content.decode()
        assert "Another time takes its place." in html

        held = as_seen(appointment)
        desk.post(of_times(appointment.inquiry), {"do": "give", "slot": slot_codes.encode(slot), "held": held})

        moved = appointment.inquiry.appointments.get()
        assert (moved.pk, moved.slot, moved.reschedules) == (appointment.pk, slot, 0)

    def test_two_or_three_are_offered_and_taken_by_phone(self, desk, doctor):
        inquiry = make.inquiry()
        slots = make.slots(doctor, TUESDAY)[:3]
        data = {
            "do": "propose",
            "slot": [slot_codes.encode(slot) for slot in slots],
            "until_0": "2026-11-23",
            "until_1": "17:00",
        }

        answer = desk.post(of_times(inquiry), data, follow=True)

        html = answer.content.decode()
        assert " is offered " in html
        assert "Offered until Mon, Nov. 23, 5 p.m." in html
        assert inquiry.call_tasks.get().kind == "offered"
        offered = inquiry.appointments.order_by("pk")[1]
        press(desk, inquiry, f"time-take-{offered.pk}")
        assert inquiry.appointments.live().get() == offered

    def test_two_that_overlap_are_not_both_offered_and_the_desk_reads_which(self, desk, doctor):
        busy_until = datetime.fromisoformat("2026-11-24T09:20:00-05:00")
        doctor.busy_blocks.create(starts_at=busy_until - timedelta(minutes=20), ends_at=busy_until)
        inquiry, (first, second, *_) = make.inquiry(), make.slots(doctor, TUESDAY)
        data = {"do": "propose", "until_0": "2026-11-23", "until_1": "17:00"}
        data["slot"] = [slot_codes.encode(slot) for slot in (second, first)]

        html = desk.post(of_times(inquiry), data, follow=True).content.decode()

        assert second.starts_at < first.blocked_until
        said = "Tue, Nov. 24, 9:20 a.m., or Tue, Nov. 24, 9:30 a.m."
        assert f"Tick one of these two, which overlap: {said}" in html
        assert not inquiry.appointments.exists()

    def test_an_offer_is_taken_back(self, desk, doctor):
        inquiry, slots = make.inquiry(), make.slots(doctor, TUESDAY)[:2]
        until = datetime.fromisoformat("2026-11-23T22:00:00+00:00")
        proposals.propose(inquiry=inquiry, slots=slots, until=until, by=Actor.staff(make.front_desk()))

        press(desk, inquiry, "time-withdraw")

        assert set(slots) <= set(make.slots(doctor, TUESDAY))

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            ({"do": "give"}, "Tick one time."),
            ({"do": "give", "slot": ["1-1-20261124T140000Z", "1-1-20261124T150000Z"]}, "Tick one time."),
            ({"do": "give", "slot": "1-1-20261124T140000Z"}, "This time is not free any longer."),
            ({"do": "propose"}, "Tick one to three times."),
            ({"do": "propose", "slot": "x", "until_0": "2026-11-22", "until_1": "10:00"}, "still to come"),
            ({"do": "propose", "slot": "x", "until_0": "9999-12-31", "until_1": "10:00"}, "still to come"),
            ({"do": "other"}, "Choose who and what for."),
            ({"do": "other", "at_0": "9999-12-31", "at_1": "23:59"}, "still to come"),
            ({"do": "other", "at_0": "2199-12-31", "at_1": "18:45"}, "still to come"),
            ({"do": "other", "at_0": "2025-11-24", "at_1": "10:00"}, "still to come"),
        ],
    )
    def test_what_is_missing_is_said_in_a_sentence(self, desk, doctor, data, sentence):
        answer = desk.post(of_times(make.inquiry()), data)

        assert answer.status_code == 200
        assert sentence in answer.content.decode()
        assert not Appointment.objects.exists()

    def test_an_offer_that_would_end_after_its_first_time_begins_ends_then(self, desk, doctor):
        slot, inquiry = make.slots(doctor, TUESDAY)[0], make.inquiry()
        data = {"do": "propose", "slot": slot_codes.encode(slot), "until_0": "2026-11-25", "until_1": "10:00"}

        answer = desk.post(of_times(inquiry), data, follow=True)

        assert "The offer ends when the first of these times begins: Tue, Nov. 24, 9 a.m." in answer.content.decode()
        assert inquiry.appointments.get().held_until == slot.starts_at

    def test_a_time_outside_the_list_is_given_where_it_is_free(self, desk, doctor):
        inquiry = make.inquiry()
        data = {"do": "other", "schedule": str(doctor.schedules.get().pk), "at_0": "2026-11-24", "at_1": "10:10"}

        desk.post(of_times(inquiry), data)

        assert inquiry.appointments.get().starts_at.isoformat() == "2026-11-24T15:10:00+00:00"

    def test_overbooking_says_who_has_the_time_needs_a_reason_and_stands_in_red(self, client, desk, doctor):
        given(doctor)
        whose = Inquiry.objects.get().name
        inquiry = make.inquiry()
        data = {"do": "other", "schedule": str(doctor.schedules.get().pk), "at_0": "2026-11-24", "at_1": "09:00"}
        why = f"This time is not free. {whose} has 9 a.m. to 9:30 a.m. (booked). "

        answer = client.post(of_times(inquiry), data)
        assert f"{why}To give it all the same, write why." in answer.content.decode()
        assert not inquiry.appointments.exists()
        answer = client.post(of_times(inquiry), data | {"reason": "In great need"}, follow=True)

        red = '<strong class="late">⚠ Overbooked: In great need</strong>'
        assert red in answer.content.decode()
        assert red in client.get(f"{LIST}?list=overbooked").content.decode()
        assert any("Overbooked: In great need." in line.what for line in history.lines(inquiry))

    def test_where_the_manager_keeps_overbooking_to_the_managers_the_desk_gives_no_time_that_is_not_free(
        self, client, desk, doctor
    ):
        Clinic.objects.update(desk_overbooks=False)
        given(doctor)
        inquiry = make.inquiry()
        data = {"do": "other", "schedule": str(doctor.schedules.get().pk), "at_0": "2026-11-24", "at_1": "09:00"}

        answer = desk.post(of_times(inquiry), data | {"reason": "Please"})
        assert "The manager can give it all the same." in answer.content.decode()
        assert b"Why it is overbooked" not in desk.get(of_times(inquiry)).content
        assert not inquiry.appointments.exists()

        client.force_login(make.user(roles.MANAGER))
        client.post(of_times(inquiry), data | {"reason": "Please"})
        assert inquiry.appointments.get().overbooked

    def test_nobody_gives_a_time_to_what_was_erased(self, desk, doctor):
        inquiry = make.inquiry()
        type(inquiry).objects.update(erased_at="2026-11-23T17:00Z")

        assert desk.get(of_times(inquiry)).status_code == 404

    def test_its_queries_do_not_grow(self, desk, doctor, django_assert_num_queries):
        inquiry = make.inquiry()
        address = f"{of_times(inquiry)}?visit={doctor.schedules.get().visit_type_id}"
        desk.get(address)
        for place in range(3):
            given(doctor, place)
            make.practitioner(visit=doctor.schedules.get().visit_type)
        with django_assert_num_queries(14):  # One of them writes who read it, one asks who is like them.
            desk.get(address)


class TestOffersOfAColleague:
    """A page that was opened before a colleague offered times takes none of them back unseen."""

    CHANGED = "changed this time meanwhile. Look again, then decide."

    @pytest.fixture
    def ben(self):
        return Actor.staff(make.front_desk(first_name="Ben"))

    def offer(self, inquiry, doctor, ben):
        until = datetime.fromisoformat("2026-11-23T22:00:00+00:00")
        slots = make.slots(doctor, TUESDAY)[6:8]
        return proposals.propose(inquiry=inquiry, slots=slots, until=until, by=ben)

    def choice(self, doctor, do: str) -> dict[str, str]:
        other = {"schedule": str(doctor.schedules.get().pk), "at_0": "2026-11-24", "at_1": "10:10"}
        until = {"until_0": "2026-11-23", "until_1": "17:00"}
        slot = {"slot": slot_codes.encode(make.slots(doctor, TUESDAY)[3])}
        return {"do": do, **(other if do == "other" else slot | until)}

    @pytest.mark.parametrize("has_time", [False, True])
    @pytest.mark.parametrize("do", ["give", "propose", "other"])
    def test_giving_and_offering_ask_again_and_then_go_on(self, desk, doctor, ben, do, has_time):
        inquiry = given(doctor).inquiry if has_time else make.inquiry()
        before = make.hidden_fields(desk.get(of_times(inquiry)).text)
        offers = self.offer(inquiry, doctor, ben)

        answer = desk.post(of_times(inquiry), before | self.choice(doctor, do))

        assert self.CHANGED in answer.text
        assert list(inquiry.appointments.proposed(timezone.now()).order_by("pk")) == offers
        assert "<strong>Tuesday, Nov. 24, 12:30 p.m.</strong>, Jane Doe, MD" in answer.text

        again = desk.post(of_times(inquiry), make.hidden_fields(answer.text) | self.choice(doctor, do))

        assert again.status_code == 302
        assert not inquiry.appointments.filter(pk__in=[each.pk for each in offers], status="proposed").exists()

    @pytest.mark.parametrize("do", ["time-confirm", "time-undo", "time-wish", "spam"])
    def test_so_do_the_buttons_of_the_desk(self, desk, doctor, ben, do):
        doctor.schedules.update(is_online=True)
        fields = {"name": "Rosa Lind", "contact_by": "phone", "phone": "212 555 0123", "kind": "appointment"}
        fields |= {"screening": "by_hand", "screening_reason": "asked", "status": "waiting_for_patient"}
        asked = Inquiry(submission_id="rosa", assigned_to=ben.user, **fields)
        inquiry = submissions.submit_and_book(inquiry=asked, slot=make.slots(doctor, TUESDAY)[0], by=VISITOR).inquiry
        if do == "time-undo":
            press(desk, inquiry, "time-confirm")
        if do in ("time-undo", "time-wish"):
            press(desk, inquiry, "time-cancel-ours")
        Inquiry.objects.update(screening="passed", screening_reason="", status="waiting_for_patient")
        before = make.hidden_fields(page(desk, inquiry))
        offers = self.offer(inquiry, doctor, ben)

        answer = desk.post(at_desk(inquiry), before | {"do": do, "sure": do}, follow=True)

        assert "meanwhile. Look again, then decide." in answer.text
        assert list(inquiry.appointments.proposed(timezone.now()).order_by("pk")) == offers

    def test_taking_an_offer_back_compares_once_more_under_its_lock(self, desk, doctor, ben, monkeypatch):
        inquiry, real = make.inquiry(), proposals.decline
        self.offer(inquiry, doctor, ben)
        renewed = []

        def after_ben_has_renewed_it(**how):
            renewed[:] = self.offer(inquiry, doctor, ben)
            real(**how)

        monkeypatch.setattr(proposals, "decline", after_ben_has_renewed_it)

        answer = press(desk, inquiry, "time-withdraw")

        assert self.CHANGED in answer.text
        assert list(inquiry.appointments.proposed(timezone.now()).order_by("pk")) == renewed

    def test_an_earlier_time_is_not_offered_in_place_of_theirs(self, desk, doctor, ben, monkeypatch):
        first, inquiry = given(doctor), given(doctor, 10).inquiry
        waiting_list.join_or_leave(inquiry=inquiry, on=True, by=VISITOR)
        statuses.cancel(appointment=first, by=ben)
        real, offers = waiting_list.freed_slots, []

        def before_ben_has_offered(now):
            found = real(now)
            offers[:] = self.offer(inquiry, doctor, ben)
            return found

        monkeypatch.setattr(waiting_list, "freed_slots", before_ben_has_offered)

        answer = desk.post(f"{LIST}earlier/", {"entry": f"{inquiry.pk}.{slot_codes.encode(first.slot)}"})

        assert self.CHANGED in "".join(map(str, get_messages(answer.wsgi_request)))
        assert list(inquiry.appointments.proposed(timezone.now()).order_by("pk")) == offers


class TestList:
    def test_what_waits_for_the_front_desk_is_one_click_away(self, desk, doctor):
        doctor.schedules.update(is_online=True)
        held = appointments.book(
            inquiry=make.inquiry(name="Held Hanna"), slot=make.slots(doctor, TUESDAY)[0], by=VISITOR
        )
        given(doctor, 1, make.inquiry(name="Booked Bob"))
        assert "Times to confirm: 1" in desk.get("/admin/").content.decode()

        html = desk.get(f"{LIST}?list=held").content.decode()

        assert "Held Hanna" in html
        assert "Booked Bob" not in html
        assert desk.get(f"{LIST}{held.pk}/change/").headers["Location"] == at_desk(held.inquiry)

    @pytest.mark.parametrize("which", ["", "coming", "held", "today", "overbooked", "all", "nonsense"])
    def test_every_list_shows_in_the_same_queries(self, desk, doctor, which, django_assert_num_queries):
        given(doctor)
        address = f"{LIST}?list={which}" if which else LIST
        desk.get(address)
        for place in range(5):
            given(doctor, place)
        # Whose patients may hold another time, and namesakes may come on the same day.
        has_coming = which not in ("held", "today", "overbooked")
        with django_assert_num_queries(7 + 2 * has_coming):
            assert desk.get(address).status_code == 200

    @pytest.mark.parametrize(("role", "links"), [(roles.FRONT_DESK, 0), (roles.MANAGER, 1)])
    def test_it_leads_to_bringing_in_who_may_do_it(self, client, role, links):
        client.force_login(make.user(role))

        assert client.get(LIST).text.count(f'href="{LIST}import/"') == links

    def test_it_names_who_comes_and_not_only_who_wrote(self, desk, doctor):
        given(doctor, 0, make.inquiry(name="Carol Carer", patient_name="Old Patient"))

        assert "Old Patient (through Carol Carer)" in desk.get(LIST).content.decode()

    def test_nobody_writes_or_deletes_here(self, client, doctor):
        client.force_login(make.user(is_superuser=True))
        appointment = given(doctor)

        assert client.get(f"{LIST}add/").status_code == 403
        assert client.post(f"{LIST}{appointment.pk}/delete/", {"post": "yes"}).status_code == 403

    @pytest.mark.parametrize("role", [None, roles.CONTENT_EDITOR, roles.CLINICIAN])
    def test_it_is_the_front_desks_alone(self, client, doctor, role):
        client.force_login(make.user(role))
        inquiry = given(doctor).inquiry

        for address in (LIST, f"{LIST}earlier/", of_times(inquiry)):
            assert client.get(address).status_code == 403


class TestEarlier:
    def wishing(self, doctor, place: int, **fields) -> Appointment:
        appointment = given(doctor, place, make.inquiry(**fields))
        waiting_list.join_or_leave(inquiry=appointment.inquiry, on=True, by=VISITOR)
        return appointment

    def test_a_freed_time_shows_who_fits_the_longest_waiting_first(self, desk, doctor, clock):
        first = given(doctor, 0)
        self.wishing(doctor, 5, name="Phone Paula", phone="212 555 0123")
        clock.shift(60)
        self.wishing(doctor, 6, name="Mail Mary", contact_by="email", email="mary@example.com")
        assert "Earlier times that somebody wants: 0" in desk.get("/admin/").content.decode()
        statuses.cancel(appointment=first, by=VISITOR)

        html = desk.get(f"{LIST}earlier/").content.decode()

        assert "Earlier times that somebody wants: 1" in desk.get("/admin/").content.decode()
        assert "Tuesday, Nov. 24, 9 a.m., Jane Doe, MD" in html
        assert html.index("Phone Paula") < html.index("Mail Mary")
        assert "212 555 0123" in html

    def test_it_is_held_for_one_for_two_hours_and_then_it_is_the_next_ones_turn(self, desk, doctor, clock):
        first = given(doctor, 0)
        paula = self.wishing(doctor, 5, name="Phone Paula")
        clock.shift(60)
        mary = self.wishing(doctor, 6, name="Mail Mary", contact_by="email", email="mary@example.com")
        statuses.cancel(appointment=first, by=VISITOR)
        code = f"{paula.inquiry_id}.{slot_codes.encode(first.slot)}"

        answer = desk.post(f"{LIST}earlier/", {"entry": code}, follow=True)

        html = answer.content.decode()
        assert "Phone Paula: Tue, Nov. 24, 9 a.m. is held for them until Mon, Nov. 23, 2:01 p.m." in html
        assert "Please call them: no mail tells them." in html
        assert "No time has become free that somebody waits for." in html
        assert paula.inquiry.call_tasks.open().filter(kind="offered").count() == 1
        held = paula.inquiry.appointments.get(status="proposed")
        assert (held.held_until - held.created_at).total_seconds() == 7200

        clock.shift(7201)
        desk.force_login(make.front_desk())  # Who did nothing for two hours is signed out.
        html = desk.get(f"{LIST}earlier/").content.decode()
        assert "Phone Paula" not in html
        assert "Mail Mary" in html
        answer = desk.post(
            f"{LIST}earlier/", {"entry": f"{mary.inquiry_id}.{slot_codes.encode(first.slot)}"}, follow=True
        )
        assert "They hear of it in two minutes." in answer.content.decode()
        proposals.accept(proposal=mary.inquiry.appointments.get(status="proposed"), by=VISITOR)
        mary.refresh_from_db()
        assert mary.slot == first.slot

    def test_the_time_of_somebody_who_moved_is_free_too(self, desk, doctor):
        first = given(doctor, 0)
        self.wishing(doctor, 5, name="Phone Paula")
        appointments.reschedule(
            appointment=first, slot=make.slots(doctor, TUESDAY)[8], by=Actor.staff(make.front_desk())
        )

        assert "Phone Paula" in desk.get(f"{LIST}earlier/").content.decode()

    def test_nobody_is_asked_to_come_later_or_where_the_visit_does_not_fit(self, desk, doctor):
        short = make.visit_type("Short", minutes=10)
        doctor.schedules.create(visit_type=short)
        self.wishing(doctor, 0, name="Early Ed")
        freed = make.slots(doctor, TUESDAY)[1]
        ann = Actor.staff(make.front_desk())
        ten = freed._replace(visit_type_id=short.pk)
        begins = freed.starts_at + timedelta(minutes=5)
        ends = begins + timedelta(minutes=10)
        ten = ten._replace(starts_at=begins, ends_at=ends, blocked_until=ends)
        small = appointments.give(inquiry=make.inquiry(), slot=ten, by=ann)
        given(doctor, 0)
        self.wishing(doctor, 5, name="Late Lou")
        statuses.cancel(appointment=small, by=ann)
        appointments.give(inquiry=make.inquiry(), slot=ten._replace(
            starts_at=ends, ends_at=ends + timedelta(minutes=10), blocked_until=ends + timedelta(minutes=10)
        ), by=ann)  # fmt: skip

        html = desk.get(f"{LIST}earlier/").content.decode()

        assert "Early Ed" not in html
        assert "Late Lou" not in html

    @pytest.mark.parametrize("entry", ["", "x", "1.2-3-4", "999.1-1-20261124T140000Z"])
    def test_a_made_up_entry_is_a_sentence(self, desk, doctor, entry):
        answer = desk.post(f"{LIST}earlier/", {"entry": entry}, follow=True)

        assert "no longer free, or was offered meanwhile" in answer.content.decode()


class TestWish:
    """The time that somebody chose with the form, and whose request is checked by hand."""

    @pytest.fixture(autouse=True)
    def is_online(self, doctor):
        doctor.schedules.update(is_online=True)

    def asked(self, doctor, place: int = 0):
        fields = {"screening": "by_hand", "screening_reason": "asked", "sum_solved": False, "phone": "212 555 0123"}
        inquiry = Inquiry(submission_id="rosa", kind="appointment", name="Rosa Lind", contact_by="phone", **fields)
        slot = make.slots(doctor, TUESDAY)[place]
        return submissions.submit_and_book(inquiry=inquiry, slot=slot, by=VISITOR).inquiry

    def test_while_it_is_held_the_desk_says_until_when_and_confirms_it(self, desk, doctor):
        inquiry = self.asked(doctor)
        assert "It is held until Tue, Nov. 24, 9 a.m., then it is free again." in page(desk, inquiry)
        assert "Held, not confirmed yet, until Tue, Nov. 24, 9 a.m." in desk.get(LIST).content.decode()

        press(desk, inquiry, "time-confirm")

        assert inquiry.appointments.get().status == AppointmentStatus.BOOKED

    def test_a_wish_that_is_not_held_is_given_with_one_button(self, desk, doctor):
        inquiry = self.asked(doctor)
        slot = inquiry.appointments.get().slot
        Appointment.objects.update(status=AppointmentStatus.CANCELLED)
        assert "They asked for <strong>Tue, Nov. 24, 9 a.m.</strong>, First visit, Jane Doe, MD." in page(desk, inquiry)

        press(desk, inquiry, "time-wish")

        assert inquiry.appointments.live().get().slot == slot
        assert "They asked for" not in page(desk, inquiry)

    def test_what_was_held_and_cancelled_by_mistake_is_held_again_and_still_to_be_checked(self, desk, doctor):
        inquiry = self.asked(doctor)
        held = inquiry.appointments.get()
        press(desk, inquiry, "time-cancel-ours")
        html = page(desk, inquiry)
        assert 'value="time-undo-held"' in html

        press(desk, inquiry, "time-undo-held", held=re.search(r'name="held" value="(.*?)"', html)[1])

        again, inquiry = inquiry.appointments.get(), Inquiry.objects.get()
        assert (again.status, again.held_until) == (AppointmentStatus.PENDING, held.held_until)
        assert (inquiry.screening, inquiry.wish) == ("by_hand", held.slot)
        assert "It is held until Tue, Nov. 24, 9 a.m., then it is free again." in page(desk, inquiry)

    def test_it_is_not_held_again_where_as_many_are_held_as_may_be(self, desk, doctor):
        inquiry = self.asked(doctor)
        press(desk, inquiry, "time-cancel-ours")
        html = page(desk, inquiry)
        for place in range(limits.HELD_TO_CHECK):
            asked = make.inquiry(screening="by_hand", screening_reason="asked")
            submissions.hold_to_check(inquiry=asked, slot=make.slots(doctor, date(2026, 11, 25))[place], by=VISITOR)

        answer = press(desk, inquiry, "time-undo-held", held=make.hidden_fields(html)["held"])

        assert "As many times are held for requests to be checked as may be at once." in answer.text
        assert Appointment.objects.held_to_check(timezone.now()).count() == limits.HELD_TO_CHECK

    def test_it_is_not_offered_to_hold_again_what_would_have_ended(self, desk, doctor, clock):
        inquiry = self.asked(doctor)
        press(desk, inquiry, "time-cancel-ours")
        seen = as_seen(inquiry.appointments.get())
        clock.move_to("2026-11-24T14:00:00Z")
        desk.force_login(make.front_desk())

        assert "time-undo-held" not in page(desk, inquiry)
        answer = press(desk, inquiry, "time-undo-held", held=seen)
        assert "That is not possible in its present state." in answer.text
        assert inquiry.appointments.get().status == AppointmentStatus.CANCELLED

    @pytest.mark.parametrize("how", ["ended by itself", "declined"])
    def test_nor_what_ended_by_itself_or_was_only_offered(self, desk, doctor, clock, how):
        inquiry = self.asked(doctor)
        if how == "declined":
            Appointment.objects.all().update(status=AppointmentStatus.PROPOSED)
            proposals.decline(inquiry=inquiry, by=VISITOR)
        else:
            clock.move_to("2026-11-24T14:00:00Z")
            proposals.expire_due()
            desk.force_login(make.front_desk())

        assert "time-undo" not in page(desk, inquiry)

    def test_a_wish_ends_with_one_full_stop(self, desk, doctor):
        type(doctor).objects.update(name="John <Roe>, M.D.")
        inquiry = self.asked(doctor)
        Appointment.objects.update(status=AppointmentStatus.CANCELLED)

        asked_for = "They asked for <strong>Tue, Nov. 24, 9 a.m.</strong>, First visit, John &lt;Roe&gt;, M.D. </p>"
        assert asked_for in page(desk, inquiry)

    def test_where_it_is_not_free_any_longer_there_is_no_button(self, desk, doctor):
        inquiry = self.asked(doctor)
        Appointment.objects.update(status=AppointmentStatus.CANCELLED)
        given(doctor)

        html = page(desk, inquiry)

        assert "It is not free any longer." in html
        assert "time-wish" not in html
        answer = press(desk, inquiry, "time-wish").content.decode()
        assert "This time is not free any longer." in answer
        assert not inquiry.appointments.live().exists()


class TestAHoldThatHasEnded:
    """What was held while somebody checked the request is free before the job of the minute clears it away."""

    @pytest.fixture
    def other(self, doctor):
        return make.practitioner("John Roe, MD", visit=doctor.schedules.get().visit_type)

    @pytest.fixture
    def held(self, doctor):
        doctor.schedules.update(is_online=True)
        fields = {"screening": "by_hand", "screening_reason": "asked", "phone": "212 555 0123"}
        slot = make.slots(doctor, date(2026, 11, 26))[0]
        return submissions.hold_to_check(inquiry=make.inquiry(**fields), slot=slot, by=VISITOR)

    @pytest.mark.parametrize("is_cleared", [False, True])
    @pytest.mark.parametrize("with_whom", ["doctor", "other"])
    def test_another_time_is_given_in_its_place(self, request, desk, held, clock, with_whom, is_cleared):
        practitioner = request.getfixturevalue(with_whom)
        slot = make.slots(practitioner, date(2026, 11, 26))[4]
        clock.move_to(held.held_until)
        desk.force_login(make.front_desk())
        if is_cleared:
            proposals.expire_due()

        answer = desk.post(
            of_times(held.inquiry), {"do": "give", "slot": slot_codes.encode(slot), "held": as_seen(held)}, follow=True
        )

        assert ": given." in answer.text
        assert held.inquiry.appointments.live().get().slot == slot

    @pytest.mark.parametrize("is_cleared", [False, True])
    @pytest.mark.parametrize("do", ["time-confirm", "time-cancel", "time-cancel-ours"])
    def test_a_page_from_before_its_end_changes_nothing_and_says_so(self, desk, held, clock, do, is_cleared):
        inquiry = held.inquiry
        before = make.hidden_fields(page(desk, inquiry))
        clock.move_to(held.held_until)
        desk.force_login(make.front_desk())
        if is_cleared:
            proposals.expire_due()

        answer = desk.post(at_desk(inquiry), before | {"do": do}, follow=True)

        assert "A colleague, the patient or the clock changed this time meanwhile." in answer.text
        assert not inquiry.appointments.not_expired(timezone.now()).live().exists()

    def test_the_page_of_times_no_longer_says_that_they_have_it(self, desk, held, clock):
        assert "They have:" in desk.get(of_times(held.inquiry)).text
        clock.move_to(held.held_until)
        desk.force_login(make.front_desk())

        assert "They have:" not in desk.get(of_times(held.inquiry)).text

    def test_a_colleague_who_cancelled_it_meanwhile_is_still_named(self, desk, doctor, held):
        statuses.cancel(appointment=held, by=Actor.staff(make.front_desk()))
        code = slot_codes.encode(make.slots(doctor, TUESDAY)[0])

        answer = desk.post(of_times(held.inquiry), {"do": "give", "slot": code, "held": as_seen(held)})

        assert "A colleague, the patient or the clock changed this time meanwhile." in answer.text
