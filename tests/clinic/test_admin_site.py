"""Every address of the admin, as everybody who might open it: who may see what, and no fault of ours from any id."""

import html
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import transaction
from django.db.models import CharField, TextField, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments
from appointments.demo.history import rewritable
from appointments.inquiries import conversation
from appointments.models import AccessLog, Appointment, CannedReply, Closure, DoctorQuestion, Email, Inquiry, MailText
from appointments.models.log import Outcome
from appointments.notifications import compose
from clinic.accounts import roles
from clinic.models import Announcement, LanguageLine, Notice
from procedures.models import Page, Words
from tests import admin_pages, make, right_to_left

pytestmark = pytest.mark.django_db

OURS = ("clinic", "procedures", "appointments")
# How a role is written in the tables below; a dash is somebody who may sign in and has no role.
LETTERS = {roles.FRONT_DESK: "F", roles.MANAGER: "M", roles.CONTENT_EDITOR: "E", roles.CLINICIAN: "C", None: "-"}
# In a script that runs right to left, with a number.
MARKUP = "<b x>يوسف 1"
# Columns whose content the site makes, or lets people choose.
NOT_TYPED = set(
    "time_zone country holidays_of slug language key code reference digest signed_digest svg submission_id dedupe_key "
    "html".split()
)
# What may stand where an id belongs; "९" and "²" are digits, but none of an address.
ODD = ("0", "x", "९", "²", "9" * 19, "9" * 5000)


def the_day() -> date:
    """Of the visits, and of the pages about a day."""
    return timezone.localdate() + timedelta(days=3)


@pytest.fixture
def ids() -> dict[str, str]:
    """A row of each model that the admin knows, by the model's label, and a version of a page."""
    doctor, procedure = make.doctor("Doctor"), make.procedure()
    page = procedure.pages.get(slug="benefits")
    page.save_draft(Words("Benefits", "Lead.", "Other words.\n"))
    inquiry = make.inquiry(contact_by="email", email="rosa@example.com")
    slot = make.slots(doctor, the_day())[0]
    appointment = appointments.give(inquiry=inquiry, slot=slot, by=Actor.system())
    called = appointments.give(inquiry=make.inquiry(), slot=make.slots(doctor, the_day())[1], by=Actor.system())
    now = timezone.now()
    period = {"starts_at": now, "ends_at": now + timedelta(hours=1)}
    rows = (
        make.clinic(), Announcement.objects.create(words="Closed", **period), Notice.objects.first(), procedure, page,
        inquiry, appointment, inquiry.emails.get(kind="booked"), called.call_tasks.get(),
        MailText.objects.create(kind="booked", subject="Booked", body="{time}"),
        CannedReply.objects.create(title="Parking", words="Behind the house."),
        Closure.objects.create(name="Ill", **period), doctor, appointment.visit_type,
        AccessLog.objects.create(action="read", actor=make.user(), inquiry=inquiry),
        # Nobody of these tests is the one who was asked.
        DoctorQuestion.objects.create(inquiry=inquiry, practitioner=doctor, note="?", answer="Yes", answered_at=now),
        make.fact(procedure, signed_digest="x", signed_by="Jane Doe", signed_on=timezone.localdate()), make.drawing(),
    )  # fmt: skip
    return {row._meta.label: str(row.pk) for row in rows} | {"version": str(page.live_revision().pk)}


