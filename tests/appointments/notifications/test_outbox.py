"""Mails against a real server on loopback: what goes out, what waits, what is told by phone instead."""

import json
import signal
import ssl
import threading
from contextlib import closing, suppress
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from aiosmtpd.smtp import AuthResult
from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued
from psycopg_pool import PoolTimeout

from appointments import tasks, worker
from appointments.actors import Actor
from appointments.errors import NotPossible
from appointments.inquiries import conversation, lifecycle, own_links
from appointments.models import (
    AppointmentStatus,
    CallTask,
    Email,
    Inquiry,
    MailState,
    MailText,
    NotificationKind,
    WorkerHeartbeat,
)  # fmt: skip
from appointments.notifications import compose, outbox
from appointments.notifications import notify as notify_module
from appointments.notifications.corrections import resend
from appointments.notifications.notify import complete_calls, notify
from clinic import email_url
from clinic.models import Clinic
from clinic.operations import doctor
from clinic.server import request_ids
from clinic.server.logs import LineAsJson
from clinic.smtp import EmailBackend
from tests import make, smtp, workers

# Mails that change a time on which somebody counts.
CHANGES = [
    NotificationKind.CANCELLED, NotificationKind.DISPLACED, NotificationKind.MOVED, NotificationKind.HELD_MOVED,
    NotificationKind.WITHDRAWN,
]  # fmt: skip
NOON = "2026-11-23T17:00:00Z"


@pytest.fixture(autouse=True)
def notice(monkeypatch):
    """What tells the desk that something waits goes out at the end of ten minutes, which may end during a test."""
    monkeypatch.setattr(notify_module, "BUNDLE", timedelta(days=36525))


@pytest.fixture(autouse=True)
def breaths(monkeypatch) -> list[float]:
    """The seconds for which it let a provider be: nobody waits for them here."""
    waited: list[float] = []
    monkeypatch.setattr(outbox, "time", SimpleNamespace(sleep=waited.append))
    return waited


@pytest.fixture
def server(settings):
    with smtp.running() as server:
        settings.MAILERS = email_url.mailers(f"smtp://127.0.0.1:{server.port}", outbox=None)
        yield server


def mail(to: str = "rosa@example.com", **fields) -> Email:
    """A mail that is due to somebody who has sent an inquiry."""
    make.inquiry(contact_by="email", phone="", email=to, **{"sent": lifecycle.RECEIVED_AFTER} | fields)
    return Email.objects.get(to=to)


def send() -> int:
    """Send what is due; how many went out."""
    before = Email.objects.filter(state=MailState.SENT).count()
    outbox.send_due()
    return Email.objects.filter(state=MailState.SENT).count() - before


def raising(error: Exception):
    def act(*_arguments):
        raise error

    return act


def is_free(email: Email) -> bool:
    """Whether no other session has the mail at hand."""
    with transaction.atomic():
        return Email.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=email.pk).exists()


def answer_to_rosa() -> Email:
    """A mail that becomes a call where it can't arrive."""
    inquiry = make.inquiry(contact_by="email", email="rosa@example.com")
    conversation.reply(inquiry=inquiry, words="Yes.", version=1, by=Actor.staff(make.front_desk()))
    make.two_minutes_pass()
    return Email.objects.get(kind=NotificationKind.ANSWERED)


def patients() -> list[Email]:
    """All mails to patients, in the order of their rows."""
    return list(Email.objects.exclude(kind__startswith="staff").order_by("pk"))


