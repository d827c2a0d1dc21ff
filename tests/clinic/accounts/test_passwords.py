import re
import time

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from clinic.accounts.passwords import word_inside
from tests import make

pytestmark = pytest.mark.django_db


def codes(password: str) -> set[str]:
    """Why the password is refused."""
    try:
        validate_password(password)
    except ValidationError as error:
        return {each.code for each in error.error_list}
    return set()


@pytest.mark.parametrize(
    "password",
    [
        "Kyphoplasty2026!", "kyph0pl@sty1", "spinespinespine", "Spine-Clinic-2026", "vertebra_vertebra",
        "MapleRidge2026", "Maple Ridge clinic", "V3rtebra-abcd", "1234spine5678",
    ],
)  # fmt: skip
def test_a_password_of_our_own_words_is_refused(password):
    make.clinic(name="Maple Ridge Spine Clinic")

    assert codes(password) == {"ours"}


@pytest.mark.parametrize(
    "password", ["Superman123456", "sunshine!!!!!!", "dragondragon", "p1zza-2026-2026", "1q2w3e4r5t6y7u8i9o"]
)
def test_a_stolen_password_is_refused_with_signs_around_it_too(password):
    make.clinic(name="Maple Ridge Spine Clinic")

    assert codes(password) & {"stolen", "password_too_common"}


@pytest.mark.parametrize(
    "password", ["correct horse battery", "seven brown kettles", "spine of seven brown kettles", "h8Xq-vv2P-r7Zt"]
)
def test_words_that_have_nothing_to_do_with_the_clinic_are_taken(password):
    make.clinic(name="Maple Ridge Spine Clinic")

    assert codes(password) == set()


def test_twelve_signs_are_asked_for():
    assert codes("seven brown") == {"password_too_short"}


def test_the_word_inside_is_what_attackers_vary():
    assert [word_inside(each) for each in ("Sp1ne2026!!", "--K1tch3n--", "2026")] == ["spine", "kitchen", ""]


@pytest.mark.parametrize("password", ["a" + "1" * 40_000 + "a", "a" * 40_000 + "b"], ids=["digits", "letters"])
def test_a_long_password_takes_a_moment_to_look_at(password):
    make.clinic(name="Maple Ridge Spine Clinic")
    began = time.thread_time()

    codes(password)

    # Patterns that try each place anew took nine seconds; what may be sent is 26 times as long.
    assert time.thread_time() - began < 0.3


@pytest.mark.parametrize("address", ["/admin/login/", "/admin/step-up/", "/admin/password_change/"])
def test_a_password_may_be_pasted_and_no_sum_is_asked_for(client, address):
    if "login" not in address:
        client.force_login(make.front_desk())
    if "change" in address:
        client.post("/admin/step-up/", {"password": "correct horse battery"})

    # The box that finds patients, in the head of the page, is none of it: browsers keep no patient's name.
    page = re.sub(r'<form[^>]*class="find".*?</form>', "", client.get(address).content.decode(), flags=re.DOTALL)

    assert 'type="password"' in page
    assert [word for word in ("onpaste", 'autocomplete="off"', 'name="sum"') if word in page] == []
