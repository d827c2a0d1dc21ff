"""Patients whose time was taken away: nobody is forgotten, and nobody is told twice or of what is no longer so."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.utils import timezone
from django.utils.html import strip_tags

from appointments.actors import Actor
from appointments.admin.lists import displaced_patients
from appointments.bookings import appointments, displacement, proposals, statuses, submissions
from appointments.inquiries import conversation
from appointments.models import (
    Appointment,
    AppointmentStatus,
    BusyBlock,
    CallState,
    CallTask,
    Closure,
    Email,
    Inquiry,
    MailState,
    NotificationKind,
    Practitioner,
)
from appointments.notifications import outbox
from appointments.notifications.notify import complete_calls
from clinic.accounts import roles
from tests import make

pytestmark = pytest.mark.django_db

NOON = "2026-11-23T17:00:00Z"
TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)
LIST = "/admin/appointments/appointment/displaced/"
MAIL = {"contact_by": "email", "email": "rosa@example.com", "phone": ""}


@pytest.fixture(autouse=True)
def monday_noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def ann():
    return make.front_desk(username="ann")


@pytest.fixture
def desk(client, ann):
    client.force_login(ann)
    return client


@pytest.fixture
def visit():
    return make.visit_type("First visit")


@pytest.fixture
def ill(visit) -> Practitioner:
    return make.practitioner("Doctor Ill", visit=visit)


@pytest.fixture
def well(visit) -> Practitioner:
    return make.practitioner("Doctor Well", visit=visit)


def booked(practitioner: Practitioner, place: int = 0, **fields) -> Appointment:
    slot = make.slots(practitioner, TUESDAY)[place]
    return appointments.book(inquiry=make.inquiry(**fields), slot=slot, by=Actor.visitor())


def close(practitioner: Practitioner | None = None) -> Closure:
    """Tuesday is closed: patients who had a time then are displaced."""
    starts_at = timezone.now() + timedelta(hours=12)
    with displacement.changing_hours(by=Actor.system()):
        return Closure.objects.create(
            practitioner=practitioner, name="Ill", starts_at=starts_at, ends_at=starts_at + timedelta(hours=24)
        )


def open_again() -> None:
    with displacement.changing_hours(by=Actor.system()):
        Closure.objects.all().delete()


def displaced(practitioner: Practitioner, place: int = 0, **fields) -> Appointment:
    appointment = booked(practitioner, place, **fields)
    close(practitioner)
    appointment.refresh_from_db()
    return appointment


def post(client, do: str, *chosen: Appointment, **more) -> str:
    pks = [each.pk for each in chosen]
    return client.post(LIST, {"do": do, "which": "ticked", "shown": pks, "ticked": pks, **more}, follow=True).text


def said(html: str) -> str:
    [words] = re.findall(r'<li class="(?:success|warning)">(.*?)</li>', html, re.DOTALL)
    return " ".join(strip_tags(words).split())


def on_list(client) -> list[str]:
    return re.findall(r'<th scope="row"><a href=".*?">(.*?)</a>', client.get(LIST).text)


class TestList:
    def test_they_stand_soonest_first_with_what_is_needed_to_call(self, desk, ill):
        booked(ill, 3, name="Later Lind")
        booked(ill, 1, name="Sooner Lind", phone="212 555 0177", reach_note="no voicemail")
        close(ill)

        html = desk.get(LIST).text

        assert on_list(desk) == ["Sooner Lind", "Later Lind"]
        for words in (
            "212 555 0177",
            "<strong>no voicemail</strong>",
            "⚠ No voicemail.",
            "Nobody has told them yet",
            "9:30 a.m.",
        ):
            assert words in html
        assert 'name="ticked"' in html
        assert "checked" not in html.replace('value="ticked" id="id_which_0" checked', "")

    def test_it_says_when_nobody_waits(self, desk, ill):
        booked(ill)

        assert "Nobody waits here." in desk.get(LIST).text

    def test_it_takes_few_queries_however_long_it_is(self, desk, ill, django_assert_num_queries):
        for already in (0, 2):
            Closure.objects.all().delete()
            for number in range(2 + already):
                booked(ill, **(MAIL if number % 2 else {}))
            close(ill)
            displacement.tell_displaced(displaced=Appointment.objects.all(), by=Actor.system())

            with django_assert_num_queries(7):
                assert len(on_list(desk)) == 2 + 2 * already

    def test_the_first_page_leads_there(self, desk, ill):
        assert "Displaced patients: 0" in desk.get("/admin/").text
        displaced(ill)

        html = desk.get("/admin/").text

        assert f'<a href="{LIST}">Displaced patients: 1</a>' in html

    def test_it_is_for_those_who_see_appointments(self, client, ill):
        appointment = displaced(ill)
        client.force_login(make.user(roles.CONTENT_EDITOR))

        assert client.get(LIST).status_code == 403
        assert client.post(LIST, {"do": "tell", "which": "all", "shown": [appointment.pk]}).status_code == 403

    def test_whoever_only_sees_them_is_offered_nothing_to_do(self, client, ill):
        appointment, reader = displaced(ill), make.user()
        reader.user_permissions.add(Permission.objects.get(codename="view_appointment"))
        client.force_login(reader)

        shown = client.get(LIST).text.split("Displaced patients</h1>")[1].split("</main>")[0]
        assert appointment.inquiry.name in shown
        assert "<button" not in shown
        assert client.post(LIST, {"do": "reached", "which": "all", "shown": [appointment.pk]}).status_code == 403

    def test_what_is_no_deed_is_refused(self, desk, ill):
        displaced(ill)

        assert desk.post(LIST, {"do": "explode"}).status_code == 400

    def test_somebody_has_to_be_meant(self, desk, ill, well):
        appointment = displaced(ill)

        nobody = desk.post(LIST, {"do": "reached", "which": "ticked", "shown": [appointment.pk]}).text
        no_one = desk.post(LIST, {"do": "hand_over", "which": "all", "shown": [appointment.pk]}).text

        assert "Tick the patients you mean, or choose all on this list." in nobody
        assert "Choose who takes them." in no_one
        assert on_list(desk) == [appointment.inquiry.name]

    def test_all_are_those_who_were_on_the_screen(self, desk, ill):
        seen = booked(ill, name="Seen")
        booked(ill, name="Came Since")
        close(ill)

        desk.post(LIST, {"do": "reached", "which": "all", "shown": [seen.pk]})

        assert on_list(desk) == ["Came Since"]


class TestHandingOver:
    def test_it_moves_only_what_fits_at_the_same_times(self, desk, ill, well):
        fits, taken = booked(ill), booked(ill)
        close(ill)
        booked(well, 1)

        answer = post(desk, "hand_over", fits, taken, to=well.pk)

        stays = f"{fits.inquiry.name}: the time stays, taken over by Doctor Well."
        assert f"{stays} Please call them: no mail tells them." in answer
        assert f"{taken.inquiry.name} does not fit there and stays on the list." in answer
        moved = Appointment.objects.get(pk=fits.pk)
        assert (moved.practitioner, moved.starts_at, moved.displaced_at) == (well, fits.starts_at, None)
        assert on_list(desk) == [taken.inquiry.name]

    def test_the_message_ends_with_one_full_stop(self, desk, ill, visit):
        other = make.practitioner("John Roe, M.D.", visit=visit)
        appointment = displaced(ill)

        html = post(desk, "hand_over", appointment, to=other.pk)

        assert ": the time stays, taken over by John Roe, M.D. Please" in html

    def test_whoever_took_another_time_meanwhile_keeps_it(self, ill, well, ann):
        stale = displaced(ill)
        other = make.slots(ill, WEDNESDAY)[5]
        appointments.reschedule(appointment=stale, slot=other, by=Actor.visitor())

        assert displacement.hand_over(displaced=[stale], to=well, by=Actor.staff(ann)) == (0, 0)

        kept = Appointment.objects.get()
        assert (kept.practitioner, kept.starts_at) == (ill, other.starts_at)

    def test_what_was_to_be_said_of_the_lost_time_is_not_said_any_longer(self, ill, well, ann):
        by_phone, by_mail = booked(ill, 0), booked(ill, 1, **MAIL)
        close(ill)
        lost = list(Appointment.objects.displaced(timezone.now()))
        displacement.tell_displaced(displaced=lost, by=Actor.staff(ann))

        displacement.hand_over(displaced=lost, to=well, by=Actor.staff(ann))

        assert not CallTask.objects.open().filter(kind=NotificationKind.DISPLACED).exists()
        assert Email.objects.get(kind=NotificationKind.DISPLACED).state == MailState.CANCELLED
        assert by_mail.emails.filter(kind=NotificationKind.SOMEBODY_ELSE, state=MailState.WAITING).exists()
        assert by_phone.call_tasks.get(kind=NotificationKind.DISPLACED).state == CallState.CANCELLED


class TestTelling:
    def test_those_with_an_address_get_a_mail_and_the_rest_a_call(self, desk, ill):
        booked(ill, 0, **MAIL)
        booked(ill, 1)
        close(ill)

        answer = post(desk, "tell", *Appointment.objects.all())

        assert "They hear of it in two minutes; please call those without email." in answer
        assert Email.objects.get(kind=NotificationKind.DISPLACED).to == "rosa@example.com"
        assert CallTask.objects.get(kind=NotificationKind.DISPLACED).state == CallState.WAITING
        assert "to rosa@example.com: on its way" in answer
        assert len(on_list(desk)) == 2

    def test_a_second_click_tells_nobody_twice(self, desk, ill):
        appointment = displaced(ill, **MAIL)

        post(desk, "tell", appointment)
        post(desk, "tell", appointment)

        assert Email.objects.filter(kind=NotificationKind.DISPLACED).count() == 1

    def test_whoever_lost_a_time_once_more_is_told_once_more(self, desk, ill):
        appointment = displaced(ill, **MAIL)
        post(desk, "tell", appointment)
        open_again()

        with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
            close(ill)
            assert "Nobody has told them yet" in desk.get(LIST).text
            post(desk, "tell", appointment)

        assert Email.objects.filter(kind=NotificationKind.DISPLACED).count() == 2

    def test_whoever_took_another_time_meanwhile_is_told_nothing(self, ill, ann):
        stale = displaced(ill, **MAIL)
        appointments.reschedule(appointment=stale, slot=make.slots(ill, WEDNESDAY)[0], by=Actor.visitor())

        assert displacement.tell_displaced(displaced=[stale], by=Actor.staff(ann)) == (0, 0)

        assert not Email.objects.filter(kind=NotificationKind.DISPLACED).exists()


class TestReaching:
    def test_it_empties_the_list(self, desk, ill):
        booked(ill, 0, **MAIL)
        booked(ill, 1)
        close(ill)
        lost = list(Appointment.objects.all())
        post(desk, "tell", *lost)

        answer = post(desk, "reached", *lost)

        assert ": reached, off the list." in answer
        assert "Nobody waits here." in answer
        assert not CallTask.objects.open().filter(kind=NotificationKind.DISPLACED).exists()
        assert Email.objects.get(kind=NotificationKind.DISPLACED).state == MailState.BY_PHONE

    def test_a_second_click_is_calm(self, desk, ill):
        appointment = displaced(ill)

        post(desk, "reached", appointment)

        assert "They are off the list already." in post(desk, "reached", appointment)


class TestTakingBack:
    """Each press on the list is said with the names, and Undo takes it back for all whom it changed."""

    @pytest.fixture
    def lost(self, ill) -> list[Appointment]:
        booked(ill, 0, **MAIL, name="Agnes Moreau")
        booked(ill, 1, name="Cleo Frost")
        close(ill)
        return list(Appointment.objects.order_by("starts_at"))

    def undo(self, desk, html: str) -> str:
        [(address, name)] = re.findall(r'action="([^"]*)" class="undo">.*?value="(\w+)">Undo', html)
        return desk.post(address, {"undo": name}, follow=True).text

    def test_reached(self, desk, lost):
        post(desk, "tell", *lost)
        html = post(desk, "reached", *lost)
        assert said(html) == "Agnes Moreau and Cleo Frost: reached, off the list. Undo"

        again = self.undo(desk, html)

        assert said(again) == "Agnes Moreau and Cleo Frost: taken back; the call is to be made again."
        assert on_list(desk) == ["Agnes Moreau", "Cleo Frost"]
        assert CallTask.objects.get(kind=NotificationKind.DISPLACED).state == CallState.WAITING
        assert Email.objects.get(kind=NotificationKind.DISPLACED).state == MailState.WAITING

    @pytest.mark.parametrize("rounds", [1, 2])
    def test_telling_them_before_anybody_hears_of_it(self, desk, lost, mailoutbox, rounds):
        for _ in range(rounds):
            html = post(desk, "tell", *lost)
            assert said(html) == (
                "Agnes Moreau and Cleo Frost: to be told that their time is gone."
                " They hear of it in two minutes; please call those without email. Undo"
            )
            assert said(self.undo(desk, html)) == "Agnes Moreau and Cleo Frost: taken back."

        make.two_minutes_pass()
        outbox.send_due()
        assert [mail.subject for mail in mailoutbox if "move your appointment" in mail.subject] == []
        assert not CallTask.objects.open().filter(kind=NotificationKind.DISPLACED).exists()

    def test_handing_over(self, desk, lost, well):
        html = post(desk, "hand_over", *lost, to=well.pk)
        assert said(html).startswith("Agnes Moreau and Cleo Frost: the time stays, taken over by Doctor Well.")

        self.undo(desk, html)

        assert on_list(desk) == ["Agnes Moreau", "Cleo Frost"]
        assert {each.practitioner.name for each in Appointment.objects.all()} == {"Doctor Ill"}

    def test_all_of_it_or_nothing(self, desk, lost):
        html = post(desk, "reached", *lost)
        conversation.write_back(inquiry=lost[1].inquiry, words="Please call.")

        assert said(self.undo(desk, html)).startswith("A colleague, the patient or the clock changed this time")

        assert on_list(desk) == []

    def test_of_many_some_have_their_names(self, desk, ill):
        lost = [booked(ill, 0, name=name) for name in ("Ann", "Bo", "Cy", "Di", "Eve")]
        close(ill)

        assert said(post(desk, "reached", *lost)) == "Ann, Bo, Cy and 2 more: reached, off the list. Undo"


class TestLeavingTheList:
    def test_whoever_cancels_is_off_it(self, desk, ill):
        appointment = displaced(ill)

        statuses.cancel(appointment=appointment, by=Actor.visitor())

        assert on_list(desk) == []

    def test_a_time_that_is_given_back_is_no_longer_said_to_be_gone(self, desk, ill):
        booked(ill, 0, **MAIL)
        booked(ill, 1)
        close(ill)
        post(desk, "tell", *Appointment.objects.all())

        open_again()

        assert on_list(desk) == []
        assert Email.objects.get(kind=NotificationKind.DISPLACED).state == MailState.CANCELLED
        assert not CallTask.objects.open().filter(kind=NotificationKind.DISPLACED).exists()

    def test_an_offer_whose_time_is_gone_is_withdrawn(self, ill):
        slot = make.slots(ill, TUESDAY)[0]
        offer = Appointment.objects.create(
            inquiry=make.inquiry(), practitioner=ill, visit_type_id=slot.visit_type_id, starts_at=slot.starts_at,
            ends_at=slot.ends_at, blocked_until=slot.blocked_until, status=AppointmentStatus.PROPOSED,
            held_until=slot.starts_at,
        )  # fmt: skip

        close(ill)

        offer.refresh_from_db()
        assert offer.status == AppointmentStatus.CANCELLED

    def test_what_only_overlaps_the_pause_after_a_visit_displaces_nobody(self):
        doctor = make.practitioner(visit=make.visit_type(buffer_minutes=30))
        appointment = booked(doctor)

        with displacement.changing_hours([doctor.pk], by=Actor.system()) as affected:
            BusyBlock.objects.create(
                practitioner=doctor, starts_at=appointment.ends_at, ends_at=appointment.blocked_until
            )

        assert affected == []

    def test_the_history_says_who_closed(self, ann, ill):
        appointment = booked(ill)
        with displacement.changing_hours([ill.pk], by=Actor.staff(ann)):
            Closure.objects.create(
                practitioner=ill, name="Ill", starts_at=appointment.starts_at, ends_at=appointment.ends_at
            )

        assert appointment.events.last().pgh_context.metadata["user"] == ann.pk
        assert Inquiry.objects.get().appointments.displaced(timezone.now()).exists()


class TestASecondReason:
    """A time that is gone already cannot be lost once more."""

    def off(self, practitioner) -> list[Appointment]:
        """They no longer work on Tuesdays, either."""
        with displacement.changing_hours([practitioner.pk], by=Actor.system()) as affected:
            practitioner.working_hours.filter(weekday=TUESDAY.weekday()).delete()
        return affected

    def test_whoever_was_reached_stays_reached(self, desk, ill):
        appointment = displaced(ill)
        post(desk, "reached", appointment)
        before = Appointment.objects.get()

        assert self.off(ill) == []

        after = Appointment.objects.get()
        assert (after.displaced_at, after.reached_at) == (before.displaced_at, before.reached_at)
        assert on_list(desk) == []

    def test_whoever_was_told_is_not_told_again(self, desk, ill):
        appointment = displaced(ill, **MAIL)
        post(desk, "tell", appointment)
        with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
            self.off(ill)

            assert "Nobody has told them yet" not in desk.get(LIST).text
            post(desk, "tell", appointment)

        assert Email.objects.filter(kind=NotificationKind.DISPLACED).count() == 1

    def test_only_those_who_lose_their_time_now_are_new(self, ill):
        lost = booked(ill, 0)
        with displacement.changing_hours([ill.pk], by=Actor.system()):
            BusyBlock.objects.create(practitioner=ill, starts_at=lost.starts_at, ends_at=lost.ends_at)
        other = booked(ill, 1)

        assert self.off(ill) == [other]


class TestGivingBack:
    """A confirmation that was not out yet when its time was taken away is told once the time is back."""

    @pytest.fixture(params=["mail", "call"])
    def contact(self, request) -> dict[str, str]:
        return MAIL if request.param == "mail" else {}

    def due(self, inquiry) -> list[str]:
        about = {"appointment__isnull": False}
        mails = inquiry.emails.filter(**about, state=MailState.WAITING)
        return sorted(row.kind for row in (*mails, *inquiry.call_tasks.open().filter(**about)))

    def tell(self, inquiry, ann) -> None:
        make.two_minutes_pass()
        outbox.send_due()
        complete_calls(inquiry.call_tasks.open(), ann)

    @pytest.mark.parametrize(("at_once", "kind"), [(True, "booked"), (False, "held")])
    def test_whoever_never_heard_of_their_time_hears_of_it(self, ill, visit, ann, contact, at_once, kind):
        type(visit).objects.update(booked_at_once=at_once)
        appointment = displaced(ill, **contact)
        assert self.due(appointment.inquiry) == []
        make.two_minutes_pass()
        outbox.send_due()

        open_again()

        assert self.due(appointment.inquiry) == [kind]
        self.tell(appointment.inquiry, ann)
        close(ill)
        open_again()
        assert self.due(appointment.inquiry) == []

    def test_whoever_was_moved_hears_that_they_were_moved(self, ill, ann, contact):
        appointment = booked(ill, **contact)
        self.tell(appointment.inquiry, ann)
        with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
            by = Actor.staff(ann)
            appointments.reschedule(appointment=appointment, slot=make.slots(ill, TUESDAY)[4], by=by)
            close(ill)
            assert self.due(appointment.inquiry) == []

            open_again()

        assert self.due(appointment.inquiry) == ["moved"]

    def test_whoever_was_told_before_is_told_nothing(self, ill, ann, contact):
        appointment = booked(ill, **contact)
        self.tell(appointment.inquiry, ann)
        close(ill)

        open_again()

        assert self.due(appointment.inquiry) == []

    def test_whoever_was_told_of_an_earlier_loss_and_its_end_is_told_nothing_of_the_next(self, ill, ann, contact):
        appointment = displaced(ill, **contact)
        displacement.tell_displaced(displaced=[appointment], by=Actor.staff(ann))
        self.tell(appointment.inquiry, ann)
        open_again()
        assert self.due(appointment.inquiry) == ["booked"]
        self.tell(appointment.inquiry, ann)

        with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
            close(ill)
            open_again()

        assert self.due(appointment.inquiry) == []

    def test_whoever_is_being_told_of_the_loss_at_this_moment_is_told_of_its_end(self, ill, ann, monkeypatch):
        appointment = booked(ill, **MAIL)
        self.tell(appointment.inquiry, ann)
        close(ill)
        appointment.refresh_from_db()
        displacement.tell_displaced(displaced=[appointment], by=Actor.staff(ann))
        real = displacement.cancel_notifications

        def sent_meanwhile(appointments, *kinds):
            """A worker holds the mail's row: cancelling waits for it, and finds that it was sent."""
            if kinds == (NotificationKind.DISPLACED,):
                sent = {"state": MailState.SENT, "sent_at": timezone.now()}
                Email.objects.filter(kind=NotificationKind.DISPLACED).update(**sent)
            real(appointments, *kinds)

        monkeypatch.setattr(displacement, "cancel_notifications", sent_meanwhile)
        open_again()

        assert self.due(appointment.inquiry) == ["booked"]