@pytest.mark.django_db
class TestSending:
    def test_a_mail_that_cannot_be_written_is_a_call_at_once_and_the_next_goes_out(self, server):
        email = answer_to_rosa()
        MailText.objects.create(kind=NotificationKind.ANSWERED, subject="See {link}", body="{link} {time}")
        other = mail("ben@example.com")

        outbox.send_due()

        email.refresh_from_db()
        other.refresh_from_db()
        assert (email.state, email.attempts, other.state) == (MailState.FAILED, 1, MailState.SENT)
        assert [task.kind for task in CallTask.objects.filter(inquiry=email.inquiry)] == [NotificationKind.ANSWERED]

    @pytest.mark.parametrize("sign", ["\n", "\r", "\u2028"])
    def test_a_header_that_no_mail_can_have_is_a_call_at_once(self, server, sign):
        email = answer_to_rosa()
        MailText.objects.create(kind=NotificationKind.ANSWERED, subject=f"We have{sign}answered", body="{link}")

        outbox.send_due()

        email.refresh_from_db()
        assert (email.state, CallTask.objects.count()) == (MailState.FAILED, 1)

    def test_a_certificate_that_has_run_out_is_no_fault_of_the_mail(self, server, monkeypatch):
        email = answer_to_rosa()
        monkeypatch.setattr(EmailBackend, "send_messages", raising(ssl.SSLCertVerificationError("has expired")))

        outbox.send_due()

        email.refresh_from_db()
        assert (email.state, email.attempts, CallTask.objects.exists()) == (MailState.WAITING, 1, False)

    def test_a_database_that_is_away_is_not_the_mails_fault(self, server, monkeypatch):
        email = answer_to_rosa()
        monkeypatch.setattr(compose, "build", raising(OperationalError("gone")))

        with pytest.raises(OperationalError):
            outbox.send_due()

        email.refresh_from_db()
        assert (email.state, email.attempts) == (MailState.WAITING, 0)

    def test_a_mail_is_late_that_nobody_tried_and_not_one_that_was_refused(self, server):
        tried, untried = mail("rosa@example.com"), mail("ben@example.com")
        server.answers["rosa@example.com"] = "450 later"
        Email.objects.filter(pk=untried.pk).update(next_try_at=timezone.now() + timedelta(hours=1))
        outbox.send_due()
        Email.objects.update(due_at=timezone.now() - timedelta(minutes=11))

        late = Email.objects.stuck(timezone.now()).exclude(kind=NotificationKind.STAFF_WAITING)

        tried.refresh_from_db()
        assert (tried.state, tried.attempts, list(late)) == (MailState.WAITING, 1, [untried])

    def test_what_changes_a_time_goes_out_before_all_that_waits(self, server):
        inquiry = make.inquiry(contact_by="email", phone="", email="rosa@example.com")
        Email.objects.all().delete()
        kinds = (NotificationKind.RECEIVED, NotificationKind.ANSWERED, *CHANGES, NotificationKind.BOOKED)
        due_at = timezone.now() - timedelta(minutes=5)
        for number, kind in enumerate(kinds):
            about = {"kind": kind, "to": "rosa@example.com", "inquiry": inquiry}
            due = due_at + timedelta(seconds=number)
            Email.objects.create(dedupe_key=f"made {number}", due_at=due, next_try_at=due, **about)

        in_turn = [email.kind for email in Email.objects.due(timezone.now())]

        assert in_turn == [*CHANGES, NotificationKind.ANSWERED, NotificationKind.BOOKED, NotificationKind.RECEIVED]

    def test_a_mail_that_is_due_goes_out_and_says_so(self, server):
        email = mail()

        assert send() == 1

        email.refresh_from_db()
        assert (email.state, email.attempts, email.last_error) == (MailState.SENT, 1, "")
        assert server.to() == {"rosa@example.com": 1}
        assert send() == 0

    def test_one_that_is_not_due_waits(self, server):
        with time_machine.travel(NOON, tick=False):
            inquiry = mail().inquiry
            notify(NotificationKind.TRIED, inquiry, due_at=timezone.now() + timedelta(hours=2))
            assert send() == 1
        with time_machine.travel("2026-11-23T18:59:59Z", tick=False):
            send()
            assert server.to()["rosa@example.com"] == 1
        with time_machine.travel("2026-11-23T19:00:00Z", tick=False):
            send()
            assert server.to()["rosa@example.com"] == 2

    def test_a_recipient_that_is_refused_for_good_is_called_and_nobody_else_waits(self, server):
        refused = make.inquiry(contact_by="email", email="gone@example.com")
        conversation.reply(inquiry=refused, words="Yes.", version=1, by=Actor.staff(make.front_desk()))
        make.two_minutes_pass()
        mail("rosa@example.com")
        server.answers["gone@example.com"] = "550 no such mailbox"

        assert send() == 1

        answered = Email.objects.get(inquiry=refused, kind=NotificationKind.ANSWERED)
        assert (answered.state, "550" in answered.last_error) == (MailState.FAILED, True)
        call = CallTask.objects.get()
        assert (call.kind, call.due_at, call.dedupe_key) == (
            NotificationKind.ANSWERED,
            answered.due_at,
            answered.dedupe_key,
        )
        assert server.to() == {"rosa@example.com": 1}

    @pytest.mark.parametrize(
        ("reply", "goes_on_by"),
        [
            ("550 5.1.1 no such user", CallTask),
            ("550 no such mailbox", CallTask),
            ("551 5.7.17 the mailbox has another owner", CallTask),
            ("552 5.2.2 mailbox full", Email),
            ("550 5.3.2 not accepting mail", Email),
            ("550 5.1.8 your domain does not exist", Email),
            ("550 5.7.1 your host is blocked", Email),
        ],
    )
    def test_only_what_says_that_there_is_no_such_address_counts_against_it(self, server, reply, goes_on_by):
        refused = answer_to_rosa()
        server.answers["rosa@example.com"] = reply
        Inquiry.objects.update(created_at=timezone.now() - timedelta(hours=1))

        send()

        refused.refresh_from_db()
        assert (refused.state, refused.last_error) == (MailState.FAILED, reply)
        assert CallTask.objects.get().dedupe_key == refused.dedupe_key
        assert type(notify(NotificationKind.ANSWERED, refused.inquiry, key="the next")) is goes_on_by

    def test_a_mail_that_is_refused_for_its_words_says_nothing_about_its_address(self, server):
        server.after_data = lambda mail: "554 5.7.1 looks like spam"
        email = mail()

        send()

        email.refresh_from_db()
        assert (email.state, email.is_refused) == (MailState.FAILED, False)
        assert email.last_error == "554 5.7.1 looks like spam"

    def test_the_log_says_the_code_of_a_refusal_and_no_address(self, server, caplog):
        email = answer_to_rosa()
        server.answers["rosa@example.com"] = "550 5.1.1 <rosa@example.com>: no such user"

        send()

        told = [line.getMessage() for line in caplog.records if "for good" in line.getMessage()]
        assert told == [f"Mail {email.pk} failed for good: 550 5.1.1"]

    def test_the_worker_says_of_a_mail_in_which_request_it_was_written(self, server, caplog):
        """With the answer's X-Request-ID, which nginx logs, the line leads to who waits for this mail."""
        caplog.handler.setFormatter(LineAsJson())
        with request_ids.named() as name:
            written = mail()
        of_the_site = mail("of-the-site@example.com")
        server.answers |= {each.to: "450 4.2.1 busy" for each in (written, of_the_site)}

        send()

        lines = [json.loads(line) for line in caplog.text.splitlines() if "attempt 1" in line]
        assert [line.get("request", "") for line in lines] == [name, ""]
        assert [f"Mail {written.pk} " in line["words"] for line in lines] == [True, False]

    def test_who_sends_one_again_says_that_the_address_works_for_all(self, server):
        first = answer_to_rosa()
        second = notify(NotificationKind.ANSWERED, first.inquiry, key="the next")
        server.answers["rosa@example.com"] = "550 5.1.1 no such user"
        Inquiry.objects.update(created_at=timezone.now() - timedelta(hours=1))
        send()
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.is_refused, second.is_refused) == (True, True)

        resend(first, by=Actor.staff(make.user()))

        assert not Email.objects.filter(is_refused=True).exists()
        assert isinstance(notify(NotificationKind.ANSWERED, first.inquiry, key="one more"), Email)

    def test_a_recipient_that_is_busy_is_tried_again_later_and_others_go_out(self, server):
        with time_machine.travel(NOON, tick=False):
            busy = mail("busy@example.com")
            mail("rosa@example.com")
            server.answers["busy@example.com"] = "451 try again"
            assert send() == 1
            busy.refresh_from_db()
            assert (busy.state, busy.attempts) == (MailState.WAITING, 1)
            server.answers.clear()
            assert send() == 0
        with time_machine.travel("2026-11-23T17:01:00Z", tick=False):
            assert send() == 1

    def test_a_provider_that_refuses_what_comes_too_fast_is_given_a_moment_for_each(self, server, breaths):
        for number in range(6):
            mail(f"patient{number}@example.com")
        server.after_data = lambda mail: "450 4.7.1 too many" if len(server.contents) % 2 else None

        assert send() == 3

        assert breaths == [outbox.BREATH] * 3

    def test_what_changes_a_time_and_is_refused_for_now_comes_again_within_the_minute(self, server):
        with time_machine.travel(NOON, tick=False) as clock:
            inquiry = make.inquiry(contact_by="email", email="rosa@example.com")
            cancelled = make.appointment(inquiry, status=AppointmentStatus.CANCELLED)
            notify(NotificationKind.CANCELLED, inquiry, key=cancelled.version_key, appointment=cancelled)
            Email.objects.exclude(kind=NotificationKind.CANCELLED).delete()
            server.answers["rosa@example.com"] = "451 try again"
            for _ in range(outbox.TRIED_SOON):
                send()
                clock.shift(outbox.SOON)
            email = Email.objects.get()
            assert (email.attempts, server.to()) == (outbox.TRIED_SOON, {})
            send()
            email.refresh_from_db()
            assert email.next_try_at - timezone.now() == outbox.PAUSES[0]  # As any mail, from there on.
            clock.shift(outbox.PAUSES[0])
            server.answers.clear()

            assert send() == 1
            assert timezone.now() - email.due_at < outbox.PAUSES[0] + timedelta(minutes=1)

    def test_one_that_is_busy_for_a_day_has_failed_for_good(self, server):
        server.answers["busy@example.com"] = "451 try again"
        with time_machine.travel(NOON, tick=False) as clock:
            busy = mail("busy@example.com")
            for pause in [*outbox.PAUSES, timedelta(0)]:
                send()
                clock.shift(pause)
        busy.refresh_from_db()

        assert (busy.state, busy.attempts) == (MailState.FAILED, len(outbox.PAUSES) + 1)

    def test_a_mail_that_the_server_refuses_to_read_on_is_final(self, server):
        server.after_data = lambda mail: "554 looks like spam"
        email = mail()

        send()

        email.refresh_from_db()
        assert email.state == MailState.FAILED

    def test_a_connection_cut_after_the_words_means_once_more_with_the_same_id(self, server):
        with time_machine.travel(NOON, tick=False):
            email = mail()
            server.after_data = lambda mail: "hang up"
            assert send() == 0
            server.after_data = lambda mail: None
        with time_machine.travel("2026-11-23T17:02:00Z", tick=False):
            assert send() == 1

        email.refresh_from_db()
        assert email.state == MailState.SENT
        assert list(server.ids().values()) == [2]

    def test_a_mail_that_cannot_be_written_holds_up_nobody(self, server, monkeypatch):
        poison = mail("poison@example.com")
        mail("rosa@example.com")
        build = compose.build

        def broken(email):
            if email.pk == poison.pk:
                raise RuntimeError("no words")
            return build(email)

        monkeypatch.setattr(compose, "build", broken)
        assert send() == 1

        poison.refresh_from_db()
        assert (poison.state, poison.last_error) == (MailState.FAILED, "RuntimeError: no words")

    def test_a_slow_server_is_waited_for_no_longer_than_the_timeout(self, settings):
        quiet = threading.Event()
        with smtp.running() as server:
            settings.MAILERS = email_url.mailers(f"smtp://127.0.0.1:{server.port}", outbox=None)
            settings.MAILERS["default"]["OPTIONS"]["timeout"] = 0.2

            def wait(mail):
                quiet.wait(5)

            server.after_data = wait
            email = answer_to_rosa()
            assert send() == 0
            quiet.set()
        email.refresh_from_db()

        assert email.last_error.startswith("Unanswered: the server took all of it")
        assert (email.state, email.is_refused) == (MailState.FAILED, False)
        assert email.inquiry.call_tasks.get().kind == email.kind

    @pytest.mark.parametrize(
        ("at", "state", "got"),
        [
            (b"", MailState.WAITING, 0),
            (b"EHLO", MailState.WAITING, 0),
            (b"RCPT", MailState.WAITING, 0),
            (b"DATA", MailState.WAITING, 0),
            (b".", MailState.FAILED, 1),
        ],
    )
    def test_a_server_that_drips_has_the_time_of_a_whole_delivery_and_gets_no_second_mail(
        self, settings, at, state, got
    ):
        with time_machine.travel(NOON, tick=False), smtp.dripping(at) as server:
            settings.MAILERS = email_url.mailers(f"smtp://127.0.0.1:{server.port}", outbox=None)
            settings.MAILERS["default"]["OPTIONS"]["timeout"] = 0.3
            email = mail()
            assert send() == 0
        email.refresh_from_db()
        assert (email.state, len(server.mails)) == (state, got)

        with time_machine.travel("2026-11-23T18:00:00Z", tick=False), smtp.running() as again:
            settings.MAILERS = email_url.mailers(f"smtp://127.0.0.1:{again.port}", outbox=None)
            send()
        assert got + again.to()[email.to] == 1

    def test_a_server_that_is_down_for_an_hour_loses_nothing(self, settings, monkeypatch):
        monkeypatch.setattr(notify_module, "BUNDLE", timedelta(minutes=10))
        with smtp.running() as server:
            port = server.port
        settings.MAILERS = email_url.mailers(f"smtp://127.0.0.1:{port}", outbox=None)
        with time_machine.travel(NOON, tick=False) as clock:
            for number in range(5):
                mail(f"patient{number}@example.com")
            for _ in range(60):
                assert send() == 0
                clock.shift(timedelta(minutes=1))
            assert {email.attempts for email in patients()} == {0}
            assert "refused" in patients()[0].last_error
            assert " mails have not gone out since" in " ".join(alarms())
            with smtp.running(server, port=port):
                send()

        assert server.to() == {f"patient{number}@example.com": 1 for number in range(5)} | {
            "frontdesk@example.com": len([e for e in Email.objects.all() if e.kind == NotificationKind.STAFF_WAITING])
        }

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("is_down", [True, False])
    def test_a_worker_waits_for_no_mail_that_another_has_at_hand(self, server, is_down):
        at_hand, other = mail("a@example.com"), mail("b@example.com")
        is_held, is_over = threading.Event(), threading.Event()

        def hold() -> None:
            with transaction.atomic():
                Email.objects.select_for_update().get(pk=at_hand.pk)
                is_held.set()
                is_over.wait(timeout=30)
            connection.close()

        holder = threading.Thread(target=hold)
        holder.start()
        is_held.wait(timeout=30)
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '1s'")
                outbox._note_the_silence(OSError("down")) if is_down else outbox.send_due()
        finally:
            is_over.set()
            holder.join()

        rows = [Email.objects.get(pk=each.pk) for each in (at_hand, other)]
        assert [(each.state, each.last_error) for each in rows] == [
            ("waiting", ""),
            ("waiting", "OSError: down") if is_down else ("sent", ""),
        ]

    def test_a_server_that_is_down_for_a_day_makes_calls_of_its_mails(self, settings):
        settings.MAILERS = email_url.mailers(f"smtp://127.0.0.1:{smtp.free_port()}", outbox=None)
        with time_machine.travel(NOON, tick=False) as clock:
            answered = answer_to_rosa()
            clock.shift(timedelta(hours=25, minutes=59))
            send()
            assert not CallTask.objects.exists()
            clock.shift(timedelta(minutes=2))
            send()
            answered.refresh_from_db()

            assert (answered.state, answered.attempts) == (MailState.FAILED, 0)
            assert "ConnectionRefusedError" in answered.last_error
            assert CallTask.objects.open().get().dedupe_key == answered.dedupe_key

    def test_a_silent_server_makes_no_address_a_bad_one(self, settings):
        settings.MAILERS = email_url.mailers(f"smtp://127.0.0.1:{smtp.free_port()}", outbox=None)
        with time_machine.travel(NOON, tick=False) as clock:
            answered = answer_to_rosa()
            clock.shift(timedelta(hours=27))
            send()

            again = notify(NotificationKind.ANSWERED, answered.inquiry, key="later")

        assert (type(again), again.to) == (Email, "rosa@example.com")

    @pytest.mark.parametrize(
        ("answer", "next_one"), [("451 try again", Email), ("550 no such mailbox", CallTask), ("552 full", Email)]
    )
    def test_only_what_the_server_refused_for_good_makes_an_address_a_bad_one(self, server, settings, answer, next_one):
        server.answers["rosa@example.com"] = answer
        with time_machine.travel(NOON, tick=False) as clock:
            answered = answer_to_rosa()
            send()
            settings.MAILERS = email_url.mailers(f"smtp://127.0.0.1:{smtp.free_port()}", outbox=None)
            clock.shift(timedelta(hours=27))
            send()
            answered.refresh_from_db()
            assert (answered.state, answered.attempts) == (MailState.FAILED, 1)

            again = notify(NotificationKind.ANSWERED, answered.inquiry, key="later")

        assert type(again) is next_one

    def test_an_address_that_refused_a_mail_for_good_stays_a_bad_one_after_the_call(self, server):
        server.answers["rosa@example.com"] = "550 no such mailbox"
        with time_machine.travel(NOON, tick=False) as clock:
            answered = answer_to_rosa()
            send()
            clock.shift(timedelta(hours=1))
            complete_calls(CallTask.objects.open(), make.front_desk())
            answered.refresh_from_db()
            assert answered.state == MailState.BY_PHONE

            assert type(notify(NotificationKind.ANSWERED, answered.inquiry, key="later")) is CallTask

            resend(answered, by=Actor.system())
            assert type(notify(NotificationKind.ANSWERED, answered.inquiry, key="latest")) is Email

    @pytest.mark.parametrize("refusal", [None, "451 try again"])
    def test_a_reminder_that_would_come_too_late_to_help_is_a_call(self, settings, server, refusal):
        """The visit is at nine: whether the server is silent or only busy, somebody calls before it."""
        if refusal:
            server.answers["rosa@example.com"] = refusal
        else:
            settings.MAILERS = email_url.mailers(f"smtp://127.0.0.1:{smtp.free_port()}", outbox=None)
        with time_machine.travel("2026-11-23T22:00:00Z", tick=False) as clock:
            appointment = make.appointment(
                make.inquiry(contact_by="email", email="rosa@example.com"), "2026-11-24T14:00:00+00:00"
            )
            notify(NotificationKind.REMINDER, appointment.inquiry, key="day", appointment=appointment)
            send()
            clock.shift(timedelta(hours=3))
            send()
            assert not CallTask.objects.exists()
            clock.shift(timedelta(hours=2))
            send()

            assert CallTask.objects.open().get().kind == NotificationKind.REMINDER

    def test_a_server_that_is_busy_for_a_moment_makes_nobody_a_call(self, server):
        server.answers["rosa@example.com"] = "451 try again"
        with time_machine.travel(NOON, tick=False) as clock:
            appointment = make.appointment(
                make.inquiry(contact_by="email", email="rosa@example.com"), "2026-11-23T20:00:00+00:00"
            )
            notify(NotificationKind.BOOKED, appointment.inquiry, key=appointment.version_key, appointment=appointment)
            send()
            assert not CallTask.objects.exists()
            clock.shift(timedelta(minutes=31))
            send()

            assert CallTask.objects.open().get().kind == NotificationKind.BOOKED

    def test_a_refused_password_is_an_alarm_at_once(self, settings, client):
        def refuse(*_):
            return AuthResult(success=False, handled=False)

        make.living_worker()
        client.force_login(make.front_desk())
        with smtp.running(authenticator=refuse, auth_require_tls=False) as server:
            settings.MAILERS = email_url.mailers(f"smtp://us:wrong@127.0.0.1:{server.port}", outbox=None)
            mail()
            alarm = "No mail goes out: the mail server refuses our user name or password."
            assert alarm not in client.get("/admin/").content.decode()

            send()

        assert alarms() == [alarm]
        assert alarm in client.get("/admin/").content.decode()
        assert patients()[0].attempts == 0


