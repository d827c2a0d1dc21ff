"""Erasing: nothing by itself until the manager says so, and then every word, in every table."""

import io
import re
from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.messages.storage.session import SessionStorage
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments, proposals, waiting_list
from appointments.bookings.follow_up import mark_as_spam
from appointments.inquiries import contact_data, conversation, lifecycle
from appointments.models import (
    CallState,
    CallTask,
    Email,
    Erasure,
    Inquiry,
    InquiryScreening,
    InquiryStatus,
    MailState,
    NotificationKind,
    WaitingListWish,
)
from appointments.models.inquiry_choices import ContactChannel
from appointments.models.log import Outcome
from appointments.notifications import outbox
from appointments.notifications.notify import notify
from appointments.records import erasure
from clinic.accounts import emergency, roles
from clinic.models import EmergencyAccess
from tests import make

pytestmark = pytest.mark.django_db

SECRETS = ("Xanthippe", "Quibble", "xq@example.com", "555 0199", "5550199", "Zyxwv", "1931-05-06")


@pytest.fixture
def inquiry() -> Inquiry:
    """A closed inquiry with a secret in every place that holds words."""
    ann = Actor.staff(make.front_desk())
    made = make.inquiry(
        kind="question", name="Xanthippe Quibble", patient_name="Quibble Zyxwv", patient_phone="212 555 0199",
        contact_by="email", email="xq@example.com", phone="212 555 0199", reach_note="Zyxwv",
        spoken_language="ht", message="Zyxwv hurts", contact_person="patient",
        date_of_birth=date(1931, 5, 6), chart_number="Zyxwv-7", talks_with="Mrs. Zyxwv",
        talks_with_since=date(2026, 1, 2),
    )  # fmt: skip
    conversation.note(inquiry=made, words="Zyxwv called", by=ann)
    conversation.log_call(inquiry=made, outcome=Outcome.NO_ANSWER, words="Zyxwv rang", by=ann)
    made.refresh_from_db()
    conversation.reply(inquiry=made, words="Dear Xanthippe", version=made.version, by=ann)
    conversation.write_back(inquiry=made, words="Zyxwv again")
    made.refresh_from_db()
    lifecycle.transition(inquiry=made, to=InquiryStatus.CLOSED, version=made.version, by=ann)
    make.two_minutes_pass()
    outbox.send_due()
    make.appointment(made, status="fulfilled", overbooked=True, overbook_reason="Zyxwv is in great pain")
    made.emails.update(last_error="550 xq@example.com is gone")
    made.refresh_from_db()
    return made


