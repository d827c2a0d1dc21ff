"""Moments in an address, as exact as the database keeps them."""

from datetime import UTC, datetime

from django.utils import timezone

from appointments.admin.base import as_key


def write(moment: datetime) -> int:
    """In microseconds."""
    return int(moment.timestamp()) * 10**6 + moment.microsecond


def read(stamp: str) -> datetime | None:
    """The moment; None where it is none, or is still to come."""
    seconds, microseconds = divmod(as_key(stamp), 10**6)
    if not 0 < seconds <= timezone.now().timestamp():
        return None
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)
