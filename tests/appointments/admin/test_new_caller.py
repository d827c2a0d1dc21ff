"""The front desk finds or enters somebody who calls or stands there, and gives them a time, on one page."""

import html
import re
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from appointments.actors import Actor
from appointments.bookings import appointments
from appointments.models import AccessAction, AccessLog, Appointment, Closure, Inquiry, InquiryKind, InquiryStatus
from appointments.models.reachable import NoContact
from clinic.accounts import roles
from clinic.models import Clinic
from tests import make

pytestmark = pytest.mark.django_db
NEW = "/admin/appointments/inquiry/new/"
TUESDAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def monday_noon():
    make.clinic()
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def doctor():
    return make.practitioner("Jane Doe, MD", online=False, visit=make.visit_type("First visit"))


@pytest.fixture
def desk(client):
    client.force_login(make.front_desk(first_name="Ann", last_name="Reyes"))
    return client


def found(client, **typed: str) -> tuple[str, dict[str, str]]:
    """The page that is shown for what was typed, and what its form would post as it stands."""
    fields = {"source": "phone", "idempotency_key": str(uuid4())} | typed
    answer = client.post(NEW, {"do": "find", **fields})
    assert answer.status_code == 200
    page = answer.content.decode()
    checked = dict(re.findall(r'<input type="radio" name="(slot|person)" value="([^"]*)" id="[^"]*" checked', page))
    return page, fields | make.hidden_fields(page) | checked | dict(selected(page))


