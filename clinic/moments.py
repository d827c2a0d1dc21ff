"""Which moments may be entered."""

from datetime import UTC, datetime

from django.db.models import CheckConstraint, F, Q
from django.utils.translation import gettext_lazy as _

# In another time zone a moment of the year 9999 lies in the year 10000, which Python does not know, and so with year 1.
FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def a_stretch(name: str) -> CheckConstraint:
    """A constraint on starts_at and ends_at: the end comes after the start, and both within reach."""
    return CheckConstraint(
        name=name,
        condition=Q(starts_at__gt=FIRST, ends_at__gt=F("starts_at"), ends_at__lt=LAST),
        violation_error_message=_("The end must be later than the start, and before the year 2200."),
    )
