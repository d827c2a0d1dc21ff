"""An upgrade and the way back with two versions at once, while somebody goes on asking: for `make faults`."""

import json
import os
import threading
import time
from collections import Counter
from contextlib import contextmanager

import psycopg
import pytest
from django.conf import settings

from tests.faults import table
from tests.upgrade import release

pytestmark = [
    pytest.mark.real_time,
    pytest.mark.skipif("ROUNDS" not in os.environ, reason="It takes a minute: make faults runs it"),
]
PAGES = ("/", "/procedures/kyphoplasty/", "/appointments/times/")


class Somebody:
    """Asks for pages and sends the form again and again, by turns of whoever is behind the ports."""

    def __init__(self, *ports: int):
        self.visitors = [release.Visitor(port) for port in ports]
        self.answers: Counter[int] = Counter()
        self.sent: list[str] = []

    def once(self) -> None:
        for visitor in self.visitors:
            for page in PAGES:
                self.answers[visitor.get(page)[0]] += 1
            name = f"Rosa {len(self.sent)}"
            status, words = visitor.ask(name)
            self.answers[status] += 1
            if status == 200 and "We have your question" in words:
                self.sent.append(name)

    @contextmanager
    def going_on(self):
        """Without a break as long as the block lasts, and once at its end."""
        stop = threading.Event()

        def ask() -> None:
            while not stop.is_set():
                self.once()

        thread = threading.Thread(target=ask)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
        self.once()


def assert_answered(somebody: Somebody) -> None:
    """
    With what was asked for; on a machine at its limits seldom with the page that gives back what was typed.

    Postgres lets nobody in while a table is changed, which takes longer than the limit of visitors there.
    """
    assert set(somebody.answers) <= {200, 503}, somebody.answers
    assert somebody.answers[503] * 50 <= somebody.answers[200], somebody.answers


def stored(database: psycopg.Connection) -> list[str]:
    return [name for (name,) in database.execute("SELECT name FROM appointments_inquiry ORDER BY id")]


def test_nobody_notices_an_upgrade_nor_the_way_back(django_db_setup, django_db_blocker, tmp_path):
    folder = release.code(tmp_path)
    with django_db_blocker.unblock(), release.database(is_migrated=False) as address:
        old, new = release.Version(folder, address), release.Version(settings.BASE_DIR, address)
        old.manage("migrate", "-v0")
        old.manage("shell", "-v0", "-c", release.PREPARE)
        with old.web() as visitor, psycopg.connect(address, autocommit=True) as database:
            on_old = Somebody(visitor.port)
            on_old.once()
            too_early = new.start(*release.WEB)
            said, _ = too_early.communicate(timeout=60)
            assert (too_early.returncode, "The database is older than this code" in said) == (3, True)

            began = time.perf_counter()
            with on_old.going_on():
                new.manage("migrate", "-v0")
            print(f"migrated in {time.perf_counter() - began:.1f} s, meanwhile {dict(on_old.answers)}")
            assert_answered(on_old)
            assert stored(database) == on_old.sent

            with new.web() as there:
                on_both = Somebody(visitor.port, there.port)
                on_both.once()
                with on_both.going_on():
                    old.manage("work", "--until-done")
                    new.manage("work", "--until-done")
                inbox = there.sign_in()
                assert (inbox[0], "Rosa 0" in inbox[1]) == (200, True)
            assert_answered(on_both)
            assert stored(database) == on_old.sent + on_both.sent

            # Back: the old processes alone, then the old tables, too.
            before = len(on_old.sent)
            with on_old.going_on():
                for app, name in release.MIGRATIONS.items():
                    new.manage("migrate", app, name, "-v0")
            assert_answered(on_old)
            kept, sent = stored(database), on_old.sent + on_both.sent
            heard = on_old.answers + on_both.answers
            table.tell(
                "an upgrade and the way back, two versions at once", len(sent), len(kept), len(sent) - len(kept),
                more=f"heard 200: {heard[200]}, 503: {heard[503]}",
            )  # fmt: skip
            assert len(kept) == len(sent)
            assert len(on_old.sent) > before


def test_the_release_writes_all_of_a_demo_and_opens_every_page_of_staff(django_db_setup, django_db_blocker, tmp_path):
    folder = release.code(tmp_path)
    with django_db_blocker.unblock(), release.database(is_migrated=True) as address:
        old = release.Version(folder, address, port=8000)  # Whoever walks asks for this host; nobody listens there.
        old.manage("load_content", "-v0")
        old.manage("demo")

        pages = json.loads(old.run("-m", "tests.upgrade.walk").splitlines()[-1])

    assert pages["opened"] > 100
    assert {status: names for status, names in pages["others"].items() if int(status) >= 500} == {}
