"""The list of calls: what to say, whom first, and what is pressed in a row."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from appointments.actors import Actor
from appointments.bookings import appointments, displacement
from appointments.inquiries import conversation
from appointments.models import (
    CallState,
    CallTask,
    Email,
    Inquiry,
    InquiryStatus,
)
from appointments.models.inquiry_choices import ContactChannel
from clinic.accounts import roles
from tests import make

pytestmark = pytest.mark.django_db

CALLS = "/admin/appointments/calltask/"
REMINDERS = f"{CALLS}?list=reminders"


def at(clock: str, day: int = 27) -> datetime:
    """A moment of November 2026 in New York; the 27th is a Friday."""
    return datetime.fromisoformat(f"2026-11-{day}T{clock}").replace(tzinfo=ZoneInfo("America/New_York"))


@pytest.fixture(autouse=True)
def clock():
    clinic = make.clinic()
    for weekday in range(5):
        clinic.opening_hours.create(weekday=weekday, opens="08:30", closes="17:00")
    with time_machine.travel(at("13:00"), tick=False) as clock:
        yield clock


@pytest.fixture
def ann(client):
    user = make.front_desk()
    client.force_login(user)
    return Actor.staff(user)


@pytest.fixture
def doctor():
    return make.practitioner("Dr. Osei")


def call(inquiry: Inquiry, kind: str = "answered", **fields) -> CallTask:
    kept = {"due_at": at("13:00"), "dedupe_key": f"{inquiry.pk} {kind}", "created_at": at("11:00")}
    return CallTask.objects.create(inquiry=inquiry, kind=kind, **kept | fields)


def shown(html: str) -> list[str]:
    """The rows as somebody reads them."""
    rows = html.partition('class="call-rows"')[2].partition("</ul>")[0]
    return [" ".join(strip_tags(row).split()) for row in re.findall(r"<li>(.*?)</li>", rows, re.DOTALL)]


def buttons(html: str) -> list[str]:
    return re.findall(r'name="do" value="(\w+)"', html.partition('class="call-rows"')[2])


def press(client, task: CallTask, do: str, **more):
    return client.post(f"{CALLS}{task.pk}/log/", {"do": do, **more}, follow=True)


def said(html: str) -> str:
    [words] = re.findall(r'<li class="(?:success|warning|error)">(.*?)</li>', html, re.DOTALL)
    return " ".join(strip_tags(words).split())


def take_back(client, answer):
    [(address, name)] = re.findall(r'action="([^"]*)" class="undo">.*?value="(\w+)">Undo', answer.text)
    return client.post(address, {"undo": name}, follow=True)


class TestRow:
    def test_it_says_whom_to_call_where_what_to_say_why_and_how_often_somebody_tried(self, client, ann, doctor):
        cleo = {"name": "Petra Lang", "patient_name": "Cleo Frost", "phone": "(212) 555-0117", "message": ""}
        petra = make.inquiry(**cleo, reach_note="let it ring", spoken_language="es")
        monday = make.slots(doctor, at("09:00", 30).date())
        given = appointments.give(inquiry=petra, slot=monday[0], by=ann)
        conversation.log_call(inquiry=petra, outcome="reached", by=ann, now=at("09:00"))
        appointments.reschedule(appointment=given, slot=monday[2], by=ann)
        CallTask.objects.update(created_at=at("11:00"))
        for outcome, hour in (("no_answer", "12:00"), ("voicemail", "12:20")):
            conversation.log_call(inquiry=petra, outcome=outcome, by=ann, now=at(hour))

        html = client.get(CALLS).text

        assert shown(html) == [
            f"Mon 10 a.m. Cleo Frost (through Petra Lang) {petra.shown_reference} (212) 555-0117 Español, let it ring"
            " Your visit moved from Mon, Nov. 30, 9 a.m. to Mon, Nov. 30, 10 a.m., with Dr. Osei."
            " no email, 2 hours ago · tried 2 times, last: voicemail left, 40 minutes ago"
            " Reached: Cleo Frost (through Petra Lang) Voicemail: Cleo Frost (through Petra Lang)"
            " No answer: Cleo Frost (through Petra Lang) Something else: Cleo Frost (through Petra Lang)"
            " What you did instead, or what else to try Save as a note: Cleo Frost (through Petra Lang)"
            " A letter is on its way: Cleo Frost (through Petra Lang) Done by hand: Cleo Frost (through Petra Lang)"
            " Wrong number: Cleo Frost (through Petra Lang)"
        ]
        assert '<a href="tel:+12125550117">(212) 555-0117</a>' in html
        assert buttons(html) == ["reached", "voicemail", "no_answer", "note", "letter", "by_hand", "wrong_number"]
        assert '<details class="call-instead">' in html

    def test_who_wants_no_voicemail_is_left_none(self, client, ann):
        call(make.inquiry(reach_note="No voicemail"))

        html = client.get(CALLS).text

        assert "⚠ No voicemail" in html
        assert buttons(html)[:2] == ["reached", "no_answer"]

    @pytest.mark.parametrize(
        ("fields", "mail", "why"),
        [
            ({"email": "r@example.com"}, "bounced", "our mail came back"),
            ({"email": "r@example.com"}, "failed", "our mail could not be sent"),
            ({}, None, "no email"),
            ({"email": "r@example.com", "email_is_dead": True}, None, "their email address is dead"),
            ({"email": "r@example.com", "link_state": "revoked"}, None, "the link in our mails has ended"),
            ({"email": "r@example.com"}, None, "to be told by phone"),
        ],
    )
    def test_it_says_why_nobody_else_tells_them(self, client, ann, fields, mail, why):
        task = call(make.inquiry(sent=timedelta(hours=3), **fields))
        if mail:
            kept = {"kind": task.kind, "to": "r@example.com", "due_at": at("11:00"), "next_try_at": at("11:00")}
            Email.objects.create(inquiry=task.inquiry, dedupe_key=task.dedupe_key, state=mail, **kept)

        [row] = shown(client.get(CALLS).text)

        assert f" {why}, 2 hours ago" in row

    def test_a_call_back_says_for_when_and_what_about(self, client, ann):
        inquiry = make.inquiry()
        words = {"words": "about parking", "call_back_at": at("15:30")}
        conversation.log_call(inquiry=inquiry, outcome="call_back", by=ann, **words)

        [row] = shown(client.get(CALLS).text)

        assert "We are calling you back, as we promised." in row
        assert "a call back was promised for today 3:30 p.m.: “about parking”, just now" in row

    def test_one_that_is_told_soon_says_that_a_mail_would_come_too_late(self, client, ann, doctor):
        rosa = make.inquiry(contact_by="email", email="rosa@example.com", message="")
        [slot] = [each for each in make.slots(doctor, at("13:00").date()) if each.starts_at == at("14:00")]
        appointments.give(inquiry=rosa, slot=slot, by=ann)

        [row] = shown(client.get(CALLS).text)

        assert "today 2 p.m." in row
        assert "too soon for a mail, just now" in row

    def test_without_a_number_it_says_what_can_be_done(self, client, ann):
        by_file = {"contact_by": ContactChannel.NOT_YET, "phone": "", "submission_id": "import:1"}
        call(make.inquiry(name="Not Yet", **by_file), "no_number")
        mailed = {"contact_by": "email", "email": "b@example.com", "phone": "", "sent": timedelta(minutes=5)}
        call(make.inquiry(name="Mail Only", **mailed))
        call(make.inquiry(name="Short Number", phone="555-0123"))

        first, second, third = shown(client.get(CALLS).text)

        assert "No number yet: look in the chart, or in the calendar that the visit came from." in first
        assert (
            "No phone number: look in the chart, correct the email address or say that it works, or write a letter."
            in second
        )
        assert " 555-0123 " in third
        html = client.get(CALLS).text
        instead = ["note", "letter", "by_hand"]
        assert buttons(html) == [
            *instead,
            "reached",
            *instead,
            "reached",
            "voicemail",
            "no_answer",
            *instead,
            "wrong_number",
        ]
        assert html.count('<details class="call-instead" open>') == 2

    def test_what_somebody_typed_is_never_markup(self, client, ann):
        make_up = "<b>x</b>"
        call(make.inquiry(name=make_up, reach_note=make_up, phone="212 555 0117 <b>"))

        assert "<b>" not in client.get(CALLS).text

    def test_who_may_only_look_presses_nothing(self, client):
        task = call(make.inquiry())
        user = make.user()
        user.user_permissions.add(Permission.objects.get(codename="view_calltask"))
        client.force_login(user)

        assert buttons(client.get(CALLS).text) == []
        for do in ("reached", "note", "letter"):
            assert press(client, task, do, words="x").status_code == 403
        client.force_login(make.user(roles.CONTENT_EDITOR))
        assert press(client, task, "reached").status_code == 403
        assert (task.inquiry.calls.count(), task.inquiry.notes.count()) == (0, 0)


class TestOrder:
    def test_first_comes_whose_visit_is_first_and_then_who_has_waited_longest(self, client, ann):
        for name, starts, created in (
            ("Later", at("10:00", 30), at("09:00")), ("Soon", at("15:00"), at("12:00")),
            ("As soon", at("15:00"), at("11:00")), ("No visit", None, at("10:00")), ("Nor she", None, at("09:30")),
        ):  # fmt: skip
            inquiry = make.inquiry(name=name)
            about = {"appointment": make.appointment(inquiry, starts.isoformat())} if starts else {}
            call(inquiry, created_at=created, **about)
        call(make.inquiry(name="Call back"), "call_back", due_at=at("16:00"))

        names = re.findall(r'change/">([^<]*)</a> <span class="reference"', client.get(CALLS).text)

        assert names == ["As soon", "Soon", "Call back", "Later", "Nor she", "No visit"]

    def test_reminder_calls_are_a_list_and_a_number_of_their_own(self, client, ann):
        for name, kind, due in (
            ("Plain", "answered", at("13:00")), ("Today", "reminder", at("17:00")),
            ("Left over", "reminder", at("17:00", 26)), ("Monday", "reminder", at("17:00", 30)),
        ):  # fmt: skip
            call(make.inquiry(name=name), kind, due_at=due)

        first, reminders, home = (client.get(each).text for each in (CALLS, REMINDERS, "/admin/"))

        assert [row.split()[0] for row in shown(first)] == ["Plain"]
        assert sorted(row.partition(" ")[0] for row in shown(reminders)) == ["Left", "Today"]
        assert "To make (1)" in first
        assert "Reminder calls today (2)" in first
        assert "Calls to make: 1" in home
        assert "Reminder calls today: 2" in home
        assert home.count(f'href="{CALLS}tomorrow/"') == first.count(f'href="{CALLS}tomorrow/"') == 1

    @pytest.mark.parametrize(
        ("moment", "not_now", "callable_now"),
        [
            ("08:29", "The clinic is closed. Reminder calls are made while it is open.", 0),
            ("08:30", "Reminder calls for today begin at noon.", 1),
            ("11:59", "Reminder calls for today begin at noon.", 1),
            ("12:00", "", 2),
            ("16:59", "", 2),
            ("17:00", "The clinic is closed. Reminder calls are made while it is open.", 0),
        ],
    )
    def test_they_are_made_from_noon_on_while_the_clinic_is_open(
        self, client, ann, clock, moment, not_now, callable_now
    ):
        for name, due in (("Today", at("17:00")), ("Left over", at("17:00", 26))):
            call(make.inquiry(name=name), "reminder", due_at=due)
        clock.move_to(at(moment))
        client.force_login(ann.user)

        html = client.get(REMINDERS).text

        assert "".join(re.findall(r'<p class="call-hours">(.*?)</p>', html)) == not_now
        assert buttons(html).count("reached") == callable_now


class TestPress:
    def test_reached_ends_the_call_says_so_and_is_taken_back(self, client, ann, doctor):
        cleo = make.inquiry(name="Cleo Frost", message="")
        appointments.give(inquiry=cleo, slot=make.slots(doctor, at("09:00", 30).date())[0], by=ann)
        task = CallTask.objects.get()
        answer = press(client, task, "reached")
        assert (answer.request["PATH_INFO"], said(answer.text)) == (CALLS, "Cleo Frost: reached. Undo")
        task.refresh_from_db()
        assert (task.state, task.done_by, Inquiry.objects.get().status) == ("done", ann.user, "closed")

        again = take_back(client, answer)

        assert again.request["PATH_INFO"] == CALLS
        assert said(again.text) == "Cleo Frost: taken back; the call is to be made again."
        task.refresh_from_db()
        now = Inquiry.objects.get()
        assert (task.state, task.done_by, task.keeps_promise) == (CallState.WAITING, None, True)
        assert (now.status, now.answered_at) == (InquiryStatus.OPEN, None)
        assert len(shown(again.text)) == 1

    def test_reminders_lead_back_to_their_list(self, client, ann):
        task = call(make.inquiry(name="Cleo Frost"), "reminder", due_at=at("17:00"))

        answer = press(client, task, "reached", list="reminders")
        again = take_back(client, answer)

        for each in (answer, again):
            assert (each.request["PATH_INFO"], each.request["QUERY_STRING"]) == (CALLS, "list=reminders")
        assert (len(shown(answer.text)), len(shown(again.text))) == (0, 1)

    def test_the_third_no_answer_offers_a_letter_or_a_note(self, client, ann):
        task = call(make.inquiry(name="Cleo Frost"))

        answers = [press(client, task, "no_answer") for _ in range(3)]

        assert [said(each.text) for each in answers] == [
            "Cleo Frost: no answer, still on the list. Undo",
            "Cleo Frost: no answer, still on the list. Undo",
            "Cleo Frost: no answer, tried 3 times; write a letter, or a note about what else to try. Undo",
        ]
        has_another_way = ['<details class="call-instead" open>' in each.text for each in answers]
        assert has_another_way == [False, False, True]
        assert "<summary>Letter or note" in answers[2].text

    def test_a_wrong_number_is_not_offered_again_unless_it_is_taken_back(self, client, ann):
        task = call(make.inquiry(name="Cleo Frost", phone="212 555 0117"))

        answer = press(client, task, "wrong_number")
        again = take_back(client, answer)

        [wrong], [right] = shown(answer.text), shown(again.text)
        assert said(answer.text) == "Cleo Frost: wrong number, still on the list. Undo"
        assert "No number that works: look in the chart for another, or write a letter." in wrong
        assert ("tel:" in answer.text, "tel:+12125550117" in again.text) == (False, True)
        assert "No number" not in right

    def test_a_voicemail_stays_on_the_list(self, client, ann):
        task = call(make.inquiry(name="Cleo Frost"))

        answer = press(client, task, "voicemail")

        assert said(answer.text) == "Cleo Frost: voicemail left, still on the list. Undo"
        assert Inquiry.objects.get().answered_at == at("13:00")

    @pytest.mark.parametrize(
        ("do", "words", "note", "sentence"),
        [
            ("letter", "To her daughter", "Letter instead of a call: To her daughter", "a letter, off the list"),
            ("letter", "", "Letter instead of a call: A time is booked", "a letter, off the list"),
            ("by_hand", "", "Done by hand instead of a call: A time is booked", "done by hand, off the list"),
        ],
    )
    def test_what_was_done_instead_ends_the_call_and_keeps_the_promise(
        self, client, ann, doctor, do, words, note, sentence
    ):
        cleo = make.inquiry(name="Cleo Frost", message="")
        appointments.give(inquiry=cleo, slot=make.slots(doctor, at("09:00", 30).date())[0], by=ann)
        task = CallTask.objects.get()
        answer = press(client, task, do, words=words)
        assert said(answer.text) == f"Cleo Frost: {sentence}. Undo"
        task.refresh_from_db()
        now = Inquiry.objects.get()
        assert (task.state, now.status, now.answered_at) == (CallState.DONE, "closed", at("13:00"))
        assert cleo.notes.get().words == note

        take_back(client, answer)

        task.refresh_from_db()
        now = Inquiry.objects.get()
        assert (task.state, now.status, now.answered_at) == (CallState.WAITING, "open", None)
        assert cleo.notes.get().taken_back_at == at("13:00")

    def test_a_letter_about_a_lost_time_takes_its_patient_off_the_list_of_those_who_do_not_know(
        self, client, ann, doctor
    ):
        cleo = make.inquiry(name="Cleo Frost", message="")
        given = appointments.give(inquiry=cleo, slot=make.slots(doctor, at("09:00", 30).date())[0], by=ann)
        with displacement.changing_hours(by=ann):
            doctor.working_hours.all().delete()
        displacement.tell_displaced(displaced=[given], by=ann)

        answer = press(client, CallTask.objects.get(kind="displaced", state="waiting"), "letter")
        given.refresh_from_db()
        told_at = given.reached_at
        take_back(client, answer)
        given.refresh_from_db()

        assert (told_at, given.reached_at) == (at("13:00"), None)

    def test_a_note_says_what_else_to_try_and_ends_nothing(self, client, ann):
        task = call(make.inquiry(name="Cleo Frost"))

        without, with_words = press(client, task, "note", words=" "), press(client, task, "note", words="Try her son")

        assert said(without.text) == "Cleo Frost: write the note first."
        assert said(with_words.text) == "Cleo Frost: note saved, still on the list. Undo"
        assert [note.words for note in task.inquiry.notes.all()] == ["Try her son"]
        assert CallTask.objects.get().state == CallState.WAITING

    def test_a_double_click_on_a_letter_is_one_letter(self, client, ann):
        task = call(make.inquiry(name="Cleo Frost"))
        [key] = set(re.findall(r'name="idempotency_key" value="([^"]*)"', client.get(CALLS).text))

        first, second = (press(client, task, "letter", idempotency_key=key) for _ in range(2))

        assert said(first.text) == "Cleo Frost: a letter, off the list. Undo"
        assert "somebody has ended" not in second.text
        assert task.inquiry.notes.count() == 1

    def test_a_double_click_is_one_call(self, client, ann):
        task = call(make.inquiry())
        [key] = set(re.findall(r'name="idempotency_key" value="([^"]*)"', client.get(CALLS).text))

        for _ in range(2):
            press(client, task, "no_answer", idempotency_key=key)

        assert task.inquiry.calls.count() == 1

    def test_what_a_colleague_ended_meanwhile_is_said_and_a_call_is_logged_all_the_same(self, client, ann):
        task = call(make.inquiry(name="Cleo Frost"), state="cancelled", done_at=at("12:00"))

        letter, answered = press(client, task, "letter"), press(client, task, "no_answer")

        assert said(letter.text) == "Cleo Frost: somebody has ended this call meanwhile."
        assert said(answered.text) == "Cleo Frost: no answer. Undo"
        assert (task.inquiry.notes.count(), task.inquiry.calls.count()) == (0, 1)

    def test_what_is_no_step_is_refused_and_a_look_changes_nothing(self, client, ann):
        task = call(make.inquiry())

        assert press(client, task, "explode").status_code == 400
        assert client.get(f"{CALLS}{task.pk}/log/").status_code == 405
        assert client.post(f"{CALLS}999999/log/", {"do": "reached"}).status_code == 404


def of_every_kind(doctor, ann: Actor) -> None:
    """Five calls: a move, an offer, a reminder, a call back, and one about a mail that came back."""
    moved, offered = make.inquiry(message=""), make.inquiry()
    about = {"practitioner": doctor, "overbooked": True, "overbook_reason": "x"}
    visit = make.appointment(moved, at("09:00", 30).isoformat(), **about)
    later = timedelta(hours=1)
    visit.starts_at, visit.ends_at, visit.blocked_until = (
        each + later for each in (visit.starts_at, visit.ends_at, visit.blocked_until)
    )
    visit.sequence += 1
    visit.save_new_version()
    until = {"status": "proposed", "held_until": at("16:00"), "practitioner": doctor}
    call(moved, "moved", appointment=visit)
    call(offered, "offered", appointment=make.appointment(offered, at("11:00", 30).isoformat(), **about | until))
    call(make.inquiry(), "call_back")
    call(make.inquiry(), "reminder", due_at=at("17:00"))
    call(make.inquiry(contact_by="email", email="r@example.com"))
    for inquiry in (moved, offered):
        conversation.log_call(inquiry=inquiry, outcome="no_answer", by=ann)


def test_50_rows_take_as_many_statements_as_one_of_each_kind(client, ann, doctor):
    taken, rows = [], []
    for more in (1, 12):
        for _ in range(more):
            of_every_kind(doctor, ann)
        for address in (CALLS, REMINDERS):
            client.get(address)
            with CaptureQueriesContext(connection) as asked:
                html = client.get(address).text
            taken.append(len(asked))
            rows.append(len(shown(html)))

    assert rows == [4, 1, 52, 13]
    assert taken[2:] == taken[:2]
    # Of a list without them, nine. What a call says of a move, and of times to choose from, takes four.
    assert taken[0] <= 13
    assert taken[1] <= 11
