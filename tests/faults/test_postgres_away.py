"""
The database stops, hangs, is full, read-only or held: nothing that was acknowledged is lost, nothing is stored twice.

ROUNDS=20 makes it long (make faults): two web processes, the site's own limits, more people, and seconds that count.
"""

import html
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from appointments.public import proofs
from tests import make
from tests.faults import site as own_site
from tests.faults import table
from tests.faults.browsers import (
    IS_AWAY,
    IS_BACK,
    PHONE,
    Answer,
    Browser,
    People,
    Site,
    form,
    kept,
    people_who_write,
    says_that_nothing_is_stored,
)
from tests.faults.refusals import full, held, read_only, without_connections
from tests.faults.site import eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_time]

ROUNDS = int(os.environ.get("ROUNDS", "1"))
IS_LONG = ROUNDS > 1
PROCESSES = 2 if IS_LONG else 1
# What a process knows once somebody has asked for it.
PAGES = (
    "/",
    "/about/",
    "/procedures/",
    "/procedures/kyphoplasty/",
    "/procedures/kyphoplasty/benefits/",
    "/appointments/",
)
LOGIN = "/admin/login/"
# Of the short form: what is waited for is short, too.
SHORT = "" if IS_LONG else "-c statement_timeout=2s -c lock_timeout=1500ms"
IS = {
    full: "on a full disk", read_only: "read-only", without_connections: "out of connections",
    held: "held by somebody’s lock",
}  # fmt: skip
# Seconds within which everybody is answered, and after which the site has its database back.
ANSWERED, BACK = 15, 5
# How often somebody presses who is told to try again: well below appointments.limits.REPLIES_A_DAY.
PRESSES = 5


def in_time(*answers: Answer) -> None:
    """Seconds count where nothing else runs beside it."""
    assert not IS_LONG or max((answer.seconds for answer in answers), default=0) < ANSWERED


@pytest.fixture
def served(tmp_path) -> Iterator[Site]:
    make.clinic(phone=PHONE)
    make.procedure()
    inquiry = make.inquiry(name="Olga Brandt")
    client = Client()
    client.force_login(make.user(is_superuser=True))
    with (
        own_site.postgres() as postgres,
        open(tmp_path / "log", "wb") as log,
        own_site.site(postgres, log, database_options=SHORT, WEB_CONCURRENCY=str(PROCESSES)) as server,
    ):
        desk = Browser(server.port, sessionid=client.cookies["sessionid"].value)
        page = desk.get("/admin/clinic/announcement/add/")
        desk.cookies["csrftoken"] = page.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
        token = dict(kept(page.page))["csrfmiddlewaretoken"]
        proof = {proofs.cookie(): proofs.signed(inquiry, proofs.SENT)}
        served = Site(postgres, server, tmp_path / "log", desk, token, inquiry.own_page_url(), proof)
        for address in PAGES * 8 * PROCESSES:  # Until each process has been asked.
            assert served.visitor.get(address).status == 200
        yield served


def announcement(token: str) -> dict[str, str]:
    now = timezone.now()
    begins, ends = now + timedelta(days=2), now + timedelta(days=3)
    return {
        "csrfmiddlewaretoken": token, "words": "Closed on Friday for the storm & its rain.",
        "starts_at_0": f"{begins:%Y-%m-%d}", "starts_at_1": "09:00",
        "ends_at_0": f"{ends:%Y-%m-%d}", "ends_at_1": "17:00", "_save": "Save",
    }  # fmt: skip


def everybody_is_stored_once(served: Site, people: list[People], back: float, what: str) -> None:
    assert [each.odd for each in people] == [[] for _ in people]
    acknowledged = [name for each in people for name in each.acknowledged]
    stored = served.stored()
    lost = [name for name in acknowledged if not stored[name]]
    refused = [answer.seconds for each in people for answer in each.refused]
    once = sum(stored[name] == 1 for name in acknowledged)
    slowest = f" after {max(refused):.1f} s at most" if refused else ""
    table.tell(what, len(acknowledged), once, len(lost), back, f"refused {len(refused)}{slowest}")
    in_time(*(answer for each in people for answer in each.refused))
    assert (lost, [name for name, times in stored.items() if times > 1]) == ([], [])
    assert not IS_LONG or back < BACK


