"""Each finding is made by real rows, a real server or a real setting; a healthy site has none."""

import io
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.core.management import call_command
from django.db import OperationalError, ProgrammingError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from psycopg.errors import UndefinedColumn, UndefinedTable

from clinic.models import Clinic, Notice, Proof, ProofKind
from clinic.operations import doctor
from clinic.operations.doctor import database, findings, machine
from clinic.operations.doctor import site as site_functions
from procedures.models import Page
from tests import healthy, make

pytestmark = pytest.mark.django_db


def said(function, now: datetime | None = None) -> list[tuple[str, str]]:
    return [(each.severity.name, each.words) for each in function(now or timezone.now())]


@pytest.fixture
def site(settings, monkeypatch, tmp_path):
    """A healthy site, with its certificate."""
    settings.SILENCED_SYSTEM_CHECKS = [*settings.SILENCED_SYSTEM_CHECKS, "async.E001"]  # tests/conftest.py needs it.
    with healthy.encrypted(monkeypatch, tmp_path, datetime.now(UTC) + timedelta(days=60)) as url:
        yield healthy.site(settings, url)


def run(*arguments: str) -> tuple[int, str]:
    """The command's exit status and what it prints."""
    out = io.StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("doctor", *arguments, stdout=out)
    return int(left.value.code or 0), out.getvalue()


@pytest.mark.real_time
class TestCommand:
    def test_a_healthy_site_has_no_findings(self, site):
        assert doctor.look(doctor.Part.WHOLE) == []
        assert run() == (0, "Nothing is wrong.\n")

    def test_warnings_alone_are_1(self, site):
        Proof.objects.filter(kind=ProofKind.RESTORE_DRILL).delete()

        status, words = run()

        assert status == 1
        assert words.startswith("warning Nobody has ever restored a backup for practice.\n        Restore the newest")
        assert words.endswith("\n1 finding.\n")

    def test_errors_are_2_and_come_first(self, site):
        Proof.objects.filter(kind=ProofKind.RESTORE_DRILL).delete()
        make.clinic(phone="(212) 555-0100")

        status, words = run()

        assert status == 2
        assert words.startswith("ERROR   The clinic's phone is still a placeholder.\n        Enter the real one")

    def test_a_program_reads_it(self, site):
        Proof.objects.filter(kind=ProofKind.BACKUP).delete()

        status, words = run("--json")

        assert status == 1
        assert json.loads(words) == {
            "findings": [
                {
                    "severity": "warning",
                    "words": "No backup was ever proved.",
                    "to_do": "docs/operating.md says how to back up.",
                    "name": "backup",
                }
            ]
        }

    def test_the_quick_part_leaves_out_what_takes_long(self, site):
        Proof.objects.filter(kind=ProofKind.RESTORE_DRILL).delete()

        assert run("--quick") == (0, "Nothing is wrong.\n")

    def test_the_quick_part_asks_few_statements(self, site):
        with CaptureQueriesContext(connection) as asked:
            doctor.look(doctor.Part.QUICK)

        assert len(asked) <= 12


def broken(now):
    raise KeyError("on purpose")


class TestLooking:
    def test_what_is_broken_in_one_function_hides_nothing_of_the_others(self, settings, monkeypatch):
        settings.DOCTOR = ["clinic.operations.doctor.machine"]
        monkeypatch.setattr(machine, "SLOW", (broken, machine.restore_drill))

        words = [each.words for each in doctor.look(doctor.Part.WHOLE)]

        assert "The doctor could not look at this: broken." in words
        assert "Nobody has ever restored a backup for practice." in words

    def test_a_database_that_is_away_is_one_finding(self, monkeypatch):
        def away(*_):
            raise OperationalError("no connection")

        monkeypatch.setattr(connection, "ensure_connection", away)

        [found] = doctor.look(doctor.Part.WHOLE)

        assert (found.severity, found.words) == (findings.Severity.ERROR, "The database does not answer.")

    def test_a_database_without_our_tables_is_asked_for_its_version_and_says_what_to_run(self, monkeypatch):
        def no_table():
            raise ProgrammingError('relation "clinic_clinic" does not exist') from UndefinedTable()

        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations")
        monkeypatch.setattr(Clinic, "current", no_table)
        monkeypatch.setattr(connection, "pg_version", 150_014)

        first, second = doctor.look(doctor.Part.QUICK)

        assert (first.name, first.words) == ("clinic.E007", "This is Postgres 15: the site needs 16 or newer.")
        assert second.to_do == "Run as the owner of the tables: manage.py migrate"

    def test_of_a_database_of_older_code_all_is_said_that_can_be_asked(self, monkeypatch):
        def no_column():
            raise ProgrammingError('column "new" does not exist') from UndefinedColumn()

        monkeypatch.setattr(Clinic, "current", no_column)
        found = findings.error("The disk is full.", "Make room.")
        monkeypatch.setattr(doctor, "functions", lambda part: iter([lambda now: [found]]))

        assert [each.words for each in doctor.look(doctor.Part.QUICK)] == [found.words]


