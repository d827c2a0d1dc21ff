"""What staff typed when their session ended comes back to them, and to nobody else; nothing is done by itself."""

import html
import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib import admin
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp import oath

from appointments import tasks
from appointments.actors import Actor
from appointments.admin.lists.bring_in_forms import SALT
from appointments.models import Call, Closure, Message, Note
from appointments.records import erasure
from clinic.accounts import limits, roles, second_factor, secret_box
from clinic.models import KeptPost, SecondFactor, StaffSession
from tests import admin_pages, make

pytestmark = pytest.mark.django_db

TYPED, LOGIN = "/admin/typed/", "/admin/login/?next=/admin/typed/"
HERE = {"sec-fetch-site": "same-origin"}
WORDS = "She fell on the <stairs> &\r\nwants to be called at noon"


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def sign_in(user, client: Client | None = None) -> Client:
    client = client or Client(headers=HERE)
    answer = client.post("/admin/login/", {"username": user.username, "password": "correct horse battery"})
    assert answer.status_code == 302
    return client


def fields_of(page: str, action: str = "") -> dict[str, str]:
    """What the first form of a page with this action would post: its hidden fields."""
    form = page.partition(f'action="{action}"')[2].partition("</form>")[0] if action else page
    hidden = re.findall(r'<input type="hidden" name="([^"]*)"(?: value="([^"]*)")?', form)
    return {name: html.unescape(value) for name, value in hidden}


def with_token(client: Client, **typed) -> dict:
    """What a page of this browser would post, with the token that each has."""
    return {"csrfmiddlewaretoken": client.cookies["csrftoken"].value, **typed}


def desk_of(inquiry) -> str:
    return reverse("admin:appointments_inquiry_change", args=[inquiry.pk])


def typed_after_the_end(client: Client, clock, address: str, **typed: str):
    """Open a page, type, and send it after the session has ended; return the answer."""
    form = fields_of(client.get(address).content.decode())
    clock.shift(timedelta(minutes=15))
    return client.post(address, form | typed)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ({"note": WORDS, "do": "save"}, (1, 0, 0)),
        ({"answer": WORDS, "do": "reply"}, (0, 1, 0)),
        ({"outcome": "reached", "call_words": "She will call back", "do": "save"}, (0, 0, 1)),
        ({"note": WORDS, "do": "take"}, (1, 0, 0)),
    ],
)
def test_what_was_typed_at_the_desk_is_sent_once_after_signing_in_and_pressing_the_button(clock, typed, written):
    rosa, inquiry = make.front_desk(), make.inquiry(contact_by="email", email="eve@example.com")
    client, desk = sign_in(rosa), desk_of(inquiry)

    def are_written() -> tuple[int, ...]:
        return tuple(model.objects.filter(inquiry=inquiry).count() for model in (Note, Message, Call))

    answer = typed_after_the_end(client, clock, desk, **typed)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/login/?next=%2Fadmin%2Ftyped%2F")
    assert "What you typed is kept" in client.get(LOGIN).content.decode()

    sign_in(rosa, client)
    led = client.get("/admin/")
    assert (led.status_code, led.headers["Location"]) == (302, f"{TYPED}?next=%2Fadmin%2F")
    page = client.get(led.headers["Location"]).content.decode()
    said = typed.get("note") or typed.get("answer") or typed["call_words"]
    assert html.escape(said).replace("\r\n", "<br>") in page
    assert are_written() == (0, 0, 0)
    assert client.get("/admin/").status_code == 200
    assert TYPED in client.get("/admin/").content.decode()

    sent = client.post(desk, fields_of(page, desk))
    assert (sent.status_code, are_written(), KeptPost.objects.count()) == (302, written, 0)
    assert "Nothing that you typed is waiting." in client.get(TYPED).content.decode()
    assert TYPED not in client.get("/admin/").content.decode()


def test_it_comes_back_after_the_second_step(clock, settings):
    settings.SECOND_FACTOR = True
    rosa, _codes = make.with_factor(roles.FRONT_DESK)
    client = sign_in(rosa)

    def give_code() -> str:
        clock.shift(timedelta(seconds=30))
        seed = secret_box.decrypt(SecondFactor.objects.get(user=rosa).seed)
        step = int(timezone.now().timestamp()) // second_factor.STEP
        return client.post("/admin/second-step/", {"code": f"{oath.hotp(seed, step):06}"}).headers["Location"]

    give_code()
    typed_after_the_end(client, clock, desk_of(make.inquiry()), note=WORDS, do="save")
    client.cookies.pop("second_factor")
    sign_in(rosa, client)

    assert client.get(TYPED).headers["Location"].startswith("/admin/second-step/")
    assert give_code() == "/admin/"
    assert client.get("/admin/").headers["Location"] == f"{TYPED}?next=%2Fadmin%2F"
    assert "She fell on the" in client.get(TYPED).content.decode()