def selected(page: str) -> Iterator[tuple[str, str]]:
    """What each list of the page posts as it stands: the first that it offers, unless another one is chosen."""
    for name, options in re.findall(r'<select name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        yield name, chosen[1]


def pressed(client, do: str, fields: dict[str, str], **changed: str):
    return client.post(NEW, {**fields, "do": do, **changed})


def said(answer) -> list[str]:
    return [strip_tags(str(message)) for message in get_messages(answer.wsgi_request)]


def errors(answer) -> str:
    summary = answer.content.decode().partition('id="error-summary"')[2].partition("</ul>")[0]
    return html.unescape(" ".join(strip_tags(summary.partition("<ul>")[2]).split()))


def people(page: str) -> list[str]:
    part = page.partition('class="caller-people"')[2].partition("</fieldset>")[0]
    rows = re.findall(r"<label for=\"person-\d+\">(.*?)</label>", part, re.DOTALL)
    return [html.unescape(" ".join(strip_tags(row).split())) for row in rows]


def times(page: str) -> list[str]:
    rows = re.findall(r'name="slot" .*?<label for="slot-\d+">(.*?)</label>', page)
    return [" ".join(strip_tags(row).split()) for row in rows]


class TestGiving:
    def test_two_posts_enter_somebody_new_and_give_the_first_free_time(self, desk, doctor):
        _page, fields = found(desk, name="Agnes Moreau", phone="212 555 0199")

        answer = pressed(desk, "give", fields, mind="Low voice")

        assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
        assert said(answer) == [
            "Agnes Moreau, Mon, Nov. 23, 12:30 p.m. with Jane Doe, MD: given. They know. Print card Undo"
        ]
        stored = Inquiry.objects.get()
        assert (stored.source, stored.phone, stored.status) == ("phone", "212 555 0199", InquiryStatus.CLOSED)
        assert [note.words for note in stored.notes.all()] == ["Low voice"]
        assert stored.appointments.get().starts_at.isoformat() == "2026-11-23T17:30:00+00:00"

    def test_the_desk_says_by_which_way_they_came_and_who_entered_them(self, desk, doctor):
        _page, fields = found(desk, name="Agnes Moreau", phone="212 555 0199")
        pressed(desk, "give", fields)

        page = desk.get(f"/admin/appointments/inquiry/{Inquiry.objects.get().pk}/change/").content.decode()

        assert "<dt>Phone</dt><dd>Monday, Nov. 23, 2026, noon (entered by Ann Reyes)</dd>" in page
        sent = desk.get(f"/admin/appointments/inquiry/{make.inquiry().pk}/change/").content.decode()
        assert "<dt>Sent</dt><dd>Monday, Nov. 23, 2026, noon</dd>" in sent

    def test_no_address_names_anybody(self, desk, doctor):
        page, _fields = found(desk, name="Agnes Moreau", phone="212 555 0199")

        forms = re.findall(r"<form [^>]*>", page)
        assert [form for form in forms if "caller" in form] == [
            f'<form method="post" class="caller" action="{NEW}" novalidate>'
        ]
        assert "Moreau" not in "".join(re.findall(r'(?:href|action)="([^"]*)"', page))

    def test_the_next_six_times_are_of_several_days_from_now_on(self, desk, doctor):
        page, _fields = found(desk)
        assert times(page) == [
            f"{when} Jane Doe, MD"
            for when in (
                "Mon, Nov. 23, 12:30 p.m.", "Mon, Nov. 23, 1 p.m.", "Mon, Nov. 23, 1:30 p.m.",
                "Tue, Nov. 24, 9 a.m.", "Tue, Nov. 24, 9:30 a.m.", "Tue, Nov. 24, 10 a.m.",
            )
        ]  # fmt: skip

        page, _fields = found(desk, day="2026-12-01")
        assert times(page)[0] == "Tue, Dec. 1, 9 a.m. Jane Doe, MD"

    def test_only_times_with_whom_they_want_to_see_for_what_they_come(self, desk, doctor):
        other = make.practitioner("John Roe, MD", visit=make.visit_type("Follow-up", position=1))
        kind = str(other.schedules.get().visit_type_id)

        assert {each.endswith("John Roe, MD") for each in times(found(desk, visit=kind)[0])} == {True}
        other.schedules.create(visit_type=doctor.schedules.get().visit_type)
        of_john = found(desk, visit=str(doctor.schedules.get().visit_type_id), **{"with": str(other.pk)})[0]
        assert {each.endswith("John Roe, MD") for each in times(of_john)} == {True}

    def test_who_stands_here_is_given_now_without_a_number(self, desk, doctor, monday_noon):
        page, fields = found(desk, name="Agnes Moreau", source="walk_in")
        assert times(page)[0] == "now Mon, Nov. 23, noon Jane Doe, MD"
        assert "now" not in times(found(desk, name="Agnes Moreau")[0])[0]
        monday_noon.shift(timedelta(minutes=3))

        answer = pressed(desk, "give", fields)

        assert said(answer) == ["Agnes Moreau, Mon, Nov. 23, noon with Jane Doe, MD: given. They know. Print card Undo"]
        stored = Inquiry.objects.get()
        assert (stored.source, stored.contact_by) == ("walk_in", "not_yet")

    def test_an_address_gets_the_confirmation(self, desk, doctor):
        _page, fields = found(desk, name="Agnes Moreau", email="agnes@example.com")

        answer = pressed(desk, "give", fields)

        # It is so soon that no mail would be read in time.
        assert said(answer)[0].endswith("given. They know. Print card Undo")
        _page, fields = found(desk, name="Sam Poe", email="sam@example.com", day="2026-11-24")
        assert "They know. A mail goes out in two minutes, too." in said(pressed(desk, "give", fields))[0]

    def test_undo_makes_the_time_free_again_and_they_wait_and_hear_nothing(self, desk, doctor):
        typed = {"phone": "(212) 555-0199", "email": "agnes@example.com", "day": "2026-11-24"}
        _page, fields = found(desk, name="Agnes Moreau", **typed)
        answer = pressed(desk, "give", fields, mind="Wheelchair")
        [message] = get_messages(answer.wsgi_request)
        [name] = re.findall(r'name="undo" value="(\w+)"', str(message))
        inquiry = Inquiry.objects.get()
        assert inquiry.emails.filter(kind="booked").get().state == "waiting"

        desk.post(f"/admin/appointments/inquiry/{inquiry.pk}/undo/", {"undo": name})

        inquiry.refresh_from_db()
        assert [each.status for each in inquiry.appointments.all()] == ["cancelled"]
        assert inquiry.is_waiting_for_us
        assert inquiry.answered_at is None
        assert not inquiry.emails.exclude(state="cancelled").exists()
        assert [call.taken_back_at is None for call in inquiry.calls.all()] == [False]
        assert inquiry in Inquiry.objects.waiting_for_us()

    def test_a_card_can_be_printed_at_once(self, desk, doctor):
        _page, fields = found(desk, name="Agnes Moreau", phone="(212) 555-0199")
        answer = pressed(desk, "give", fields)
        [message] = get_messages(answer.wsgi_request)
        [card] = re.findall(r'href="([^"]+/card/)"', str(message))
        inquiry = Inquiry.objects.get()

        page = desk.get(card).content.decode()

        assert "Jane Doe, MD" in page
        assert inquiry.shown_reference in page
        assert inquiry.own_page_url() not in page
        assert list(AccessLog.objects.filter(inquiry=inquiry).values_list("action", flat=True)) == ["printed"]
        inquiry.appointments.update(displaced_at=timezone.now())
        assert desk.get(card).status_code == 404

    def test_a_double_click_gives_once(self, desk, doctor):
        _page, fields = found(desk, name="Agnes Moreau", phone="212 555 0199")

        answers = [pressed(desk, "give", fields) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [302, 302]
        assert (Inquiry.objects.count(), Appointment.objects.count()) == (1, 1)

    def test_another_name_on_the_second_page_is_looked_for_before_anything_is_given(self, desk, doctor):
        make.inquiry(name="Sam Poe", phone="212 555 0123")
        _page, fields = found(desk, name="Agnes Moreau", phone="212 555 0199")

        answer = pressed(desk, "give", fields, name="Sam Poe")

        assert "Nothing is given yet." in answer.content.decode()
        assert people(answer.content.decode()) == ["Sam Poe 212 555 0123", "Somebody new"]
        assert not Appointment.objects.exists()

    def test_who_enters_a_time_of_their_own_may_choose_with_whom_beside_it(self, desk, doctor):
        roe = make.practitioner("John Roe, MD", visit=doctor.schedules.get().visit_type)
        _page, fields = found(desk, name="Agnes Moreau", phone="212 555 0199")
        at = {"at_0": "2026-11-24", "at_1": "10:00", "with": str(roe.pk)}

        assert "Nothing is given yet." in pressed(desk, "give", fields, name="Sam Poe", **at).content.decode()
        assert pressed(desk, "give", fields, **at).status_code == 302

        given = Appointment.objects.get()
        assert (given.inquiry.name, given.practitioner) == ("Agnes Moreau", roe)

    def test_only_the_message_is_taken_and_the_promise_runs(self, desk, doctor):
        fields = {"source": "phone", "idempotency_key": str(uuid4()), "name": "Agnes Moreau", "phone": "212 555 0199"}
        assert "Write what they want." in errors(pressed(desk, "message", fields))

        answer = pressed(desk, "message", fields, mind="May I swim?")

        assert said(answer) == ["Agnes Moreau: the message is taken. Answer: tomorrow, 5 p.m."]
        stored = Inquiry.objects.get()
        assert (stored.kind, stored.message) == (InquiryKind.QUESTION, "May I swim?")
        assert list(Inquiry.objects.waiting_for_us()) == [stored]


class TestWhoIsLikeThis:
    def test_people_with_the_phone_the_email_or_the_name_with_what_they_had_and_have(self, desk, doctor):
        ann = Actor.staff(make.front_desk())
        agnes = make.inquiry(name="Agnes Moreau", phone="(212) 555-0199")
        appointments.give(inquiry=agnes, slot=make.slots(doctor, TUESDAY)[0], by=ann)
        before = make.inquiry(name="Agnes Moreau", phone="212 555 0199")
        for days, status in ((20, "fulfilled"), (10, "noshow")):
            past = (timezone.now() - timedelta(days=days)).isoformat()
            sender = before if days == 20 else make.inquiry(name="Agnes Moreau", phone="212-555-0199")
            make.appointment(sender, past, practitioner=doctor, status=status)
        make.inquiry(name="Agnes Morrow", phone="212 555 0417", email="am@example.com")
        make.inquiry(name="Agnes Spam", screening="spam", screening_reason="staff")
        make.inquiry(name="Somebody Else", phone="212 555 0777")
        known = (
            "Agnes Moreau 212-555-0199, last seen Nov. 3, 2026 by Jane Doe, MD, did not come: 1 "
            "⚠ has Tue, Nov. 24, 9 a.m., Jane Doe, MD"
        )

        assert people(found(desk, name="Moreau Agn")[0]) == [known, "Somebody new"]
        assert people(found(desk, phone="0199")[0]) == [known, "Somebody new"]
        assert people(found(desk, name="agnes", email="AM@example.com")[0]) == [
            "Agnes Morrow 212 555 0417", known, "Somebody new",
        ]  # fmt: skip

    def test_whoever_is_chosen_brings_what_is_known_of_them(self, desk, doctor):
        known = make.inquiry(
            name="Petra Lang", patient_name="Cleo Frost", phone="212 555 0199", spoken_language="es",
            reach_note="Rings long", email="petra@example.com", email_is_dead=True,
        )  # fmt: skip
        _page, fields = found(desk, name="Lang", phone="0199")
        assert fields["person"] == "0"

        pressed(desk, "give", fields, person=str(known.pk))

        new = Inquiry.objects.latest("pk")
        names = ("name", "patient_name", "phone", "spoken_language", "reach_note", "email", "email_is_dead")
        assert [getattr(new, name) for name in names] == [getattr(known, name) for name in names]
        assert new.pk != known.pk
        assert new.appointments.count() == 1

    def test_who_has_the_same_name_and_phone_is_chosen_already_and_another_email_is_used(self, desk, doctor):
        known = make.inquiry(name="Agnes Moreau", phone="212 555 0199", no_contact=NoContact.NEVER)
        _page, fields = found(desk, name="agnes moreau", phone="(212) 555 0199", email="new@example.com")
        assert fields["person"] == str(known.pk)

        pressed(desk, "give", fields)

        new = Inquiry.objects.latest("pk")
        assert (new.name, new.email, new.no_contact) == ("Agnes Moreau", "new@example.com", NoContact.NEVER)

    def test_what_was_found_is_written_down_as_a_look(self, desk, doctor):
        make.inquiry(name="Agnes Moreau")
        make.inquiry(name="Agnes Morrow")

        found(desk, name="agnes")
        found(desk)

        rows = AccessLog.objects.filter(action=AccessAction.SEARCHED).values_list("actor", "hits")
        assert list(rows) == [(int(desk.session["_auth_user_id"]), 2)]


class TestWhatIsNotPossible:
    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"name": ""}, "Name: Write their name."),
            ({"phone": ""}, "Phone: Ask for a number or an email: nobody could reach them."),
            (
                {"phone": "0199"},
                "Phone: Enter a phone number with an area code, like 212 555 0123. From another country, begin with"
                " + and the country code.",
            ),
            ({"email": "agnes@"}, "Email (optional): Enter a valid email address."),
            ({"at_0": "2026-11-20", "at_1": "10:00"}, "Or another day and time: Enter a time that is still to come."),
            ({"slot": "nonsense"}, "Choose one of these times."),
        ],
    )
    def test_what_is_wrong_is_said_on_top_and_nothing_typed_is_lost(self, desk, doctor, typed, sentence):
        right = {"name": "Agnes Moreau", "phone": "212 555 0199", "mind": "Low <voice>"}
        _page, fields = found(desk, **right | {k: v for k, v in typed.items() if k in right})

        answer = pressed(desk, "give", fields, **typed)
        if "email" in typed:
            answer = pressed(desk, "give", fields | make.hidden_fields(answer.content.decode()), **typed)

        page = answer.content.decode()
        assert sentence in errors(answer)
        kept = right | typed
        assert [html.escape(kept[name]) in page for name in ("name", "phone", "mind")] == [True] * 3
        assert not Inquiry.objects.exists()

    def test_a_time_that_was_just_taken_leads_to_the_next_ones_with_all_that_was_typed(self, desk, doctor):
        _page, fields = found(desk, name="Agnes Moreau", phone="212 555 0199", mind="Low voice", day="2026-11-24")
        appointments.give(
            inquiry=make.inquiry(), slot=make.slots(doctor, TUESDAY)[0], by=Actor.staff(make.front_desk())
        )

        answer = pressed(desk, "give", fields)

        page = answer.content.decode()
        assert errors(answer) == "Tue, Nov. 24, 9 a.m. is not free any longer. Choose another time."
        assert times(page)[0] == "Tue, Nov. 24, 9:30 a.m. Jane Doe, MD"
        assert ("Low voice" in page, 'value="Agnes Moreau"' in page) == (True, True)
        again = dict(re.findall(r'name="(slot)" value="([^"]*)" id="slot-\d+" checked', page))
        assert said(pressed(desk, "give", fields, **again))[0].startswith("Agnes Moreau, Tue, Nov. 24, 9:30 a.m.")

    def test_a_time_that_is_not_free_says_why_and_needs_a_reason(self, desk, doctor):
        sam = make.inquiry(name="Sam Poe")
        appointments.give(inquiry=sam, slot=make.slots(doctor, TUESDAY)[0], by=Actor.staff(make.front_desk()))
        _page, fields = found(desk, name="Agnes Moreau", phone="212 555 0199")
        at = {"at_0": "2026-11-24", "at_1": "09:15"}

        answer = pressed(desk, "give", fields, **at)
        assert errors(answer) == (
            "Or another day and time: Jane Doe, MD: Sam Poe has 9 a.m. to 9:30 a.m. (booked). "
            "Why it is overbooked: To give it all the same, write why."
        )
        answer = pressed(desk, "give", fields, **at, reason="In great pain")

        assert said(answer)[0].startswith("Agnes Moreau, Tue, Nov. 24, 9:15 a.m.")
        given = Appointment.objects.get(inquiry__name="Agnes Moreau")
        assert (given.overbooked, given.overbook_reason) == (True, "In great pain")

    def test_another_time_is_with_whoever_is_free_then(self, desk, doctor):
        other = make.practitioner("John Roe, MD", visit=doctor.schedules.get().visit_type, position=1)
        Closure.objects.create(
            practitioner=doctor, name="Ill", starts_at="2026-11-24T05:00Z", ends_at="2026-11-25T05:00Z"
        )
        _page, fields = found(desk, name="Agnes Moreau", phone="212 555 0199")
        pressed(desk, "give", fields, at_0="2026-11-24", at_1="10:10")
        assert Appointment.objects.get().practitioner == other

        _page, fields = found(desk, name="Sam Poe", phone="212 555 0123")
        answer = pressed(desk, "give", fields, at_0="2026-11-24", at_1="10:10", reason="In pain")
        assert "With: To give it all the same, choose who sees them, and write why." in errors(answer)
        assert "Jane Doe, MD: Closed until Wed, Nov. 25, midnight: Ill." in errors(answer)

    def test_the_manager_may_keep_overbooking_to_the_managers(self, desk, client, doctor):
        Clinic.objects.update(desk_overbooks=False)
        at = {"at_0": "2026-11-24", "at_1": "05:00"}
        page, fields = found(desk, name="Agnes Moreau", phone="212 555 0199")
        assert 'name="reason"' not in page
        assert "The manager can give it all the same." in errors(pressed(desk, "give", fields, **at, reason="x"))
        assert not Appointment.objects.exists()

        client.force_login(make.user(roles.MANAGER))
        pressed(client, "give", fields, **at, reason="x")
        assert Appointment.objects.get().overbooked

    @pytest.mark.parametrize("role", [roles.CLINICIAN, roles.CONTENT_EDITOR, None])
    def test_who_may_not_give_times_sees_nobody_and_enters_nobody(self, client, doctor, role):
        client.force_login(make.user(role))
        make.inquiry(name="Agnes Moreau")

        answers = [client.get(NEW), client.post(NEW, {"do": "find", "name": "Agnes"})]

        assert [answer.status_code for answer in answers] == [403, 403]
        assert b"new-caller" not in client.get("/admin/").content

    def test_nonsense_is_refused(self, desk, doctor):
        assert desk.post(NEW, {"do": "dance"}).status_code == 400


