"""What was acknowledged is stored, whatever process ends; who heard nothing sends again, and it counts once."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.utils import timezone
from procrastinate.contrib.django.utils import connector_params

from appointments.models import Appointment, Inquiry
from appointments.scheduling import slot_codes
from tests import make
from tests.bench import servers
from tests.faults import people
from tests.faults import site as own
from tests.workers import eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_time]


def names():
    return Inquiry.objects.values_list("name", flat=True)


def said(what: str, sentence: str) -> None:
    print(f"\n{what}: {sentence}")


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


@pytest.mark.parametrize(
    ("table", "stored"),
    [("appointments_inquiry", 0), ("appointments_practitioner", 1)],
    ids=["before it is stored", "after it is stored, before its time is given"],
)
def test_killed_in_the_middle_of_a_post_it_has_kept_all_or_nothing_and_sent_again_it_counts_once(table, stored):
    slot = make.slots(make.practitioner(), timezone.localdate() + timedelta(days=3))[0]
    name = people.new_name()
    body = people.form(name, kind="appointment", slot=slot_codes.encode(slot))
    heard = []

    with servers.site(database_options="-c lock_timeout=60s") as site:
        people.wait_until_it_works(site.port)
        with locked(table) as other:
            sender = threading.Thread(target=lambda: heard.append(people.post_once(site.port, body)))
            sender.start()
            assert eventually(lambda: somebody_waits(other)), heard
            for process in site.pids[1:]:
                os.kill(process, signal.SIGKILL)
            sender.join()
        before = Inquiry.objects.count()
        again = people.post_once(site.port, body)

    assert (heard, before, again) == ([None], stored, 303)
    assert list(names()) == [name]
    assert Appointment.objects.count() == 1 or stored


def test_all_of_gunicorn_is_killed_under_load_and_started_again():
    make.clinic()
    with servers.site() as first:
        people.wait_until_it_works(first.port)
        with people.sending(people.to(first.port)) as senders:
            senders.wait_for(people.MANY)
            for process in first.pids:
                os.kill(process, signal.SIGKILL)
            killed = time.monotonic()
            with servers.site(PORT=str(first.port)):
                senders.wait_for(people.MANY, after=killed)
    times, sentence = people.count_stored(senders, names())

    said("all of gunicorn killed", f"{sentence}; first good answer after {senders.first_good_after(killed):.1f} s")
    assert times == {"once": len(senders.acknowledged())}


def test_a_process_of_gunicorn_is_killed_under_load():
    make.clinic()
    with servers.site() as site:
        people.wait_until_it_works(site.port)
        with people.sending(people.to(site.port)) as senders:
            senders.wait_for(people.MANY)
            os.kill(site.pids[1], signal.SIGKILL)
            killed = time.monotonic()
            senders.wait_for(people.MANY, after=killed)
    times, sentence = people.count_stored(senders, names())

    said("one process of gunicorn killed", f"{sentence}; first after {senders.first_good_after(killed):.1f} s")
    assert times == {"once": len(senders.acknowledged())}
    # Nobody but those whose form this process had at hand.
    assert sum(senders.heard()[each] for each in ("broken", "closed")) <= people.AT_ONCE


def test_told_to_stop_under_load_gunicorn_answers_everybody_who_reached_it():
    make.clinic()
    with servers.site() as site:
        people.wait_until_it_works(site.port)
        with people.sending(people.to(site.port), forms_a_connection=3) as senders:
            senders.wait_for(people.MANY)
            site.process.terminate()
            assert eventually(lambda: senders.heard()["closed"] > 0)
            site.process.wait(30)
    times, sentence = people.count_stored(senders, names())

    said("SIGTERM under load", sentence)
    assert times == {"once": len(senders.acknowledged())}
    assert senders.heard()["broken"] == 0


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
    times, sentence = people.count_stored(senders, stored)

    said("Postgres restarted", f"{sentence}; first good answer after {senders.first_good_after(back):.1f} s")
    assert times == {"once": len(senders.acknowledged())}
    assert not {"broken", "closed", "500"} & set(senders.heard())
