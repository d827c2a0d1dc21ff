"""Django's "no issues" is no claim about what nobody has asked."""

import pytest
from django.core import checks
from django.core.management import call_command


@pytest.fixture
def said(capsys, monkeypatch):
    """What `manage.py check` says where no check finds anything."""
    monkeypatch.setattr(checks, "run_checks", lambda **asked: [])

    def check(*arguments: str) -> list[str]:
        call_command("check", *arguments)
        return "".join(capsys.readouterr()).splitlines()

    return check


def test_a_deployment_check_without_the_database_says_that_it_looked_at_the_settings_alone(said):
    lines = said("--deploy")

    assert [line.partition(",")[0] for line in lines] == [
        "System check identified no issues (0 silenced).",
        "The settings alone were looked at",
    ]
    assert lines[1].endswith("manage.py check --deploy --database default")


@pytest.mark.parametrize("asked", [[], ["--deploy", "--database", "default"], ["--deploy", "--tag", "urls"]])
def test_other_checks_say_what_django_says(said, asked):
    assert said(*asked) == ["System check identified no issues (0 silenced)."]