def test_the_first_page_and_the_inbox_begin_with_a_callers_name(desk):
    for address in ("/admin/", "/admin/appointments/inquiry/"):
        page = desk.get(address).content.decode()
        form = page.partition('class="new-caller"')[2].partition("</form>")[0]
        assert re.findall(r'name="(name|phone|do)"', form) == ["name", "phone", "do"]
        assert 'accesskey="n"' in form
        assert "csrfmiddlewaretoken" in form


def test_a_page_takes_as_many_statements_with_one_as_with_twenty_like_this(desk, doctor):
    counts = []
    first = date(2026, 12, 1)
    for more in (1, 19):
        for _ in range(more):
            day = first + timedelta(days=Inquiry.objects.count())
            appointments.give(
                inquiry=make.inquiry(name="Agnes Moreau"),
                slot=make.slots(doctor, day)[0],
                by=Actor.staff(make.front_desk()),
            )
        with CaptureQueriesContext(connection) as asked:
            found(desk, name="Agnes Moreau", phone="212 555 0199", email="agnes@example.com")
        counts.append(len(asked))

    assert counts[1] == counts[0] <= 30


def test_what_was_typed_when_the_session_ended_comes_back_and_is_given_once(doctor, monday_noon):
    make.front_desk(username="ann")
    client = Client(headers={"sec-fetch-site": "same-origin"})

    def sign_in() -> None:
        client.post("/admin/login/", {"username": "ann", "password": "correct horse battery"})

    sign_in()
    _page, fields = found(client, name="Agnes Moreau", phone="212 555 0199", day="2026-11-24")
    monday_noon.shift(timedelta(minutes=16))

    answer = pressed(client, "give", fields)
    assert answer.headers["Location"] == "/admin/login/?next=%2Fadmin%2Ftyped%2F"
    sign_in()
    page = client.get("/admin/typed/").content.decode()
    form = page.partition(f'action="{NEW}"')[2].partition("</form>")[0]
    kept = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form))
    assert not Inquiry.objects.exists()
    client.post(NEW, {name: html.unescape(value) for name, value in kept.items()})

    assert [(each.name, each.appointments.count()) for each in Inquiry.objects.all()] == [("Agnes Moreau", 1)]
