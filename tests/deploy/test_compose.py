"""What deploy/ ships for containers: its files fit each other, the settings and the documents. No engine runs here."""

import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from clinic import checks
from clinic.settings import env

ROOT = Path(settings.BASE_DIR)
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name: each for name, each in SERVICES.items() if each["image"] == "clinic-site"}
DOCS = (ROOT / "docs/operating.md").read_text()
CONTAINER_OF_POSTGRES = (DEPLOY / "Containerfile.postgres").read_text()
SECRETS = "/run/secrets/"


@pytest.fixture
def drawn(tmp_path):
    subprocess.run(["sh", DEPLOY / "secrets.sh", tmp_path / "secrets"], check=True, capture_output=True)
    return tmp_path / "secrets"


def test_our_processes_may_change_nothing_on_their_machine():
    assert {name: each["read_only"] for name, each in OURS.items()} == dict.fromkeys(OURS, True)
    assert {tuple(each["cap_drop"]) for each in OURS.values()} == {("ALL",)}
    assert {tuple(each["security_opt"]) for each in SERVICES.values()} == {("no-new-privileges:true",)}
    assert {each["user"] for each in OURS.values()} == {"10001:10001"}


def test_each_process_has_a_role_of_its_own():
    roles = {name: each["environment"]["DATABASE_URL_FILE"].removeprefix(SECRETS) for name, each in OURS.items()}

    assert roles == {
        "web": "web_url", "worker": "worker_url", "migrate": "owner_url", "backup": "backup_url",
        "erasures": "backup_url",
    }  # fmt: skip


def test_a_process_is_given_the_secrets_that_it_reads_and_no_others():
    for each in OURS.values():
        files = {path for name, path in each["environment"].items() if name.endswith("_FILE")}
        assert files == {SECRETS + name for name in each["secrets"]}


def test_no_secret_stands_in_the_environment():
    names = {name for each in SERVICES.values() for name in each.get("environment", {})}

    assert {name for name in names if re.search(r"KEY|TOKEN|PASSWORD|DATABASE_URL|EMAIL_URL", name)} == {
        "SECRET_KEY_FILE", "METRICS_TOKEN_FILE", "DATABASE_URL_FILE", "EMAIL_URL_FILE", "POSTGRES_PASSWORD_FILE",
        "BACKUP_PUBLIC_KEY",
    }  # fmt: skip


def test_the_settings_know_every_variable():
    names = {name.removesuffix("_FILE") for each in OURS.values() for name in each["environment"]}

    # The backup's own commands read it.
    assert names - set(env.scheme) <= {"BACKUP_PUBLIC_KEY"}


@pytest.mark.parametrize("name", sorted(OURS))
def test_the_site_starts_with_what_each_process_is_given(name, drawn):
    (drawn / "email_url").write_text("smtp+tls://mail.example\n")
    given = {key: str(value).replace(SECRETS, f"{drawn}/") for key, value in OURS[name]["environment"].items()}
    given = {
        key: re.sub(r"\$\{SITE_HOST.*\}", "clinic.example", re.sub(r"\$\{\w+:-\}", "", value))
        for key, value in given.items()
    }
    code = (
        "import clinic.settings as s; d = s.DATABASES['default'];"
        "print(s.SITE_URL, d['USER'], d['NAME'], d['OPTIONS']['host'])"
    )

    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
    )

    role = OURS[name]["environment"]["DATABASE_URL_FILE"].removeprefix(SECRETS).removesuffix("_url")
    assert (ran.stdout, ran.stderr) == (f"https://clinic.example clinic_{role} clinic /var/run/postgresql\n", "")


@pytest.mark.parametrize(
    ("now", "hours"), [("00:10", 3), ("02:10", 1), ("03:09", 1 / 60), ("03:11", 24 - 1 / 60), ("23:10", 4)]
)
def test_a_backup_comes_at_the_next_ten_past_three_whenever_it_is_started(tmp_path, now, hours):
    at = datetime.fromisoformat(f"2026-11-28T{now}:00+00:00")
    for name, does in {"date": f"echo {at.timestamp():.0f}", "sleep": 'echo "$1"; exit 1'}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    [*_shell, script] = SERVICES["backup"]["command"]

    ran = subprocess.run(
        ["/bin/sh", "-c", script.replace("$$", "$")], env={"PATH": str(tmp_path)}, capture_output=True, text=True
    )

    assert int(ran.stdout) == round(hours * 3600) + 1