class TestErasedMeanwhile:
    """Somebody erases a patient at the very moment at which others work on the list."""

    @pytest.fixture
    def both(self, ill) -> list[Appointment]:
        booked(ill, 0, **MAIL)
        booked(ill, 1)
        close(ill)
        return list(Appointment.objects.displaced(timezone.now()))

    def erase(self, appointment: Appointment) -> None:
        Inquiry.objects.filter(pk=appointment.inquiry_id).update(erased_at=timezone.now())

    def erased_after_the_look(self, monkeypatch, erased: Appointment) -> None:
        look = displacement._still_displaced

        def looked(appointment, *others):
            found = look(appointment, *others)
            self.erase(erased)
            return found

        monkeypatch.setattr(displacement, "_still_displaced", looked)

    def test_the_others_are_told(self, monkeypatch, ann, both):
        self.erased_after_the_look(monkeypatch, both[0])

        assert displacement.tell_displaced(displaced=both, by=Actor.staff(ann)) == (0, 1)

    def test_the_others_are_reached(self, ann, both):
        self.erase(both[0])

        assert displacement.reached(displaced=both, by=Actor.staff(ann)) == 1

        assert [each.reached_at is None for each in Appointment.objects.order_by("pk")] == [True, False]

    @pytest.mark.parametrize("do", ["tell", "reached", "hand_over"])
    def test_where_nobody_is_left_the_list_says_so(self, monkeypatch, desk, both, well, do):
        """The list was read a moment before one was erased."""
        on_list = displaced_patients._on_list

        def read_before() -> list[Appointment]:
            rows = on_list()
            self.erase(both[0])
            Appointment.objects.filter(pk=both[0].pk).update(status=AppointmentStatus.CANCELLED, displaced_at=None)
            return rows

        monkeypatch.setattr(displaced_patients, "_on_list", read_before)

        assert "They are off the list already." in post(desk, do, both[0], to=well.pk)

    def test_whoever_is_erased_while_they_are_told_is_no_fault(self, monkeypatch, desk, both):
        self.erased_after_the_look(monkeypatch, both[0])

        assert "They are off the list already." in post(desk, "tell", both[0])

    def test_a_day_is_closed_though_something_is_still_held_for_them(self, ill):
        slot, until = make.slots(ill, TUESDAY)[0], timezone.now() + timedelta(hours=2)
        inquiry = make.inquiry()
        [offer] = proposals.propose(inquiry=inquiry, slots=[slot], until=until, by=Actor.system())
        self.erase(offer)

        close(ill)

        offer.refresh_from_db()
        assert offer.status == AppointmentStatus.CANCELLED


