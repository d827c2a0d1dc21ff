"""Lists as files: what their filters leave, harmless in a spreadsheet, for those who may, and never unseen."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments
from appointments.models import AccessAction, AccessLog
from clinic import spreadsheet
from clinic.accounts import roles, step_up
from tests import make

pytestmark = pytest.mark.django_db

LISTS = ("inquiry", "appointment", "calltask", "email", "accesslog")


@pytest.fixture
def boss(client):
    """A manager who has just given password and code again."""
    user = make.user(roles.MANAGER)
    client.force_login(user)
    session = client.session
    session[step_up._AT] = timezone.now().timestamp()
    session.save()
    return user


def rows(client, address: str) -> list[dict[str, str]]:
    words = client.get(f"/admin/appointments/{address}").getvalue().decode()
    assert words.startswith(spreadsheet.BOM)
    return list(csv.DictReader(io.StringIO(words.removeprefix(spreadsheet.BOM), newline="")))


def taken() -> list[int]:
    return list(AccessLog.objects.filter(action=AccessAction.EXPORTED).values_list("hits", flat=True))


def test_a_file_has_the_rows_that_the_filters_leave_and_all_their_pages(client, boss, monkeypatch):
    monkeypatch.setattr("appointments.admin.lists.inbox.InquiryAdmin.list_per_page", 2)
    monkeypatch.setattr("appointments.admin.lists.csv_file.AT_ONCE", 2)
    for name in ("Rosa Lind", "Sam Okoro", "Ines Roth"):
        make.inquiry(name=name)
    make.inquiry(name="Ed Spam", screening="spam", screening_reason="honeypot")

    assert {row["Who comes"] for row in rows(client, "inquiry/csv/?list=inbox")} == {
        "Rosa Lind", "Sam Okoro", "Ines Roth",
    }  # fmt: skip
    assert [row["Who comes"] for row in rows(client, "inquiry/csv/?list=spam")] == ["Ed Spam"]
    assert taken() == [3, 1]


def test_what_a_patient_typed_is_no_formula(client, boss):
    make.inquiry(name='=HYPERLINK("https://evil.example")')

    [row] = rows(client, "inquiry/csv/")

    assert row["Who comes"] == '\'=HYPERLINK("https://evil.example")'


def test_times_are_the_clinics(client, boss):
    doctor = make.practitioner()
    slot = make.slots(doctor, timezone.localdate() + timedelta(days=3))[0]
    appointments.give(inquiry=make.inquiry(name="Rosa Lind"), slot=slot, by=Actor.system())
    zone = make.clinic().zone

    [row] = rows(client, "appointment/csv/")

    assert row["Begins"] == f"{slot.starts_at.astimezone(zone):%Y-%m-%d %H:%M}"
    assert (row["Who comes"], row["With"]) == ("Rosa Lind", doctor.name)


@pytest.mark.parametrize("name", LISTS)
def test_each_list_has_one_and_leads_there(client, boss, name):
    make.appointment()
    AccessLog.objects.create(action="searched", actor=boss, hits=0)
    page = client.get(
        f"/admin/appointments/{name}/?list=all" if name != "accesslog" else "/admin/appointments/accesslog/"
    )

    assert 'href="csv/?' in page.content.decode()
    assert client.get(f"/admin/appointments/{name}/csv/").status_code == 200
    assert len(taken()) == 1


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("role", [roles.FRONT_DESK, roles.CLINICIAN, roles.CONTENT_EDITOR])
def test_others_take_nothing_along_and_see_no_way_to(client, name, role):
    make.appointment()
    client.force_login(make.user(role))

    assert client.get(f"/admin/appointments/{name}/csv/").status_code == 403
    assert b'href="csv/' not in client.get(f"/admin/appointments/{name}/").content
    assert taken() == []


def test_who_finds_an_open_desk_is_asked_for_the_password(client):
    make.inquiry()
    client.force_login(make.user(roles.MANAGER))

    answer = client.get("/admin/appointments/inquiry/csv/")

    assert answer.headers["Location"].startswith("/admin/step-up/")
    assert taken() == []


def test_a_page_that_is_no_longer_there_leads_to_the_list(client, boss, monkeypatch):
    monkeypatch.setattr("appointments.admin.lists.inbox.InquiryAdmin.list_per_page", 1)
    make.inquiry(), make.inquiry()

    answer = client.get("/admin/appointments/inquiry/csv/?list=waiting&p=99")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/appointments/inquiry/")


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("inquiry", "Inbox"), ("appointment", "Appointments"), ("calltask", "Calls to make"), ("email", "Mails"),
        ("accesslog", "Who saw which record"),
    ],
)  # fmt: skip
def test_the_way_to_a_list_is_called_as_its_title(client, boss, name, title):
    page = client.get(f"/admin/appointments/{name}/").content.decode()

    assert re.findall(r'<li aria-current="page">(.*?)</li>', page) == [title]
