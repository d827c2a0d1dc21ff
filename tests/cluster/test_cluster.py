"""What can be known of `make cluster` without its programs: what it says is missing, and that its table sees a loss."""

import re
import time
from types import SimpleNamespace

import pytest
import yaml
from django.db import connection

from appointments.models import Inquiry
from clinic import database_limits
from tests import make
from tests.cluster import __main__ as cluster
from tests.cluster import cut_off, judged, machines, missing
from tests.cluster.visitors import Page, Sent


def test_what_is_missing_is_said_with_how_to_get_it(monkeypatch):
    monkeypatch.setattr(missing, "find", lambda program: None if program in ("etcd", "haproxy") else program)

    assert missing.sentence().splitlines()[:2] == [
        "Missing on this machine: etcd, haproxy. On Debian:",
        "  apt-get update && apt-get install --no-install-recommends etcd-server haproxy",
    ]


def test_a_machine_with_all_programs_lacks_nothing(monkeypatch):
    monkeypatch.setattr(missing, "find", lambda program: program)

    assert missing.sentence() == ""


def test_a_machine_without_the_programs_begins_nothing(monkeypatch):
    monkeypatch.setattr(missing, "find", lambda program: None)

    with pytest.raises(SystemExit, match=r"^Missing on this machine: patroni, etcd, haproxy"):
        cluster.main()


@pytest.mark.parametrize("name", sorted(path.name for path in machines.TEMPLATES.iterdir()))
def test_each_gap_of_a_configuration_is_filled_in(name):
    filled = machines.filled_in(name, machines.values("one", folder="/folder", binaries="/binaries"))

    assert re.findall(r"\$\{[A-Z_]+\}", filled) == []
    assert "/folder" in filled or machines.ADDRESSES["one"] in filled


def test_patroni_takes_orders_by_name_and_from_the_three_machines_alone():
    filled = machines.filled_in("patroni.yml", machines.values("one", folder="/folder", binaries="/binaries"))
    said = yaml.safe_load(filled)["restapi"]

    assert said["allowlist"] == list(machines.ADDRESSES.values())
    assert said["authentication"] == {"username": "patroni", "password": machines.PASSWORDS["PATRONI_PASSWORD"]}


@pytest.mark.django_db
def test_the_table_sees_what_is_lost_or_given_or_mailed_twice():
    begins = time.monotonic()
    mails = [
        (begins + 1, b"Message-ID: <one>"),
        (begins + 2, b"Message-ID:\r\n <two>"),
        (begins + 300, b"Message-ID: <two>"),
    ]
    sent = [
        Sent(number, slot, [(begins, 0 if number == 3 else 303)], begins + 1, led)
        for number, slot, led in (
            (1, "", "/?done=sent"),
            (2, "a", "/?done=booked"),
            (3, "a", "/?done=booked"),
            (4, "", "/"),
        )
    ]
    for each in sent[:3]:
        make.inquiry(contact_by="email", phone="", email=each.email)
    make.appointment(Inquiry.objects.get(email=sent[1].email))
    visitors = SimpleNamespace(
        acknowledged=lambda since, until: sent, sent=sent, pages=[Page(begins, "/", 200), Page(begins, "/", 0)]
    )

    row = [*judged.table([judged.Told("noon", begins, begins + 9.34)], visitors, SimpleNamespace(arrived=mails))][2]

    assert row == "| noon | 4 | 3 | 2 | 9.3 | 0 | 0 | 1 | 2 | 1 | 2 | 1 | 3 | 0 | 1 |"


def test_a_mail_that_comes_again_long_after_is_no_matter_of_the_moment():
    mails = SimpleNamespace(arrived=[(100.0, b"Message-ID: <one>"), (190.0, b"Message-ID: <one>")])

    assert judged.mails_twice(judged.Told("noon", 50, 60), float("inf"), mails) == (1, 0)


@pytest.mark.django_db
def test_what_a_machine_acknowledged_while_it_was_cut_off_is_lost_where_nobody_else_has_it():
    cut_off.make_table()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO cut_off VALUES ('one', 1), ('one', 3), ('two', 2)")
    one = SimpleNamespace(
        machine=SimpleNamespace(name="one"), clients=[], began=10, ended=20, told=[(9, 1), (11, 2), (20, 3)]
    )

    assert cut_off.CutOff.sentence(one) == (
        "Clients on machine one were told that 1 rows are stored before it was cut off, 1 meanwhile. Lost of these: 1."
    )


def test_the_limits_that_a_pooler_leaves_to_the_role_are_those_of_web():
    pooler = (machines.TEMPLATES / "pgbouncer.ini").read_text()

    assert dict(re.findall(r"ALTER ROLE clinic_web SET (\w+) = '(\w+)'", pooler)) == database_limits.WEB