@pytest.mark.django_db
class TestStatements:
    @pytest.mark.parametrize(
        ("kind", "first", "second"),
        [
            ("received", 5, 3),
            ("answered", 4, 2),
            ("booked", 4, 2),
            ("held", 4, 2),
            ("reminder", 4, 2),
            ("offered", 6, 4),
            ("staff_waiting", 7, 5),
        ],
    )
    def test_a_mail_takes_few_however_many_wait(self, server, kind, first, second):
        """BEGIN and COMMIT, here a savepoint and its release, are not counted."""
        with time_machine.travel(NOON, tick=False) as clock:
            for number in range(3):
                inquiry = make.inquiry(contact_by="email", phone="", email=f"p{number}@example.com")
                inquiry.emails.all().delete()
                about = {"key": str(number)}
                if kind in ("booked", "held", "reminder", "offered"):
                    status = {"held": "pending", "offered": "proposed"}.get(kind, "booked")
                    until = timezone.now() + timedelta(hours=9) if status == "proposed" else None
                    about["appointment"] = make.appointment(inquiry, status=status, held_until=until)
                    about["key"] = about["appointment"].version_key
                if kind == "staff_waiting":
                    Email.objects.filter(dedupe_key__startswith=kind).update(dedupe_key=f"of before: {number}")
                else:
                    notify(NotificationKind(kind), inquiry, **about)
            Email.objects.exclude(kind=kind).delete()
            clock.shift(timedelta(seconds=1))
            Email.objects.update(next_try_at=timezone.now())
            assert Email.objects.filter(kind=kind).count() == 3
            asked = []
            with Clinic.read_once(), closing(outbox.mailers.default) as to_server:
                to_server.open()
                for _ in range(2):
                    with CaptureQueriesContext(connection) as captured:
                        assert outbox._send_next(to_server)
                    asked.append([query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]])

        assert [len(statements) for statements in asked] == [first, second], asked
        assert Email.objects.filter(state=MailState.SENT).count() == 2

    def test_a_batch_reads_the_clinic_and_its_words_anew_after_two_seconds(self, server):
        make.clinic()
        MailText.objects.create(kind=NotificationKind.RECEIVED, language="en", subject="-", body="{link}")
        for number in range(3):
            mail(f"patient{number}@example.com")
        names = iter(["Oak", "Elm", "Fir", "Yew"])

        with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False) as clock:

            def edit() -> bool:
                name = next(names)
                Clinic.objects.update(name=name)
                MailText.objects.update(subject=f"From {name}")
                clock.shift(timedelta(seconds=1))
                return False

            outbox.send_due(stop=edit)

        said = [(mail["From"].addresses[0].display_name, mail["Subject"]) for mail in server.mails]
        assert said == [("Oak", "From Oak"), ("Elm", "From Elm"), ("Elm", "From Elm")]

    def test_a_batch_at_a_slow_server_ends_after_ten_seconds_so_that_other_jobs_come_in_between(self, server):
        for number in range(3):
            mail(f"patient{number}@example.com")

        with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False) as clock:
            there_may_be_more = outbox.send_due(stop=lambda: clock.shift(timedelta(seconds=5)))

        assert there_may_be_more is True
        assert Email.objects.filter(state=MailState.SENT).count() == 2


