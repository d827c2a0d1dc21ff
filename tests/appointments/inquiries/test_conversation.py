"""What clinic and patient write to each other: nothing lost, everybody told once, each way back into the inbox."""

from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings.follow_up import mark_as_spam
from appointments.errors import ChangedMeanwhile, NotPossible
from appointments.inquiries import contacts, conversation, lifecycle, promises
from appointments.models import (
    CallTask,
    Email,
    Inquiry,
    InquiryScreening,
    InquiryStatus,
    MailState,
    Message,
    NotificationKind,
)
from appointments.models.log import Outcome
from appointments.notifications import compose
from appointments.notifications.notify import notify, notify_staff_of_waiting
from appointments.notifications.outdated import is_outdated
from appointments.records import erasure
from clinic.accounts import roles
from tests import make
from tests.patient import Patient

pytestmark = pytest.mark.django_db

NOON = "2026-11-23T17:00:00Z"


@pytest.fixture
def ann():
    return Actor.staff(make.front_desk(first_name="Ann", last_name="Reyes"))


def mailed(**fields) -> Inquiry:
    return make.inquiry(contact_by="email", phone="", email="rosa@example.com", name="Rosa Lind", **fields)


def kinds(inquiry: Inquiry) -> list[str]:
    return [str(kind) for kind in inquiry.emails.order_by("pk").values_list("kind", flat=True)]


class TestReply:
    def test_it_stands_on_the_patients_page_and_a_mail_says_so(self, ann, client):
        inquiry = mailed()

        conversation.reply(inquiry=inquiry, words="You can come on Monday.", version=1, by=ann)

        inquiry.refresh_from_db()
        assert inquiry.status == InquiryStatus.WAITING_FOR_PATIENT
        assert inquiry.assigned_to == ann.user
        assert kinds(inquiry) == ["received", "answered"]
        assert "You can come on Monday." in client.get(inquiry.own_page_url()).content.decode()

    def test_somebody_without_email_is_called_instead(self, ann):
        inquiry = make.inquiry()

        message = conversation.reply(inquiry=inquiry, words="Yes.", version=1, by=ann)

        call = CallTask.objects.get()
        assert (call.kind, call.message, call.done_at) == (NotificationKind.ANSWERED, message, None)
        assert kinds(inquiry) == []

    def test_somebody_whose_mail_came_back_is_called_instead(self, ann):
        inquiry = mailed(sent=timedelta(minutes=5))
        inquiry.emails.update(state=MailState.BOUNCED, is_refused=True)

        conversation.reply(inquiry=inquiry, words="Yes.", version=1, by=ann)

        assert kinds(inquiry) == ["received"]
        assert CallTask.objects.get().kind == NotificationKind.ANSWERED

    def test_a_double_click_answers_once(self, ann):
        inquiry = mailed()
        idempotency_key = "7e1c1f0a-3f0c-4a52-8ad1-9d1f6d1b0a55"
        for _ in range(2):
            conversation.reply(inquiry=inquiry, words="Yes.", version=1, by=ann, idempotency_key=idempotency_key)

        assert inquiry.messages.count() == 1
        assert kinds(inquiry) == ["received", "answered"]

    def test_an_answer_on_top_of_a_colleagues_decision_is_not_sent(self, ann):
        inquiry = mailed()
        lifecycle.take(inquiry=inquiry, version=1, by=ann)

        with pytest.raises(ChangedMeanwhile):
            conversation.reply(inquiry=inquiry, words="Yes.", version=1, by=ann)

        assert not inquiry.messages.exists()
        assert kinds(inquiry) == ["received"]


