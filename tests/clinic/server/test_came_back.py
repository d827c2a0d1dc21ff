"""Each form that comes back with its mistakes may be shown again by its browser, and nothing else."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from appointments.models import InquiryKind
from tests import make
from tests.patient import Patient

pytestmark = pytest.mark.django_db

KEPT = (422, "private, max-age=0")


def told(answer) -> tuple[int, str]:
    return answer.status_code, answer.headers["Cache-Control"]


def test_the_forms_of_patients():
    make.clinic()
    inquiry = make.inquiry(kind=InquiryKind.APPOINTMENT, phone="212 555 0123", contact_by="phone")
    doctor = make.practitioner()
    code = f"{doctor.schedules.get().visit_type_id}-{doctor.pk}-20991124T140000Z"
    browser, own = Patient(), inquiry.own_page_url()
    asked = Client().post(f"{own}reply/", {"digits": "9999", "then": "look"})
    posts = {
        "/appointments/": make.form_data(name=""),
        "/appointments/?slot=" + code: make.form_data(name="", slot=code),
        f"{own}reply/": {"words": ""},
        f"{own}waiting/": {"visit_type": "999999"},
    }

    assert {path: told(browser.post(path, data)) for path, data in posts.items()} == dict.fromkeys(posts, KEPT)
    assert told(asked) == KEPT
    assert told(browser.get(own)) == (200, "no-store")


def test_each_form_of_staff_for_rows_and_those_at_the_desk():
    make.clinic()
    client, inquiry = Client(), make.inquiry()
    client.force_login(make.user(is_superuser=True, username="all"))
    rows = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") for model in admin.site._registry
    ]
    forms = [f"{row}add/" for row in rows if client.get(f"{row}add/").status_code == 200]
    desk = reverse("admin:appointments_inquiry_change", args=[inquiry.pk])
    kind = make.visit_type("First")
    posts: dict[str, dict[str, str]] = {form: {} for form in [*forms, "/admin/clinic/clinic/1/change/"]}
    posts |= {
        desk: {"do": "answer"},
        desk.replace("change/", "contact/"): {"do": "correct"},
        desk.replace("change/", "erase/"): {},
        desk.replace("change/", "times/"): {"do": "give"},
        reverse("admin:appointments_inquiry_new"): {"do": "give", "name": "", "phone": "1"},
        reverse("admin:appointments_appointment_displaced"): {"do": "tell"},
        reverse("admin:appointments_appointment_import"): {},
        reverse("admin:appointments_visittype_sign_off", args=[kind.pk]): {},
    }

    answers = {form: client.post(form, data) for form, data in posts.items()}

    assert len(forms) > 9
    assert {form: told(answer)[1] for form, answer in answers.items()} == dict.fromkeys(posts, KEPT[1])
    assert "no-store" in told(client.get(desk))[1]


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/forgotten/", "/admin/step-up/"])
def test_forms_for_passwords_are_kept_by_nobody(path):
    make.clinic()
    client = Client()
    if path == "/admin/step-up/":
        client.force_login(make.front_desk())

    answer = client.post(path, {"username": "", "password": "", "new_password1": "x"})

    assert "no-store" in answer.headers["Cache-Control"]
