"""Who saw whose record: asked by those who watch over it, answered from rows that nobody can change."""

import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments
from appointments.models import AccessAction, AccessLog, Email, Inquiry
from appointments.records import erasure
from clinic.accounts import roles
from tests import admin_pages, make

pytestmark = pytest.mark.django_db

LOG = "/admin/appointments/accesslog/"
# They show nothing of the record: they lead to its desk, or write nothing but a step.
LEAD_ON = {"appointments_email_work"}


@pytest.fixture
def boss(client):
    user = make.user(roles.MANAGER, first_name="Ann", last_name="Boss")
    client.force_login(user)
    return user


def lines(page) -> list[str]:
    """The rows of the list, as somebody reads them."""
    table = page.content.decode().partition("<tbody>")[2]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)]


@pytest.mark.parametrize("model", [Inquiry, Email])
def test_every_page_about_a_record_writes_who_saw_it(client, boss, model):
    """The pages are read from the addresses: none can be added that shows a patient unseen."""
    slot = make.slots(make.practitioner(), timezone.localdate() + timedelta(days=3))[0]
    inquiry = make.inquiry(contact_by="email", email="rosa@example.com")
    appointments.give(inquiry=inquiry, slot=slot, by=Actor.system())
    row = inquiry if model is Inquiry else inquiry.emails.get(kind="booked")
    unseen = []
    for name, address in admin_pages.of_model(admin.site._registry[model]):
        if "<" not in address or name is None or name in LEAD_ON:
            continue
        before = AccessLog.objects.filter(inquiry=inquiry).count()
        answer = client.get(admin_pages.filled(address, str(row.pk)))
        if answer.status_code == 200 and AccessLog.objects.filter(inquiry=inquiry).count() != before + 1:
            unseen.append(name)

    assert unseen == []


def test_the_desk_leads_to_who_saw_this_patient(client, boss):
    ann, inquiry, other = (
        make.front_desk(username="ann"),
        make.inquiry(name="Rosa Lind"),
        make.inquiry(name="Sam Okoro"),
    )
    client.force_login(ann)
    for each in (inquiry, other):
        client.get(f"/admin/appointments/inquiry/{each.pk}/change/")
    client.force_login(boss)
    desk = client.get(f"/admin/appointments/inquiry/{inquiry.pk}/change/").content.decode()
    [leads] = re.findall(rf'href="({LOG}[^"]+)"', desk)

    page = client.get(leads)

    assert "Who saw Rosa Lind" in page.content.decode()
    assert [row.split(" Read ")[1] for row in lines(page)] == [f"Rosa Lind {inquiry.shown_reference}"] * 2
    assert [" ann " in row for row in lines(page)] == [False, True]


def test_who_saw_this_patient_is_found_by_name(client, boss):
    inquiry, other = make.inquiry(name="Rosa Lind"), make.inquiry(name="Sam Okoro")
    for each in (inquiry, other):
        AccessLog.objects.create(action=AccessAction.READ, actor=boss, inquiry=each)

    found = client.get(LOG, {"q": "Lind"})

    assert [row.split(" Read ")[1] for row in lines(found)] == [f"Rosa Lind {inquiry.shown_reference}"]


def test_what_one_of_us_saw_is_listed_with_how_many_a_search_showed(client, boss):
    ann = make.front_desk()
    AccessLog.objects.create(action=AccessAction.SEARCHED, actor=ann, hits=3)
    AccessLog.objects.create(action=AccessAction.SEARCHED, actor=boss, hits=1)

    page = client.get(LOG, {"by": ann.pk})

    assert [row.split(" Searched ")[1] for row in lines(page)] == ["3 records -"]


def test_a_row_of_an_erased_patient_stays_and_names_nobody(client, boss):
    inquiry = make.inquiry(name="Rosa Lind")
    AccessLog.objects.create(action=AccessAction.READ, actor=boss, inquiry=inquiry)
    erasure.erase(inquiry, reason="Asked for it.", by=Actor.staff(boss))

    assert len(lines(client.get(LOG))) == 1
    assert "Rosa" not in client.get(LOG).content.decode()


@pytest.mark.parametrize("role", [roles.FRONT_DESK, roles.CLINICIAN, roles.CONTENT_EDITOR])
def test_others_cannot_ask(client, role):
    inquiry = make.inquiry()
    access = AccessLog.objects.create(action=AccessAction.READ, actor=make.user(), inquiry=inquiry)
    client.force_login(make.user(role))

    assert [client.get(f"{LOG}{rest}").status_code for rest in ("", f"{access.pk}/change/", "csv/")] == [403] * 3
    assert LOG not in client.get(f"/admin/appointments/inquiry/{inquiry.pk}/change/").content.decode()


def test_a_list_reads_its_people_at_once(client, boss, django_assert_max_num_queries):
    for _each in range(5):
        AccessLog.objects.create(action=AccessAction.READ, actor=make.user(), inquiry=make.inquiry())
    client.get(LOG)

    with django_assert_max_num_queries(12):
        assert len(lines(client.get(LOG))) == 5
