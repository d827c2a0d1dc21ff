"""
Who of staff saw which record: written here, counted and hashed each night, and compared with that on demand.

The database refuses changes of its rows. Who has the database's owner can get round that; the day's hash then no
longer fits, and it stands in the site's log, too, which may be on another machine.
"""

import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction

from appointments.models import AccessAction, AccessLog, AccessLogDay, Inquiry

logger = logging.getLogger(__name__)

DAY = timedelta(days=1)
# Stands for the day before the first.
NO_DIGEST = "0" * 64


def record(action: AccessAction, *, by: Any, inquiry: Inquiry | None = None, hits: int | None = None) -> None:
    """Write down that `by`, a user, saw this inquiry or, in a list or by a search, so many of them: one insert."""
    AccessLog.objects.create(action=action, actor=by, inquiry=inquiry, hits=hits)


def record_each(action: AccessAction, *, by: Any, inquiries: Iterable[int]) -> None:
    """Write down that `by` saw each of these inquiries (ids) on one page: a row of each, and one insert."""
    AccessLog.objects.bulk_create(AccessLog(action=action, actor=by, inquiry_id=pk) for pk in inquiries)


@transaction.atomic
def seal_days(now: datetime) -> int:
    """Count and hash each day that is over and is not yet; return how many days."""
    last = AccessLogDay.objects.last()
    first = AccessLog.objects.order_by("at").first()
    if last is None and first is None:
        return 0
    day = last.day + DAY if last else first.at.astimezone(UTC).date()  # type: ignore[union-attr]
    digest, sealed = last.digest if last else NO_DIGEST, 0
    while day < now.astimezone(UTC).date():
        number, digest = _sum(day, digest)
        AccessLogDay.objects.create(day=day, number=number, digest=digest)
        logger.info("The access log of %s has %d rows; sha256 %s", day, number, digest)
        day, sealed = day + DAY, sealed + 1
    return sealed


def differing_days() -> Iterator[date]:
    """The days whose rows, or whose hash itself, are not what they were when they were hashed; days left out, too."""
    before, digest = None, NO_DIGEST
    for sealed in AccessLogDay.objects.all():
        if before and sealed.day != before + DAY:
            yield before + DAY
        if _sum(sealed.day, digest) != (sealed.number, sealed.digest):
            yield sealed.day
        before, digest = sealed.day, sealed.digest


def _sum(day: date, digest_before: str) -> tuple[int, str]:
    """How many rows a day has, and the hash over them and the day before."""
    begins = datetime.combine(day, time(), UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), encode(sha256(convert_to(%s || coalesce(string_agg(
                ROW(id, extract(epoch FROM at), actor_id, action, inquiry_id, hits)::text, E'\\n' ORDER BY id
            ), ''), 'UTF8')), 'hex')
            FROM appointments_accesslog WHERE at >= %s AND at < %s
            """,
            [digest_before, begins, begins + DAY],
        )
        return cursor.fetchone()