class TestAtTheDesk:
    def post(self, client, inquiry, do, **data):
        data = {"do": do, "version": inquiry.version, "idempotency_key": "7e1c1f0a-3f0c-4a52-8ad1-9d1f6d1b0a55"} | data
        return client.post(f"/admin/appointments/inquiry/{inquiry.pk}/change/", data)

    @pytest.fixture
    def desk(self, ann, client):
        client.force_login(ann.user)
        return client

    def test_an_answer_is_sent(self, desk):
        inquiry = mailed()

        assert self.post(desk, inquiry, "reply", answer="You can come on Monday.").status_code == 302

        page = desk.get(f"/admin/appointments/inquiry/{inquiry.pk}/change/").content.decode()
        assert "You can come on Monday." in page
        assert "Mail “We have answered” to rosa@example.com: on its way" in page

    def test_an_answer_that_lost_the_race_stays_before_its_writer(self, desk, ann):
        inquiry = mailed()
        lifecycle.take(inquiry=inquiry, version=1, by=ann)

        html = self.post(desk, inquiry, "reply", answer="You can come on Monday.").content.decode()

        assert "A colleague changed this inquiry meanwhile." in html
        assert "You can come on Monday.</textarea>" in html
        assert 'name="version" value="2"' in html
        assert not Message.objects.exists()

    @pytest.mark.parametrize(
        ("do", "data", "sentence"),
        [
            ("reply", {"answer": " "}, "Write your answer."),
            ("take", {"answer": "Half"}, "You have not sent this answer."),
            ("save", {"call_words": "Her son"}, "Choose how the call went."),
            ("save", {"call_back_at_0": "2099-01-01"}, "Enter a valid time."),
            ("save", {"outcome": "call_back"}, "Enter when to call back."),
            ("save", {"outcome": "call_back", "call_back_at_0": "2020-01-01", "call_back_at_1": "10:00"},
             "Enter a time that is still to come."),
        ],
    )  # fmt: skip
    def test_what_is_half_said_is_a_sentence_and_kept(self, desk, do, data, sentence):
        inquiry = mailed()

        html = self.post(desk, inquiry, do, **data).content.decode()

        assert sentence in html
        if data.get("answer", "").strip():
            assert "Half</textarea>" in html
        inquiry.refresh_from_db()
        assert (inquiry.version, inquiry.assigned_to) == (1, None)

    def test_a_call_back_becomes_a_call_task_in_the_clinics_time(self, desk):
        inquiry = make.inquiry()
        self.post(desk, inquiry, "save", outcome="call_back", call_back_at_0="2099-01-01", call_back_at_1="10:00")

        assert f"{CallTask.objects.get().due_at:%Y-%m-%d %H:%M}" == "2099-01-01 15:00"

    def test_an_hour_alone_is_a_call_back_today(self, desk, ann):
        with time_machine.travel("2026-11-24T14:05:00Z"):
            desk.force_login(ann.user)
            inquiry = make.inquiry()
            self.post(desk, inquiry, "save", call_back_at_1="10:30")

            assert f"{CallTask.objects.get().due_at:%Y-%m-%d %H:%M}" == "2026-11-24 15:30"
            assert inquiry.calls.get().outcome == Outcome.CALL_BACK

    def test_the_script_names_nobodys_procedure_and_warns_of_machines(self, desk):
        inquiry = make.inquiry(reach_note="No voicemail please", procedure=make.procedure())

        html = desk.get(f"/admin/appointments/inquiry/{inquiry.pk}/change/").content.decode()

        script = html[html.index('class="script"') : html.index("</details>")]
        assert "Kyphoplasty" not in script
        assert "This is Ann Reyes from" in script
        assert "A machine answers: hang up." in script
        assert "Leave no message on a machine." in html

    def test_only_the_manager_puts_on_hold(self, desk, client):
        inquiry = mailed()
        assert self.post(desk, inquiry, "hold").status_code == 403
        client.force_login(make.user(roles.MANAGER))
        assert self.post(client, inquiry, "hold").status_code == 302
        inquiry.refresh_from_db()
        assert inquiry.legal_hold


