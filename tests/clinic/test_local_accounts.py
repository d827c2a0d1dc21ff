import json

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from appointments.demo.history import rewritable
from clinic.accounts import roles
from clinic.local import kept_accounts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(kept_accounts, "ACCOUNTS", tmp_path / "accounts.json")
    return tmp_path / "accounts.json"


def user(name: str):
    return get_user_model().objects.get(username=name)


def test_the_accounts_have_random_passwords_and_their_roles(file):
    call_command("local_accounts", verbosity=0)

    passwords = json.loads(file.read_text())
    assert len(set(passwords.values())) == 5
    assert all(len(password) >= 16 and user(name).check_password(password) for name, password in passwords.items())
    assert (user("admin").is_superuser, user("frontdesk").is_superuser) == (True, False)
    roles_of = {name: user(name).groups.get().name for name in passwords if name != "admin"}
    assert roles_of == {
        "frontdesk": roles.FRONT_DESK,
        "manager": roles.MANAGER,
        "editor": roles.CONTENT_EDITOR,
        "clinician": roles.CLINICIAN,
    }


def test_a_second_run_changes_no_password(file):
    call_command("local_accounts", verbosity=0)
    before = file.read_text()

    call_command("local_accounts", verbosity=0)

    assert file.read_text() == before


def test_a_database_made_anew_gets_the_passwords_that_are_kept(file):
    call_command("local_accounts", verbosity=0)
    with rewritable(get_user_model()):
        get_user_model().objects.all().delete()

    call_command("local_accounts", verbosity=0)

    assert user("admin").check_password(json.loads(file.read_text())["admin"])


def test_an_account_that_somebody_else_made_is_left_alone(file):
    get_user_model().objects.create_superuser("admin", password="their own")

    call_command("local_accounts", verbosity=0)

    assert user("admin").check_password("their own")
    assert "admin" not in json.loads(file.read_text())


def test_in_our_own_database_a_lost_file_is_no_lockout(file):
    call_command("local_accounts", verbosity=0)
    file.unlink()

    call_command("local_accounts", adopt=True, verbosity=0)

    assert user("admin").check_password(json.loads(file.read_text())["admin"])
