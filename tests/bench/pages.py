"""What a visitor's page costs: from the store, beside Django's floor and behind nginx, and made anew."""

import gzip
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from statistics import median
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command

from clinic.wsgi import django
from procedures.models import Page
from tests import make
from tests.bench import client, servers
from tests.bench.measure import Figure, Row, in_turns, kept_by
from tests.bench.servers import Server

PAGES = {"kyphoplasty page": "/procedures/kyphoplasty/", "home": "/", "form page": "/appointments/"}
# What gunicorn takes, whoever answers.
BARE = "a bare WSGI answer of a page's size and headers"
LEAN = "hello without any middleware"
# Few may all be accepted by one of the two processes, which then is measured alone.
CONNECTIONS = 64
# Requests a turn: enough that a turn takes a good part of a second.
MANY = 2_000


def fill() -> None:
    """A clinic as patients meet it: words that are signed, hours, and free times online."""
    call_command("load_content", verbosity=0)
    clinic = make.clinic()
    for weekday in range(5):
        clinic.opening_hours.create(weekday=weekday, opens="09:00", closes="17:00")
    for page in Page.objects.all():
        make.sign_off(page.live_revision())
    visit = make.visit_type("First visit")
    for number in range(3):
        make.practitioner(f"Doctor {number}", visit=visit)


def rate(server: Server, request: bytes, many: int = MANY) -> tuple[float, float]:
    """Answers a second, and the microseconds of CPU that the server took for each. Raises unless all are 200."""
    cpu, began = server.cpu(), time.perf_counter()
    answers = client.send(server.port, [request] * many, connections=CONNECTIONS)
    bad = [each for each in answers if not each.startswith(b"HTTP/1.1 200")]
    took = time.perf_counter() - began
    if bad:
        raise RuntimeError(f"{len(bad)} of {many} answers were not 200: {bad[0][:200]!r}")
    return many / took, (server.cpu() - cpu) / many * 1e6


def stored(site: Server, floor: Server, rounds: int) -> Iterator[Figure]:
    """Rates in turns: the floor and each page."""
    targets = {"hello": (floor, client.get("/hello", floor.port))}
    targets[LEAN] = (floor, client.get("/hello/lean", floor.port))
    targets[BARE] = (floor, client.get("/bare", floor.port))
    targets |= {name: (site, client.get(path, site.port)) for name, path in PAGES.items()}
    rates, costs = _measured(targets, MANY * 2, rounds)
    yield from _shown(rates, costs)
    for name in PAGES:
        yield Figure(f"{name} beside hello, by rate", rates[name] / rates["hello"], "x", least=2)
        yield Figure(f"{name} beside hello, by CPU", costs["hello"] / costs[name], "x")
        yield Figure(f"{name} beside {LEAN}, by rate", rates[name] / rates[LEAN], "x")
        yield Figure(f"{name} beside the bare answer, by rate", rates[name] / rates[BARE], "x")


def proxied(site: Server, rounds: int) -> Iterator[Figure | str]:
    """
    A page behind nginx beside one of its files. One nginx is a tenth quicker or slower than the next, for as long as it
    runs: each round starts another.
    """
    file, page = "nginx, a file", "kyphoplasty page behind nginx"
    paths = {file: "/page", page: PAGES["kyphoplasty page"]}
    found: list[tuple[dict[str, float], dict[str, float]]] = []
    for _ in range(rounds):
        with servers.nginx(site) as proxy:
            if proxy is None:
                yield "what nginx adds in front: it is not installed."
                return
            targets = {name: (proxy, client.get(path, proxy.port)) for name, path in paths.items()}
            found.append(_measured(targets, MANY * 15, 3))
    rates = {name: median(rates[name] for rates, _costs in found) for name in paths}
    yield from _shown(rates, {name: median(costs[name] for _rates, costs in found) for name in paths})
    yield Figure(f"{page} beside the file", rates[page] / rates[file], "x", least=0.8)


def _measured(
    targets: dict[str, tuple[Server, bytes]], many: int, rounds: int
) -> tuple[dict[str, float], dict[str, float]]:
    """The median rate of each target, and its median microseconds of CPU."""
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in targets}
    for round_ in range(rounds + 1):
        for name, (server, request) in targets.items():
            measured = rate(server, request, many)
            if round_:  # The first one warms up.
                took[name].append(measured)
    rates = {name: median(rate for rate, _cpu in each) for name, each in took.items()}
    return rates, {name: median(cpu for _rate, cpu in each) for name, each in took.items()}


def _shown(rates: dict[str, float], costs: dict[str, float]) -> Iterator[Figure]:
    for name in rates:
        yield Figure(name, rates[name], "answers/s")
        yield Figure(f"{name}, CPU of the server", costs[name], "µs")


