"""Closing the clinic or one practitioner, saying so on every page, and opening again before the planned end."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from appointments.actors import Actor
from appointments.bookings import displacement
from appointments.bookings.locking import once_more_after_a_deadlock
from appointments.errors import NotPossible
from appointments.models import Appointment, Closure, Practitioner
from clinic.models import Announcement
from clinic.sentences import ended, moment


@once_more_after_a_deadlock
def close(
    *, practitioner: Practitioner, starts_at: datetime, ends_at: datetime, name: str, by: Actor
) -> list[Appointment]:
    """
    Close one practitioner's time, unless all of it is closed already; return the appointments that this takes.

    As changing_hours() says of them.
    """
    with displacement.changing_hours([practitioner.pk], by=by) as affected:
        closures = Closure.objects.standing().filter(practitioner=practitioner)
        if not closures.filter(starts_at__lte=starts_at, ends_at__gte=ends_at).exists():
            closures.create(
                practitioner=practitioner, starts_at=starts_at, ends_at=ends_at, name=name, entered_by=by.user
            )
    return affected


@once_more_after_a_deadlock
def end(*, closure: Closure, by: Actor) -> Closure:
    """
    Open again now: what the closure would still take is free, and its announcement goes.

    The row is kept, with who and when; patients whose times fit again have them back. Raises NotPossible where it is
    over.
    """
    now = timezone.now()
    with displacement.changing_hours([closure.practitioner_id] if closure.practitioner_id else None, by=by):
        row = Closure.objects.select_for_update(of=("self",)).get(pk=closure.pk)
        if row.is_over(now):
            raise NotPossible("over")
        row.ended_early_at, row.ended_early_by = now, by.user
        if row.starts_at < now:
            row.ends_at = now
        row.save(update_fields=["ended_early_at", "ended_early_by", "ends_at"])
        end_announcements([row.pk])
    return row


def announce(closure: Closure, *, on: bool) -> None:
    """Say on every page, from now until it opens again, that the clinic is closed; or, with `on` False, no longer."""
    now = timezone.now()
    said = {"words": _words(closure), "ends_at": closure.ends_at}
    if not on or closure.ends_at <= now:
        end_announcements([closure.pk])
        Closure.objects.filter(pk=closure.pk).update(announcement=None)
    elif closure.announcement:
        Announcement.objects.filter(pk=closure.announcement.pk).update(**said)
    else:
        closure.announcement = Announcement.objects.create(starts_at=now, **said)
        closure.save(update_fields=["announcement"])


def _words(closure: Closure) -> str:
    """In the clinic's time, which staff's pages are in."""
    when = _("We are closed from %(start)s to %(end)s") % {
        "start": moment(closure.starts_at),
        "end": moment(closure.ends_at),
    }
    return " ".join(filter(None, [ended(closure.public_words), ended(when)]))


def end_announcements(closures: Iterable[int]) -> None:
    """What all pages say of these closures (ids) ends now. It is kept, as far as it was shown."""
    now = timezone.now()
    its = Announcement.objects.filter(closure__in=list(closures), ends_at__gt=now)
    its.filter(starts_at__gte=now).delete()
    its.update(ends_at=now)
