"""A database remembers its site, and what comes as another refuses to start."""

import io
import os
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection
from gunicorn.arbiter import Arbiter

from appointments import worker
from clinic import whose_database
from clinic.local import localdb
from clinic.models import SiteIdentity
from clinic.server import gunicorn_conf
from clinic.whose_database import AnotherSites, Found
from tests import make

pytestmark = pytest.mark.django_db

PRODUCTION = "site maple.example"


@pytest.fixture(autouse=True)
def clone(settings, tmp_path, monkeypatch):
    """A clone with a database that may be anybody's, as DATABASE_URL would name it."""
    settings.ANY_DATABASE, settings.LOCAL_DIR, settings.IS_LOCAL = False, tmp_path, True
    monkeypatch.setattr(whose_database, "_is_private", lambda: False)
    return tmp_path


@pytest.fixture(autouse=True)
def _nobodys(clone):
    SiteIdentity.objects.all().delete()


def belongs_to(name: str) -> None:
    SiteIdentity.objects.update_or_create(pk=1, defaults={"name": name})


def put_on_the_internet(settings, url: str) -> None:
    settings.IS_LOCAL, settings.SITE_URL = False, url


class TestNames:
    def test_a_clone_keeps_its_own(self, settings, clone, tmp_path_factory):
        name = whose_database.our_name()
        assert whose_database.our_name() == name

        settings.LOCAL_DIR = tmp_path_factory.mktemp("another")

        assert whose_database.our_name() != name

    def test_a_site_on_the_internet_is_its_host_whatever_the_port(self, settings):
        put_on_the_internet(settings, "https://maple.example:8443")

        assert whose_database.our_name() == PRODUCTION


class TestLooking:
    def test_what_was_claimed_is_ours(self):
        assert whose_database.look() is Found.UNCLAIMED

        whose_database.claim()

        assert whose_database.look() is Found.OURS

    def test_another_sites_is_refused_with_what_to_do(self):
        belongs_to(PRODUCTION)

        with pytest.raises(AnotherSites) as refusal:
            whose_database.look(claim=True)

        assert "belongs to another site (site maple.example, and this is clone " in str(refusal.value)
        assert str(refusal.value).endswith("manage.py adopt")

    def test_a_restored_copy_is_refused_elsewhere_on_the_internet(self, settings):
        belongs_to(PRODUCTION)
        put_on_the_internet(settings, "https://test.maple.example")

        with pytest.raises(AnotherSites):
            whose_database.look()

    def test_an_older_database_with_accounts_is_no_clones_unless_it_says_so(self):
        make.user()

        with pytest.raises(AnotherSites, match="does not say whose it is"):
            whose_database.look()

        assert whose_database.look(claim=True) is Found.UNCLAIMED

    def test_an_older_database_is_that_of_the_site_on_the_internet_or_of_the_clone_it_lies_in(
        self, settings, monkeypatch
    ):
        make.user()
        monkeypatch.setattr(whose_database, "_is_private", lambda: True)
        assert whose_database.look() is Found.UNCLAIMED

        monkeypatch.setattr(whose_database, "_is_private", lambda: False)
        put_on_the_internet(settings, "https://maple.example")
        assert whose_database.look() is Found.UNCLAIMED

    def test_a_database_before_this_version_is_understood(self):
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE clinic_siteidentity")

        assert whose_database.look() is Found.UNCLAIMED
        with pytest.raises(CommandError, match="migrate --claim"):
            call_command("adopt")

    def test_a_restore_drill_is_exempt(self, settings):
        belongs_to(PRODUCTION)
        settings.ANY_DATABASE = True

        assert whose_database.look() is Found.OURS


class TestWhoAsks:
    def test_migrate_refuses_another_and_claims_what_is_nobodys(self, monkeypatch):
        call_command("migrate", verbosity=0)
        assert SiteIdentity.objects.get().name == whose_database.our_name()
        belongs_to(PRODUCTION)

        for how in ({}, {"claim": True}):
            with pytest.raises(CommandError, match="belongs to another site"):
                call_command("migrate", verbosity=0, **how)

        assert SiteIdentity.objects.get().name == PRODUCTION

    def test_migrate_says_what_it_would_do_without_claiming(self):
        call_command("migrate", plan=True, stdout=io.StringIO())

        assert not SiteIdentity.objects.exists()

    @pytest.mark.parametrize("owner", [PRODUCTION, None])
    def test_no_account_of_this_machine_and_no_invented_patient_gets_into_it(self, owner):
        if owner:
            belongs_to(owner)

        for command in ("local_accounts", "demo", "fill"):
            with pytest.raises(CommandError, match=r"belongs to another site|does not say"):
                call_command(command, verbosity=0)

    def test_adopting_it_says_whose_it_was(self):
        belongs_to(PRODUCTION)
        said = io.StringIO()

        for _ in range(2):
            call_command("adopt", stdout=said)

        name = whose_database.our_name()
        assert said.getvalue().splitlines() == [
            f"It belonged to {PRODUCTION}, and now to {name}.",
            f"It was this site's already ({name}).",
        ]
        assert whose_database.look() is Found.OURS

    def test_a_web_process_ends_all_of_gunicorn(self, monkeypatch, caplog):
        belongs_to(PRODUCTION)
        monkeypatch.setattr(connection, "close", lambda: None)  # The test goes on with it.

        with pytest.raises(SystemExit) as left:
            gunicorn_conf.post_worker_init(None)

        assert left.value.code == Arbiter.WORKER_BOOT_ERROR
        assert "belongs to another site" in caplog.text

    def test_a_web_process_that_started_while_the_database_was_away_stops_gunicorn_later(self, monkeypatch, caplog):
        belongs_to(PRODUCTION)
        stopped = []
        monkeypatch.setattr(gunicorn_conf.os, "kill", lambda *what: stopped.append(what))
        monkeypatch.setattr(connection, "close", lambda: None)

        gunicorn_conf._stop_where_it_does_not_fit()

        assert [pid for pid, _signal in stopped] == [os.getppid()]
        assert "belongs to another site" in caplog.text

    def test_a_web_process_of_ours_goes_on(self, monkeypatch):
        whose_database.claim()
        monkeypatch.setattr(gunicorn_conf.os, "kill", lambda *_: pytest.fail("stopped"))
        monkeypatch.setattr(connection, "close", lambda: None)

        gunicorn_conf.post_worker_init(None)
        gunicorn_conf._stop_where_it_does_not_fit()


@pytest.mark.real_time
@pytest.mark.django_db(transaction=True)
def test_a_worker_sends_nothing_of_it():
    belongs_to(PRODUCTION)
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": django_settings.SECRET_KEY,
        "SITE_URL": "http://127.0.0.1:8000",
        "DATABASE_URL": localdb.url(connection.settings_dict),
    }

    ran = subprocess.run(
        [sys.executable, "manage.py", "work"], cwd=django_settings.BASE_DIR, env=environment, capture_output=True,
        text=True, timeout=60,
    )  # fmt: skip

    assert ran.returncode == 1
    assert "CommandError: This database belongs to another site (site maple.example" in ran.stderr.splitlines()[-1]
    assert not worker.stopping.is_set()
