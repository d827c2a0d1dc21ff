"""What staff's pages cost in a clinic of many years, beside one that has just begun."""

import time
from collections.abc import Iterator
from statistics import median

from django.core.management import call_command
from django.db import connection
from django.test import Client

from appointments.models import Inquiry
from tests import make
from tests.bench.measure import Figure

LISTS = {
    "first page": "/admin/",
    "inbox": "/admin/appointments/inquiry/",
    "all inquiries": "/admin/appointments/inquiry/?list=all",
    # All of them: of those to come, the small clinic has no page full.
    "appointments": "/admin/appointments/appointment/?list=all",
}
FIND = "/admin/appointments/inquiry/find/"
SEARCHES = (
    "search by name", "search by the end of a number", "search by reference", "search by a name nearly right",
)  # fmt: skip
# An address, or with what is typed the one that it is posted to.
type Page = str | tuple[str, dict[str, str]]
# Milliseconds of CPU, in the large clinic.
CPU = {"first page": 20, "inbox": 15}


def grown(inquiries: int, appointments: int, rounds: int) -> Iterator[Figure]:
    """Each page in both clinics, in turns: two databases of one server."""
    databases = {"small": connection.settings_dict["NAME"], "large": _clone()}
    took: dict[tuple[str, str], list[tuple[float, float]]] = {}
    try:
        desks = {}
        for size, rows in (("small", (1_000, 200)), ("large", (inquiries, appointments))):
            _use(databases[size])
            desks[size] = _desk(*rows)
        for round_ in range(rounds + 1):
            for size, (client, pages) in desks.items():
                _use(databases[size])
                client.get("/livez")  # Connecting is no part of what is timed.
                for what, path in pages.items():
                    seconds = _timed(client, path)
                    if round_:  # The first one warms up.
                        took.setdefault((what, size), []).append(seconds)
    finally:
        _use(databases["small"])
        connection.creation.destroy_test_db(suffix="large", verbosity=0)
    for what in (*LISTS, *SEARCHES):
        small, large = (median(wall for wall, _cpu in took[what, size]) for size in ("small", "large"))
        yield Figure(f"{what}, {inquiries:,} inquiries", large * 1e3, "ms")
        yield Figure(f"{what}, beside 1,000 inquiries", large / small, "x", most=1.5 if what in LISTS else 3)
        if what in CPU:
            yield Figure(f"{what}, CPU", median(cpu for _wall, cpu in took[what, "large"]) * 1e3, "ms", most=CPU[what])


def _clone() -> str:
    """One more empty database."""
    connection.close()
    connection.close_pool()
    connection.creation.clone_test_db("large", verbosity=0, autoclobber=True)
    return connection.creation.get_test_db_clone_settings("large")["NAME"]


def _use(database: str) -> None:
    connection.close()
    connection.close_pool()
    connection.settings_dict["NAME"] = database
    connection.ensure_connection()


def _desk(inquiries: int, appointments: int) -> tuple[Client, dict[str, Page]]:
    """A clinic of this size, somebody at its front desk, and the pages that they open."""
    make.clinic()
    call_command("fill", inquiries=inquiries, appointments=appointments, seed=1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client(headers={"accept-encoding": "gzip"})
    client.force_login(make.front_desk(username="bench"))
    somebody = Inquiry.objects.exclude(phone_e164="").latest("pk")
    searches = {"search by name": "nunez", "search by the end of a number": somebody.phone_e164[-7:]}
    searches |= {"search by reference": somebody.reference, "search by a name nearly right": "nunze"}
    found = {what: (FIND, {"typed": words}) for what, words in searches.items()}
    return client, LISTS | found


def _timed(client: Client, page: Page) -> tuple[float, float]:
    """Seconds of the wall, and of this process's CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = client.get(page) if isinstance(page, str) else client.post(*page, follow=True)
    took = time.perf_counter() - wall, time.process_time() - cpu
    if answer.status_code != 200:
        raise RuntimeError(f"{page}: {answer.status_code}")
    return took
