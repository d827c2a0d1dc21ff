"""What a mail says: readable, neutral, to the writer, and in the clinic's own words where it has some."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from appointments.models import Email, Inquiry, MailText, NotificationKind
from appointments.notifications import compose, texts
from appointments.notifications.notify import notify
from clinic.accounts import roles
from tests import make

pytestmark = pytest.mark.django_db


def mail(kind: NotificationKind = NotificationKind.RECEIVED, **fields) -> Email:
    inquiry = make.inquiry(contact_by="email", email="rosa@example.com", name="Rosa Lind", **fields)
    found = notify(kind, inquiry)
    assert isinstance(found, Email)
    return found


def test_both_parts_say_the_same_to_the_writer_from_a_mailbox_that_is_read():
    make.clinic(name='Maple "Spine" Clinic', email="desk@maple.example")
    email = mail(patient_name="Edith Lind", message="My back", procedure=make.procedure())

    built = compose.build(email)
    html = str(built.alternatives[0][0])

    assert built.from_email == "\"Maple 'Spine' Clinic\" <desk@maple.example>"
    assert built.reply_to == ["desk@maple.example"]
    assert built.subject == f"We have your message, {email.inquiry.shown_reference}"
    link = f"http://127.0.0.1:8000{email.inquiry.own_page_url()}"
    for part in (built.body, html):
        assert "Hello," in part
        assert link in part
        assert "(646) 555-0111" in part
        assert "call 911" in re.sub("<[^>]+>", "", part)
        for secret in ("Rosa", "Edith", "My back", "yphoplasty"):
            assert secret not in part + built.subject
    assert f'<a href="{link}"' in html


def test_the_message_id_comes_from_the_row():
    email = mail()

    first, second = (compose.build(email).message()["Message-ID"] for _ in range(2))

    assert first == second == f"<{email.token.hex}@127.0.0.1>"


@pytest.mark.parametrize("name", ["Rosa Lind", "<b>{phone}", "you won http://evil.example/win", "me@evil.example"])
@pytest.mark.parametrize("kind", [kind for kind in NotificationKind.mailed() if not kind.startswith("staff_")])
def test_no_mail_names_the_writer_or_says_a_word_that_they_typed(kind, name):
    """It may reach somebody else, and nobody sends a link of theirs through us to an address that they typed."""
    make.clinic()
    inquiry = make.inquiry(
        contact_by="email", email="rosa@example.com", name=name, patient_name="Edith Lind", message="My back hurts",
        reach_note="after dark", phone="212 555 0123",
    )  # fmt: skip
    appointment = make.appointment(inquiry, held_until=timezone.now() + timedelta(hours=9), status="proposed")

    built = compose.build(notify(kind, inquiry, appointment=appointment))
    html = str(built.alternatives[0][0])

    assert built.body.startswith("Hello,\n\n")
    for typed in (name, "Rosa", "Edith", "My back", "after dark", "0123", "evil"):
        assert typed not in built.subject + built.body + html
    assert set(re.findall(r'href="([^"]*)"', html)) == {
        f"http://127.0.0.1:8000{inquiry.own_page_url()}", "tel:911", "tel:+16465550111", "tel:+16465550122",
    }  # fmt: skip


def test_a_mail_with_nothing_to_put_in_is_not_sent():
    with pytest.raises(ValueError, match="nothing to put in for time"):
        compose.build(mail(NotificationKind.REMINDER))


def test_a_reminder_says_the_time_in_the_clinics_zone():
    inquiry = make.inquiry(contact_by="email", email="rosa@example.com")
    appointment = make.appointment(inquiry, starts_at="2026-11-24T14:30:00Z")

    built = compose.build(notify(NotificationKind.REMINDER, inquiry, appointment=appointment))

    assert "We expect you:\n\nTuesday, November 24, 9:30 a.m., New York time\nwith " in built.body


@pytest.mark.parametrize("kind", [kind for kind in NotificationKind.mailed() if "time" in texts.TEXTS[kind].needs])
def test_a_mail_about_an_appointment_has_doctor_address_and_phone_in_its_words(kind):
    make.clinic(name="Maple Clinic", address="4 Linden Road\nNew York, NY 10099")
    inquiry = make.inquiry(contact_by="email", email="rosa@example.com")
    doctor = make.practitioner("Tomás Rivera, MD")
    appointment = make.appointment(inquiry, starts_at="2026-11-24T14:30:00Z", practitioner=doctor)

    built = compose.build(notify(kind, inquiry, appointment=appointment))

    assert "\n\nTuesday, November 24, 9:30 a.m., New York time\nwith Tomás Rivera, MD\n\n" in built.body
    signed = f"Your reference: {inquiry.shown_reference}\n\nMaple Clinic\n4 Linden Road\nNew York, NY 10099\n"
    assert f"{signed}Phone: (646) 555-0111" in built.body
    html = str(built.alternatives[0][0])
    assert (
        '<strong style="font-size:22px">Tuesday, November 24, 9:30 a.m., New York time</strong><br>'
        'with <span translate="no">Tomás Rivera, MD</span>' in html
    )
    (button,) = re.findall(r'<a href="([^"]+)" style="display:inline-block[^>]+>([^<]+)</a>', html)
    assert button == (f"http://127.0.0.1:8000{inquiry.own_page_url()}", texts.button(kind))


def test_names_that_run_right_to_left_turn_no_time_round_and_the_sender_is_whole():
    make.clinic(name="עיצם 12", address="4 Linden Road\nNew York, NY 10099")
    doctor = make.practitioner("يوسف 123")
    appointment = make.appointment(make.inquiry(contact_by="email", email="rosa@example.com"), practitioner=doctor)

    built = compose.build(notify(NotificationKind.BOOKED, appointment.inquiry, appointment=appointment))

    assert "\nwith \u2068يوسف 123\u2069\n\n" in built.body
    assert "\n\n\u2068עיצם 12\u2069\n4 Linden Road\n" in built.body
    assert built.message()["From"].addresses[0].display_name == "עיצם 12"


def test_no_subject_says_the_clinics_name_which_is_the_senders():
    for kind in NotificationKind.mailed():
        assert "{clinic}" not in texts.default(kind)[0]


def test_links_have_a_colour_in_both_themes():
    html = str(compose.build(mail()).alternatives[0][0])

    assert "a { color: #0b5a8a }" in html
    assert "@media (prefers-color-scheme: dark) { a { color: #8fc7f0 } }" in html


def test_reminders_and_only_they_can_be_unsubscribed_from():
    inquiry = make.inquiry(contact_by="email", email="rosa@example.com")
    told = notify(NotificationKind.REMINDER, inquiry, appointment=make.appointment(inquiry))
    reminder, other = compose.build(told), compose.build(mail())

    assert reminder.extra_headers["List-Unsubscribe"].endswith("/reminders/>")
    assert reminder.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "List-Unsubscribe" not in other.extra_headers


def test_staff_are_told_that_something_waits_and_not_what():
    make.inquiry(name="Rosa Lind", message="My back", procedure=make.procedure())

    built = compose.build(Email.objects.get(kind=NotificationKind.STAFF_WAITING))

    assert "Inquiries that wait for us: 1." in built.body
    assert "http://127.0.0.1:8000/admin/appointments/inquiry/" in built.body
    for secret in ("Rosa", "My back", "yphoplasty", "911"):
        assert secret not in built.body


@pytest.mark.parametrize("kind", NotificationKind.mailed())
def test_the_sites_own_words_are_whole_for_every_kind(kind):
    subject, body = texts.default(kind)

    assert texts.problem(kind, subject, body) is None
    assert "{" not in texts.fill(subject + body, texts.PLACEHOLDERS)


class TestOwnWords:
    @pytest.fixture
    def manager(self, client):
        client.force_login(make.user(roles.MANAGER))
        return client

    def form(self, **changes):
        return {
            "kind": "received", "language": "en", "subject": "{clinic}: thank you, {reference}",
            "body": "Good day, {reference}, see {link}",
        } | changes  # fmt: skip

    def test_the_clinics_words_are_used_and_previewed(self, manager):
        assert manager.post("/admin/appointments/mailtext/add/", self.form()).status_code == 302

        built = compose.build(mail())
        reference = Inquiry.objects.get().shown_reference
        assert built.body.startswith(f"Good day, {reference}, see http://127.0.0.1:8000/appointments/")
        page = manager.get(f"/admin/appointments/mailtext/{MailText.objects.get().pk}/change/").content.decode()
        assert "Good day, K7QM-3XHT, see https://clinic.example/" in page

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"body": "Dear {nmae}, see {link}"}, "There is no {nmae}."),
            ({"body": "Dear {name}, see {link}"}, "There is no {name}."),
            ({"subject": "{0}"}, "There is no {0}."),
            ({"body": "Good day"}, "The text needs {link}."),
            ({"kind": "booked"}, "The text needs {time}."),
        ],
    )
    def test_a_placeholder_that_is_wrong_or_missing_is_a_sentence(self, manager, changes, sentence):
        answer = manager.post("/admin/appointments/mailtext/add/", self.form(**changes))

        assert sentence in answer.content.decode()
        assert not MailText.objects.exists()

    def test_there_is_one_text_for_a_kind(self, manager):
        for _ in range(2):
            answer = manager.post("/admin/appointments/mailtext/add/", self.form())

        assert "There are words for this kind of mail already" in answer.content.decode()


def test_what_a_mail_says_is_no_html_for_the_page_that_shows_it():
    """What a template made calls itself safe: the admin would print it as it is."""
    make.clinic()
    make.inquiry()
    email = Email.objects.get(kind=NotificationKind.STAFF_WAITING)

    said = compose.words_without_key(email, compose.build(email))

    assert [type(part) for part in said] == [str, str, str]