def made_anew(path: str, posted: bytes = b"") -> bytes:
    """
    The answer of what stands behind the store, asked as the store and gunicorn ask it.

    Django's test client would count its own work, and leave out that each request takes its connection of the pool.

    Raises unless it is the page, or the form with what is wrong in it.
    """
    environ = {
        "REQUEST_METHOD": "POST" if posted else "GET", "PATH_INFO": path, "HTTP_ACCEPT_ENCODING": "gzip",
        "HTTP_HOST": urlsplit(settings.SITE_URL).netloc, "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "0",
        "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": urlsplit(settings.SITE_URL).scheme,
        "wsgi.input": BytesIO(posted), "CONTENT_LENGTH": str(len(posted)),
        "CONTENT_TYPE": "application/x-www-form-urlencoded" if posted else "",
    }  # fmt: skip
    said: list[str] = []
    answer = django(environ, lambda status, headers: said.append(status))
    try:
        if said != ["422 Unprocessable Content" if posted else "200 OK"]:
            raise RuntimeError(f"{path} answered {said}")
        return b"".join(answer)
    finally:
        answer.close()


def cold(rounds: int) -> list[Figure]:
    """
    What Django takes where a page has to be made anew, by CPU of this process.

    Its words are those that this process drew before: so it is whenever anybody has written anything. The sum of the
    form, and with it the form, is another with each minute.
    """
    rows = [
        Row("kyphoplasty page made anew, CPU", lambda: made_anew(PAGES["kyphoplasty page"]), 3, time.process_time),
        Row("home made anew, CPU", lambda: made_anew("/"), 3, time.process_time),
        Row("form page made anew, CPU", lambda: made_anew("/appointments/"), 3, time.process_time),
        Row("form with errors, CPU", lambda: made_anew("/appointments/", b"name=Rosa"), 15, time.process_time),
    ]
    in_turns(rows, rounds)
    return kept_by(rows)


def crawled(site: Server, rounds: int) -> Iterator[Figure]:
    """What a stored page keeps of its rate while four crawlers follow the links of free times."""
    request = client.get(PAGES["kyphoplasty page"], site.port)
    alone: list[float] = []
    beside: list[float] = []
    seen = 0
    for _ in range(rounds):
        alone.append(rate(site, request, MANY * 5)[0])
        with crawlers(site.port, 4) as crawls:
            beside.append(rate(site, request, MANY * 5)[0])
        seen = max(seen, *crawls)
    yield Figure("stored page beside four crawlers of free times", median(beside) / median(alone), "x", least=0.9)
    yield Figure("addresses that one of them saw in that time", seen, "")


@contextmanager
def crawlers(port: int, many: int) -> Iterator[list[int]]:
    """Crawlers in processes of their own; after the block, how many addresses each has seen."""
    command = [sys.executable, "-m", "tests.bench.crawler", str(port)]
    running = [subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True) for _ in range(many)]
    seen: list[int] = []
    try:
        for process in running:  # What their start takes is not the site's.
            process.stdout.readline()
        yield seen
    finally:
        for process in running:
            process.terminate()
            seen.append(int(process.communicate(timeout=40)[0] or 0))


def weight(site: Server) -> Figure:
    """The kyphoplasty page with its style sheet, as they travel."""
    page = next(client.send(site.port, [client.get(PAGES["kyphoplasty page"], site.port)])).partition(b"\r\n\r\n")[2]
    sheet = re.search(rb'<link rel="stylesheet" href="([^"]+)"', gzip.decompress(page))[1].decode()
    style = next(client.send(site.port, [client.get(sheet, site.port)])).partition(b"\r\n\r\n")[2]
    return Figure("kyphoplasty page, HTML and CSS compressed", (len(page) + len(style)) / 1000, "kB", most=14)


def memory(site: Server, many: int) -> Iterator[Figure]:
    """How soon two web processes answer, what they take then, and after many requests beside a tenth of them."""
    page = client.get(PAGES["kyphoplasty page"], site.port)
    if not next(client.send(site.port, [page])).startswith(b"HTTP/1.1 200"):
        raise RuntimeError("the first answer was not 200")
    yield Figure("first page after gunicorn's start", time.perf_counter() - site.began, "s", most=1)
    yield Figure("two web processes after their start, PSS", site.pss(), "MiB", most=130)
    requests = [client.get(path, site.port) for path in (*PAGES.values(), "/appointments/times/")]
    sizes = []
    for until in (many // 10, many - many // 10):
        for _ in client.send(site.port, (requests[n % 3 if n % 2_000 else 3] for n in range(until))):
            pass
        sizes.append(site.pss())
    yield Figure(f"two web processes after {many // 10:,} requests, PSS", sizes[0], "MiB")
    yield Figure(f"after {many:,}, beside that", sizes[1] / sizes[0], "x", most=1.1)
