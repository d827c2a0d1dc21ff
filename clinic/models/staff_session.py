from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

# Who has signed in signs in again after so long, however busy.
LIFETIME = timedelta(hours=12)


class StaffSessionQuerySet(models.QuerySet["StaffSession"]):
    def of(self, user: Any) -> "StaffSessionQuerySet":
        return self.filter(user=user.pk, ended_at=None)

    def active(self, now: datetime, idle: timedelta) -> "StaffSessionQuerySet":
        """Those that a browser can go on with, the last used first."""
        rows = self.filter(ended_at=None, last_seen_at__gt=now - idle, signed_in_at__gt=now - LIFETIME)
        return rows.order_by("-last_seen_at", "pk")

    def end(self, now: datetime) -> int:
        """Sign these out. The row stays without its data, so that the site knows whose session ended."""
        return self.filter(ended_at=None).update(ended_at=now, session_data="", expire_date=now + LIFETIME)


class StaffSession(AbstractBaseSession):
    """A browser in which somebody of staff is signed in, or was until `ended_at`. Without a user: not signed in yet."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="staff_sessions")
    address = models.CharField(max_length=45, blank=True)
    browser = models.CharField(max_length=200, blank=True)
    signed_in_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = StaffSessionQuerySet.as_manager()  # type: ignore[assignment, misc]

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        verbose_name, verbose_name_plural = "session", "sessions"

    def is_over(self, now: datetime, idle: timedelta) -> bool:
        """Whether nobody may go on with it: it ended, stood still for too long, is too old, or its user was stopped."""
        return bool(
            self.ended_at
            or self.last_seen_at <= now - idle
            or self.signed_in_at <= now - LIFETIME
            or not (self.user and self.user.is_active)
        )
