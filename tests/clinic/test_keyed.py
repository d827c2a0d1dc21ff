"""
SECRET_KEY is replaced, and the key before stands in SECRET_KEY_FALLBACKS: everything that was made with it goes on.

Each use of a key has its test here, and one that says that there are no others.
"""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from appointments.admin.lists.bring_in_forms import FileForm
from appointments.bookings.imports.plans import Verdict
from appointments.models import Inquiry
from appointments.models.counter import name_of
from appointments.public import captcha, proofs
from clinic import keyed
from clinic.accounts import cookies, known_browsers, limits, lockout, second_factor, secret_box
from clinic.server import security_log
from tests import make
from tests.appointments.bookings import test_imports
from tests.patient import Patient

pytestmark = pytest.mark.django_db
NEW = "another key that is long enough for the deployment check: zyxwvutsrqponmlkjihgfedcba"


@pytest.fixture
def replace(settings):
    """Replace the key; `forget` leaves the one before out of the fallbacks, as if it had leaked."""

    def do(*, forget: bool = False) -> None:
        settings.SECRET_KEY_FALLBACKS = [] if forget else [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        settings.SECRET_KEY = NEW

    return do


both = pytest.mark.parametrize("forget", [False, True], ids=["kept", "forgotten"])


@both
def test_the_proof_of_an_own_page(replace, forget):
    inquiry = make.inquiry()
    request = RequestFactory().get("/")
    request.COOKIES[proofs.cookie()] = proofs.signed(inquiry, proofs.PHONE)

    replace(forget=forget)

    assert proofs.remembered(request, inquiry) == ("" if forget else proofs.PHONE)


@both
def test_the_sum_of_an_open_form(replace, forget):
    now = timezone.now()
    asked = captcha.ask(now)

    replace(forget=forget)

    assert captcha.recall(asked.token, now) == (None if forget else asked)
    assert captcha.ask(now) != asked
    assert captcha.recall(captcha.ask(now).token, now) == captcha.ask(now)


def test_a_form_that_is_sent_again(replace):
    form = make.form_data()
    first = Patient().post("/appointments/", form)

    replace()

    assert Patient().post("/appointments/", form).headers["Location"] == first.headers["Location"]
    assert Inquiry.objects.count() == 1


@both
def test_the_name_of_a_counter(replace, forget):
    now = timezone.now()
    before = name_of("posts", "192.0.2.7", now)

    replace(forget=forget)

    assert (name_of("posts", "192.0.2.7", now) == before) is not forget


def test_wrong_passwords_that_were_counted(replace):
    for _ in range(limits.WRONG_PASSWORDS):
        with lockout.counted("rosa", "192.0.2.7"):
            pass

    replace()

    with pytest.raises(lockout.LockedOut), lockout.counted("rosa", "192.0.2.7"):
        pass


@both
def test_a_browser_that_somebody_signed_in_with(replace, forget):
    request, response = RequestFactory().get("/"), HttpResponse()
    known_browsers.remember(request, response, "rosa")
    request.COOKIES[cookies.named(cookies.KNOWN_BROWSER)] = response.cookies[cookies.named(cookies.KNOWN_BROWSER)].value
    browser = known_browsers.of(request, "rosa")
    carried = known_browsers.carried(request)

    replace(forget=forget)

    put_back = HttpResponse()
    known_browsers.put_back(put_back, carried)
    assert browser
    assert known_browsers.of(request, "rosa") == ("" if forget else browser)
    assert (cookies.named(cookies.KNOWN_BROWSER) in put_back.cookies) is not forget
    if not forget:
        # Remembered once more, the user stands there once, under the new key's name.
        known_browsers.remember(request, put_back, "rosa")
        request.COOKIES[cookies.named(cookies.KNOWN_BROWSER)] = put_back.cookies[
            cookies.named(cookies.KNOWN_BROWSER)
        ].value
        assert known_browsers._read(request)["users"] == [keyed.newest(known_browsers.__name__, "rosa")[:16]]


@both
def test_a_session_and_a_browser_that_gave_the_second_step(replace, forget, settings):
    settings.SECOND_FACTOR = True
    user, codes = make.with_factor(is_superuser=True)
    client = Client()
    client.post("/admin/login/", {"username": user.username, "password": "correct horse battery"})
    client.post("/admin/second-step/", {"code": codes[0]})
    assert client.get("/admin/").status_code == 200

    replace(forget=forget)

    assert client.get("/admin/").status_code == (302 if forget else 200)
    client.cookies.pop("sessionid")
    client.post("/admin/login/", {"username": user.username, "password": "correct horse battery"})
    assert client.get("/admin/").status_code == (302 if forget else 200)


@both
def test_a_link_that_sets_up_a_second_step(replace, forget):
    user = make.user()
    token = second_factor.invite(user, by_mail=True)

    replace(forget=forget)

    assert second_factor.is_invited(user, token) is not forget


@both
def test_seeds_and_printed_codes(replace, forget):
    sealed, digest = secret_box.encrypt(b"seed"), secret_box.digests("a code")[0]

    replace(forget=forget)

    assert (digest in secret_box.digests("a code")) is not forget
    if not forget:
        assert (secret_box.decrypt(sealed), secret_box.is_of_an_old_key(sealed)) == (b"seed", True)


@both
def test_a_dry_run_that_is_open(replace, forget):
    sent = FileForm()
    sent.name, sent.read_content = "old.csv", b"name,phone"
    form = FileForm()
    form.cleaned_data = {"content": sent.kept()}

    replace(forget=forget)

    if forget:
        with pytest.raises(BadRequest):
            form.clean_content()
    else:
        assert form.clean_content() == ("old.csv", b"name,phone")


def test_appointments_that_came_in_by_a_file_do_not_come_in_again(replace):
    visit = make.visit_type()
    doctor = make.practitioner(visit=visit)
    day = timezone.localdate() + timedelta(days=7)
    file = test_imports.table(f"Rosa Lind,(212) 555-0123,{day},10:00,45")
    assert test_imports.bring_in(file, doctor, visit).counts[Verdict.IN] == 1

    replace()

    assert test_imports.verdicts(file, doctor, visit) == [Verdict.HERE]


@both
def test_lines_of_one_client_in_the_security_log(replace, forget):
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
    before = security_log._client(request)

    replace(forget=forget)

    assert (security_log._client(request) == before) is not forget


@both
def test_a_link_for_a_new_password(replace, forget):
    user = make.user()
    token = default_token_generator.make_token(user)

    replace(forget=forget)

    assert default_token_generator.check_token(user, token) is not forget


def test_the_hashes_are_those_of_before():
    """What stands in a clinic's database was named by them."""
    assert keyed.newest("appointments.importing", "a") == keyed.lasting("appointments.importing", "a")
    assert keyed.digests("appointments.importing", "a") == [keyed.newest("appointments.importing", "a")]


def test_no_other_module_makes_a_hash_with_the_key():
    """Django's own signing knows the fallbacks; whatever else takes the key goes through here."""
    root = Path(site_settings.BASE_DIR)
    files = [file for app in ("clinic", "procedures", "appointments") for file in (root / app).rglob("*.py")]
    taking = re.compile(r"\bsalted_hmac\b|\bhmac\.|settings\.SECRET_KEY\b")

    found = {str(file.relative_to(root)) for file in files if taking.search(file.read_text())}

    assert found == {"clinic/keyed.py", "clinic/accounts/secret_box.py"}
