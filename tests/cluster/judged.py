"""What the scenarios cost, by what visitors were told, what the database holds and what mailboxes got."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from appointments.models import Appointment, AppointmentStatus, Inquiry
from tests.bench.mail_sink import Sink
from tests.cluster.visitors import Visitors

# A mail that was under way when its worker died may go out again: from so long before until so long after.
WINDOW = 5
HEADINGS = (
    "scenario", "acknowledged", "stored once", "lost", "s to the first good post", "posts answered 503", "500",
    "not at all", "pages asked", "not answered", "times chosen", "given twice", "mails", "twice",
    "twice in the kill window",
)  # fmt: skip


@dataclass
class Told:
    """One scenario: when it began, and when the first post that was sent afterwards was acknowledged."""

    name: str
    at: float
    good_at: float = 0


def table(told: list[Told], visitors: Visitors, mails: Sink) -> Iterator[str]:
    yield f"| {' | '.join(HEADINGS)} |"
    yield "|" + "---|" * len(HEADINGS)
    limits = [*(each.at for each in told[1:]), float("inf")]
    for scenario, until in zip(told, limits, strict=True):
        yield f"| {' | '.join(_row(scenario, until, visitors, mails))} |"


def _row(scenario: Told, until: float, visitors: Visitors, mails: Sink) -> Iterator[str]:
    sent = visitors.acknowledged(scenario.at, until)
    stored = Counter(Inquiry.objects.filter(email__in=[each.email for each in sent]).values_list("email", flat=True))
    pages = [each for each in visitors.pages if scenario.at <= each.at < until]
    with_time = [each for each in sent if each.has_the_time]
    live = set(
        Appointment.objects.filter(
            status__in=AppointmentStatus.holding_time(), inquiry__email__in=[each.email for each in with_time]
        ).values_list("inquiry__email", flat=True)
    )
    lost = [each for each in sent if not stored[each.email]] + [each for each in with_time if each.email not in live]
    twice, in_window = mails_twice(scenario, until, mails)
    yield scenario.name
    yield f"{len(sent)}"
    yield f"{sum(stored[each.email] == 1 for each in sent)}"
    yield f"{len(lost)}"
    yield f"{scenario.good_at - scenario.at:.1f}" if scenario.good_at else "–"
    tries = [status for each in list(visitors.sent) for at, status in each.tries if scenario.at <= at < until]
    yield f"{tries.count(503)}"
    yield f"{tries.count(500)}"
    yield f"{sum(status in (0, 502, 504) for status in tries)}"
    yield f"{len(pages)}"
    yield f"{sum(each.status != 200 for each in pages)}"
    yield f"{len(with_time)}"
    yield f"{_given_twice([each.slot for each in with_time])}"
    yield f"{sum(scenario.at <= at < until for at, _ in mails.arrived)}"
    yield f"{twice}"
    yield f"{in_window}"


def _given_twice(slots: list[str]) -> int:
    """Times that two people were told are theirs, and rows that overlap, whoever made them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM appointments_appointment a JOIN appointments_appointment b ON a.id < b.id AND"
            " a.practitioner_id = b.practitioner_id AND a.starts_at < b.blocked_until AND b.starts_at < a.blocked_until"
            " WHERE a.status = ANY(%s) AND b.status = ANY(%s) AND NOT a.overbooked AND NOT b.overbooked",
            [list(AppointmentStatus.holding_time())] * 2,
        )
        (overlapping,) = cursor.fetchone()
    return overlapping + sum(many - 1 for many in Counter(slots).values())


def mails_twice(scenario: Told, until: float, mails: Sink) -> tuple[int, int]:
    """So many mails came again in the time of this scenario: at another time, and in its window."""
    first: dict[bytes, float] = {}
    twice = in_window = 0
    for at, mail in mails.arrived:
        name = re.search(rb"(?im)^message-id:\s*(\S+)", mail)[1]
        before = first.setdefault(name, at)
        if before == at or not scenario.at <= at < until:
            continue
        if scenario.good_at and scenario.at - WINDOW <= before <= scenario.good_at + WINDOW:
            in_window += 1
        else:
            twice += 1
    return twice, in_window
