"""Codes of an app and backup codes: each counts once, wrong ones lock, and the database alone gives none away."""

import base64
import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from django_otp import oath

from clinic.accounts import second_factor, secret_box
from clinic.models import BackupCode, SecondFactor
from tests import make, racing

pytestmark = pytest.mark.django_db
WRONG = "000000"


@pytest.fixture(autouse=True)
def clock():
    """A moment that stands still, in the middle of a half minute; no code of it is the wrong one below."""
    with time_machine.travel("2026-11-25T15:00:10Z", tick=False) as traveller:
        yield traveller


def code(user, *, steps: int = 0) -> str:
    """What the user's app shows now, or so many half minutes later."""
    seed = secret_box.decrypt(SecondFactor.objects.get(user=user).seed)
    return f"{oath.hotp(seed, int(timezone.now().timestamp()) // 30 + steps):06}"


def test_a_seed_counts_once_a_code_of_it_was_typed():
    user = make.user()
    seed = second_factor.offer_seed(user)
    assert (second_factor.is_set_up(user), second_factor.offer_seed(user)) == (False, seed)

    shown = f"{oath.hotp(base64.b32decode(seed), int(timezone.now().timestamp()) // 30):06}"
    took = second_factor.take_app(user=user, code=shown)

    assert (took.is_right, second_factor.is_set_up(user)) == (True, True)


def test_a_seed_is_not_readable_in_the_database():
    user, codes = make.with_factor()
    seed = secret_box.decrypt(user.second_factor.seed)

    with connection.cursor() as cursor:
        cursor.execute("SELECT seed FROM clinic_secondfactor")
        stored = cursor.fetchone()[0]

    assert [each for each in (seed.hex(), base64.b32encode(seed).decode()) if each in stored] == []
    assert base64.b64encode(seed).decode() not in stored
    assert re.fullmatch(r"[0-9a-f]{64}", BackupCode.objects.first().digest)
    assert len(set(codes)) == 10


@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_half_a_minute_early_and_late(steps, is_right):
    user, _ = make.with_factor()

    assert second_factor.check(user=user, code=code(user, steps=steps)).is_right is is_right


def test_neither_a_code_nor_one_before_it_is_accepted_after_it():
    user, codes = make.with_factor()
    now, before = code(user), code(user, steps=-1)

    assert [second_factor.check(user=user, code=each).is_right for each in (now, now, before)] == [True, False, False]
    assert [second_factor.check(user=user, code=codes[0]).is_right for _ in range(2)] == [True, False]


def test_a_backup_code_is_read_as_people_type_it_and_is_its_users_alone():
    user, codes = make.with_factor()
    other, _ = make.with_factor()

    assert second_factor.check(user=other, code=codes[0]).is_right is False
    assert second_factor.check(user=user, code=f" {codes[0].lower().replace('-', ' ')} ").is_right is True
    assert BackupCode.objects.filter(factor__user=user, used_at=None).count() == 9


def test_new_backup_codes_end_those_before_them():
    user, codes = make.with_factor()

    newer = second_factor.new_backup_codes(user)

    assert second_factor.check(user=user, code=codes[0]).is_right is False
    assert second_factor.check(user=user, code=newer[0]).is_right is True


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "backup"])
def test_one_code_typed_by_six_at_once_is_accepted_once(kind):
    user, codes = make.with_factor()
    typed = code(user) if kind == "app" else codes[0]
    said = []

    racing.at_once(*[lambda: said.append(second_factor.check(user=user, code=typed).is_right)] * 6)

    assert said.count(True) == 1


def test_five_wrong_codes_lock_for_a_quarter_of_an_hour_and_a_right_one_too(clock):
    user, _ = make.with_factor()

    said = [second_factor.check(user=user, code=WRONG) for _ in range(5)]
    ends = timezone.now() + timedelta(minutes=15)
    assert [each.locked_until for each in said] == [None] * 4 + [ends]
    assert second_factor.check(user=user, code=code(user)) == second_factor.Checked(False, ends)

    clock.shift(timedelta(minutes=15))
    assert second_factor.check(user=user, code=code(user)) == second_factor.Checked(True)


def test_a_right_code_forgets_the_wrong_ones():
    user, codes = make.with_factor()
    for typed in [WRONG] * 4 + [codes[0]] + [WRONG] * 4:
        second_factor.check(user=user, code=typed)

    assert second_factor.check(user=user, code=code(user)).is_right is True


def test_wrong_codes_while_an_app_is_set_up_lock_too():
    user = make.user()
    second_factor.offer_seed(user)

    said = [second_factor.take_app(user=user, code=WRONG).locked_until for _ in range(6)]

    assert said == [None] * 4 + [timezone.now() + timedelta(minutes=15)] * 2


def test_a_seed_moves_to_the_newest_secret_when_its_code_is_used_next(settings):
    user, codes = make.with_factor()
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "n" * 60

    assert second_factor.check(user=user, code=codes[0]).is_right is True
    assert second_factor.check(user=user, code=code(user)).is_right is True

    settings.SECRET_KEY_FALLBACKS = []
    assert second_factor.check(user=user, code=code(user, steps=1)).is_right is True


def test_a_secret_of_its_own_comes_before_the_secret_key(settings):
    user, _ = make.with_factor()
    settings.SECOND_FACTOR_KEYS = ["s" * 60]
    second_factor.check(user=user, code=code(user))

    settings.SECRET_KEY = "another " * 8

    assert second_factor.check(user=user, code=code(user, steps=1)).is_right is True


def test_an_invitation_ends_after_72_hours_after_the_next_one_and_with_use(clock):
    user, other = make.user(), make.user()
    first = second_factor.invite(user, by_mail=True)
    token = second_factor.invite(user, by_mail=True)
    assert [second_factor.is_invited(*each) for each in ((user, token), (user, first), (other, token))] == [
        True, False, False,
    ]  # fmt: skip

    clock.shift(timedelta(hours=72, seconds=1))
    assert second_factor.is_invited(user, token) is False

    token = second_factor.invite(user, by_mail=True)
    make.give_factor(user)
    assert second_factor.is_invited(user, token) is False


def test_the_first_sign_in_invites_for_72_hours_and_never_again(clock):
    user = make.user()
    token = second_factor.invite_at_first_sign_in(user)
    assert second_factor.is_invited(user, token) is True

    clock.shift(timedelta(hours=71))
    assert second_factor.is_invited(user, second_factor.invite_at_first_sign_in(user)) is True

    clock.shift(timedelta(hours=2))
    assert second_factor.invite_at_first_sign_in(user) is None


def test_an_account_that_was_reset_is_opened_by_the_mail_alone():
    user, codes = make.with_factor()
    generation = user.second_factor.generation

    token = second_factor.reset(user)

    assert second_factor.is_set_up(user) is False
    assert second_factor.check(user=user, code=codes[0]).is_right is False
    assert second_factor.invite_at_first_sign_in(user) is None
    assert second_factor.is_invited(user, token) is True
    assert SecondFactor.objects.get(user=user).generation != generation