class TestDatabase:
    def test_unapplied_migrations(self):
        assert said(database.unapplied_migrations) == []
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations WHERE app = 'clinic')"
            )

        assert said(database.unapplied_migrations) == [("ERROR", "1 migration is not applied.")]

    @pytest.mark.parametrize(
        ("off", "expected"),
        [
            (timedelta(seconds=50), []),
            (
                timedelta(minutes=5),
                [("ERROR", "The clock of this machine is 5 minutes ahead of the database’s.")],
            ),
            (
                timedelta(minutes=-90),
                [("ERROR", "The clock of this machine is 90 minutes behind the database’s.")],
            ),
        ],
    )
    def test_a_clock_that_is_off(self, off, expected):
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            there = cursor.fetchone()[0]
        with time_machine.travel(there + off, tick=False):
            assert said(database.this_clock) == expected

    def test_limits_that_a_pooler_dropped(self):
        assert said(database.timeouts_unset) == []
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL lock_timeout = 0")

        assert said(database.timeouts_unset) == [
            ("WARNING", "Connections to the database wait for ever: lock_timeout, statement_timeout.")
        ]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("log_statement", "mod"),
            ("log_min_duration_statement", "500"),
            ("log_min_duration_sample", "500"),
            ("log_transaction_sample_rate", "0.5"),
            ("log_parameter_max_length_on_error", "100"),
            ("debug_print_plan", "on"),
            ("log_error_verbosity", "default"),
        ],
    )
    def test_what_patients_typed_may_come_into_the_log_of_postgres(self, name, value):
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL {name} = '{value}'")

        words = [each.words for each in site_functions.deployment_checks(timezone.now()) if each.name == "clinic.W001"]

        assert [each.split(":")[1].split()[0] for each in words] == [name]


class TestMachine:
    @pytest.mark.parametrize(
        ("free", "expected"),
        [
            (5_000_000_000, []),
            (1_000_000_000, [("WARNING", "This machine’s disk has only 1000 MB left.")]),
            (200_000_000, [("ERROR", "This machine’s disk has only 200 MB left.")]),
        ],
    )
    def test_a_disk_that_is_nearly_full(self, monkeypatch, free, expected):
        monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))

        assert said(machine.disk) == expected

    @pytest.mark.real_time
    @pytest.mark.parametrize(
        ("days", "expected"),
        [
            (15.5, []),
            (13.5, [("WARNING", "The site’s certificate ends in 13 days.")]),
            (1.5, [("ERROR", "The site’s certificate ends in 1 day.")]),
            (-1, [("ERROR", "Browsers refuse the site’s certificate: certificate has expired.")]),
        ],
    )
    def test_a_certificate_that_ends(self, settings, monkeypatch, tmp_path, days, expected):
        settings.HTTPS = True
        with healthy.encrypted(monkeypatch, tmp_path, datetime.now(UTC) + timedelta(days=days)) as url:
            settings.SITE_URL = url

            assert said(machine.certificate) == expected

    @pytest.mark.real_time
    def test_a_certificate_of_nobody(self, settings, monkeypatch, tmp_path):
        settings.HTTPS, ends = True, datetime.now(UTC) + timedelta(days=60)
        with healthy.encrypted(monkeypatch, tmp_path, ends, is_trusted=False) as url:
            settings.SITE_URL = url

            [(severity, words)] = said(machine.certificate)

        assert severity == "ERROR"
        assert words.startswith("Browsers refuse the site’s certificate: self")

    def test_a_site_that_cannot_be_asked_from_here(self, settings):
        settings.HTTPS, settings.SITE_URL = True, "https://localhost:9"

        assert said(machine.certificate) == [
            ("WARNING", "https://localhost:9 could not be asked for its certificate from here.")
        ]

    @pytest.mark.parametrize(
        ("age", "severity"),
        [(timedelta(hours=25), None), (timedelta(hours=27), "WARNING"), (timedelta(days=3, hours=1), "ERROR")],
    )
    def test_a_backup_that_is_old(self, age, severity):
        Proof.objects.create(kind=ProofKind.BACKUP, proved_at=timezone.now() - timedelta(days=30))
        Proof.objects.create(kind=ProofKind.BACKUP, proved_at=timezone.now() - age)

        found = said(machine.backup)

        assert [each for each, _words in found] == ([severity] if severity else [])
        assert all(words.startswith("The last proved backup is from ") for _each, words in found)

    def test_a_backup_and_a_drill_that_there_never_was(self):
        assert said(machine.backup) == [("WARNING", "No backup was ever proved.")]
        assert said(machine.restore_drill) == [("WARNING", "Nobody has ever restored a backup for practice.")]

    def test_a_drill_that_is_long_ago(self):
        row = Proof.objects.create(kind=ProofKind.RESTORE_DRILL, proved_at=timezone.now() - timedelta(days=99))
        assert said(machine.restore_drill) == []
        row.proved_at -= timedelta(days=2)
        row.save()

        [(severity, words)] = said(machine.restore_drill)

        assert (severity, words.startswith("The last restore for practice was on ")) == ("WARNING", True)