def test_it_comes_back_to_nobody_else(clock):
    rosa, eve, inquiry = make.front_desk(), make.front_desk(), make.inquiry()
    client = sign_in(rosa)
    typed_after_the_end(client, clock, desk_of(inquiry), note=WORDS, do="save")

    sign_in(eve, client)

    assert client.get("/admin/").status_code == 200
    assert "Nothing that you typed is waiting." in client.get(TYPED).content.decode()
    kept = KeptPost.objects.get()
    client.post(TYPED, {"throw_away": kept.pk})
    client.post(desk_of(inquiry), {"do": "save", "kept_post": kept.pk})
    assert KeptPost.objects.get() == kept
    assert "She fell on the" in sign_in(rosa).get(TYPED).content.decode()


def test_a_form_that_somebody_else_left_open_in_the_browser_is_kept_for_nobody(clock):
    rosa, eve, inquiry = make.front_desk(), make.front_desk(), make.inquiry()
    client = sign_in(rosa)
    form = fields_of(client.get(desk_of(inquiry)).content.decode())
    clock.shift(timedelta(minutes=15))
    sign_in(eve, client)
    clock.shift(timedelta(minutes=15))

    client.post(desk_of(inquiry), form | {"note": WORDS, "do": "save"})

    assert KeptPost.objects.count() == 0


def test_a_form_that_was_open_while_one_signed_in_again_in_another_tab_is_kept(clock):
    rosa, eve, inquiry = make.front_desk(), make.front_desk(), make.inquiry()
    client = sign_in(rosa)
    form = fields_of(client.get(desk_of(inquiry)).content.decode()) | {"note": WORDS, "do": "save"}
    clock.shift(timedelta(minutes=15))
    client.get("/admin/")
    sign_in(rosa, client)
    client.handler.enforce_csrf_checks = True

    foreign = client.post(desk_of(inquiry), form, headers={"sec-fetch-site": "cross-site"})
    answer = client.post(desk_of(inquiry), form)

    assert foreign.status_code == 403
    assert (answer.status_code, answer.headers["Location"]) == (302, TYPED)
    again = fields_of(client.get(TYPED).content.decode(), desk_of(inquiry))
    assert client.post(desk_of(inquiry), again).status_code == 302
    assert Note.objects.filter(inquiry=inquiry).count() == 1

    client.handler.enforce_csrf_checks = False
    clock.shift(timedelta(minutes=15))
    client.get("/admin/")
    sign_in(eve, client)
    client.handler.enforce_csrf_checks = True
    assert client.post(desk_of(inquiry), again).status_code == 403
    assert KeptPost.objects.count() == 0


@pytest.mark.parametrize("how", ["signed out elsewhere", "a new password", "twelve hours"])
def test_it_comes_back_however_the_session_ended(clock, how):
    rosa = make.front_desk()
    client, inquiry = sign_in(rosa), make.inquiry()
    form = fields_of(client.get(desk_of(inquiry)).content.decode())
    if how == "signed out elsewhere":
        sign_in(rosa).post("/admin/sessions/", {"others": "1"})
    elif how == "a new password":
        rosa.set_password("correct horse battery")
        rosa.save()
    else:
        StaffSession.objects.update(signed_in_at=timezone.now() - timedelta(hours=12))

    client.post(desk_of(inquiry), form | {"note": WORDS, "do": "save"})

    assert "She fell on the" in sign_in(rosa).get(TYPED).content.decode()


def test_a_session_that_ends_twice_keeps_it_until_it_is_sent(clock):
    rosa, inquiry = make.front_desk(), make.inquiry()
    client = sign_in(rosa)
    typed_after_the_end(client, clock, desk_of(inquiry), note=WORDS, do="save")
    sign_in(rosa, client)
    form = fields_of(client.get(TYPED).content.decode(), desk_of(inquiry))
    clock.shift(timedelta(minutes=15))

    for _ in range(2):
        client.post(desk_of(inquiry), form)

    sign_in(rosa, client)
    page = client.get(TYPED).content.decode()
    assert page.count("<blockquote>") == 1
    client.post(desk_of(inquiry), fields_of(page, desk_of(inquiry)))
    assert (Note.objects.filter(inquiry=inquiry).count(), KeptPost.objects.count()) == (1, 0)


def test_it_is_thrown_away_on_a_wish(clock):
    rosa = make.front_desk()
    client = sign_in(rosa)
    typed_after_the_end(client, clock, desk_of(make.inquiry()), note=WORDS, do="save")
    sign_in(rosa, client)

    client.post(TYPED, {"throw_away": KeptPost.objects.get().pk})

    assert KeptPost.objects.count() == 0