def alarms() -> list[str]:
    """What the doctor says of worker and mails that somebody should hear of at once."""
    return [each.words for each in doctor.errors(doctor.Part.FIRST_PAGE)]


def now_of_the_database() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        return cursor.fetchone()[0]


@pytest.mark.django_db
class TestReadiness:
    @pytest.mark.parametrize("off", [timedelta(0), timedelta(hours=-3), timedelta(days=2)])
    def test_it_says_when_no_worker_has_been_alive_for_five_minutes(self, off):
        """By the database's clock, which goes on when that of the site and the worker is set."""

        def is_silent() -> bool:
            return any("nobody is reminded" in words for words in alarms())

        with time_machine.travel(now_of_the_database() + off, tick=False):
            assert is_silent()
            worker.beat()
            assert not is_silent()
            WorkerHeartbeat.objects.update(seen_at=Now() - timedelta(minutes=5, seconds=1))
            assert is_silent()

    @pytest.mark.parametrize(
        ("off", "said"),
        [
            (timedelta(seconds=-50), []),
            (timedelta(seconds=50), []),
            (timedelta(minutes=-90), ["The clock of the worker’s machine is 90 minutes behind the database’s."]),
            (timedelta(minutes=5), ["The clock of the worker’s machine is 5 minutes ahead of the database’s."]),
        ],
    )
    def test_a_worker_whose_clock_was_set_back_says_so(self, client, off, said):
        with time_machine.travel(now_of_the_database() + off, tick=False):
            worker.beat()

            assert alarms() == said
            answer = client.get("/readyz")

        assert answer.status_code == (503 if said else 200)
        assert all(words in answer.content.decode() for words in said)

    def test_a_heartbeat_of_the_version_before_says_nothing_of_its_clock(self):
        WorkerHeartbeat.objects.create(pk=1, seen_at=Now())

        assert alarms() == []

    def test_it_says_when_a_mail_is_late(self, client):
        make.living_worker()
        email = mail()
        assert client.get("/readyz").status_code == 200
        Email.objects.filter(pk=email.pk).update(due_at=timezone.now() - timedelta(minutes=11))

        answer = client.get("/readyz")

        assert (answer.status_code, answer.content[:30]) == (503, b"1 mail has not gone out since ")