def addresses(ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Each address of our models' admins under its name, about a real row."""
    for model, model_admin in admin.site._registry.items():
        if model._meta.app_label not in OURS:
            continue
        for name, address in admin_pages.of_model(model_admin):
            if name:
                yield name, admin_pages.filled(address, ids[model._meta.label], ids["version"])
    for name, address in admin_pages.of_other_apps():
        yield name, admin_pages.filled(address, the_day().isoformat())


def odd_addresses(odd: str) -> list[str]:
    """Each address below /admin/ that is about a row, about this id; Django's own, too."""
    return [address.replace("{}", odd) for address in admin_pages.everywhere() if "{}" in address]


def ask(client, method: str, address: str):
    """The answer to a request, of which nothing stays."""
    if method == "get":
        return client.get(address)
    with transaction.atomic():
        answer = client.post(address)
        transaction.set_rollback(True)
    return answer


def is_let_in(answer) -> bool:
    return answer.status_code not in (403, 404, 405) and not answer.headers.get("Location", "").startswith(
        "/admin/login/"
    )


def who_is_let_in(answers: dict[tuple[str, str], Any]) -> dict[str, set[str]]:
    """The addresses that somebody gets at, by the letters of those who do."""
    found: dict[str, str] = {}
    for (name, letter), answer in answers.items():
        if is_let_in(answer):
            found[name] = found.get(name, "") + letter
    return {letters: {name for name in found if found[name] == letters} for letters in found.values()}


def names(**of_models: str) -> set[str]:
    """Names of addresses, written as "inquiry" and the last words of those of its admin."""
    return {f"{model}_{rest}" for model, words in of_models.items() for rest in words.split()}


WHO_SEES_WHAT = {
    "FM": names(
        appointments_inquiry="changelist change history card chart contact data link new times find waiting",
        appointments_appointment="changelist change history displaced earlier",
        appointments_email="changelist change history as_it_arrives work",
        appointments_calltask="changelist change history tomorrow",
        appointments_closure="changelist change history add public_holidays",
        appointments_practitioner="changelist change history",
        agenda="day week",
    )
    | {"agenda", "day_list", "waiting"},
    "FMC": names(appointments_visittype="changelist change history sign_off"),
    "MEC": names(
        procedures_page="changelist change history preview published version compare sign_off",
        procedures_procedure="changelist change history show",
        procedures_fact="changelist change history",
        procedures_drawing="changelist change history",
    ),
    "M": names(
        appointments_inquiry="csv erase reports reports_csv reports_rows",
        appointments_appointment="csv import",
        appointments_calltask="csv",
        appointments_email="csv",
        appointments_accesslog="changelist change history csv",
        appointments_closure="delete",
        appointments_practitioner="add",
        appointments_visittype="add",
        appointments_mailtext="changelist change history add delete",
        appointments_cannedreply="changelist change history add delete",
        clinic_announcement="changelist change history add delete",
        clinic_notice="changelist change history",
        clinic_clinic="changelist change history",
    ),
    "E": names(procedures_page="add", procedures_procedure="add", procedures_drawing="add delete"),
    "C": names(appointments_doctorquestion="changelist", procedures_fact="add"),
}
WHO_MAY_POST_WHERE = {
    "FM": names(
        appointments_inquiry="changelist change history contact find link new spam times undo waiting",
        appointments_appointment="changelist change history displaced earlier",
        appointments_email="changelist change history as_it_arrives work",
        appointments_calltask="changelist change history log tomorrow",
        appointments_closure="changelist change history add end public_holidays",
        appointments_practitioner="changelist history",
        agenda="day week",
        day="note",
        today="mark",
    ),
    "FMC": names(appointments_visittype="changelist history"),
    "MEC": names(
        procedures_page="changelist history",
        procedures_procedure="changelist history",
        procedures_fact="changelist history",
        procedures_drawing="changelist history",
    ),
    "MC": names(procedures_page="sign_off"),
    "M": names(
        appointments_inquiry="erase",
        appointments_appointment="import",
        appointments_accesslog="changelist change history",
        appointments_closure="delete",
        appointments_practitioner="add change",
        appointments_visittype="add change",
        appointments_mailtext="changelist change history add delete",
        appointments_cannedreply="changelist change history add delete",
        clinic_announcement="changelist change history add delete",
        clinic_notice="changelist change history",
        clinic_clinic="changelist change history",
    ),
    "E": names(
        procedures_page="add change go_back withdraw",
        procedures_procedure="add change show",
        procedures_drawing="add delete",
    ),
    "C": names(appointments_visittype="sign_off", procedures_fact="add change"),
}


@pytest.mark.parametrize("method", ["get", "post"])
def test_somebody_who_has_not_signed_in_is_led_to_sign_in(client, ids, method):
    asked = dict(addresses(ids)) | {address: address for odd in ODD for address in odd_addresses(odd)}

    led = {name: ask(client, method, address).headers.get("Location", "") for name, address in asked.items()}

    assert {name[:200]: where for name, where in led.items() if not where.startswith("/admin/login/")} == {}


@pytest.mark.many_pages
def test_no_id_is_a_fault_of_ours(client, ids):
    """Everybody in one meets each view's reading of an id; one role alone may meet less of it, and no row."""
    of_each_role = [(letter, make.user(role), ODD[-2:-1]) for role, letter in LETTERS.items()]
    everybody = make.user()
    everybody.groups.set(Group.objects.filter(name__in=roles.ROLES))

    client.raise_request_exception = False
    wrong = []
    for letter, user, odd_ids in [*of_each_role, ("all", everybody, ODD)]:
        client.force_login(user)
        for address in (address for odd in odd_ids for address in odd_addresses(odd)):
            for method in ("get", "post"):
                if (status := ask(client, method, address).status_code) >= 500:
                    wrong.append((letter, method, address[:200], status))

    assert wrong == []


@pytest.mark.parametrize("role", [roles.CONTENT_EDITOR, None])
def test_somebody_who_may_not_see_appointments_learns_nothing_from_their_addresses(client, ids, role):
    """Not even whose time it is, or whether there is one."""
    client.force_login(make.user(role))
    base = reverse("admin:appointments_appointment_changelist")

    for rest in (
        f"{ids['appointments.Appointment']}/change/",
        f"{ids['appointments.Appointment']}/history/",
        "0/change/",
    ):
        assert ask(client, "get", base + rest).status_code == 403


@pytest.mark.parametrize(
    "asked",
    [
        "app_label=appointments&model_name=message&field_name=inquiry&term=Patient",
        "app_label=appointments&model_name=appointment&field_name=inquiry",
    ],
)
def test_no_patient_is_named_to_staff_while_they_type_beside_the_access_log(client, ids, asked):
    client.force_login(make.front_desk())

    assert client.get(f"/admin/autocomplete/?{asked}").status_code == 404


@pytest.mark.parametrize(("model", "leads"), [("CallTask", "Inquiry"), ("Email", "Email"), ("Appointment", "Inquiry")])
def test_what_has_no_history_of_its_own_leads_to_the_page_that_has(client, ids, model, leads):
    client.force_login(make.front_desk())
    address = reverse(f"admin:appointments_{model.lower()}_history", args=[ids[f"appointments.{model}"]])

    page = client.get(address, follow=True)

    assert "Change history" not in page.content.decode()
    assert page.context_data["opts"].object_name == leads


def test_what_the_first_page_lists_is_made_there_alone_and_once_for_each_who_may_do_other_things(client, monkeypatch):
    made, listed = [], []
    build = admin.AdminSite._build_app_dict
    monkeypatch.setattr(admin.AdminSite, "_build_app_dict", lambda *args: made.append(args) or build(*args))
    reader = make.front_desk()
    client.force_login(reader)
    cache.clear()

    for address in ("/admin/appointments/inquiry/", "/admin/", "/admin/", "/admin/appointments/"):
        assert client.get(address).status_code == 200
        listed.append(len(made))
    assert listed == [0, 1, 1, 2]

    for role in roles.ROLES:
        reader.groups.set([Group.objects.get(name=role)])
        page = client.get("/admin/")
        shown = page.text.partition('<div id="content-main" class="app-list">')[2]
        its = [model["admin_url"] for app in admin.site.get_app_list(page.wsgi_request) for model in app["models"]]
        assert re.findall(r'<th scope="row" [^>]*>\s*<a href="([^"]*)"', shown) == its


def type_markup_everywhere() -> None:
    """Put markup into each text that somebody can type, of each row that there is."""
    Appointment.objects.update(overbooked=True, overbook_reason="Urgent")
    for model in (model for label in OURS for model in apps.get_app_config(label).get_models()):
        texts = [each for each in model._meta.concrete_fields if isinstance(each, CharField | TextField)]
        typed = [each.name for each in texts if not each.choices and each.name not in NOT_TYPED]
        with rewritable(model):  # Histories and logs stay as they were written.
            for name in typed:
                model.objects.update(**{name: Concat(Value(MARKUP), Cast("pk", TextField()))})


@pytest.mark.many_pages
def test_who_may_do_what_and_no_typed_text_is_markup(client, ids, subtests):
    """
    One walk over every address, as each role, through rows full of markup.

    Of a visitor, a file or an editor; on pages of staff and of visitors, in searches, prints and mails. Nor does what
    runs right to left turn the words and numbers beside it round.
    """
    inquiry = Inquiry.objects.get(pk=ids["appointments.Inquiry"])
    conversation.write_back(inquiry=inquiry, words="Hello")
    conversation.note(inquiry=inquiry, words="Hello", by=Actor.system())
    conversation.log_call(inquiry=inquiry, words="Hello", outcome=Outcome.REACHED, by=Actor.system())
    LanguageLine.objects.create(language="es", words="Hello", emergency_words="911", translator="Ana")
    make.sign_off(Page.objects.get(pk=ids["procedures.Page"]).live_revision())
    # A name of somebody to talk with is there only with a day.
    Inquiry.objects.update(talks_with="Petra", talks_with_since=timezone.localdate())
    type_markup_everywhere()
    inquiry.refresh_from_db()

    client.raise_request_exception = False
    own = inquiry.own_page_url()
    visitors = [f"{own}{rest}" for rest in ("", "cancel/", "card/", "times/", "reminders/")] + [
        "/", "/about/", "/privacy/", "/accessibility/", "/procedures/", "/procedures/kyphoplasty/benefits/",
        "/procedures/kyphoplasty/print/", "/appointments/", "/appointments/times/",
    ]  # fmt: skip
    read = {address: client.get(address) for address in visitors}
    seen, posted = {}, {}
    for role, letter in LETTERS.items():
        client.force_login(make.user(role, first_name=MARKUP, last_name=MARKUP))
        for name, address in addresses(ids):
            posted[name, letter] = read[f"{letter} post {name}"] = ask(client, "post", address)
            seen[name, letter] = read[f"{letter} search {name}"] = client.get(address, {"q": MARKUP})
            if name.endswith("changelist"):  # Elsewhere a search leaves nothing out.
                read[f"{letter} get {name}"] = client.get(address)
    mails = {f"mail {email.kind}": compose.build(email).alternatives[0].content for email in Email.objects.all()}
    pages = mails | {
        where: page.content.decode() for where, page in read.items() if "html" in page.headers.get("Content-Type", "")
    }

    assert {where: page.status_code for where, page in read.items() if page.status_code >= 500} == {}
    with subtests.test("who sees what"):
        assert who_is_let_in(seen) == WHO_SEES_WHAT
    with subtests.test("who may post where"):
        assert who_is_let_in(posted) == WHO_MAY_POST_WHERE
    with subtests.test("typed text is never markup"):
        assert len(mails) >= 2
        assert sum(html.escape(MARKUP) in words for words in pages.values()) > 150
        assert {where for where, words in pages.items() if MARKUP in words or MARKUP.title() in words} == set()
        assert {said for words in pages.values() for said in right_to_left.mixed(words, MARKUP)} == set()
