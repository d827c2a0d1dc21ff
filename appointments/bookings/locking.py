"""
How a time is taken hold of, so that it is never given twice: under the practitioner's lock, in one transaction
that is tried once more after a deadlock, with the database's refusals in our words.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any

import pghistory
from django.db import OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.utils import IntegrityError
from django.utils import timezone
from psycopg.errors import DeadlockDetected, ExclusionViolation, LockNotAvailable, UniqueViolation

from appointments import limits
from appointments.actors import Actor
from appointments.errors import ChangedMeanwhile, HasAppointment, SlotTaken, TooManyHeld
from appointments.models import Appointment, Inquiry, Practitioner
from clinic.busy import Busy, busy_after_waiting
from clinic.models import Clinic

# How long a practitioner's row is waited for by whomever wants it. That is many bookings.
FIRST_TRY = "250ms"
# Who waits longer takes one of these places, or is told that others are at work.
places = threading.BoundedSemaphore(limits.WAIT_FOR_A_PRACTITIONER)


def once_more_after_a_deadlock[**Args, Result](act: Callable[Args, Result]) -> Callable[Args, Result]:
    """
    Run all of it in one transaction, and once more where the database ended it to let somebody else go on.

    Raises Busy where somebody else does not let go of a row in time.
    """

    @wraps(act)
    def run(*args: Args.args, **kwargs: Args.kwargs) -> Result:
        for is_last in (False, True):
            try:
                with busy_after_waiting(), transaction.atomic():
                    return act(*args, **kwargs)
            except OperationalError as error:
                # Inside somebody else's transaction there is nothing left to try again.
                if is_last or connection.in_atomic_block or not isinstance(error.__cause__, DeadlockDetected):
                    raise
        raise AssertionError("unreachable")

    return run


def refused_by_the_database[**Args, Result](act: Callable[Args, Result]) -> Callable[Args, Result]:
    """The same, with the database's refusals in our words."""
    whole = once_more_after_a_deadlock(act)

    @wraps(act)
    def run(*args: Args.args, **kwargs: Args.kwargs) -> Result:
        try:
            return whole(*args, **kwargs)
        except IntegrityError as error:
            if isinstance(error.__cause__, ExclusionViolation):
                raise SlotTaken from error
            if isinstance(error.__cause__, UniqueViolation):
                raise HasAppointment from error
            raise

    return run


def lock_practitioners(
    practitioners: Iterable[int], *, of: QuerySet[Appointment] | None = None
) -> dict[int, Practitioner]:
    """
    These practitioners' rows (by id) and those of some appointments, locked; offers to their patients that have expired
    free their times, and the clinic is read anew by what follows.

    In the order of their ids, so that two who swap do not wait for each other for ever. Raises SlotTaken where one
    is not there; Busy where somebody holds one for longer than this process can wait.
    """
    ids, expired = set(practitioners), Appointment.objects.expired(timezone.now())
    if not ids and of is None:
        return {}
    rows = Practitioner.objects.annotate(has_expired=Exists(expired.filter(practitioner=OuterRef("pk")))).order_by("pk")
    found = _locked_at_once(rows, ids, of) or _waited_for(rows, ids, of)
    if not ids <= found.keys():
        raise SlotTaken
    if found:
        Clinic.forget()  # Its time zone may have been changed by somebody who held the lock before.
    if any(row.has_expired for row in found.values()):
        expired.filter(practitioner__in=found).cancel()
    return found


def _locked_at_once(rows: QuerySet, ids: set[int], of: QuerySet[Appointment] | None) -> dict[int, Any]:
    """One practitioner's row, locked with one statement, if nobody holds it and no other has to be locked with it."""
    if len(ids) != 1:
        return {}
    wanted = Q(pk__in=ids) if of is None else Q(pk__in=ids) & ~Exists(of.exclude(practitioner__in=ids))
    return {row.pk: row for row in rows.filter(wanted).select_for_update(no_key=True, skip_locked=True, of=("self",))}


def _waited_for(rows: QuerySet, ids: set[int], of: QuerySet[Appointment] | None) -> dict[int, Any]:
    """
    These practitioners' rows, locked once whoever holds them has let go.

    Waiting takes a thread. Where one row is held for long, who wants it would take all threads of the site: only so
    many wait on at once, and the others hear it.
    """
    wanted = Q(pk__in=ids) if of is None else Q(pk__in=ids) | Q(pk__in=of.values("practitioner"))
    rows = rows.filter(wanted).select_for_update(no_key=True, of=("self",))
    try:
        with transaction.atomic(), _waiting_at_most(FIRST_TRY):
            return {row.pk: row for row in rows}
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
    if not places.acquire(blocking=False):
        raise Busy
    try:
        with busy_after_waiting():
            return {row.pk: row for row in rows}
    finally:
        places.release()


@contextmanager
def _waiting_at_most(limit: str) -> Iterator[None]:
    """Wait so long for a lock inside the block; the transaction that fails in it takes the limit back by itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)", [limit])
        before, _now = cursor.fetchone()
        yield
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])


def lock_everybody() -> None:
    """Lock all practitioners, so that those who hold times to be checked at once are counted one after the other."""
    lock_practitioners(Practitioner.objects.values_list("pk", flat=True))


def check_that_one_more_may_be_held(now: datetime) -> None:
    """Raise TooManyHeld where limits.HELD_TO_CHECK times are held already; everybody is locked (lock_everybody)."""
    if Appointment.objects.held_to_check(now).count() >= limits.HELD_TO_CHECK:
        raise TooManyHeld


def lock_for(inquiry: Inquiry, practitioners: Iterable[int]) -> None:
    """
    Lock these practitioners for a time of this inquiry; what was held for it before, with anybody, ends if it is over.

    Otherwise an inquiry would still have a time that has ended, until the job of the minute clears it away.
    """
    lock_practitioners(practitioners, of=inquiry.appointments.expired(timezone.now()))


@contextmanager
def locked_appointment(appointment: Appointment, by: Actor, version: int | None = None) -> Iterator[Appointment]:
    """
    The appointment's row, locked, with the actor in its history; the practitioner's lock is taken already.

    Its inquiry is locked before it, as every change of an inquiry does: the other way round, two would wait for each
    other. Raises ChangedMeanwhile unless it still has the `version` that the decision was made on, if there is one.
    """
    rows = Appointment.objects.select_for_update(of=("self",)).select_related("inquiry", "visit_type")
    with pghistory.context(**by.metadata):
        Inquiry.objects.select_for_update(no_key=True).get(pk=appointment.inquiry_id)
        found = rows.get(pk=appointment.pk)
        if version is not None and found.version != version:
            raise ChangedMeanwhile
        yield found