def jobs(status: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = %s", [status])
        return cursor.fetchone()[0]


@pytest.mark.real_time
@pytest.mark.django_db(transaction=True)
class TestWorkers:
    def test_a_worker_sends_what_was_committed_and_nothing_that_was_rolled_back(self, server):
        mail("kept@example.com")
        with transaction.atomic():
            mail("undone@example.com")
            transaction.set_rollback(True)

        assert workers.start(server, "--until-done").wait(30) == 0

        assert server.to() == {"kept@example.com": 1}
        assert jobs("doing") == 0

    def test_a_worker_wakes_at_once_and_stops_politely(self, server):
        worker = workers.start(server)
        try:
            assert workers.eventually(lambda: tasks_workers() == 1)
            mail("rosa@example.com")
            assert server.arrived.wait(20)
            assert workers.eventually(lambda: Email.objects.get(to="rosa@example.com").state == MailState.SENT)
        finally:
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(30) == 0
        assert tasks_workers() == 0

    def test_a_worker_goes_on_after_the_database_has_hung_up_on_it(self, server):
        ours = backends()
        worker = workers.start(server)
        try:
            assert workers.eventually(lambda: tasks_workers() == 1)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s) AS pid", [list(backends() - ours)])
            mail("rosa@example.com")
            assert server.arrived.wait(60)
        finally:
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(40) == 0

    def test_a_worker_that_finds_no_database_tries_again_until_it_is_told_to_stop(self, monkeypatch):
        tried, stopping = [], threading.Event()

        async def run(app, until_done):
            tried.append(app)
            if len(tried) == 3:
                stopping.set()
            else:
                raise PoolTimeout("pool initialization incomplete")

        monkeypatch.setattr(worker, "_run", run)
        monkeypatch.setattr(worker, "stopping", stopping)
        monkeypatch.setattr(stopping, "wait", lambda seconds: None)
        thread = threading.Thread(target=worker.run)  # A browser's loop may run in ours.
        thread.start()
        thread.join(30)

        assert len(tried) == 3

    def test_a_worker_told_to_stop_lets_the_mail_at_hand_go_out_and_leaves_the_rest(self, server):
        hold = threading.Event()

        def wait(mail):
            hold.wait(20)

        server.after_data = wait
        for number in range(5):
            mail(f"patient{number}@example.com")
        worker = workers.start(server)
        assert server.arrived.wait(20)
        worker.send_signal(signal.SIGTERM)
        hold.set()
        assert worker.wait(30) == 0

        sent = Email.objects.filter(state=MailState.SENT).count()
        assert 1 <= sent < 5
        assert sum(server.to().values()) == sent

    def test_a_worker_killed_between_sending_and_saying_so_sends_once_more_with_the_same_id(self, server):
        hold = threading.Event()

        def wait(mail):
            hold.wait(20)

        server.after_data = wait
        email = mail("rosa@example.com")
        worker = workers.start(server, "--until-done")
        assert server.arrived.wait(20)
        worker.kill()
        worker.wait()
        hold.set()
        server.after_data = lambda mail: None
        # Postgres needs a moment to see that the worker is dead, and to let go of the mail.
        assert workers.eventually(lambda: is_free(email))

        # The job of the dead worker is taken up as soon as nothing was heard of it for a minute.
        assert jobs("doing") >= 1
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '61 seconds'")
        with suppress(AlreadyEnqueued):  # It is so each minute.
            tasks.retry_stalled_jobs.defer(timestamp=0)
        # Not until nothing is left: that may be so before the job has been taken up.
        worker = workers.start(server)
        try:
            assert workers.eventually(lambda: Email.objects.get(pk=email.pk).state == MailState.SENT)
        finally:
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(30) == 0

        # A new minute may have written another job, with nothing to send.
        assert jobs("doing") == 0
        assert server.to() == {"rosa@example.com": 2}
        assert len(server.ids()) == 1

    def test_a_worker_that_was_away_sends_what_became_due_meanwhile(self, server):
        inquiry = make.inquiry(contact_by="email", email="rosa@example.com", sum_solved=False)
        notify(NotificationKind.TRIED, inquiry, due_at=timezone.now() - timedelta(hours=3))

        assert workers.start(server, "--until-done").wait(30) == 0

        assert server.to() == {"rosa@example.com": 1}


