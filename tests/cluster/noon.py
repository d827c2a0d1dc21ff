"""The cluster put together, the scenarios under load, and the table."""

import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

from tests.bench import mail_sink
from tests.cluster import clinic_of_many_times, pooled
from tests.cluster.cut_off import CutOff, make_table
from tests.cluster.judged import Told, table
from tests.cluster.machines import ADDRESSES, FRONT, PASSWORDS, ROOT, WITH_WEB, Machine, Programs
from tests.cluster.network import Place
from tests.cluster.visitors import Visitors
from tests.deploy import front as fronts

# A mail is due a minute after its inquiry: the first machine dies when many are.
WARM, AFTER, SETTLED, DRAIN = 75, 20, 10, 100
# One of the two halves: noon, pooler.
ONLY = os.environ.get("ONLY", "")
WITHOUT_WEB = tuple(ADDRESSES.keys() - WITH_WEB)
HTTPS_PORT, HTTP_PORT = 8443, 8080

# Its name, what takes something away, and what brings it back.
type Scenario = tuple[str, Callable[[], Any], Callable[[], Any]]


def say(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}", flush=True)


def wait_for(what: str, true: Callable[[], Any], seconds: float = 60) -> Any:
    until = time.monotonic() + seconds
    while not (found := true()):
        if time.monotonic() > until:
            sys.exit(f"Waited {seconds:.0f} s in vain for {what}.")
        time.sleep(0.1)
    return found


class Cluster:
    """Three machines and the front; `mails` is the port of a mail server."""

    def __init__(self, programs: Programs, mails: int):
        self.programs = programs
        self.machines = {name: Machine(name, programs, mails) for name in ADDRESSES}
        self.front = Machine("front", programs, mails)
        self.nginx: subprocess.Popen[bytes] | None = None

    def views(self) -> list[dict[str, dict[str, Any]]]:
        """What Patroni says of each member, on each machine that answers: one that was cut off says what was before."""
        found = []
        for address in ADDRESSES.values():
            with (
                suppress(OSError, ValueError),
                urllib.request.urlopen(f"http://{address}:8008/cluster", timeout=2) as said,
            ):
                found.append({each["name"]: each for each in json.load(said)["members"]})
        return found

    def members(self) -> dict[str, dict[str, Any]]:
        """What the first machine says that answers; nothing while none does."""
        return next(iter(self.views()), {})

    def primary(self) -> str:
        return next((name for name, each in self.members().items() if each["role"] == "leader"), "")

    def is_whole(self) -> bool:
        """All three say that there are a primary, a synchronous standby, and one more, and which is which."""
        views = self.views()
        roles = [{name: each["role"] for name, each in view.items()} for view in views]
        members = list(views[0].values()) if views else []
        follow = [each for each in members if each["role"] != "leader" and each.get("lag") == 0]
        timelines = {each.get("timeline") for each in members}
        agreed = len(views) == len(ADDRESSES) and all(each == roles[0] for each in roles)
        return (
            agreed and len(follow) == 2 and len(timelines) == 1 and {"leader", "sync_standby"} <= set(roles[0].values())
        )

    def choose_freely(self) -> None:
        """Let each standby take over: else only the synchronous one can."""
        self._ask("PATCH", "config", synchronous_mode=False)
        wait_for("a free choice", lambda: all(each["role"] != "sync_standby" for each in self.members().values()))

    def hand_over(self, name: str) -> None:
        self._ask("POST", "switchover", leader=self.primary(), candidate=name)
        wait_for("the hand-over", lambda: self.primary() == name)

    def be_synchronous(self) -> None:
        self._ask("PATCH", "config", synchronous_mode=True)

    def _ask(self, method: str, path: str, **what: Any) -> None:
        """Patroni, as an operator does with patronictl on one of the machines."""
        status, words = self.answer(self.machines[self.primary()].place, method, path, **what)
        if status >= 300:
            raise RuntimeError(f"{path}: {status} {words}")

    def answer(self, place: Place, method: str, path: str, password: str = "", **what: Any) -> tuple[int, str]:
        """What the primary's Patroni says to somebody there, with its password if no other is said."""
        who = b64encode(f"patroni:{password or PASSWORDS['PATRONI_PASSWORD']}".encode()).decode()
        headers = {"Content-Type": "application/json", "Authorization": f"Basic {who}"}
        here = ADDRESSES[self.primary()]
        with place.entered(), closing(HTTPConnection(here, 8008, timeout=30)) as way:
            way.request(method, f"/{path}", json.dumps(what), headers)
            answer = way.getresponse()
            return answer.status, answer.read().decode()

    def refuses_strangers(self) -> None:
        """Exit where Patroni takes an order from elsewhere, or without its password."""
        elsewhere, _ = self.answer(self.front.place, "POST", "restart")
        nameless, _ = self.answer(self.machines["two"].place, "POST", "restart", password="guessed")
        if (elsewhere, nameless) != (403, 401):
            sys.exit(f"An order from elsewhere got {elsewhere}, one without the password {nameless}.")

    def start_databases(self) -> None:
        for each in self.machines.values():
            each.start_database()
        wait_for("three members", self.is_whole, 120)
        where = {"host": ADDRESSES[self.primary()], "user": "postgres", "password": PASSWORDS["SUPERUSER_PASSWORD"]}
        with psycopg.connect(**where, dbname="postgres", autocommit=True) as session:
            session.execute(f"CREATE ROLE clinic LOGIN PASSWORD '{PASSWORDS['SITE_PASSWORD']}'")
            session.execute("CREATE DATABASE clinic OWNER clinic")

    def start_sites(self) -> None:
        for name in WITH_WEB:
            self.machines[name].start_site()
        self.front.start_haproxy()
        folder = Path(self.programs.cluster.home, "nginx")
        folder.mkdir(mode=0o755)
        self.trusted = folder / "fullchain.pem"
        how = fronts.written(folder, web=[f"{FRONT}:8000"], http=f"{FRONT}:{HTTP_PORT}", https=f"{FRONT}:{HTTPS_PORT}")
        self.nginx = subprocess.Popen(how, stderr=subprocess.DEVNULL, start_new_session=True)

    def down(self) -> None:
        for each in (*self.machines.values(), self.front):
            each.send(signal.SIGCONT, each.processes())
        if self.nginx:
            self.nginx.terminate()
            self.nginx.wait(30)
        for each in (*self.machines.values(), self.front):
            each.kill()


