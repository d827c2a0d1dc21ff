"""What was acknowledged is stored, whatever process ends; who heard nothing sends again, and it counts once."""

import os
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial

import psycopg
import pytest
from django.utils import timezone
from procrastinate.contrib.django.utils import connector_params

from appointments.models import Inquiry
from appointments.scheduling import slot_codes
from tests import make
from tests.bench import servers
from tests.faults import people, table
from tests.faults import site as own
from tests.workers import eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_time]


def names():
    return Inquiry.objects.values_list("name", flat=True)


def report(what: str, senders: people.People, moment: float = 0, stored: Iterable[str] | None = None) -> None:
    """Tell what became of what was sent, and assert that all that was acknowledged is stored once."""
    times = people.count_stored(what, senders, names() if stored is None else stored, moment)
    assert times == {"once": len(senders.acknowledged())}


@contextmanager
def locked(table: str) -> Iterator[psycopg.Connection]:
    """Somebody else's session that lets nobody change this table."""
    with psycopg.connect(**connector_params()) as other:
        # Longer than the site's own limit, where a busy machine takes long to start what waits for the table.
        other.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        other.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        yield other
        other.rollback()


def somebody_waits(other: psycopg.Connection) -> bool:
    waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(other.execute(waiting).fetchall())


def test_killed_in_the_middle_of_a_post_it_has_kept_all_or_nothing_and_sent_again_it_counts_once():
    slot = make.slots(make.practitioner(), timezone.localdate() + timedelta(days=3))[0]
    asks, chooses = people.new_name(), people.new_name()
    bodies = {asks: people.form(asks), chooses: people.form(chooses, kind="appointment", slot=slot_codes.encode(slot))}
    heard, stored = [], {}
    with servers.site(database_options="-c lock_timeout=60s") as site:
        # Before it is stored; and once it is, before its time is given.
        for name, stands_in in ((asks, "appointments_inquiry"), (chooses, "appointments_practitioner")):
            people.wait_until_it_works(site.port)
            with locked(stands_in) as other:
                send = partial(people.post_once, site.port, bodies[name])
                sender = threading.Thread(target=lambda send=send: heard.append(send()))
                sender.start()
                assert eventually(lambda other=other: somebody_waits(other)), heard
                for process in site.pids[1:]:
                    os.kill(process, signal.SIGKILL)
                sender.join()
            stored[name] = Inquiry.objects.filter(name=name).count()
        again = [people.post_once(site.port, body) for body in bodies.values()]

    kept = list(names())
    table.tell(
        "a process killed in the middle of a post, which is sent again", again.count(303),
        sum(kept.count(name) == 1 for name in bodies), len(bodies.keys() - set(kept)),
    )  # fmt: skip
    assert (heard, stored, again) == ([None, None], {asks: 0, chooses: 1}, [303, 303])
    assert sorted(kept) == sorted(bodies)


def test_under_load_a_process_is_killed_then_all_are_and_then_gunicorn_is_told_to_stop():
    make.clinic()
    with ExitStack() as everything:
        first = everything.enter_context(servers.site())
        people.wait_until_it_works(first.port)
        with people.sending(people.to(first.port)) as one_killed:
            one_killed.wait_for(people.MANY)
            os.kill(first.pids[1], signal.SIGKILL)
            killed = time.monotonic()
            one_killed.wait_for(people.MANY, after=killed)
        report("one process of gunicorn killed", one_killed, killed)
        # Nobody but those whose form this process had at hand.
        assert one_killed.heard()["broken"] <= people.AT_ONCE

        with people.sending(people.to(first.port)) as all_killed:
            all_killed.wait_for(people.MANY)
            for process in first.pids:
                os.kill(process, signal.SIGKILL)
            killed = time.monotonic()
            second = everything.enter_context(servers.site(PORT=str(first.port)))
            all_killed.wait_for(people.MANY, after=killed)
        report("all of gunicorn killed, and started again", all_killed, killed)

        with people.sending(people.to(second.port), forms_a_connection=3) as stopped:
            stopped.wait_for(people.MANY)
            second.process.terminate()
            assert eventually(lambda: stopped.heard()["closed"] > 0)
            second.process.wait(30)
        report("gunicorn told to stop (SIGTERM)", stopped)
        assert stopped.heard()["broken"] == 0


@pytest.mark.skipif(not people.LONG, reason="a cluster of its own takes long: make faults")
def test_postgres_restarts_under_load():
    make.clinic()
    with own.postgres() as postgres, own.site(postgres) as site:
        people.wait_until_it_works(site.port)
        with people.sending(people.to(site.port)) as senders:
            senders.wait_for(people.MANY)
            postgres.stop()
            postgres.start()
            back = time.monotonic()
            senders.wait_for(people.MANY, after=back)
        stored = [name for (name,) in postgres.rows("SELECT name FROM appointments_inquiry")]
    report("Postgres restarted", senders, back, stored)
    assert set(senders.heard()) == {"303", "503"}