class TestStaticFiles:
    @pytest.fixture
    def files(self, settings, tmp_path):
        """A site with two files, that collects them elsewhere."""
        source = tmp_path / "source"
        source.mkdir()
        (source / "a.css").write_text("a {}")
        (source / "b.svg").write_text("<svg/>")
        settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
        settings.STATICFILES_DIRS, settings.STATIC_ROOT = [source], tmp_path / "collected"
        manifest = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": manifest}}
        return tmp_path

    def test_that_were_never_collected(self, files):
        assert said(machine.missing_static_files) == [
            ("ERROR", "The static files were not collected: no page can be shown.")
        ]

    def test_that_are_all_there(self, files):
        call_command("collectstatic", interactive=False, verbosity=0)

        assert said(machine.missing_static_files) == []

    def test_that_are_gone_or_new(self, files):
        call_command("collectstatic", interactive=False, verbosity=0)
        next((files / "collected").glob("a.*.css")).unlink()
        (files / "source" / "c.svg").write_text("<svg/>")

        assert said(machine.missing_static_files) == [("ERROR", "2 static files are missing.")]


class TestSite:
    def test_what_is_still_fiction(self, settings):
        Clinic.objects.all().delete()

        found = {(each.name, each.words) for each in site_functions.deployment_checks(timezone.now())}

        assert ("clinic.E001", "The clinic's phone is still a placeholder.") in found
        assert ("clinic.E002", "The clinic has no opening hours.") in found
        assert ("clinic.E004", "Nobody has confirmed that the clinic's time zone is America/New_York.") in found
        notices = {words for name, words in found if name == "clinic.E003"}
        assert notices == {f"The legal notice “{slug.label}” is not written yet." for slug in Notice.Slug}

    def test_pages_that_nobody_signed_and_links_that_lead_nowhere(self):
        page = make.procedure().pages.get(slug="benefits")
        make.page(page.procedure, "more", body="See [there](/procedures/nowhere/).\n")
        for each in Page.objects.exclude(pk=page.pk):
            make.sign_off(each.live_revision())

        found = [each for each in site_functions.deployment_checks(timezone.now()) if each.name.startswith("proc")]

        assert [(each.name, each.words) for each in found] == [
            ("procedures.W001", "No clinician has signed off what “Kyphoplasty: Benefits” says."),
            (
                "procedures.W002",
                "“Kyphoplasty: More”: The link to “/procedures/nowhere/” is dead: the site shows no such page.",
            ),
        ]

    def test_nobody_is_the_manager(self):
        make.front_desk()

        assert said(site_functions.managers) == [("WARNING", "Nobody is the manager of the site.")]

    def test_accounts_without_a_second_step(self, settings):
        settings.SECOND_FACTOR = True
        make.with_factor()
        make.user()
        make.user(is_active=False)

        assert said(site_functions.second_factor) == [("WARNING", "1 account of the staff has no second step.")]

    def test_a_test_mail_proves_the_mail_server_that_it_came_through(self, settings):
        healthy.site(settings)
        assert said(site_functions.mail_comes_back) == []

        settings.MAILERS = {"default": {"OPTIONS": {"host": "other.example", "port": 25}}}

        assert said(site_functions.mail_comes_back) == [
            ("WARNING", "No test mail has come back through this mail server.")
        ]

    def test_nobody_has_signed(self):
        assert said(site_functions.sign_off) == [
            ("WARNING", "Nobody has said yet that the site is ready for patients.")
        ]
