"""Patients of one name on one day: whoever calls one of them in, or writes in their chart, could take the other."""

from collections import defaultdict
from collections.abc import Iterable

from django.utils import timezone

from appointments.bookings.people_like import own_name
from appointments.models import Appointment, AppointmentStatus
from clinic.made_once import Fields

_NAMED = Fields(Appointment, ("status", "starts_at"), {"inquiry": ("name", "patient_name")})
# Nobody of these comes.
_NOT_THERE = (AppointmentStatus.PROPOSED, AppointmentStatus.CANCELLED)


def same_names(appointments: Iterable[Appointment]) -> set[int]:
    """
    The ids of those of these appointments whose patient has the name of another one's on the same day.

    No query, where each row brings its inquiry along. To mark all of a day, give all of that day, of all practitioners.
    """
    found: dict[object, list[Appointment]] = defaultdict(list)
    for row in appointments:
        if row.status not in _NOT_THERE and (name := own_name(row.inquiry)):
            found[timezone.localdate(row.starts_at), name].append(row)
    several = (rows for rows in found.values() if len({row.inquiry_id for row in rows}) > 1)
    return {row.pk for rows in several for row in rows}


def on_the_days_of(appointments: Iterable[Appointment]) -> set[int]:
    """The same for a page of a list, which may leave out some of its days: one query, for all that these days have."""
    page = list(appointments)
    days = {timezone.localdate(row.starts_at) for row in page}
    return same_names(_NAMED.read(Appointment.objects.on_days(days))) if days else set()
