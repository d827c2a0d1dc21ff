"""The file of variables, which systemd, compose and a shell would read in three ways."""

from ast import literal_eval

import pytest
from django.core.exceptions import ImproperlyConfigured

from clinic import env_file
from tests.clinic.test_settings import PRODUCTION, read


def test_a_value_is_what_stands_behind_the_sign_whatever_is_in_it(tmp_path):
    file = tmp_path / "site.env"
    file.write_text(
        '# a comment\n\nSECRET_KEY=a$b&c #d\\e"f\n'
        "export SITE_URL='https://clinic.example'\n"
        'EMAIL_URL="smtp+tls://me:p=$w#x@mail.example"\n'
        "DATABASE_URL=postgresql://a@/b?host=/c&options=-c lock_timeout=5s\nPORT=\n"
    )

    assert env_file.read(file) == {
        "SECRET_KEY": 'a$b&c #d\\e"f',
        "SITE_URL": "https://clinic.example",
        "EMAIL_URL": "smtp+tls://me:p=$w#x@mail.example",
        "DATABASE_URL": "postgresql://a@/b?host=/c&options=-c lock_timeout=5s",
        "PORT": "",
    }


@pytest.mark.parametrize("value", ["plain", 'a$b&c #d\\e"f', " blank at both ends ", '"quoted"', "'", "Straße"])
def test_what_is_written_reads_as_the_same_value(tmp_path, value):
    file = tmp_path / "site.env"
    file.write_text(env_file.written({"SECRET_KEY": value, "PORT": "8000"}))

    assert env_file.read(file) == {"SECRET_KEY": value, "PORT": "8000"}


def test_a_value_that_no_line_holds_is_refused_by_its_name():
    with pytest.raises(ValueError, match=r"^SECRET_KEY has more than one line$"):
        env_file.written({"SECRET_KEY": "hunter\n2"})


def test_all_that_was_given_can_be_kept_wherever_it_stood(tmp_path):
    """A container has a file for each secret, and an operator may name more files in the settings' own."""
    (tmp_path / "key").write_text("a" * 50 + "\n")
    (tmp_path / "site.env").write_text(f"SECRET_KEY_FILE={tmp_path / 'key'}\nHSTS_SUBDOMAINS=1\nPORT=\n")
    given = {name: value for name, value in PRODUCTION.items() if name != "SECRET_KEY"} | {"PORT": "8001"}

    ran = read("GIVEN_SETTINGS_AND_SECRETS", **given, ENV_FILE=str(tmp_path / "site.env"))

    del given["DATABASE_URL"]
    assert literal_eval(ran.stdout) == [given | {"SECRET_KEY": "a" * 50, "HSTS_SUBDOMAINS": "1"}]


def test_the_environment_counts_before_the_file(tmp_path):
    file = tmp_path / "site.env"
    file.write_text("PORT=8001\nDEBUG=1\n")

    assert env_file.under({"PORT": "8002"}, str(file)) == {"PORT": "8002", "DEBUG": "1"}
    assert env_file.under({"PORT": "8002"}, "") == {"PORT": "8002"}


def test_a_line_that_is_no_value_is_named_by_its_number_and_not_by_its_words(tmp_path):
    file = tmp_path / "site.env"
    file.write_text("PORT=8001\nhunter2\n")

    with pytest.raises(ImproperlyConfigured, match=r"^Line 2 of .*site\.env") as refused:
        env_file.read(file)

    assert "hunter2" not in str(refused.value)


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path):
    with pytest.raises(ImproperlyConfigured, match=r"^ENV_FILE is "):
        env_file.under({}, str(tmp_path / "missing.env"))


def test_settings_are_read_from_the_file(tmp_path):
    file = tmp_path / "site.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in PRODUCTION.items()))

    ran = read("SITE_URL", "PORT", ENV_FILE=str(file), PORT="8044")

    assert ran.stdout.strip() == "['https://clinic.example', 8044]"