def test_what_the_page_refuses_stays(clock):
    """A right that was taken away meanwhile; the words are still there to be copied."""
    rosa = make.front_desk()
    client = sign_in(rosa)
    typed_after_the_end(client, clock, desk := desk_of(make.inquiry()), note=WORDS, do="save")
    sign_in(rosa, client)
    form = fields_of(client.get(TYPED).content.decode(), desk)
    rosa.groups.clear()

    assert client.post(desk, form).status_code == 403

    assert "She fell on the" in client.get(TYPED).content.decode()


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {}, {"origin": "https://evil.example"}],
)
def test_what_another_site_sends_is_not_kept(clock, headers):
    client = sign_in(make.front_desk(), Client(headers=headers))
    form = fields_of(client.get(desk := desk_of(make.inquiry())).content.decode())
    clock.shift(timedelta(minutes=15))

    client.post(desk, form | {"note": WORDS, "do": "save"})

    assert KeptPost.objects.count() == 0


def test_a_browser_without_fetch_metadata_says_its_origin(clock, settings):
    client = sign_in(make.front_desk(), Client(headers={"origin": settings.SITE_URL, "host": "127.0.0.1:8000"}))
    form = fields_of(client.get(desk := desk_of(make.inquiry())).content.decode())
    clock.shift(timedelta(minutes=15))

    client.post(desk, form | {"note": WORDS, "do": "save"})

    assert KeptPost.objects.count() == 1


def test_passwords_codes_and_files_are_not_kept_and_who_was_never_signed_in_keeps_nothing(clock):
    superuser = make.user(is_superuser=True)
    client, address = sign_in(superuser), reverse("admin:auth_user_add")
    secrets = {"password1": "sesame one", "sum_token": "sesame two", "code": "sesame three"}
    posted = with_token(client, username="eve adams") | secrets
    file = SimpleUploadedFile("week.ics", b"sesame four")
    clock.shift(timedelta(minutes=15))

    client.post(address, posted | {"file": file})
    Client(headers=HERE).post(address, posted | {"username": "somebody"})
    client.post("/admin/login/", posted | {"password": "sesame five"})
    client.post("/admin/password_change/", posted | {"old_password": "sesame six"})

    kept = KeptPost.objects.get()
    assert (kept.user, kept.fields, kept.had_files) == (superuser, [["username", "eve adams"]], True)
    sign_in(superuser, client)
    page = client.get(TYPED).content.decode()
    assert ("choose it again" in page, f'<form method="post" action="{address}">' in page) == (True, False)


def test_so_much_is_kept_and_no_more(clock):
    rosa = make.front_desk()
    client, desk = sign_in(rosa), desk_of(make.inquiry())
    clock.shift(timedelta(minutes=15))

    for number in range(limits.TYPED_AT_MOST + 2):
        client.post(desk, with_token(client, note=f"Note {number}"))
    client.post(desk, with_token(client, note="x" * limits.TYPED_LENGTH))

    notes = [dict(row.fields)["note"] for row in KeptPost.objects.of(rosa)]
    assert notes == [f"Note {number}" for number in reversed(range(2, limits.TYPED_AT_MOST + 2))]


def test_after_twelve_hours_it_is_gone(clock):
    rosa = make.front_desk()
    client = sign_in(rosa)
    typed_after_the_end(client, clock, desk_of(make.inquiry()), note=WORDS, do="save")
    clock.shift(timedelta(hours=12) - timedelta(seconds=1))
    tasks.forget_what_was_typed(0)
    assert KeptPost.objects.of(rosa).count() == 1

    clock.shift(timedelta(seconds=1))

    assert KeptPost.objects.of(rosa).count() == 0
    tasks.forget_what_was_typed(0)
    assert KeptPost.objects.count() == 0


def test_erasing_a_patient_erases_what_was_typed_on_their_pages(clock):
    client, appointment = sign_in(make.front_desk()), make.appointment()
    other = make.inquiry()
    email = make.inquiry(contact_by="email", email="eve@example.com").emails.get()
    clock.shift(timedelta(minutes=15))
    addresses = [
        desk_of(appointment.inquiry),
        reverse("admin:appointments_inquiry_times", args=[appointment.inquiry.pk]),
        reverse("admin:appointments_appointment_change", args=[appointment.pk]),
        reverse("admin:appointments_email_work", args=[email.pk]),
        desk_of(other),
    ]
    for address in addresses:
        client.post(address, with_token(client, note=WORDS))
    assert [row.path for row in KeptPost.objects.order_by("pk")] == addresses

    erasure.erase(appointment.inquiry, reason="Asked for", by=Actor.system())
    erasure.erase(email.inquiry, reason="Asked for", by=Actor.system())

    assert [row.path for row in KeptPost.objects.all()] == [desk_of(other)]