@pytest.mark.parametrize(
    ("note", "wants_none"),
    [
        ("no voicemail", True),
        ("Please do not leave a message", True),
        ("don’t leave voice messages", True),
        ("Sin mensaje de voz", True),
        ("no VM", True),
        ("voicemail: no", True),
        ("No dejar recado", True),
        ("no msg pls", True),
        ("Leave a voicemail", False),
        ("After 3 p.m.", False),
        ("", False),
    ],
)
def test_who_wants_no_voicemail(note, wants_none):
    assert contacts.wants_no_voicemail(Inquiry(reach_note=note)) is wants_none


class TestThePatientWrites:
    def test_it_is_back_in_the_inbox_with_a_new_promise(self, ann, client):
        with time_machine.travel(NOON, tick=False):
            inquiry = mailed()
            conversation.reply(inquiry=inquiry, words="When?", version=1, by=ann)
        with time_machine.travel("2026-11-25T15:00:00Z", tick=False):
            answer = client.post(f"{inquiry.own_page_url()}reply/", {"words": "On Monday\r\nplease."})

        assert (answer.status_code, answer.headers["Location"]) == (303, f"{inquiry.own_page_url()}?done=written")
        inquiry.refresh_from_db()
        assert (inquiry.status, inquiry.answered_at) == (InquiryStatus.OPEN, None)
        assert f"{inquiry.answer_by:%Y-%m-%d}" == "2026-11-26"
        assert inquiry in Inquiry.objects.waiting_for_us()
        assert inquiry.messages.get(from_patient=True).words == "On Monday\nplease."

    def test_a_promise_that_still_runs_is_not_made_later(self, client):
        with time_machine.travel(NOON, tick=False):
            inquiry = mailed()
        promised = inquiry.answer_by
        with time_machine.travel("2026-11-24T15:00:00Z", tick=False):
            client.post(f"{inquiry.own_page_url()}reply/", {"words": "And one more thing."})

        inquiry.refresh_from_db()
        assert (inquiry.answer_by, inquiry.status) == (promised, InquiryStatus.NEW)

    def test_a_closed_one_is_open_again(self, ann, client):
        inquiry = mailed()
        lifecycle.transition(inquiry=inquiry, to=InquiryStatus.CLOSED, version=1, by=ann)

        client.post(f"{inquiry.own_page_url()}reply/", {"words": "I am back."})

        inquiry.refresh_from_db()
        assert inquiry.status == InquiryStatus.OPEN

    def test_the_page_does_not_repeat_what_was_typed(self, client):
        inquiry = mailed()
        client.post(f"{inquiry.own_page_url()}reply/", {"words": "My secret."})

        html = client.get(inquiry.own_page_url()).content.decode()

        assert "My secret." not in html
        assert "You wrote to us. We have your message." in html

    def test_a_double_click_writes_once_and_two_sayings_are_two(self, client):
        inquiry = mailed()
        idempotency_key = "7e1c1f0a-3f0c-4a52-8ad1-9d1f6d1b0a55"
        for words in ("One.", "One.", "Two."):
            client.post(f"{inquiry.own_page_url()}reply/", {"words": words, "idempotency_key": idempotency_key})

        assert [message.words for message in inquiry.messages.all()] == ["One.", "Two."]

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [("", "Enter your message"), ("x" * 2001, "Your message must be 2,000 characters or less")],
    )
    def test_an_error_is_a_sentence_and_keeps_the_words(self, client, words, sentence):
        inquiry = mailed()

        answer = client.post(f"{inquiry.own_page_url()}reply/", {"words": words})

        html = answer.content.decode()
        assert answer.status_code == 422
        assert f'<a href="#id_words">{sentence}</a>' in html
        assert f"{words}</textarea>" in html
        assert html.count("<title>Error:") == 1

    def test_another_site_cannot_post_here_and_a_get_changes_nothing(self):
        inquiry = mailed()
        browser = Patient(headers={"sec-fetch-site": "cross-site"})

        assert browser.post(f"{inquiry.own_page_url()}reply/", {"words": "x"}).status_code == 403
        assert Patient().get(f"{inquiry.own_page_url()}reply/").status_code == 302
        assert not Message.objects.exists()

    def test_spam_that_writes_back_is_looked_at(self, ann, client):
        inquiry = mailed()
        mark_as_spam(inquiry=inquiry, version=1, by=ann)

        client.post(f"{inquiry.own_page_url()}reply/", {"words": "I am a patient!"})

        assert inquiry in Inquiry.objects.to_check_by_hand()

    def test_what_was_erased_takes_no_words(self, ann, client):
        inquiry = mailed()
        erasure.erase(inquiry, reason="x", by=Actor.system())
        for say in (
            lambda: conversation.write_back(inquiry=inquiry, words="x"),
            lambda: conversation.note(inquiry=inquiry, words="x", by=ann),
            lambda: conversation.reply(inquiry=inquiry, words="x", version=2, by=ann),
        ):
            with pytest.raises(NotPossible):
                say()
        client.force_login(ann.user)
        address = f"/admin/appointments/inquiry/{inquiry.pk}/change/"
        assert "Send the answer" not in client.get(address).content.decode()
        assert client.post(address, {"do": "save", "note": "x"}).status_code == 403


