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
from contextlib import closing, contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import psycopg
import pytest
from django.test import Client
from django.utils import timezone

from appointments.public import proofs
from tests import make
from tests.faults import site as own_site
from tests.faults.site import Postgres, eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_time]

ROUNDS = int(os.environ.get("ROUNDS", "1"))
IS_LONG = ROUNDS > 1
PEOPLE = 4 if IS_LONG else 2
# What a process knows once somebody has asked for it.
PAGES = (
    "/",
    "/about/",
    "/procedures/",
    "/procedures/kyphoplasty/",
    "/procedures/kyphoplasty/benefits/",
    "/appointments/",
)
PHONE = "(646) 555-0111"
NOT_STORED = "Nothing of it is stored, and nobody here has read it."
# Of the short form: what is waited for is short, too.
SHORT = "" if IS_LONG else "-c statement_timeout=2s -c lock_timeout=1500ms"
# Seconds within which everybody is answered, and after which the site has its database back.
ANSWERED, BACK = 15, 5
_numbers = count()


class Answer(NamedTuple):
    status: int
    page: str
    headers: dict[str, str]
    seconds: float


class Browser:
    def __init__(self, port: int, **cookies: str):
        self.port, self.cookies = port, cookies

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, "")

    def post(self, path: str, fields: list[tuple[str, str]] | dict[str, str]) -> Answer:
        return self._ask("POST", path, urlencode(fields))

    def _ask(self, method: str, path: str, body: str) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.monotonic()
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as way:
            way.request(method, path, body, headers)
            answer = way.getresponse()
            said = answer.read().decode()
        return Answer(answer.status, said, dict(answer.headers), time.monotonic() - began)


def kept(page: str) -> list[tuple[str, str]]:
    """What the page would send again."""
    fields = re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)"', page, re.DOTALL)
    return [(html.unescape(name), html.unescape(value)) for name, value in fields]


def says_that_nothing_is_stored(answer: Answer) -> bool:
    return answer.status == 503 and PHONE in answer.page and NOT_STORED in answer.page


def in_time(*answers: Answer) -> None:
    """Seconds count where nothing else runs beside it."""
    assert not IS_LONG or max(answer.seconds for answer in answers) < ANSWERED


class Site(NamedTuple):
    """The site on its own Postgres, with somebody at the desk and a patient who has an own page."""

    postgres: Postgres
    port: int
    log: Path
    desk: Browser
    token: str
    own_page: str
    proof: dict[str, str]

    @property
    def visitor(self) -> Browser:
        return Browser(self.port)

    @property
    def patient(self) -> Browser:
        return Browser(self.port, **self.proof)

    def stored(self) -> Counter[str]:
        """How often each name is stored."""
        return Counter(name for (name,) in self.postgres.rows("SELECT name FROM appointments_inquiry"))

    def said(self) -> list[str]:
        """The lines of the log that are worth reading: gunicorn's own say each request."""
        return [line for line in self.log.read_text().splitlines() if not re.search(r"\[(DEBUG|INFO)\]", line)]

    @contextmanager
    def saying(self, counts: dict[str, int]) -> Iterator[None]:
        """The block makes the log say these words so often, and nothing else."""
        before = len(self.said())
        yield
        # The lines that it is back come from a thread of their own.
        wanted = sum(counts.values())
        eventually(lambda: len(self.said()) >= before + wanted, 30)
        new = self.said()[before:]
        assert {words: sum(words in line for line in new) for words in counts} == counts, new
        assert len(new) == wanted, new


@pytest.fixture
def served(tmp_path) -> Iterator[Site]:
    make.clinic(phone=PHONE)
    make.procedure()
    inquiry = make.inquiry(name="Olga Brandt")
    client = Client()
    client.force_login(make.user(is_superuser=True))
    processes = 2 if IS_LONG else 1
    with (
        own_site.postgres() as postgres,
        open(tmp_path / "log", "wb") as log,
        own_site.site(postgres, log, database_options=SHORT, WEB_CONCURRENCY=str(processes)) as server,
    ):
        desk = Browser(server.port, sessionid=client.cookies["sessionid"].value)
        page = desk.get("/admin/clinic/announcement/add/")
        desk.cookies["csrftoken"] = page.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
        token = dict(kept(page.page))["csrfmiddlewaretoken"]
        proof = {proofs.cookie(): proofs.signed(inquiry, proofs.SENT)}
        served = Site(postgres, server.port, tmp_path / "log", desk, token, inquiry.own_page_url(), proof)
        for address in PAGES * 8 * processes:  # Until each process has been asked.
            assert served.visitor.get(address).status == 200
        yield served