class TestOffersThatAreTakenBack:
    """A patient who was told of an offer that the clinic takes back is told so, once, and nobody else is."""

    @pytest.fixture(params=["mail", "call"])
    def rosa(self, request) -> Inquiry:
        return make.inquiry(**(MAIL if request.param == "mail" else {}))

    def offered(self, practitioner, inquiry, how_many: int = 1) -> list[Appointment]:
        slots, until = make.slots(practitioner, TUESDAY)[:how_many], timezone.now() + timedelta(hours=10)
        return proposals.propose(inquiry=inquiry, slots=slots, until=until, by=Actor.system())

    def tell(self, inquiry, ann) -> None:
        make.two_minutes_pass()
        outbox.send_due()
        complete_calls(inquiry.call_tasks.open(), ann)

    def due(self, inquiry) -> list[str]:
        mails = inquiry.emails.filter(appointment__isnull=False, state=MailState.WAITING)
        return [row.kind for row in (*mails, *inquiry.call_tasks.open())]

    def test_by_a_closure(self, ill, rosa, ann):
        self.offered(ill, rosa, 3)
        self.tell(rosa, ann)

        close(ill)

        assert self.due(rosa) == ["withdrawn"]

    def test_by_the_front_desk(self, ill, rosa, ann):
        self.offered(ill, rosa, 3)
        self.tell(rosa, ann)

        proposals.decline(inquiry=rosa, by=Actor.staff(ann))

        assert self.due(rosa) == ["withdrawn"]

    def test_whoever_did_not_hear_of_it_hears_nothing(self, ill, rosa, ann):
        self.offered(ill, rosa)

        close(ill)

        assert self.due(rosa) == []

    def test_nor_does_whoever_declined(self, ill, rosa, ann):
        self.offered(ill, rosa)
        self.tell(rosa, ann)

        proposals.decline(inquiry=rosa, by=Actor.visitor())

        assert self.due(rosa) == []

    def test_one_of_three_is_told_while_the_others_can_still_be_chosen(self, ill, rosa, ann):
        first, *others = self.offered(ill, rosa, 3)
        self.tell(rosa, ann)

        with displacement.changing_hours([ill.pk], by=Actor.staff(ann)):
            BusyBlock.objects.create(practitioner=ill, starts_at=first.starts_at, ends_at=first.ends_at)

        assert self.due(rosa) == ["withdrawn"]
        assert list(rosa.appointments.proposed(timezone.now())) == others

    @pytest.mark.parametrize("how", ["given", "offered"])
    def test_it_is_not_said_any_longer_once_they_have_others(self, ill, well, rosa, ann, how):
        self.offered(ill, rosa)
        self.tell(rosa, ann)
        close(ill)

        if how == "given":
            appointments.give(inquiry=rosa, slot=make.slots(well, TUESDAY)[0], by=Actor.staff(ann))
        else:
            self.offered(well, rosa)

        assert self.due(rosa) == ["booked" if how == "given" else "offered"]

    def test_the_mail_says_no_more_than_is_so(self, ill, ann):
        rosa = make.inquiry(**MAIL)
        self.offered(ill, rosa)
        self.tell(rosa, ann)
        close(ill)
        make.two_minutes_pass()
        outbox.send_due()

        mail = rosa.emails.get(kind="withdrawn")

        assert mail.state == MailState.SENT
        assert mail.subject == f"A time that we offered is gone, {rosa.shown_reference}"
        assert "We are sorry: a time that we offered you is no longer available." in mail.text

    def test_a_time_held_to_be_checked_is_told_to_nobody(self, ill, ann):
        inquiry = make.inquiry(screening="by_hand", screening_reason="asked", **MAIL)
        submissions.hold_to_check(inquiry=inquiry, slot=make.slots(ill, TUESDAY)[0], by=Actor.visitor())

        close(ill)

        assert self.due(inquiry) == []

    def test_they_are_among_those_whom_a_change_of_hours_hits_with_what_they_were(self, ill, rosa):
        displaced_patient = booked(ill, 1)
        [offer] = self.offered(ill, rosa)

        with displacement.changing_hours(by=Actor.system()) as affected:
            starts_at = timezone.now() + timedelta(hours=12)
            Closure.objects.create(name="Ill", starts_at=starts_at, ends_at=starts_at + timedelta(hours=24))

        assert [(each.pk, each.status) for each in affected] == [
            (displaced_patient.pk, "booked"),
            (offer.pk, "proposed"),
        ]