@contextmanager
def running() -> Iterator[tuple[Cluster, mail_sink.Sink]]:
    programs = Programs(ROOT / ".local" / "cluster")
    for old in programs.data:
        shutil.rmtree(old, ignore_errors=True)
    with mail_sink.running(FRONT) as mails:
        cluster, is_done = Cluster(programs, mails.port), False
        try:
            yield cluster, mails
            is_done = True
        finally:
            say("Everything is taken down.")
            cluster.down()
            for folder in programs.data if not is_done else [programs.cluster.home]:
                shutil.rmtree(folder, ignore_errors=True)
            if not is_done:
                say(f"What the processes said is in {programs.cluster.home}.")


def run() -> None:
    with running() as (cluster, mails):
        say("Three etcd, three Patroni, three Postgres start.")
        cluster.start_databases()
        say(f"The primary is machine {cluster.primary()}. Tables and a clinic are made, which takes a minute.")
        cluster.refuses_strangers()
        slots = clinic_of_many_times.enter()
        say(f"{len(slots)} free times. Web groups, workers, HAProxy and nginx start.")
        cluster.start_sites()
        visitors = Visitors((FRONT, HTTPS_PORT), ssl.create_default_context(cafile=str(cluster.trusted)), slots)
        wait_for("the site", lambda: visitors.ask("/appointments/", 1)[0] == 200)
        if ONLY != "pooler":
            print("", *noon(cluster, visitors, mails), "", sep="\n", flush=True)
        for each in cluster.machines.values():
            each.stop_site()
        if ONLY != "noon":
            say("What a pooler in transaction mode breaks.")
            print("", *pooled.table(cluster.front, wait_for), "", sep="\n", flush=True)


def noon(cluster: Cluster, visitors: Visitors, mails: mail_sink.Sink) -> Iterator[str]:
    """The scenarios under load, one after the other; then the lines of the table."""
    say(f"Visitors come. The first thing happens in {WARM} s, when the first mails are due.")
    told = [Told("nothing", time.monotonic())]
    visitors.come()
    time.sleep(WARM)
    make_table()
    cuts: list[CutOff] = []
    for name, take, bring in scenarios(cluster, cuts):
        told.append(happen(cluster, visitors, name, take, bring))
    visitors.go()
    say(f"Visitors have gone. {DRAIN} s for the last mails.")
    time.sleep(DRAIN)
    connection.close()  # It may lead to a machine that died.
    connection.close_pool()  # type: ignore[attr-defined]
    yield from table(told, visitors, mails)
    yield ""
    yield from (each.sentence() for each in cuts)
    yield ""
    for each in visitors.pages:
        if each.status != 200:
            before = max((scenario for scenario in told if scenario.at <= each.at), key=lambda scenario: scenario.at)
            yield f"{each.path}: {each.status or 'no answer'}, {each.at - before.at:.1f} s after: {before.name}"
    yield from visitors.strange[:5]


def scenarios(cluster: Cluster, cuts: list[CutOff]) -> Iterator[Scenario]:
    """What happens, how, and how it is mended. Each begins with a whole cluster; `cuts` takes those cut off."""
    hit = cluster.machines[cluster.primary()]
    yield "Postgres killed with -9", partial(hit.send, signal.SIGKILL, hit.postgres()), lambda: None
    yield from handed_over(cluster, WITH_WEB)
    hit = cluster.machines[cluster.primary()]
    yield f"machine {hit.name} killed with -9", hit.kill, hit.start
    for what, among, hangs in (
        ("", WITH_WEB, False), (", which serves no pages and whose Patroni hangs,", WITHOUT_WEB, True)
    ):  # fmt: skip
        yield from handed_over(cluster, among)
        cut = CutOff(cluster.machines[cluster.primary()], hangs=hangs)
        cuts.append(cut)
        yield f"machine {cut.machine.name}{what} cut off", cut.begin, cut.end


def handed_over(cluster: Cluster, names: Sequence[str]) -> Iterator[Scenario]:
    """The primary is to be one of these machines: as an operator brings that about, which has a cost of its own."""
    if cluster.primary() not in names:
        cluster.choose_freely()
        yield f"handed over to machine {names[0]}", partial(cluster.hand_over, names[0]), cluster.be_synchronous


def happen(cluster: Cluster, visitors: Visitors, name: str, take: Callable[[], Any], bring: Callable[[], Any]) -> Told:
    say(f"{name}: the primary is machine {cluster.primary()}.")
    told = Told(name, time.monotonic())
    take()
    told.good_at = wait_for("a good post", lambda: visitors.first_good(told.at), 90)
    say(f"{name}: the first good post after {told.good_at - told.at:.1f} s.")
    time.sleep(max(0, told.at + AFTER - time.monotonic()))
    bring()
    wait_for("a whole cluster", cluster.is_whole, 120)
    say(f"{name}: mended, the primary is machine {cluster.primary()}.")
    time.sleep(SETTLED)
    return told
