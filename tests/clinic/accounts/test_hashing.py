"""How many passwords are hashed at once, with what, and what somebody reads who finds no place."""

import threading
from contextlib import ExitStack, contextmanager

import pytest
from django.contrib.auth.hashers import check_password, identify_hasher, make_password

from clinic import settings as site
from clinic.accounts import hashing, limits
from tests import make

LOGIN = "/admin/login/"
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def hashed_as_in_production(settings):
    settings.PASSWORD_HASHERS = site.PASSWORD_HASHERS


@pytest.fixture
def little_patience(monkeypatch):
    monkeypatch.setattr(limits, "WAIT_FOR_A_HASH", 0.02)


@contextmanager
def somebody_hashes():
    """Another thread that holds a place until the block ends."""
    begun, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with hashing.place():
            begun.set()
            may_end.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    assert begun.wait(30)
    try:
        yield
    finally:
        may_end.set()
        thread.join()


@contextmanager
def all_places_are_taken():
    with ExitStack() as stack:
        for _ in range(limits.HASHES_AT_ONCE):
            stack.enter_context(somebody_hashes())
        yield


def test_a_password_is_hashed_with_what_owasp_asks_for():
    assert make_password(PASSWORD).startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    "before", ["django.contrib.auth.hashers.Argon2PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
)
@pytest.mark.django_db
def test_a_password_of_before_is_read_and_hashed_anew_at_the_next_sign_in(client, settings, before):
    settings.PASSWORD_HASHERS = [before]
    user = make.front_desk()
    settings.PASSWORD_HASHERS = site.PASSWORD_HASHERS

    answer = client.post(LOGIN, {"username": user.username, "password": PASSWORD})

    user.refresh_from_db()
    assert (answer.status_code, check_password(PASSWORD, user.password)) == (302, True)
    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("hasher", site.PASSWORD_HASHERS)
def test_two_passwords_are_hashed_at_once_in_a_process(settings, little_patience, hasher):
    settings.PASSWORD_HASHERS = [hasher]
    stored = make_password(PASSWORD)
    with somebody_hashes():
        assert check_password(PASSWORD, stored)
    with all_places_are_taken():
        for act in (lambda: make_password(PASSWORD), lambda: check_password(PASSWORD, stored)):
            with pytest.raises(hashing.NoPlace):
                act()
    assert identify_hasher(make_password(PASSWORD)).algorithm == identify_hasher(stored).algorithm


@pytest.mark.parametrize("name", ["rosa.desk", "nobody"])
@pytest.mark.django_db
def test_who_finds_no_place_signs_in_again_in_a_moment_with_the_name_kept(client, little_patience, name):
    make.front_desk(username="rosa.desk")
    with all_places_are_taken():
        answer = client.post(f"{LOGIN}?next=/admin/appointments/", {"username": name, "password": PASSWORD})

    page = answer.content.decode()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Many people are signing in right now" in page
    assert f'name="username" value="{name}"' in page
    assert '<input type="hidden" name="next" value="/admin/appointments/">' in page
    assert PASSWORD not in page


@pytest.mark.django_db
def test_a_page_of_staff_that_asks_for_a_password_waits_its_turn_too(client, little_patience):
    client.force_login(make.front_desk())
    with all_places_are_taken():
        answer = client.post("/admin/step-up/", {"password": PASSWORD})

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    assert PASSWORD not in answer.content.decode()