def everything() -> str:
    """All rows of all our tables as text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" AS t')  # noqa: S608
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def test_the_secrets_are_there_to_begin_with(inquiry):
    assert all(secret in everything() for secret in SECRETS)


def test_the_key_stands_in_no_table_but_its_own_and_its_history(inquiry):
    assert inquiry.emails.get(kind="answered").text
    with_key = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE %s', [f"%{inquiry.key}%"])  # noqa: S608
            with_key |= {table} if cursor.fetchone()[0] else set()

    assert with_key == {"appointments_inquiry", "appointments_inquiryevent"}


def test_nothing_is_erased_until_the_manager_has_set_a_period(inquiry):
    make.clinic()
    with time_machine.travel(timezone.now() + timedelta(days=4000), tick=False):
        erasure.erase_what_is_old()

    inquiry.refresh_from_db()
    assert (inquiry.erased_at, inquiry.name) == (None, "Xanthippe Quibble")


def test_after_the_period_every_word_is_gone_everywhere_and_the_counts_stay(inquiry):
    make.clinic(keep_years=7)
    counts = {model: model.objects.count() for model in (Inquiry, Email)}
    with time_machine.travel(timezone.now() + timedelta(days=7 * 365), tick=False):
        erasure.erase_what_is_old()
    assert "Xanthippe" in everything()
    with time_machine.travel(timezone.now() + timedelta(days=7 * 366), tick=False):
        erasure.erase_what_is_old()

    text = everything()
    assert [secret for secret in SECRETS if secret in text] == []
    assert {model: model.objects.count() for model in counts} == counts
    inquiry.refresh_from_db()
    assert (inquiry.erased_at is not None, inquiry.kind, inquiry.status) == (True, "question", "closed")
    assert Erasure.objects.get().reason == "closed more than 7 years ago"


@pytest.mark.parametrize(
    "kept", [{"legal_hold": True}, {"status": InquiryStatus.OPEN}, {"status": InquiryStatus.WAITING_FOR_PATIENT}]
)
def test_what_is_on_hold_or_not_closed_is_kept(inquiry, kept):
    make.clinic(keep_years=1)
    Inquiry.objects.filter(pk=inquiry.pk).update(**kept)
    with time_machine.travel(timezone.now() + timedelta(days=400), tick=False):
        assert erasure.erase_what_is_old() == 0


def test_what_was_reopened_meanwhile_is_kept(inquiry):
    make.clinic(keep_years=1)
    with time_machine.travel(timezone.now() + timedelta(days=400), tick=False):
        [(_, _spam), (why, closed)] = erasure.due(timezone.now())
        conversation.write_back(inquiry=inquiry, words="I am back")
        assert erasure.erase(inquiry, reason=why, by=Actor.system(), only_if=closed) is False

    inquiry.refresh_from_db()
    assert inquiry.name == "Xanthippe Quibble"


def test_spam_goes_thirty_days_after_somebody_looked_at_it():
    inquiry = make.inquiry(name="Best Offers", kind="question", message="Buy")
    mark_as_spam(inquiry=inquiry, version=1, by=Actor.staff(make.front_desk()))
    unseen = make.inquiry(screening=InquiryScreening.BY_HAND, screening_reason="trap")
    with time_machine.travel(timezone.now() + timedelta(days=29), tick=False):
        assert erasure.erase_what_is_old() == 0
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        assert erasure.erase_what_is_old() == 1
    unseen.refresh_from_db()
    assert unseen.erased_at is None


def test_a_dry_run_only_says_what_would_go(inquiry):
    make.clinic(keep_years=1)
    said = io.StringIO()
    with time_machine.travel(timezone.now() + timedelta(days=400), tick=False):
        call_command("erase", dry_run=True, stdout=said)
        assert "Xanthippe" in everything()
        assert said.getvalue().split("\n")[:2] == ["       0  spam", "       1  closed more than 1 years ago"]
        call_command("erase", stdout=said)
    assert "Xanthippe" not in everything()


class TestOnePersonsData:
    def test_it_is_printed_for_the_chart_and_exported(self, client, inquiry):
        client.force_login(make.front_desk())
        chart = client.get(f"/admin/appointments/inquiry/{inquiry.pk}/chart/").content.decode()
        data = client.get(f"/admin/appointments/inquiry/{inquiry.pk}/data/")

        for words in ("Xanthippe Quibble", "Zyxwv hurts", "Dear Xanthippe", "Zyxwv again", "xq@example.com"):
            assert words in chart
            assert words in data.content.decode()
        assert data.headers["Content-Disposition"] == f'attachment; filename="{inquiry.shown_reference}.json"'
        assert inquiry.key not in chart + data.content.decode()

    def test_on_paper_yes_is_a_word(self, client, inquiry):
        client.force_login(make.front_desk())
        Inquiry.objects.filter(pk=inquiry.pk).update(legal_hold=True)

        data = client.get(f"/admin/appointments/inquiry/{inquiry.pk}/data/").json()

        assert data["sent"]["On hold"] == "Yes"

    def form(self, inquiry, **changes):
        data = {"reason": "They asked us to", "reference": inquiry.shown_reference.lower(), "sure": "on"} | changes
        return {name: value for name, value in data.items() if value is not None}

    def test_the_manager_erases_with_a_reason_and_a_second_confirmation(self, client, inquiry):
        client.force_login(make.user(roles.MANAGER, username="boss"))
        address = f"/admin/appointments/inquiry/{inquiry.pk}/erase/"
        for changes, sentence in (
            ({"reason": ""}, "This field is required"),
            ({"reference": "AAAA-AAAA"}, "This is not the reference of this inquiry."),
            ({"sure": None}, "This field is required"),
        ):
            assert sentence in client.post(address, self.form(inquiry, **changes)).content.decode()
        assert "Xanthippe" in everything()

        assert client.post(address, self.form(inquiry)).status_code == 302

        text = everything()
        assert [secret for secret in SECRETS if secret in text] == []
        erasure = Erasure.objects.get()
        assert (erasure.reason, erasure.by.username) == ("They asked us to", "boss")

    def test_sentences_that_nobody_has_read_yet_are_forgotten_and_their_readers_stay_signed_in(self, client, inquiry):
        desk = Client()
        desk.force_login(make.front_desk())
        waiting = desk.session
        waiting[SessionStorage.session_key] = '[["__json_message",0,25,"Xanthippe Quibble: closed",""]]'
        waiting["other"] = "stays"
        waiting.save()
        assert "Xanthippe" in str(dict(desk.session))
        client.force_login(make.user(roles.MANAGER))

        answer = client.post(f"/admin/appointments/inquiry/{inquiry.pk}/erase/", self.form(inquiry), follow=True)

        assert "Erased. Only the fact" in answer.content.decode()
        assert ("Xanthippe" in str(dict(desk.session)), desk.session["other"]) == (False, "stays")
        assert desk.get("/admin/").status_code == 200

    def test_what_is_on_hold_is_not_erased_by_hand_either(self, client, inquiry):
        client.force_login(make.user(roles.MANAGER))
        Inquiry.objects.filter(pk=inquiry.pk).update(legal_hold=True)

        answer = client.post(f"/admin/appointments/inquiry/{inquiry.pk}/erase/", self.form(inquiry))

        assert "It is on hold:" in answer.content.decode()

    def test_the_front_desk_cannot_erase(self, client, inquiry):
        client.force_login(make.front_desk())
        address = f"/admin/appointments/inquiry/{inquiry.pk}/erase/"

        assert client.get(address).status_code == client.post(address, self.form(inquiry)).status_code == 403

    def test_the_own_page_of_what_was_erased_is_gone(self, client, inquiry):
        address = inquiry.own_page_url()
        erasure.erase(inquiry, reason="x", by=Actor.system())

        assert client.get(address).status_code == 404
        assert client.post(f"{address}reply/", {"words": "x"}).status_code == 404


def test_no_mail_goes_to_somebody_who_was_erased(inquiry):
    notify(NotificationKind.REMINDER, inquiry, due_at=timezone.now() + timedelta(days=1))
    erasure.erase(inquiry, reason="x", by=Actor.system())

    assert not Email.objects.filter(inquiry=inquiry, state="waiting").exists()


def test_only_what_waits_is_cancelled_so_that_the_counts_of_mails_and_calls_stay_true(inquiry):
    now, mails, calls = timezone.now(), {}, {}
    for state in MailState:
        due = {"due_at": now, "next_try_at": now, "sent_at": now}
        mail = Email.objects.create(
            inquiry=inquiry, kind="answered", to=inquiry.email, dedupe_key=state, state=state, **due
        )
        mails[mail.pk] = state
    for state in CallState:
        ended = {} if state == CallState.WAITING else {"done_at": now}
        call = CallTask.objects.create(
            inquiry=inquiry, kind="answered", dedupe_key=state, state=state, due_at=now, **ended
        )
        calls[call.pk] = state

    erasure.erase(inquiry, reason="x", by=Actor.system())

    assert not inquiry.emails.in_trouble(now + timedelta(days=1)).exists()
    cancelled = {"waiting": "cancelled"}
    for model, before in ((Email, mails), (CallTask, calls)):
        after = dict(model.objects.filter(pk__in=before).values_list("pk", "state"))
        assert after == {pk: cancelled.get(state, state) for pk, state in before.items()}


def test_what_somebody_waits_for_is_gone_with_their_words():
    doctor, inquiry = make.practitioner(), make.inquiry()
    about = {"visit_type": doctor.schedules.get().visit_type, "practitioner": None, "half_days": [2]}
    waiting_list.wait(inquiry=inquiry, by=Actor.visitor(), **about)

    erasure.erase(inquiry, reason="Their wish", by=Actor.staff(make.user()))

    inquiry.refresh_from_db()
    assert (inquiry.waiting_list_since, WaitingListWish.objects.count()) == (None, 0)


class TestATimeToCome:
    """Erasing somebody frees their time, and nobody is left to tell: the page says so before."""

    @pytest.fixture(autouse=True)
    def monday_noon(self):
        make.clinic()
        with time_machine.travel("2026-11-23T17:00:00Z", tick=False):
            yield

    @pytest.fixture
    def doctor(self):
        return make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit"))

    def said(self, client, inquiry) -> list[str]:
        client.force_login(make.user(roles.MANAGER))
        html = client.get(f"/admin/appointments/inquiry/{inquiry.pk}/erase/").text
        return re.findall(r'<li class="freed">(.*?)</li>', html)

    def test_it_is_named_with_what_is_offered(self, client, doctor):
        by, day = Actor.staff(make.front_desk()), date(2026, 11, 24)
        first, second, other = make.slots(doctor, day)[:3]
        inquiry = appointments.give(inquiry=make.inquiry(), slot=first, by=by).inquiry
        appointments.give(inquiry=make.inquiry(), slot=other, by=by)
        proposals.propose(inquiry=inquiry, slots=[second], until=second.starts_at, by=by)

        assert self.said(client, inquiry) == [
            "Tue, Nov. 24, 9 a.m., First visit, Jane Doe, MD (Booked)",
            "Tue, Nov. 24, 9:30 a.m., First visit, Jane Doe, MD (Offered)",
        ]
        erasure.erase(inquiry, reason="x", by=by)
        assert make.slots(doctor, day)[:2] == [first, second]

    def test_what_is_over_or_cancelled_is_not(self, client):
        inquiry = make.inquiry()
        make.appointment(inquiry, "2026-11-20T15:00Z", status="fulfilled")
        make.appointment(inquiry, "2026-11-24T15:00Z", status="cancelled")

        assert self.said(client, inquiry) == []


def test_erasing_blanks_the_reason_of_an_emergency_access_that_names_the_patient(inquiry):
    other = make.inquiry(name="Rosa Lind")
    named = [
        f"fall of {inquiry.reference}", f"{inquiry.shown_reference.lower()} fell", "XANTHIPPE QUIBBLE fell",
        "for quibble zyxwv", "who has 212 555 0199?", "ask xq@example.com",
    ]  # fmt: skip
    kept = ["The front desk is ill", f"{other.reference} fell", "Rosa Lind fell", "–"]
    for why in named + kept:
        emergency.begin(user=make.user(), minutes=1, why=why)

    assert erasure.erase(inquiry, reason="Asked for", by=Actor.system())

    accesses = EmergencyAccess.objects.order_by("pk")
    assert [access.why for access in accesses] == ["–"] * len(named) + kept


def test_erasing_blanks_a_reason_that_names_a_number_or_an_address_of_before(inquiry):
    known = contact_data.ContactData("718 555 0166", "new@example.com", "718 555 0177", ContactChannel.PHONE)
    contact_data.correct(inquiry=inquiry, to=known, version=inquiry.version, by=Actor.staff(make.front_desk()))
    for why in ("who has 212 555 0199?", "ask xq@example.com", "ask new@example.com", "The front desk is ill"):
        emergency.begin(user=make.user(), minutes=1, why=why)

    assert erasure.erase(Inquiry.objects.get(pk=inquiry.pk), reason="Asked for", by=Actor.system())

    assert [access.why for access in EmergencyAccess.objects.order_by("pk")] == ["–"] * 3 + ["The front desk is ill"]
