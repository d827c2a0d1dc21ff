"""Mails and calls as the front desk sees and works them."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from appointments.actors import Actor
from appointments.inquiries import conversation
from appointments.models import CallState, CallTask, Email, MailState, MailText, NotificationKind
from appointments.models.log import Outcome
from appointments.notifications import compose, outbox
from appointments.notifications.notify import fall_back_to_call, notify
from clinic.accounts import roles
from tests import make

pytestmark = pytest.mark.django_db

MAILS, CALLS = "/admin/appointments/email/", "/admin/appointments/calltask/"


@pytest.fixture
def desk(client):
    client.force_login(make.front_desk())
    return client


@pytest.fixture
def answered() -> Email:
    inquiry = make.inquiry(contact_by="email", email="rosa@example.com", phone="212 555 0123")
    conversation.reply(inquiry=inquiry, words="Yes.", version=1, by=Actor.staff(make.front_desk()))
    return Email.objects.get(kind=NotificationKind.ANSWERED)


def work(desk, email: Email, do: str) -> Email:
    seen = f"{email.state} {email.attempts}"
    assert desk.post(f"{MAILS}{email.pk}/work/", {"do": do, "seen": seen}).status_code == 302
    email.refresh_from_db()
    return email


def set_state(email: Email, state: MailState) -> None:
    email.state, email.sent_at = state, timezone.now()
    email.save()


def test_a_mail_shows_what_it_says_and_what_became_of_it(desk, answered):
    html = desk.get(f"{MAILS}{answered.pk}/change/").content.decode()

    assert "We have answered you." in html
    assert "Mail “We have answered” to rosa@example.com: on its way" in html
    assert 'value="bounced"' not in html


def test_a_sent_mail_shows_the_words_that_were_sent_whatever_changed_since(desk, answered):
    make.two_minutes_pass()
    outbox.send_due()
    MailText.objects.create(kind=NotificationKind.ANSWERED, subject="Other words", body="Other words: {link}")
    make.clinic(phone="(646) 555-0177")

    html = desk.get(f"{MAILS}{answered.pk}/change/").content.decode()
    arrived = desk.get(f"{MAILS}{answered.pk}/as-it-arrives/").content.decode()

    for page in (html, arrived):
        assert "We have answered you." in page
        assert "Other words" not in page
        assert "555-0177" not in page


def test_nobody_reads_the_patients_key_in_a_mail_before_or_after_it_is_sent(desk, answered):
    for _ in range(2):
        for page in ("change", "as-it-arrives"):
            html = desk.get(f"{MAILS}{answered.pk}/{page}/").content.decode()
            assert html.count("[the patient’s own link]") == (1 if page == "change" else 0)  # There it is a button.
            assert "{link}" not in html
            assert answered.inquiry.key not in html
        make.two_minutes_pass()
        outbox.send_due()
    answered.refresh_from_db()
    assert "{link}" in answered.text
    assert 'href="{link}"' in answered.html


def test_in_place_of_the_patients_link_there_is_nothing_to_click(desk, answered):
    arrived = desk.get(f"{MAILS}{answered.pk}/as-it-arrives/").text

    (button,) = re.findall(r"<a[^>]*>See your page</a>", arrived)
    assert "href" not in button
    assert "/appointments/" not in arrived


def test_what_somebody_typed_is_never_markup_on_the_page_of_a_mail(desk):
    name = '<meta http-equiv="refresh" content="0;url=evil"><form>'
    MailText.objects.create(kind=NotificationKind.STAFF_WAITING, subject=name, body=f"{name} {{link}}")
    make.inquiry(name=name, contact_by="email", email="rosa@example.com")

    for email in Email.objects.filter(kind__in=(NotificationKind.RECEIVED, NotificationKind.STAFF_WAITING)):
        html = desk.get(f"{MAILS}{email.pk}/change/").content.decode()
        assert "&lt;meta http-equiv=&quot;refresh&quot;" in html
        assert "<meta http-equiv" not in html


def test_a_mail_that_cannot_be_written_says_so_instead_of_failing(desk):
    inquiry = make.inquiry(contact_by="email", email="rosa@example.com")
    email = notify(NotificationKind.BOOKED, inquiry)

    assert "It cannot be written" in desk.get(f"{MAILS}{email.pk}/change/").content.decode()
    assert desk.get(f"{MAILS}{email.pk}/as-it-arrives/").status_code == 404


def test_it_is_seen_as_it_arrives_with_its_own_styles_and_nothing_else(desk, answered):
    page = desk.get(f"{MAILS}{answered.pk}/as-it-arrives/")

    assert page.content.startswith(b"<!DOCTYPE html>")
    assert page.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert "no-store" in page.headers["Cache-Control"]


def test_mails_in_trouble_are_counted_and_listed(desk, answered):
    fine = make.inquiry(contact_by="email", email="fine@example.com")
    assert "Mails in trouble: 0" in desk.get("/admin/").content.decode()
    set_state(answered, MailState.FAILED)
    Email.objects.filter(inquiry=fine).update(due_at=timezone.now() - timedelta(minutes=11), to="late@example.com")

    assert "Mails in trouble: 2" in desk.get("/admin/").content.decode()
    html = desk.get(f"{MAILS}?list=trouble").content.decode()
    assert "rosa@example.com" in html
    assert "late@example.com" in html
    assert html.count("field-to") == 2


def test_a_mail_that_came_back_becomes_a_call(desk, answered):
    set_state(answered, MailState.SENT)

    assert work(desk, answered, "bounced").state == MailState.BOUNCED

    call = CallTask.objects.get()
    assert (call.dedupe_key, call.due_at, call.state) == (answered.dedupe_key, answered.due_at, CallState.WAITING)


def test_reached_by_phone_ends_the_mail_and_the_call(desk, answered):
    set_state(answered, MailState.SENT)
    work(desk, answered, "bounced")

    assert work(desk, answered, "by_phone").state == MailState.BY_PHONE

    assert CallTask.objects.get().state == CallState.DONE


@pytest.mark.parametrize("state", [MailState.SENT, MailState.FAILED, MailState.BOUNCED, MailState.WAITING])
def test_it_is_sent_again_as_a_mail_of_its_own_that_no_mailbox_drops(desk, answered, state):
    set_state(answered, state)
    first = compose.message_id(answered)

    again = work(desk, answered, "resend")

    assert (again.state, again.attempts) == (MailState.WAITING, 0)
    assert again in Email.objects.due(timezone.now())
    assert compose.message_id(again) != first


def test_a_call_in_vain_after_another_failure_is_open_again(desk, answered):
    set_state(answered, MailState.SENT)
    work(desk, answered, "bounced")
    work(desk, answered, "resend")
    assert CallTask.objects.get().state == CallState.BY_MAIL
    set_state(answered, MailState.SENT)

    work(desk, answered, "bounced")

    assert CallTask.objects.get().state == CallState.WAITING


def test_a_mail_that_has_changed_since_it_was_seen_is_not_sent_again(desk, answered):
    set_state(answered, MailState.SENT)

    answer = desk.post(f"{MAILS}{answered.pk}/work/", {"do": "resend", "seen": "waiting 0"}, follow=True)

    assert "This mail has changed" in answer.content.decode()
    answered.refresh_from_db()
    assert answered.state == MailState.SENT


def test_a_reached_call_ends_the_calls_and_the_mails_that_were_due(answered):
    set_state(answered, MailState.FAILED)
    fall_back_to_call(answered)

    conversation.log_call(inquiry=answered.inquiry, outcome=Outcome.REACHED, by=Actor.staff(make.front_desk()))

    answered.refresh_from_db()
    assert answered.state == MailState.BY_PHONE
    assert CallTask.objects.get().state == CallState.DONE


def test_a_step_that_does_not_fit_changes_nothing(desk, answered):
    seen = f"{answered.state} {answered.attempts}"
    answer = desk.post(f"{MAILS}{answered.pk}/work/", {"do": "bounced", "seen": seen}, follow=True)
    answered.refresh_from_db()
    assert answered.state == MailState.WAITING
    assert "That is not possible in its present state." in answer.text
    assert desk.post(f"{MAILS}{answered.pk}/work/", {"do": "explode"}).status_code == 400
    assert desk.get(f"{MAILS}{answered.pk}/work/").status_code == 302


@pytest.mark.parametrize("path", [f"{MAILS}x/change/", f"{MAILS}99/change/", f"{CALLS}x/change/", f"{CALLS}99/change/"])
def test_what_is_not_there_is_a_404(desk, path):
    assert desk.get(path).status_code == 404


def test_mails_and_calls_are_for_those_who_may_see_them(client, answered):
    client.force_login(make.user(roles.CONTENT_EDITOR))
    for path in (
        MAILS,
        CALLS,
        f"{MAILS}{answered.pk}/change/",
        f"{MAILS}{answered.pk}/as-it-arrives/",
        f"{CALLS}tomorrow/",
    ):
        assert client.get(path).status_code == 403
    assert client.post(f"{MAILS}{answered.pk}/work/", {"do": "resend"}).status_code == 403


def test_the_lists_take_few_queries(desk, django_assert_max_num_queries):
    for _ in range(5):
        inquiry = make.inquiry(procedure=None)
        notify(NotificationKind.ANSWERED, inquiry)
        make.inquiry(contact_by="email", email="rosa@example.com")
    for path in (MAILS, CALLS):
        with django_assert_max_num_queries(9):
            assert desk.get(path).status_code == 200


def test_calls_are_listed_until_they_are_done(desk):
    inquiry = make.inquiry(name="Rosa Lind", reach_note="slowly", phone="212 555 0123")
    call = notify(NotificationKind.ANSWERED, inquiry)
    assert "Rosa Lind" in desk.get(CALLS).content.decode()

    desk.post(f"{CALLS}{call.pk}/log/", {"do": "by_hand"}, follow=True)

    assert "Rosa Lind" not in desk.get(CALLS).content.decode()
    ended = desk.get(f"{CALLS}?list=ended").content.decode()
    assert "Rosa Lind" in ended
    assert "212 555 0123 <strong>slowly</strong>" in ended
    where = desk.get(f"{CALLS}{call.pk}/change/").headers["Location"]
    assert where.endswith(f"/inquiry/{inquiry.pk}/change/")


def test_the_number_is_shown_also_of_those_who_want_mails(desk):
    ago = {"sent": timedelta(minutes=5)}
    with_phone = make.inquiry(contact_by="email", email="a@example.com", phone="212 555 0177", name="With Phone", **ago)
    without = make.inquiry(contact_by="email", email="b@example.com", phone="", name="Without Phone", **ago)
    for inquiry in (with_phone, without):
        inquiry.emails.update(state=MailState.BOUNCED, is_refused=True)
        notify(NotificationKind.ANSWERED, inquiry)

    html = desk.get(CALLS).content.decode()

    assert "212 555 0177" in html
    assert "No phone number" in html


@pytest.mark.parametrize("rows", ["email", "calltask"])
def test_whoever_may_not_see_them_does_not_learn_whether_there_is_one(client, rows):
    client.force_login(make.user())

    assert client.get(f"/admin/appointments/{rows}/999999/change/").status_code == 403


def test_what_failed_and_is_told_anew_is_a_mail_of_its_own(answered):
    set_state(answered, MailState.FAILED)  # Maybe it has arrived: the server did not say.
    inquiry = answered.inquiry

    anew = notify(NotificationKind.ANSWERED, inquiry, key=answered.dedupe_key.rpartition(":")[2])

    assert isinstance(anew, Email)
    assert (anew.pk, anew.state) == (answered.pk, MailState.WAITING)
    assert anew.token != answered.token
