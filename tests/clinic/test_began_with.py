"""Two people have one form of the admin open: the later one is asked before the earlier one's change is undone."""

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from appointments.models import CannedReply, Closure, MailText, NotificationKind
from clinic.accounts import step_up
from clinic.began_with import BeganWith
from clinic.models import Announcement, Clinic, Notice
from procedures.models import Procedure
from tests import make

pytestmark = pytest.mark.django_db

SAID = "Somebody else saved this while you had it open, and changed: "
# Roles are the site's; the others are worked at pages of their own.
WORKED = {"Group", "Inquiry", "Appointment", "Email", "CallTask", "AccessLog", "DoctorQuestion"}
OURS = {"clinic", "procedures", "appointments", "auth"}


class _Form(HTMLParser):
    """What a browser would send of the fields of a page."""

    def __init__(self, html: str):
        super().__init__()
        self.sent: dict[str, Any] = {}
        self.area = self.select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        name, kind = said.get("name") or "", said.get("type", "text")
        is_sent = kind not in ("submit", "file") and (kind not in ("checkbox", "radio") or "checked" in said)
        if tag == "input" and name and is_sent:
            self.sent[name] = said.get("value") or "on" * (kind == "checkbox")
        self.area = name if tag == "textarea" else self.area
        self.select = name if tag == "select" else self.select
        if tag == "textarea":
            self.sent[name] = ""
        if tag == "option" and "selected" in said and self.select:
            self.sent.setdefault(self.select, said.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self.area = "" if tag == "textarea" else self.area
        self.select = "" if tag == "select" else self.select

    def handle_data(self, data: str) -> None:
        if self.area:
            self.sent[self.area] += data.removeprefix("\n") if not self.sent[self.area] else data


def fields_at(client, address: str) -> dict[str, Any]:
    return _Form(client.get(address).content.decode()).sent


@pytest.fixture
def manager(client):
    client.force_login(make.user(is_superuser=True))
    return client


def test_each_form_of_a_row_that_the_admin_has_asks_first():
    asked = {
        model.__name__: isinstance(model_admin, BeganWith)
        for model, model_admin in admin.site._registry.items()
        if model._meta.app_label in OURS and model.__name__ not in WORKED
    }

    assert asked == dict.fromkeys(asked, True)
    assert {"Clinic", "Page", "Closure", "Practitioner", "User", "Notice", "MailText"} <= set(asked)


def test_each_form_of_a_row_carries_what_it_and_the_rows_below_it_began_with(manager):
    for made, _field, _label in ROWS.values():
        made()
    procedure = Procedure.objects.get()
    make.fact(procedure)
    make.drawing()
    # An account is shown to who has given the password a moment ago; a drawing is never changed.
    session = manager.session
    session[step_up._AT] = timezone.now().timestamp()
    session.save()
    carried = {}
    for model, its in admin.site._registry.items():
        row = model._default_manager.order_by("pk").last()
        if isinstance(its, BeganWith) and row and model.__name__ != "Drawing":
            address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])
            sent = fields_at(manager, address)
            below = [name for name in sent if name.endswith("-TOTAL_FORMS") and not name.startswith("revisions-")]
            carried[model.__name__] = bool(sent.get("stands")) and sent["stands"].count("rows-") == len(below)

    assert carried == dict.fromkeys(carried, True)
    assert len(carried) > 11


SPAN = {"starts_at": "2027-01-04T14:00Z", "ends_at": "2027-01-04T15:00Z"}
# How a row is made, the field that a colleague changes meanwhile, and what it is called.
ROWS: dict[str, tuple[Callable[[], Any], str, str]] = {
    "clinic": (make.clinic, "name", "Name"),
    "announcement": (lambda: Announcement.objects.create(words="Closed", **SPAN), "words", "Words"),
    "notice": (lambda: Notice.objects.first(), "body", "Text"),
    "closure": (lambda: Closure.objects.create(name="Ill", **SPAN), "name", "Reason, for staff"),
    "practitioner": (make.practitioner, "name", "Name"),
    "visit": (make.visit_type, "name", "Name"),
    "mail text": (
        lambda: MailText.objects.create(kind=NotificationKind.ANSWERED, subject="Answered", body="{link}"),
        "subject",
        "Subject",
    ),
    "canned reply": (lambda: CannedReply.objects.create(title="Parking", words="Behind the house."), "title", "Title"),
    "procedure": (make.procedure, "name", "Name"),
}


@pytest.mark.parametrize("name", ROWS)
def test_what_a_colleague_saved_meanwhile_is_named_and_not_undone_unseen(manager, name):
    made, field, label = ROWS[name]
    row = made()
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    began = fields_at(manager, address)
    type(row).objects.filter(pk=row.pk).update(**{field: "Theirs"})

    answer = manager.post(address, began)

    assert answer.status_code == 200
    assert f"{SAID}{label}. What" in answer.content.decode()
    row.refresh_from_db()
    assert getattr(row, field) == "Theirs"


def test_sent_once_more_it_is_meant(manager):
    make.clinic(name="Before")
    address = reverse("admin:clinic_clinic_change", args=[1])
    began = fields_at(manager, address) | {"name": "Mine"}
    Clinic.objects.update(name="Theirs")

    asked = _Form(manager.post(address, began).content.decode()).sent

    assert asked["name"] == "Mine"
    assert manager.post(address, asked).status_code == 302
    assert Clinic.objects.get().name == "Mine"


def test_nobody_is_asked_where_nothing_changed_or_the_form_is_sent_twice(manager):
    make.clinic()
    address = reverse("admin:clinic_clinic_change", args=[1])

    assert manager.post(address, fields_at(manager, address)).status_code == 302
    assert manager.post(address, fields_at(manager, address) | {"name": "Mine"}).status_code == 302


def test_hours_below_the_clinic_count_too(manager):
    clinic = make.clinic()
    clinic.opening_hours.create(weekday=0, opens="08:00", closes="12:00")
    address = reverse("admin:clinic_clinic_change", args=[1])
    began = fields_at(manager, address)
    clinic.opening_hours.update(closes="13:00")

    assert f"{SAID}opening hours" in manager.post(address, began).content.decode()
    assert clinic.opening_hours.get().closes.hour == 13


def test_a_page_that_was_renamed_while_somebody_wrote_keeps_its_new_name(manager):
    page = make.procedure().pages.get(slug="recovery")
    address = reverse("admin:procedures_page_change", args=[page.pk])
    began = fields_at(manager, address) | {"title": "Other words", "_continue": "x"}
    type(page).objects.filter(pk=page.pk).update(label="Getting well")

    asked = manager.post(address, began)

    assert f"{SAID}Name in menus" in asked.content.decode()
    page.refresh_from_db()
    assert (page.label, page.draft()) == ("Getting well", None)