def test_secrets_are_drawn_once_and_the_database_is_told_the_same_passwords(drawn):
    before = {file.name: file.read_text() for file in drawn.iterdir()}
    subprocess.run(["sh", DEPLOY / "secrets.sh", drawn], check=True, capture_output=True)

    assert {file.name: file.read_text() for file in drawn.iterdir()} == before
    told = re.findall(r"CREATE ROLE clinic_(\w+) LOGIN PASSWORD '(\w{64})';", before["roles.sql"])
    urls = {name: before[f"{name}_url"] for name in ("owner", "web", "worker", "backup")}
    assert urls == {
        name: f"postgresql://clinic_{name}:{word}@/clinic?host=/var/run/postgresql\n" for name, word in told
    }
    # An owner who is no superuser needs this to migrate; the roles that it creates are those it may give rights.
    assert "GRANT SET ON PARAMETER clinic.erasing TO clinic_owner;\nSET ROLE clinic_owner;\n" in before["roles.sql"]
    assert len({*before.values()}) == len(before) == len(COMPOSE["secrets"]) - 1
    assert drawn.stat().st_mode & 0o777 == 0o700


def test_pgbackrest_reaches_postgres_without_a_password_and_the_site_does_not(tmp_path):
    """stanza-create asks the database. Its socket is shared with the site, whose account is another."""
    (tmp_path / "pg_hba.conf").write_text("local all all scram-sha-256\n")
    [script] = re.findall(r"^COPY (\S+\.sh) /docker-entrypoint-initdb\.d/", CONTAINER_OF_POSTGRES, re.MULTILINE)

    subprocess.run(["sh", DEPLOY / script], env={"PATH": os.environ["PATH"], "PGDATA": str(tmp_path)}, check=True)

    assert (tmp_path / "pg_hba.conf").read_text() == "local all postgres peer\nlocal all all scram-sha-256\n"
    assert SERVICES["db"]["environment"]["POSTGRES_INITDB_ARGS"].split()[0] == "--auth-local=scram-sha-256"


def test_every_secret_is_drawn_or_asked_for(drawn):
    wanted = {Path(each["file"]).name for each in COMPOSE["secrets"].values()}

    assert wanted - {file.name for file in drawn.iterdir()} == {"email_url"}


def test_postgres_keeps_what_patients_typed_out_of_its_log():
    said = dict(each[2:].split("=", 1) for each in SERVICES["db"]["command"] if each.startswith("-c"))
    wanted = {name: advice for name, (_harmless, advice) in checks._QUIET.items() if "." not in name}

    assert {name: said.get(name) for name in wanted} == wanted
    assert (said["listen_addresses"], said["archive_mode"], SERVICES["db"]["network_mode"]) == ("", "on", "none")


def test_the_front_is_given_what_its_configuration_asks_for():
    conf = (DEPLOY / "nginx.conf").read_text()
    names = set(re.findall(r"\$\{([A-Z_]+)\}", conf))

    assert set(SERVICES["front"]["environment"]) == names
    assert set(re.search(r"envsubst '(.+)'", conf)[1].replace("$", "").split()) == names


def test_the_site_believes_the_front_alone_and_the_front_asks_the_web():
    front = SERVICES["front"]["networks"]["inside"]["ipv4_address"]
    web = SERVICES["web"]["networks"]["inside"]["ipv4_address"]

    assert {each["environment"]["TRUSTED_PROXIES"] for each in OURS.values()} == {front}
    assert SERVICES["front"]["environment"]["WEB"] == f"{web}:8000"
    assert [name for name, each in SERVICES.items() if "ports" in each] == ["front"]


@pytest.mark.parametrize("name", ["web", "worker", "migrate"])
def test_the_document_says_the_same_commands_for_plain_processes(name):
    command = SERVICES[name]["command"]
    words = command[2] if command[:2] == ["sh", "-c"] else " ".join(command)

    assert f"`{words}`" in DOCS


def test_the_image_runs_what_was_hashed_as_nobody_and_without_a_compiler():
    text = (DEPLOY / "Containerfile").read_text()
    built, runs = text.split("\nFROM ")[1], text.split("\nFROM ")[-1]

    assert "--require-hashes --no-deps --only-binary :all:" in built
    assert re.search(r"^USER (\S+)$", runs, re.MULTILINE)[1] == OURS["web"]["user"]
    assert not re.search(r"build-essential|\bgcc\b|-dev\b|\bpip install\b", runs)
    assert re.search(r"^CMD (\[.+\])$", runs, re.MULTILINE)[1] == str(OURS["web"]["command"]).replace("'", '"')
    assert "/livez" in re.search(r"HEALTHCHECK.*\n.*", runs)[0]


def test_the_image_holds_all_code_and_nothing_else():
    copied = set(re.findall(r"^COPY (?!--from)(\S+)", (DEPLOY / "Containerfile").read_text(), re.MULTILINE))

    assert copied == {"requirements.txt", "manage.py", "clinic", "procedures", "appointments", "templates", "static"}
    let_in = {line[1:] for line in (ROOT / ".containerignore").read_text().splitlines() if line.startswith("!")}
    assert let_in == copied


def test_git_knows_no_secret_and_no_backup():
    ignored = (ROOT / ".gitignore").read_text().splitlines()

    assert {f"deploy/{name}" for name in ("secrets/", "certificates/", "backups/", "archive/", ".env")} <= set(ignored)
