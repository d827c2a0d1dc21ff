"""The site on one machine without containers: what deploy/ brings, beside what the document has somebody enter."""

import configparser
import re
import subprocess
from pathlib import Path

import pytest

from tests.deploy.test_compose import DEPLOY, ROOT, SERVICES

GUIDE = (ROOT / "docs" / "operating.md").read_text().partition("\n## From installed")[0]


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_service_runs_what_the_container_runs_as_the_role_of_the_database(name):
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str
    unit.read(DEPLOY / f"clinic-{name}.service")
    service = unit["Service"]

    assert service["ExecStart"] == f"/srv/clinic/current/.venv/bin/{' '.join(SERVICES[name]['command'])}"
    assert service["Environment"].split() == [
        "ENV_FILE=/etc/clinic/site.env", f"DATABASE_URL_FILE=/etc/clinic/secrets/{name}_url",
    ]  # fmt: skip
    assert f"{service['TimeoutStopSec']}s" == SERVICES[name]["stop_grace_period"]
    assert service["WorkingDirectory"] == "/srv/clinic/current"
    assert (service["User"], service["Restart"], unit["Unit"]["StartLimitIntervalSec"]) == ("clinic", "always", "0")
    assert f"deploy/clinic-{name}.service" in GUIDE


def test_the_sites_account_reads_the_code_also_where_root_keeps_new_files_to_itself():
    [first, *_more] = re.findall(r"```sh\n(.+?)```", GUIDE, re.DOTALL)

    assert first.splitlines()[0] == "umask 022"


def test_the_document_fills_in_all_that_the_front_asks_for():
    asked = set(re.findall(r"\$\{([A-Z_]+)\}", (DEPLOY / "nginx.conf").read_text()))
    exported = " ".join(re.findall(r"^export (.+)$", GUIDE, re.MULTILINE))

    assert set(re.findall(r"\b([A-Z_]+)=", exported)) == asked
    assert set(re.search(r"envsubst '(.+)'", GUIDE)[1].replace("$", "").split()) == asked


@pytest.fixture
def manage(tmp_path, monkeypatch):
    """deploy/manage.sh of a tree whose Python says what it was given."""
    (tmp_path / "deploy").mkdir()
    script = tmp_path / "deploy" / "manage.sh"
    script.write_bytes((DEPLOY / "manage.sh").read_bytes())
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$PWD" "$ENV_FILE" "$DATABASE_URL_FILE" "$@"\n')
    python.chmod(0o755)
    monkeypatch.setenv("SETTINGS", "/etc/another")
    monkeypatch.setenv("ACCOUNT", "root")  # What root becomes; anybody else stays as they are.

    def run(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(["sh", script, *arguments], cwd="/", capture_output=True, text=True)

    return run


def test_manage_takes_the_settings_and_a_role_of_the_database(manage, tmp_path):
    ran = manage("owner", "migrate", "--plan", "a b")

    assert ran.stdout.split() == [
        f"{tmp_path}", "/etc/another/site.env", "/etc/another/secrets/owner_url",
        "manage.py", "migrate", "--plan", "a", "b",
    ]  # fmt: skip


@pytest.mark.parametrize("arguments", [[], ["owner"]])
def test_manage_without_a_role_and_a_command_says_how_it_is_called(manage, arguments):
    ran = manage(*arguments)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("usage: ")


def test_every_command_that_the_document_gives_to_manage_is_one():
    given = re.findall(r"^deploy/manage\.sh (\w+) (\w+)", GUIDE, re.MULTILINE)
    ours = {path.stem for app in ("clinic", "procedures", "appointments") for path in _commands(app)}

    assert {role for role, _command in given} == {"owner", "backup"}
    assert {command for _role, command in given} - ours == {"collectstatic", "createsuperuser"}


def _commands(app: str) -> list[Path]:
    return list((ROOT / app / "management" / "commands").glob("[a-z]*.py"))
