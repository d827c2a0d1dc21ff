"""
Where sessions are stored: in rows that say whose they are, where from, since when, and when they were used last.

What ends a session is asked whenever one is read: no page can forget to ask.
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.messages.storage.session import SessionStorage
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from clinic.made_once import Fields, Rows
from clinic.models import Clinic, StaffSession

# The row learns this often, at most, that its session is used.
SEEN_EVERY = timedelta(seconds=10)
_SIGNED_IN_AT = "signed_in_at"
# In the session: what was typed to find patients, by the number of the search.
SEARCHES = "searches"
# Each page of staff reads one.
_with_user = Rows(Fields(StaffSession, beside={"user": ()}), lambda key: StaffSession.objects.filter(session_key=key))


def idle_time() -> timedelta:
    return timedelta(minutes=Clinic.current().idle_minutes)


class SessionStore(DatabaseStore):
    # Said by the middleware of the request.
    address = browser = ""
    counts_as_activity = True
    # The row that was read; the one that had ended already, or ended by this request.
    row: StaffSession | None = None
    ended: StaffSession | None = None

    @classmethod
    def get_model_class(cls) -> type[StaffSession]:
        return StaffSession

    def _get_session_from_db(self) -> StaffSession | None:
        now = timezone.now()
        row = next(iter(_with_user(key=self.session_key or "")), None)
        if row and row.user_id and row.is_over(now, idle_time()):
            StaffSession.objects.filter(pk=row.pk).end(now)
            self.ended, row = row, None
        elif row and row.expire_date <= now:
            row = None
        if row is None:
            self._session_key = None
        self.row = row
        if row and row.user:
            # The user of this request (clinic.accounts.lockout.CountedBackend), who need not be read a second time.
            Clinic.once(f"user {row.user_id}", lambda: row.user)
        return row

    def create_model_instance(self, data: dict[str, Any]) -> StaffSession:
        now = timezone.now()
        user = data.get("_auth_user_id")
        if user:
            data.setdefault(_SIGNED_IN_AT, now.isoformat())
        since = datetime.fromisoformat(data[_SIGNED_IN_AT]) if user else now
        row: StaffSession = super().create_model_instance(data)  # type: ignore[assignment]
        row.user_id, row.address, row.browser = user, self.address[:45], self.browser[:200]
        row.signed_in_at, row.last_seen_at = since, now
        if self.row and not self.counts_as_activity:
            row.last_seen_at = self.row.last_seen_at
        return row

    def save(self, must_create: bool = False) -> None:
        if must_create or self.session_key is None:
            return super().save(must_create)
        row = self.create_model_instance(self._get_session(no_load=False))  # type: ignore[attr-defined]
        fields = ("session_data", "expire_date", "user_id", "address", "browser", "signed_in_at", "last_seen_at")
        going_on = StaffSession.objects.filter(session_key=row.pk, ended_at=None)
        # Ended by somebody meanwhile: it must not come back.
        if not going_on.update(**{name: getattr(row, name) for name in fields}):
            raise UpdateError
        return None

    def seen(self) -> None:
        """Write down that the session is used, where the row does not know it yet."""
        now, row = timezone.now(), self.row
        if not (self.counts_as_activity and row and row.user_id and row.pk == self.session_key):
            return
        if row.last_seen_at <= now - SEEN_EVERY:
            StaffSession.objects.filter(pk=row.pk, ended_at=None).update(last_seen_at=now)

    def delete(self, session_key: str | None = None) -> None:
        rows = StaffSession.objects.filter(session_key=session_key or self.session_key)
        rows.filter(user=None).delete()
        if rows.end(timezone.now()):
            self.ended = self.row


def forget_sentences() -> None:
    """
    Take out of all sessions what names people: sentences that say what was done and were not read yet, and what was
    typed to find somebody.
    """
    store = SessionStore()
    for row in StaffSession.objects.filter(ended_at=None):
        said = store.decode(row.session_data)
        before = len(said)
        for name in (SessionStorage.session_key, SEARCHES):
            said.pop(name, None)
        if len(said) < before:
            # Unless the session was saved meanwhile, and so was read.
            same = StaffSession.objects.filter(pk=row.pk, session_data=row.session_data)
            same.update(session_data=store.encode(said))
