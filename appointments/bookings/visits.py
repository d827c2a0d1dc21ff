"""The visits of people, as somebody at the front desk looks for them: the next one, and the one before."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from appointments.models import Appointment, AppointmentStatus


class Visits(NamedTuple):
    """What somebody has to come here, soonest first; of their other visits the last, the last done, those not kept."""

    to_come: Sequence[Appointment] = ()
    last: Appointment | None = None
    last_done: Appointment | None = None
    no_shows: int = 0

    @classmethod
    def of(cls, given: Iterable[Appointment], now: datetime) -> "Visits":
        rows = sorted(given, key=lambda row: (row.starts_at, row.pk))
        others = [row for row in rows if not (row.is_live and row.ends_at > now)]
        done = [row for row in others if row.status == AppointmentStatus.FULFILLED]
        return cls(
            to_come=[row for row in rows if row not in others],
            last=others[-1] if others else None,
            last_done=done[-1] if done else None,
            no_shows=sum(row.status == AppointmentStatus.NOSHOW for row in others),
        )


def given_to(inquiries: Iterable[int]) -> Mapping[int, Sequence[Appointment]]:
    """All times that are or were theirs, by the id of the inquiry, soonest first: one query."""
    found: dict[int, list[Appointment]] = defaultdict(list)
    rows = Appointment.objects.given().filter(inquiry__in=list(inquiries)).select_related("practitioner")
    for row in rows.order_by("starts_at", "pk"):
        found[row.inquiry_id].append(row)
    return found