def backends() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return {row[0] for row in cursor.fetchall()}


def tasks_workers() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_workers")
        return cursor.fetchone()[0]


@pytest.mark.django_db
class TestLink:
    """A mail carries the link and goes to the address that its inquiry has when it is sent."""

    def test_what_waited_goes_to_the_corrected_address_with_the_new_link(self, server):
        email = mail("mistyped@example.com")
        old = email.inquiry
        own_links.send_new(inquiry=old, email="rosa@example.com", version=1, by=Actor.staff(make.user()))
        Email.objects.filter(pk=email.pk).update(to="mistyped@example.com")  # A worker had it at hand just then.
        send()

        key = Inquiry.objects.get().key
        assert {mail["To"] for mail in server.mails} == {"rosa@example.com"}
        assert [old.key in mail.as_string() for mail in server.mails] == [False, False]
        assert [key in mail.get_body(("plain",)).get_content() for mail in server.mails] == [True, True]
        assert Email.objects.get(pk=email.pk).to == "rosa@example.com"

    @pytest.mark.parametrize("state", ["not_theirs", "revoked"])
    def test_where_the_link_has_ended_nothing_is_mailed_and_somebody_calls(self, server, state):
        inquiry = mail().inquiry
        notify(NotificationKind.ANSWERED, inquiry)
        Inquiry.objects.update(link_state=state)  # A worker had the mails at hand when it ended.

        assert send() == 0
        assert set(Email.objects.filter(inquiry=inquiry).values_list("state", flat=True)) == {"cancelled"}
        assert [call.kind for call in CallTask.objects.all()] == ["answered"]

    def test_a_mail_of_an_ended_link_is_not_sent_again(self):
        email = mail()
        Inquiry.objects.update(link_state="revoked")

        with pytest.raises(NotPossible):
            resend(email, by=Actor.staff(make.user()))