def form(name: str) -> dict[str, str]:
    """Each from another number: what comes in masses from one is checked by hand."""
    return {
        field: str(value)
        for field, value in make.form_data(name=name, phone=f"212 555 {1000 + next(_numbers) % 9000}", email="").items()
    } | {"message": "When can I “garden” again?\nI <like> it & I can’t wait."}


def announcement(token: str) -> dict[str, str]:
    now = timezone.now()
    begins, ends = now + timedelta(days=2), now + timedelta(days=3)
    return {
        "csrfmiddlewaretoken": token, "words": "Closed on Friday for the storm & its rain.",
        "starts_at_0": f"{begins:%Y-%m-%d}", "starts_at_1": "09:00",
        "ends_at_0": f"{ends:%Y-%m-%d}", "ends_at_1": "17:00", "_save": "Save",
    }  # fmt: skip


class People(threading.Thread):
    """Somebody who sends one form after the other, and sends what comes back once more until it is acknowledged."""

    def __init__(self, served: Site):
        super().__init__()
        self.served, self.number, self.is_over = served, next(_numbers), threading.Event()
        self.acknowledged: list[str] = []
        self.refused: list[Answer] = []
        self.odd: list[Answer] = []
        self.last = 0.0

    def run(self) -> None:
        while not self.is_over.is_set():
            name = f"Rosa {self.number} Lind {len(self.acknowledged)}"
            fields: list[tuple[str, str]] = list(form(name).items())
            while not self.is_over.is_set():
                answer = self.served.visitor.post("/appointments/", fields)
                if answer.status == 303:
                    self.acknowledged.append(name)
                    self.last = time.monotonic()
                    break
                if not says_that_nothing_is_stored(answer) or sorted(kept(answer.page)) != sorted(fields):
                    self.odd.append(answer)
                self.refused.append(answer)
                fields = kept(answer.page)
                self.is_over.wait(0.05)
            self.is_over.wait(0.02)


@contextmanager
def people_who_write(served: Site) -> Iterator[list[People]]:
    people = [People(served) for _ in range(PEOPLE)]
    for each in people:
        each.start()
    try:
        eventually(lambda: all(each.acknowledged for each in people))
        yield people
    finally:
        for each in people:
            each.is_over.set()
        for each in people:
            each.join()


def everybody_is_stored_once(served: Site, people: list[People], back: float, what: str) -> None:
    assert [each.odd for each in people] == [[] for _ in people]
    acknowledged = [name for each in people for name in each.acknowledged]
    stored = served.stored()
    lost = [name for name in acknowledged if not stored[name]]
    assert (lost, [name for name, times in stored.items() if times > 1]) == ([], [])
    refused = [answer.seconds for each in people for answer in each.refused]
    print(
        f"\n{what}: acknowledged {len(acknowledged)}, stored once {sum(stored[name] == 1 for name in acknowledged)}, "
        f"lost {len(lost)}, first good answer after {back:.1f} s, refused {len(refused)} within "
        f"{max(refused, default=0):.1f} s"
    )
    in_time(*(answer for each in people for answer in each.refused))
    assert not IS_LONG or back < BACK


def goes_away_and_comes_back(served: Site, away: Callable[[], None], back: Callable[[], None], what: str) -> None:
    """Visitors read on; what is sent is given back; then all of it is stored, once."""
    note, reply = list(announcement(served.token).items()), [("words", "Is ten & a half too late?")]
    reply += [item for item in kept(served.patient.get(served.own_page).page) if item[0] == "idempotency_key"]
    notes = len(served.postgres.rows("SELECT FROM clinic_announcement"))
    messages = len(served.postgres.rows("SELECT FROM appointments_message"))
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
    everybody_is_stored_once(served, people, took, what)
    # Sent again, and then once more by somebody who presses twice.
    for _ in range(2):
        assert served.patient.post(f"{served.own_page}reply/", kept(posts[1].page)).status == 303
    noted = served.desk.post("/admin/clinic/announcement/add/", kept(posts[0].page))
    assert (noted.status, noted.headers["Location"]) == (302, "/admin/clinic/announcement/")
    assert len(served.postgres.rows("SELECT FROM clinic_announcement")) == notes + 1
    assert len(served.postgres.rows("SELECT FROM appointments_message")) == messages + 1


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
            served, served.postgres.freeze, lambda: (in_flight.join(), served.postgres.thaw(), other.close()), "hung"
        )
    assert says_that_nothing_is_stored(answers[0]) or answers[0].status == 503
    in_time(*answers)
    with_all_threads = [threading.Thread(target=served.visitor.get, args=("/appointments/times/",)) for _ in range(16)]
    for each in with_all_threads:
        each.start()
    for each in with_all_threads:
        each.join(60)
    assert [each.is_alive() for each in with_all_threads] == [False] * 16