def goes_away_and_comes_back(served: Site, away: Callable[[], None], back: Callable[[], None], what: str) -> None:
    """Visitors read on; what is sent is given back; then all of it is stored, once."""
    note, reply = list(announcement(served.token).items()), [("words", "Is ten & a half too late?")]
    reply += [item for item in kept(served.patient.get(served.own_page).page) if item[0] == "idempotency_key"]
    notes = len(served.postgres.rows("SELECT FROM clinic_announcement"))
    messages = len(served.postgres.rows("SELECT FROM appointments_message"))
    lines = len(served.said())
    with people_who_write(served) as people:
        away()
        pages = [served.visitor.get(page) for page in PAGES for _ in range(2)]
        posts = [
            served.desk.post("/admin/clinic/announcement/add/", note),
            served.patient.post(f"{served.own_page}reply/", reply),
            served.patient.post(f"{served.own_page}waiting/", [("half_days", "1"), ("half_days", "2")]),
        ]
        others = [
            served.visitor.get("/appointments/times/"),
            served.desk.get("/admin/"),
            served.patient.get(served.own_page),
        ]
        eventually(lambda: all(each.refused for each in people))
        # Somebody has heard that it is away: from now on nobody waits.
        soon = served.visitor.post("/appointments/", form("Rosa Later"))
        back()
        began = time.monotonic()
        took = eventually(lambda: any(each.last > began for each in people))
        eventually(lambda: all(each.last > began for each in people))

    assert [page.status for page in pages] == [200] * len(pages)
    assert [says_that_nothing_is_stored(answer) for answer in (*posts, soon)] == [True] * 4
    assert [answer.status for answer in others] == [503] * 3
    assert [PHONE in answer.page for answer in others] == [True] * 3
    assert sorted(kept(posts[0].page)) == sorted(note)
    assert [kept(answer.page) for answer in posts[1:]] == [reply, [("half_days", "1"), ("half_days", "2")]]
    in_time(*pages, *posts, *others)
    lost = sum(len(each.refused) for each in people) + len(posts) + len(others) + len([soon])
    few_lines(served.said()[lines:], lost)
    everybody_is_stored_once(served, people, took, what)
    # Sent again, and then once more by somebody who presses twice.
    for _ in range(2):
        assert served.patient.post(f"{served.own_page}reply/", kept(posts[1].page)).status == 303
    noted = served.desk.post("/admin/clinic/announcement/add/", kept(posts[0].page))
    assert (noted.status, noted.headers["Location"]) == (302, "/admin/clinic/announcement/")
    assert len(served.postgres.rows("SELECT FROM clinic_announcement")) == notes + 1
    assert len(served.postgres.rows("SELECT FROM appointments_message")) == messages + 1


def few_lines(said: list[str], lost: int) -> None:
    """One that it is away, one that it is back, from each process; at most one for each request that was lost."""
    kinds = (IS_AWAY, IS_BACK, "Refused for now: ")
    away, back, refused = (sum(kind in line for line in said) for kind in kinds)
    assert [line for line in said if not any(kind in line for kind in kinds)] == []
    assert (away, back) == (PROCESSES, PROCESSES), said
    assert refused <= lost + 1  # Somebody is in the middle of a statement.


def stopped(served: Site, how: Callable[[], None], what: str) -> None:
    goes_away_and_comes_back(served, how, served.postgres.start, what)


def hung(served: Site) -> None:
    """Also who is in the middle of a statement is answered, and every thread is there afterwards."""
    with served.postgres.connect() as other, other.transaction():
        other.execute("SELECT FROM appointments_inquiry WHERE name = 'Olga Brandt' FOR UPDATE")
        answers: list[Answer] = []
        in_flight = threading.Thread(
            target=lambda: answers.append(served.patient.post(f"{served.own_page}reply/", [("words", "In flight")]))
        )
        in_flight.start()
        waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        eventually(lambda: served.postgres.rows(waiting))
        goes_away_and_comes_back(
            served,
            served.postgres.freeze,
            lambda: (in_flight.join(), served.postgres.thaw(), other.close()),
            "Postgres hangs",
        )
    assert says_that_nothing_is_stored(answers[0]) or answers[0].status == 503
    in_time(*answers)
    with_all_threads = [threading.Thread(target=served.visitor.get, args=("/appointments/times/",)) for _ in range(16)]
    for each in with_all_threads:
        each.start()
    for each in with_all_threads:
        each.join(60)
    assert [each.is_alive() for each in with_all_threads] == [False] * 16


def refused(
    served: Site, why: Callable[[Site], AbstractContextManager[None]], says: str, processes_without_it: int = 0
):
    """Somebody sends one form after the other until one is refused, reads on, sends it again and once more."""
    names: list[str] = []
    with served.saying(f"Refused for now: {says}", processes_without_it=processes_without_it), why(served):
        for number in range(100):  # The last page of a table on a full disk may have room left.
            names.append(f"Rosa {why.__name__} {number}")
            fields = list(form(names[-1]).items())
            answer = served.visitor.post("/appointments/", fields)
            if answer.status != 303:
                break
        page = served.visitor.get("/about/")
    began = time.monotonic()
    again = eventually_sent(served, fields if why is held else kept(answer.page))
    back = time.monotonic() - began
    assert page.status == 200
    in_time(answer)
    if why is held:  # The view draws its own form again.
        assert (answer.status, "We could not take your message at this moment." in answer.page) == (503, True)
        assert [
            value
            for _name, value in fields
            if html.escape(value.split("\n")[0]) not in answer.page.replace("&#x27;", "’")
        ] == []
    else:
        assert says_that_nothing_is_stored(answer)
        assert sorted(kept(answer.page)) == sorted(fields)
    assert again.status == served.visitor.post("/appointments/", fields).status == 303
    stored = served.stored()
    once = sum(stored[name] == 1 for name in names)
    lost = sum(not stored[name] for name in names)
    table.tell(f"the database is {IS[why]}", len(names), once, lost, back, f"refused 1 after {answer.seconds:.1f} s")
    assert once == len(names)