class TestCalls:
    @pytest.mark.parametrize("outcome", [Outcome.NO_ANSWER, Outcome.WRONG_NUMBER, Outcome.SOMEONE_ELSE])
    def test_a_call_in_vain_is_told_by_mail_once_a_day(self, ann, outcome):
        with time_machine.travel(NOON, tick=False) as clock:
            inquiry = mailed()
            for _ in range(2):
                conversation.log_call(inquiry=inquiry, outcome=outcome, by=ann)
            clock.shift(timedelta(days=1))
            conversation.log_call(inquiry=inquiry, outcome=outcome, by=ann)

        assert kinds(inquiry) == ["received", "tried", "tried"]

    def test_nobody_is_called_to_hear_that_we_called(self, ann):
        conversation.log_call(inquiry=make.inquiry(), outcome=Outcome.NO_ANSWER, by=ann)

        assert not CallTask.objects.exists()


class TestWhoIsTold:
    def test_a_sum_that_nobody_solved_is_not_confirmed_by_mail_until_somebody_looked(self, ann):
        inquiry = mailed(sum_solved=False, screening=InquiryScreening.BY_HAND, screening_reason="asked")
        trapped = mailed(screening=InquiryScreening.BY_HAND, screening_reason="trap")
        assert kinds(inquiry) == kinds(trapped) == []

        lifecycle.release(inquiry=inquiry, version=1, by=ann)
        lifecycle.release(inquiry=trapped, version=1, by=ann)

        assert kinds(inquiry) == []
        assert kinds(trapped) == ["received"]

    def test_staff_hear_once_in_ten_minutes_however_much_arrives(self):
        with time_machine.travel(NOON, tick=False) as clock:
            for _ in range(5):
                make.inquiry()
            first = Email.objects.get(kind=NotificationKind.STAFF_WAITING)
            assert first.due_at == timezone.now() + timedelta(minutes=10)
            clock.shift(timedelta(minutes=10))
            make.inquiry()

        assert Email.objects.filter(kind=NotificationKind.STAFF_WAITING).count() == 2

    def test_what_is_known_to_be_stored_for_staff_is_not_asked_again(
        self, django_capture_on_commit_callbacks, django_assert_num_queries
    ):
        now = timezone.now()
        with django_capture_on_commit_callbacks(execute=True):
            with suppress(RuntimeError), transaction.atomic():
                notify_staff_of_waiting(now)
                raise RuntimeError("rolled back")
            notify_staff_of_waiting(now)
        assert Email.objects.get().kind == NotificationKind.STAFF_WAITING

        with django_assert_num_queries(0):
            notify_staff_of_waiting(now)

    def test_the_link_is_mailed_again_at_most_once_an_hour(self, client):
        data = make.form_data(contact_by="email", email="rosa@example.com", phone="")
        with time_machine.travel(NOON, tick=False) as clock:
            data |= {name: make.form_data()[name] for name in ("sum_token", "sum")}
            client.post("/appointments/", data)
            for minutes in (1, 20, 1, 60):
                clock.shift(timedelta(minutes=minutes))
                client.post("/appointments/", data)

        assert kinds(Inquiry.objects.get()) == ["received", "link_again", "link_again"]

    def test_the_manager_hears_of_a_promise_that_is_late_by_four_opening_hours_once(self):
        clinic = make.clinic(manager_email="boss@example.com")
        for weekday in range(5):
            clinic.opening_hours.create(weekday=weekday, opens="09:00", closes="17:00")
        with time_machine.travel("2026-11-19T17:00:00Z", tick=False):  # a Thursday: promised by Friday, 5 p.m.
            inquiry = make.inquiry()
        late = Email.objects.filter(kind=NotificationKind.STAFF_OVERDUE)
        with time_machine.travel("2026-11-23T17:59:00Z", tick=False):  # Monday, 12:59
            promises.notify_of_overdue()
            assert not late.exists()
        with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
            promises.notify_of_overdue()
            promises.notify_of_overdue()
            said = compose.build(late.get()).body

        assert (late.get().to, late.get().inquiry) == ("boss@example.com", None)
        assert f"overdue: 1.\nThe oldest is {inquiry.shown_reference}: we promised" in said

    def test_one_mail_an_hour_counts_all_promises_that_are_overdue(self):
        make.clinic(manager_email="boss@example.com")
        late = Email.objects.filter(kind=NotificationKind.STAFF_OVERDUE).order_by("pk")
        with time_machine.travel("2026-11-18T17:00:00Z", tick=False):  # a Wednesday: promised by Thursday, 5 p.m.
            oldest, *_more = [make.inquiry() for _ in range(30)]
        with time_machine.travel("2026-11-19T17:00:00Z", tick=False):  # promised by Friday, 5 p.m.
            next_day = [make.inquiry() for _ in range(20)]
        mails = []
        with time_machine.travel("2026-11-20T19:00:00Z", tick=False) as clock:  # Friday, 2 p.m.
            for minutes in (0, 1, 58, 1, 60 * 70, 1, 59, 300):  # the seventy hours end on Monday, 1 p.m.
                clock.shift(timedelta(minutes=minutes))
                promises.notify_of_overdue()
                mails.append(late.count())
            said = compose.build(late.last()).body
            Inquiry.objects.exclude(pk=next_day[-1].pk).update(answered_at=timezone.now())
            said_later = compose.build(late.last()).body
            Inquiry.objects.update(answered_at=timezone.now())

            assert mails == [1, 1, 1, 1, 2, 2, 2, 2]
            assert f"overdue: 50.\nThe oldest is {oldest.shown_reference}: " in said
            assert f"overdue: 1.\nThe oldest is {next_day[-1].shown_reference}: " in said_later
            assert is_outdated(late.last())

    def test_a_promise_that_is_overdue_within_the_hour_is_told_at_its_end(self):
        make.clinic(manager_email="boss@example.com")
        late = Email.objects.filter(kind=NotificationKind.STAFF_OVERDUE)
        with time_machine.travel("2026-11-18T17:00:00Z", tick=False):
            make.inquiry()
        with time_machine.travel("2026-11-20T19:00:00Z", tick=False) as clock:
            promises.notify_of_overdue()
            make.inquiry(sent=timedelta(days=2))
            mails = []
            for minutes in (1, 58, 1):
                clock.shift(timedelta(minutes=minutes))
                promises.notify_of_overdue()
                mails.append(late.count())

        assert mails == [1, 1, 2]

    def test_who_wants_no_reminders_is_called(self, client):
        inquiry = mailed()
        address = f"{inquiry.own_page_url()}reminders/"
        assert "Stop reminders by email" in client.get(address).content.decode()
        answer = client.post(address, {"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, b"We send you no reminders by email." in answer.content) == (200, True)
        inquiry.refresh_from_db()

        notify(NotificationKind.REMINDER, inquiry)

        assert kinds(inquiry) == ["received"]
        assert CallTask.objects.get().kind == NotificationKind.REMINDER

    def test_telling_the_same_twice_tells_it_once(self):
        inquiry = mailed()
        first = notify(NotificationKind.BOOKED, inquiry, key="7")

        assert notify(NotificationKind.BOOKED, inquiry, key="7") == first
        assert notify(NotificationKind.BOOKED, inquiry, key="8") != first


def test_what_waits_for_the_patient_for_two_weeks_closes_and_writing_reopens_it(ann, client):
    with time_machine.travel(NOON, tick=False) as clock:
        inquiry = mailed()
        conversation.reply(inquiry=inquiry, words="When?", version=1, by=ann)
        clock.shift(timedelta(days=13, hours=23))
        lifecycle.auto_close_due()
        inquiry.refresh_from_db()
        assert inquiry.status == InquiryStatus.WAITING_FOR_PATIENT
        clock.shift(timedelta(hours=2))
        lifecycle.auto_close_due()
        inquiry.refresh_from_db()
        assert inquiry.status == InquiryStatus.CLOSED
        client.post(f"{inquiry.own_page_url()}reply/", {"words": "Sorry, I was away."})

    inquiry.refresh_from_db()
    assert inquiry.status == InquiryStatus.OPEN


class TestWhatACallAnswers:
    """A logged call that reaches somebody answers the calls back that were promised before it."""

    @pytest.fixture(autouse=True)
    def monday_noon(self):
        make.clinic()
        with time_machine.travel(NOON, tick=False) as clock:
            yield clock

    @pytest.fixture
    def promised(self, ann):
        """The writer is to be called back tomorrow."""
        inquiry = make.inquiry()
        self.call(inquiry, ann, Outcome.CALL_BACK, call_back_at=timezone.now() + timedelta(days=1))
        return inquiry

    def call(self, inquiry, ann, outcome, **said):
        conversation.log_call(inquiry=inquiry, outcome=outcome, by=ann, **said)

    def open_calls(self, inquiry) -> list[tuple[str, str]]:
        return [(task.kind, f"{task.due_at:%m-%d %H:%M}") for task in inquiry.call_tasks.open()]

    def test_whoever_was_reached_is_not_called_back(self, ann, promised):
        self.call(promised, ann, Outcome.REACHED)

        assert self.open_calls(promised) == []
        assert promised.call_tasks.get().done_by == ann.user

    @pytest.mark.parametrize("outcome", [Outcome.REACHED, Outcome.CALL_BACK, Outcome.NO_ANSWER])
    def test_only_the_newest_promise_of_a_call_back_stays(self, ann, promised, outcome):
        later = timezone.now() + timedelta(days=2)

        self.call(promised, ann, outcome, call_back_at=later)

        assert self.open_calls(promised) == [("call_back", f"{later:%m-%d %H:%M}")]

    def test_so_it_does_where_it_is_for_the_same_minute(self, ann, promised):
        tomorrow = timezone.now() + timedelta(days=1)

        self.call(promised, ann, Outcome.REACHED, call_back_at=tomorrow)

        assert self.open_calls(promised) == [("call_back", f"{tomorrow:%m-%d %H:%M}")]

    @pytest.mark.parametrize("outcome", [*Outcome.in_vain(), Outcome.VOICEMAIL])
    def test_whom_it_did_not_reach_is_still_to_be_called_back(self, ann, promised, outcome):
        before = self.open_calls(promised)

        self.call(promised, ann, outcome)

        assert self.open_calls(promised) == before

    def test_a_reminder_that_is_due_later_is_still_to_be_called(self, ann, promised):
        tomorrow = timezone.now() + timedelta(days=1)
        notify(NotificationKind.REMINDER, promised, due_at=tomorrow)

        self.call(promised, ann, Outcome.REACHED)

        assert self.open_calls(promised) == [("reminder", f"{tomorrow:%m-%d %H:%M}")]

    def test_another_inquirys_call_back_is_not_answered(self, ann, promised):
        self.call(make.inquiry(), ann, Outcome.REACHED)

        assert len(self.open_calls(promised)) == 1