@contextmanager
def full(served: Site) -> Iterator[None]:
    """Postgres says so itself where its disk is full; here a trigger does, with the same code."""
    rows = served.postgres.rows
    rows(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION"
        " 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$"
    )
    rows("CREATE TRIGGER full_disk BEFORE INSERT ON appointments_inquiry EXECUTE FUNCTION full_disk()")
    yield
    rows("DROP TRIGGER full_disk ON appointments_inquiry")
    rows("DROP FUNCTION full_disk")


@contextmanager
def read_only(served: Site) -> Iterator[None]:
    with served.postgres.connect() as other:
        other.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        other.execute("SELECT pg_reload_conf()")
        eventually(lambda: served.postgres.rows("SHOW default_transaction_read_only") == [("on",)])
        yield
        other.execute("SET default_transaction_read_only = off")
        other.execute("ALTER SYSTEM RESET default_transaction_read_only")
        other.execute("SELECT pg_reload_conf()")
        eventually(lambda: served.postgres.rows("SHOW default_transaction_read_only") == [("off",)])


@contextmanager
def held(served: Site) -> Iterator[None]:
    with served.postgres.connect() as other, other.transaction():
        other.execute("LOCK TABLE appointments_inquiry IN SHARE MODE")
        yield


@contextmanager
def without_connections(served: Site) -> Iterator[None]:
    """All that there are are somebody else's."""
    taken: list[psycopg.Connection] = []
    first = served.postgres.connect()
    while True:
        try:
            taken.append(served.postgres.connect())
        except psycopg.OperationalError:
            of_others = "FROM pg_stat_activity WHERE pid <> ALL(%s) AND datname IS NOT NULL"
            pids = [each.info.backend_pid for each in (first, *taken)]
            if not first.execute(f"SELECT count(pg_terminate_backend(pid)) {of_others}", [pids]).fetchone()[0]:
                break
    yield
    for each in (first, *taken):
        each.close()


def refused(served: Site, why: Callable[[Site], object], lines: dict[str, int]) -> None:
    """One visitor is refused, reads on, sends it again and once more: it is stored once."""
    name = f"Rosa {why.__name__}"
    fields = list(form(name).items())
    with served.saying(lines), why(served):
        answer = served.visitor.post("/appointments/", fields)
        page = served.visitor.get("/about/")
    again = eventually_sent(served, fields if why is held else kept(answer.page))
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
    assert served.stored()[name] == 1
    print(f"\n{why.__name__}: refused within {answer.seconds:.1f} s, stored once")


def eventually_sent(served: Site, fields: list[tuple[str, str]]) -> Answer:
    answers: list[Answer] = []

    def is_taken() -> bool:
        answers.append(served.visitor.post("/appointments/", fields))
        return answers[-1].status == 303

    eventually(is_taken)
    return answers[-1]


def test_the_site_goes_on_whatever_its_database_does(served, subtests):
    refusal = {"Refused for now: POST /appointments/: OperationalError: could not extend file": 1}
    with subtests.test("full"):
        refused(served, full, refusal)
    with subtests.test("read-only"):
        refused(served, read_only, {"Refused for now: POST /appointments/: InternalError": 1})
    with subtests.test("no connection left"):
        without = "Refused for now: POST /appointments/: OperationalError"
        refused(served, without_connections, {"The database is away": 1, without: 1, "The database is back": 1})
    with subtests.test("held"):
        refused(served, held, {"Refused for now: somebody else holds what it needs": 1})
    for number in range(ROUNDS if ROUNDS < 3 else 3):
        with subtests.test("stopped", number=number):
            stopped(served, served.postgres.stop, "stopped")
        with subtests.test("killed", number=number):
            stopped(served, served.postgres.kill, "killed")
        with subtests.test("hung", number=number):
            hung(served)
    with subtests.test("log"):
        said = served.said()
        assert [line for line in said if "Traceback" in line or "  File" in line] == []