def test_erasing_a_patient_erases_calendars_that_wait_to_be_brought_in(clock):
    manager = sign_in(make.user(roles.MANAGER))
    inquiry = make.inquiry(name="Rosa Lind")
    calendar = signing.dumps(["calendar.csv", "name,date,time\nRosa Lind,2026-12-24,9:30\n"], salt=SALT, compress=True)
    typed_after_the_end(manager, clock, "/admin/appointments/appointment/import/", content=calendar)
    typed_after_the_end(sign_in(make.user(roles.MANAGER)), clock, "/admin/appointments/closure/add/", name="Holiday")
    assert KeptPost.objects.count() == 2

    erasure.erase(inquiry, reason="Their wish", by=Actor.system())

    assert KeptPost.objects.get().path == "/admin/appointments/closure/add/"


def test_a_closure_that_was_typed_is_entered_with_all_its_fields(clock):
    rosa, address = make.front_desk(), reverse("admin:appointments_closure_add")
    client = sign_in(rosa)
    day = timezone.localdate() + timedelta(days=30)
    moments = {"starts_at_0": day, "starts_at_1": "09:00", "ends_at_0": day, "ends_at_1": "10:00"}
    typed_after_the_end(client, clock, address, name="Team meeting", **moments)
    sign_in(rosa, client)

    answer = client.post(address, fields_of(client.get(TYPED).content.decode(), address))

    assert (answer.status_code, [each.name for each in Closure.objects.all()]) == (302, ["Team meeting"])


def test_what_is_sent_to_any_page_of_rows_is_kept(clock):
    superuser = make.user(is_superuser=True)
    client = sign_in(superuser)
    addresses = [
        admin_pages.filled(address, "7", "7")
        for model_admin in admin.site._registry.values()
        for name, address in admin_pages.of_model(model_admin)
        if name and not address.endswith("/password/")  # Nothing but passwords is typed there.
    ]
    clock.shift(timedelta(minutes=15))

    missed = []
    for address in addresses:
        client.post(address, with_token(client, words=address))
        if not KeptPost.objects.filter(user=superuser, path=address, fields=[["words", address]]).delete()[0]:
            missed.append(address)

    assert (len(addresses) > 60, missed) == (True, [])


FROM_NOWHERE = [{"origin": "null"}, {"origin": "https://clinic-example.translate.goog"}]


@pytest.mark.parametrize("headers", FROM_NOWHERE)
def test_a_refused_post_of_staff_changes_nothing_and_shows_what_was_typed_to_be_sent_again(headers):
    inquiry = make.inquiry()
    client = sign_in(make.front_desk(), Client(headers=HERE))
    client.handler.enforce_csrf_checks = True
    form = fields_of(client.get(desk := desk_of(inquiry)).content.decode())

    answer = client.post(desk, form | {"note": WORDS, "do": "save"}, headers=headers)
    page = answer.content.decode()

    assert (answer.status_code, Note.objects.count()) == (403, 0)
    assert "<blockquote>She fell on the &lt;stairs&gt; &amp;<br>wants to be called at noon</blockquote>" in page
    again = fields_of(page, desk) | {"do": "save"}
    assert client.post(desk, again, headers=HERE).status_code == 302
    assert Note.objects.get().words == WORDS


def test_what_another_sites_page_would_have_staff_send_is_shown_and_has_no_button():
    client = sign_in(make.front_desk(), Client(headers=HERE))
    client.handler.enforce_csrf_checks = True
    client.get(desk := desk_of(make.inquiry()))

    answer = client.post(desk, {"csrfmiddlewaretoken": "x" * 64, "note": WORDS, "do": "save"}, headers=FROM_NOWHERE[0])
    page = answer.content.decode()

    assert (answer.status_code, "She fell on the" in page, 'name="note"' in page) == (403, True, False)


@pytest.mark.parametrize("headers", FROM_NOWHERE)
def test_a_refused_sign_in_signs_nobody_in_and_keeps_the_user_name(headers):
    make.user(username="ann")
    client = Client(enforce_csrf_checks=True)
    token = fields_of(client.get("/admin/login/").content.decode())

    answer = client.post("/admin/login/", token | {"username": "ann", "password": "sesame five"}, headers=headers)
    page = answer.content.decode()

    assert (answer.status_code, "_auth_user_id" in client.session) == (403, False)
    assert ('value="ann"' in page, "sesame" in page, "Please sign in here." in page) == (True, False, True)
