"""No one-line field of staff's takes what ends a line, however it looks."""

import importlib
import pkgutil
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django import forms
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse

import appointments.admin
import clinic
import procedures.admin
from appointments.models import Call, Closure, Note
from tests import make

ENDS = "\x0b\x0c\x85\u2028\u2029"
UNSEEN = "\u200b\u200e\u2060\ufeff"
OURS = {"clinic", "procedures", "appointments", "auth"}
# Their own validation refuses a line's end, or nothing of them is shown.
NOT_TEXT = (forms.Textarea, forms.HiddenInput, forms.PasswordInput, forms.EmailInput, forms.URLInput)


def fields_of_rows() -> Iterator[tuple[str, forms.Field]]:
    """Each field of each form that the admin shows of a row, a new one and one that is there, with its inlines."""
    request = RequestFactory().get("/admin/")
    request.user = make.user(is_superuser=True)
    for model, model_admin in admin.site._registry.items():
        if model._meta.app_label not in OURS:
            continue
        for obj in (None, model(pk=1)):
            forms_of = [model_admin.get_form(request, obj, change=obj is not None)]
            forms_of += [
                inline.get_formset(request, obj).form for inline in model_admin.get_inline_instances(request, obj)
            ]
            for form in forms_of:
                for name, field in form.base_fields.items():
                    yield f"{model.__name__} {name}", field


def modules() -> Iterator[str]:
    for package in (clinic, procedures.admin, appointments.admin):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            # What is typed to sign in is compared and not stored. The others have no forms; some run when imported.
            if not module.name.startswith(("clinic.accounts", "clinic.migrations", "clinic.server", "clinic.wsgi")):
                yield module.name


def fields_of_own_forms() -> Iterator[tuple[str, forms.Field]]:
    """Each field that a form in a module of staff's declares."""
    for name in modules():
        for each in vars(importlib.import_module(name)).values():
            if isinstance(each, type) and issubclass(each, forms.BaseForm) and each.__module__ == name:
                for field_name, field in each.declared_fields.items():
                    yield f"{each.__name__} {field_name}", field


def one_lines(fields: Iterator[tuple[str, forms.Field]]) -> dict[str, forms.Field]:
    return {
        name: field
        for name, field in fields
        if isinstance(field, forms.CharField) and not isinstance(field.widget, NOT_TEXT)
    }


@pytest.mark.django_db
def test_each_one_line_field_of_the_admin_makes_a_space_of_what_ends_a_line():
    found = one_lines(fields_of_rows()) | one_lines(fields_of_own_forms())

    def taken(field: forms.Field) -> str:
        return field.widget.value_from_datadict({"x": f"{UNSEEN}Ro{UNSEEN}sa{ENDS}Lind{UNSEEN}"}, {}, "x")

    assert len(found) > 40
    assert {"Closure name", "User username", "Clinic name", "EntryForm call_words"} <= set(found)
    # It is compared, and not stored.
    assert {name for name, field in found.items() if taken(field) != "Rosa Lind"} == {"EraseForm reference"}


@pytest.mark.django_db
def test_each_address_that_staff_type_is_read_without_what_nobody_sees():
    found = {
        name: field
        for name, field in (*fields_of_rows(), *fields_of_own_forms())
        if isinstance(field.widget, forms.EmailInput | forms.URLInput)
    }

    def taken(field: forms.Field) -> str:
        return field.widget.value_from_datadict({"x": f"{UNSEEN}rosa@{UNSEEN}example.com\u200d"}, {}, "x")

    assert {"Clinic email", "Clinic map_url", "ContactForm email", "CallerForm email", "LinkForm email"} <= set(found)
    assert {name for name, field in found.items() if taken(field) != "rosa@example.com"} == set()


@pytest.mark.django_db
def test_what_staff_type_is_stored_as_one_line_and_a_text_keeps_its_lines(client):
    client.force_login(make.user(is_superuser=True))
    moments = {"starts_at_0": "2026-12-01", "starts_at_1": "09:00", "ends_at_0": "2026-12-01", "ends_at_1": "10:00"}
    inquiry = make.inquiry()
    desk = reverse("admin:appointments_inquiry_change", args=[inquiry.pk])
    posted = {"do": "save", "idempotency_key": str(uuid4()), "outcome": "reached"}

    for address, typed in (
        (reverse("admin:appointments_closure_add"), {"name": f"Team{ENDS}meeting", **moments}),
        (desk, {"call_words": "Will\u2028call", "note": "One\r\ntwo", **posted}),
    ):
        assert client.post(address, typed).status_code == 302

    assert Closure.objects.get().name == "Team meeting"
    assert Call.objects.get(inquiry=inquiry).words == "Will call"
    assert Note.objects.get(inquiry=inquiry).words.splitlines() == ["One", "two"]
