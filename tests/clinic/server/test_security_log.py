"""The security log: who did what, when, in ids alone."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from appointments import limits
from appointments.models import Inquiry, MailState
from clinic.accounts import limits as accounts_limits
from clinic.accounts import roles
from tests import make, security_lines

pytestmark = pytest.mark.django_db

PASSWORD, WRONG = "correct horse battery", "wrong zebra battery"
TYPED = {
    "name": "Rosalinde Quastenflosser", "phone": "(212) 555-0177", "email": "quastenflosser@example.com",
    "message": "my back since the ladder fell",
}  # fmt: skip
ADDRESS = "203.0.113.9"


@pytest.fixture
def log():
    with security_lines.kept() as lines:
        yield lines


def sign_in(client: Client, name: str, password: str):
    return client.post("/admin/login/?next=/admin/", {"username": name, "password": password})


def inbox(inquiry: Inquiry, rest: str) -> str:
    return f"/admin/appointments/inquiry/{inquiry.pk}/{rest}/"


def test_a_journey_of_staff_is_told_line_by_line(log, client):
    make.clinic()
    desk = make.front_desk(username="ann")
    inquiry = make.inquiry(**TYPED, contact_by="email")
    mail = inquiry.emails.get()
    mail.state, mail.sent_at = MailState.SENT, timezone.now()
    mail.save()
    sign_in(client, "ann", WRONG)
    sign_in(client, "nobody at all", WRONG)
    sign_in(client, "ann", PASSWORD)
    client.get(inbox(inquiry, "change"))
    client.get(inbox(inquiry, "chart"))
    client.get(inbox(inquiry, "data"))
    client.get(inbox(inquiry, "erase"))
    for typed in ("Quastenflosser", "Quastenfloser"):
        client.post("/admin/appointments/inquiry/find/", {"typed": typed}, follow=True)
    for do, seen in (("bounced", f"sent {mail.attempts}"), ("resend", f"bounced {mail.attempts}")):
        client.post(f"/admin/appointments/email/{mail.pk}/work/", {"do": do, "seen": seen})
    client.post("/admin/logout/")

    kind, row = "admin:appointments_inquiry", inquiry.pk
    assert log.events("user", "view", "inquiry", "account", "row", "hits", "email") == [
        ("sign_in_failed", None, "admin:login", None, desk.pk, None, None, None),
        ("sign_in_failed", None, "admin:login", None, None, None, None, None),
        ("signed_in", desk.pk, "admin:login", None, None, None, None, None),
        ("record_read", desk.pk, f"{kind}_change", row, None, None, None, None),
        ("record_printed", desk.pk, f"{kind}_chart", row, None, None, None, None),
        ("record_exported", desk.pk, f"{kind}_data", row, None, None, None, None),
        ("refused", desk.pk, f"{kind}_erase", None, None, row, None, None),
        ("searched", desk.pk, f"{kind}_find", None, None, None, 1, None),
        ("record_read", desk.pk, f"{kind}_change", row, None, None, None, None),
        ("searched", desk.pk, f"{kind}_find", None, None, None, 1, None),
        ("mail_bounced", desk.pk, "admin:appointments_email_work", row, None, None, None, mail.pk),
        ("mail_resent", desk.pk, "admin:appointments_email_work", row, None, None, None, mail.pk),
        ("signed_out", desk.pk, "admin:logout", None, None, None, None, None),
    ]
    whole = "\n".join(log.written)
    typed = [*TYPED.values(), "Quastenflosser", "ann", "nobody at all", PASSWORD, WRONG, inquiry.key, "127.0.0.1"]
    assert [each for each in [*typed, inquiry.reference] if each in whole] == []


def test_what_a_manager_brings_in_and_erases_is_told_with_numbers(log, client):
    make.clinic()
    manager = make.user(roles.MANAGER)
    doctor = make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit"))
    client.force_login(manager)
    file = SimpleUploadedFile("old.csv", b"name,phone,date,time\nRosa Lind,212 555 0123,2099-01-04,9:30 AM\n")
    said = {"file": file, "practitioner": doctor.pk, "visit_type": doctor.schedules.get().visit_type_id}
    page = client.post("/admin/appointments/appointment/import/", said).content.decode()
    client.post("/admin/appointments/appointment/import/", make.hidden_fields(page))
    inquiry = make.inquiry()
    erased = {"reason": "Their wish", "reference": inquiry.shown_reference, "sure": "on"}
    client.post(inbox(inquiry, "erase"), erased)

    assert log.events("user", "came", "kept", "inquiry")[1:] == [
        ("imported", manager.pk, 1, 0, None),
        ("record_erased", manager.pk, None, None, inquiry.pk),
    ]


def test_what_keeps_somebody_out_is_told(log, client, settings):
    settings.SECOND_FACTOR = True
    make.clinic()
    user, codes = make.with_factor(roles.FRONT_DESK)
    for _ in range(accounts_limits.WRONG_PASSWORDS + 1):
        sign_in(Client(headers={"x-forwarded-for": ADDRESS}), user.username, WRONG)
    sign_in(client, user.username, PASSWORD)
    client.post("/admin/second-step/", {"code": "000000"})
    client.post("/admin/second-step/", {"code": codes[0]})
    call_command("break_glass", user.username, minutes=30, why="Rosalinde Quastenflosser is ill")
    inquiry = make.inquiry(**TYPED, contact_by="email")
    Client().post(inquiry.own_page_url(), {"digits": "9999", "then": "look"})

    told = log.events("user", "inquiry", "minutes")
    assert [event for event in told if event[0] != "sign_in_failed"] == [
        ("sign_in_put_off", None, None, None),
        ("signed_in", user.pk, None, None),
        ("code_wrong", user.pk, None, None),
        ("code_right", user.pk, None, None),
        ("emergency_access", user.pk, None, 30),
        ("proof_wrong", None, inquiry.pk, None),
    ]
    whole = "\n".join(log.written)  # As words: a hash or a moment may have any four digits in it.
    assert [each for each in ("9999", codes[0], "Quastenflosser", WRONG) if re.search(rf"\b{each}\b", whole)] == []


def test_traps_and_limits_are_told_under_a_hash_of_the_address(log, client):
    make.clinic()

    def send(number: int, **fields: str):
        typed = make.form_data(name=f"Quastenflosser {number}", phone=f"212 555 {2000 + number}", **fields)
        return client.post("/appointments/", typed, headers={"x-forwarded-for": ADDRESS})

    send(0, second_fax="machine")
    for number in range(1, limits.POSTS_AT_MOST + 1):
        send(number)
    client.post("/appointments/", make.form_data(), headers={"sec-fetch-site": "cross-site"})

    inquiries = list(Inquiry.objects.order_by("pk").values_list("pk", flat=True))
    assert log.events("inquiry", "user", "view") == [
        ("trap", inquiries[0], None, "appointments"),
        *(("limit_checked", pk, None, "appointments") for pk in inquiries[limits.POSTS_TO_CHECK :]),
        ("limit_refused", None, None, "appointments"),
        ("refused", None, None, "appointments"),
    ]
    hashes = {line["client"] for line in log.said}
    assert {re.fullmatch("([0-9a-f]{16})?", each) is not None for each in hashes} == {True}
    assert len(hashes) == 2  # The last one came without a proxy's word.
    whole = "\n".join(log.written)
    assert [each for each in (ADDRESS, "Quastenflosser", "machine", "garden") if each in whole] == []


def test_an_answer_and_its_lines_have_one_id_and_no_other_has_it(log, client):
    client.force_login(make.front_desk())
    answers = [client.get("/admin/clinic/clinic/1/change/", headers={"x-request-id": "mine"}) for _ in range(2)]

    names = [answer.headers["X-Request-ID"] for answer in answers]
    assert [line["request"] for line in log.said] == ["", *names]
    assert [re.fullmatch("[0-9a-f]{16}", name) is not None for name in names] == [True, True]
    assert len(set(names)) == 2


def test_a_page_for_everyone_has_no_id_and_a_post_has_one(client):
    assert "X-Request-ID" not in client.get("/appointments/").headers
    assert "X-Request-ID" in client.post("/appointments/", {}).headers