def a_row_is_held(served: Site, seconds: float) -> None:
    """Who needs this row is told within seconds, again and again; all others notice nothing."""
    fields = [("words", "Is a minute too long?")]
    fields += [item for item in kept(served.patient.get(served.own_page).page) if item[0] == "idempotency_key"]
    refused = list[Answer]()
    with served.postgres.connect() as other, other.transaction():
        other.execute("SELECT FROM appointments_inquiry WHERE name = 'Olga Brandt' FOR UPDATE")
        with people_who_write(served) as people:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                if len(refused) < PRESSES:
                    refused.append(served.patient.post(f"{served.own_page}reply/", fields))
                else:
                    assert served.visitor.get("/about/").status == 200
    began = time.monotonic()
    statuses = [served.patient.post(f"{served.own_page}reply/", fields).status for _ in range(2)]
    # By the page that asks to send it again, or by the own page with the words in its form.
    assert [(answer.status, fields[0][1] in answer.page) for answer in refused] == [(503, True)] * len(refused)
    assert [each.refused for each in people] == [[] for _ in people]
    in_time(*refused)
    everybody_is_stored_once(served, people, time.monotonic() - began, f"somebody holds a row for {seconds:.0f} s")
    assert statuses == [303, 303]
    assert served.postgres.rows("SELECT count(*) FROM appointments_message WHERE words = %s", fields[0][1]) == [(1,)]
    with served.postgres.connect() as other:  # What follows sends replies from the same page on the same day.
        other.execute("DELETE FROM appointments_counter")


def eventually_sent(served: Site, fields: list[tuple[str, str]]) -> Answer:
    answers: list[Answer] = []

    def is_taken() -> bool:
        answers.append(served.visitor.post("/appointments/", fields))
        return answers[-1].status == 303

    eventually(is_taken)
    return answers[-1]


def most_memory(served: Site) -> int:
    """KiB that the process has taken at most so far which took the most."""
    said = [Path(f"/proc/{pid}/status").read_text() for pid in served.server.pids]
    return max(int(re.search(r"VmHWM:\s+(\d+) kB", each)[1]) for each in said)


def sixteen_sign_in(served: Site) -> None:
    """Each hash takes 19 MiB: two are made at once in a process, and who finds no place is asked to try again."""
    before, answers = most_memory(served), list[Answer]()

    def sign_in(number: int) -> None:
        fields = {"csrfmiddlewaretoken": served.token, "username": f"rosa{number}", "password": "correct horse"}
        answers.append(Browser(served.server.port, csrftoken=served.desk.cookies["csrftoken"]).post(LOGIN, fields))

    people = [threading.Thread(target=sign_in, args=(number,)) for number in range(16)]
    for each in people:
        each.start()
    for each in people:
        each.join()
    statuses, more = Counter(answer.status for answer in answers), (most_memory(served) - before) // 1024
    heard = ", ".join(f"{status}: {many}" for status, many in sorted(statuses.items()))
    print(f"\n16 sign in at once: {heard}, {more} MiB more at most")
    assert (sum(statuses.values()), statuses.keys() <= {200, 429}) == (16, True)
    assert more < 100


def test_the_site_goes_on_whatever_its_database_does(served, subtests):
    with subtests.test("sixteen sign in"):
        sixteen_sign_in(served)
    with subtests.test("full"):
        refused(served, full, "POST /appointments/: OperationalError: could not extend file")
    with subtests.test("read-only"):
        refused(served, read_only, "POST /appointments/: InternalError")
    with subtests.test("no connection left"):
        refused(served, without_connections, "POST /appointments/: OperationalError", PROCESSES)
    with subtests.test("held"):
        refused(served, held, "somebody else holds what it needs")
    if IS_LONG:
        with subtests.test("a row is held"):
            a_row_is_held(served, 60)
    for number in range(2 if IS_LONG else 1):
        with subtests.test("stopped", number=number):
            stopped(served, served.postgres.stop, "Postgres is stopped and started")
        with subtests.test("killed", number=number):
            stopped(served, served.postgres.kill, "Postgres is killed and started")
        with subtests.test("hung", number=number):
            hung(served)
