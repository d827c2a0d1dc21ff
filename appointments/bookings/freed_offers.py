"""
A time that became free is offered to one of those who wait, and then to the next: by somebody of the front desk or,
where the manager has switched that on, by the site itself.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import proposals, waiting_list
from appointments.bookings.locking import lock_for, refused_by_the_database
from appointments.bookings.waiting_list import WaitingListEntry
from appointments.errors import ChangedMeanwhile, HasAppointment, NotPossible, SlotTaken
from appointments.models import Appointment, AppointmentStatus, Closure, Inquiry
from clinic import hours, practice
from clinic.busy import Busy
from clinic.models import Clinic

# How long a freed time waits for one patient before it is the next one's.
HELD_FOR = timedelta(hours=2)
# Nobody is asked in writing who has less time to read it and to answer.
SHORTEST = timedelta(minutes=30)
# So often at most the site asks somebody by itself: who reads no mail today is not asked for each time of a morning.
ASKED_AGAIN_AFTER = timedelta(days=1)
# From when to when somebody of the desk may have a mail sent, by the clinic's clocks.
DAY = range(7, 20)


def held_until(entry: WaitingListEntry, now: datetime, *, is_speaking: bool = False) -> datetime:
    """
    Until when it is held for them: two hours, or less where the visit is sooner.

    It ends so long before the visit as patients have to choose one ahead, or where somebody speaks with them when the
    visit begins.
    """
    ahead = timedelta(0) if is_speaking else timedelta(hours=entry.visit_type.lead_hours)
    return min(now + HELD_FOR, entry.slot.starts_at - ahead)


def is_in_time(entry: WaitingListEntry, now: datetime) -> bool:
    """Whether they can be asked in writing: the visit is not too soon for that."""
    return held_until(entry, now) - now >= SHORTEST


def is_night(now: datetime) -> bool:
    """Whether nobody is mailed about a time now, unless the clinic is open."""
    return now.astimezone(practice.current().clinic.zone).hour not in DAY and not _is_open(now)


@refused_by_the_database
def offer(*, entry: WaitingListEntry, until: datetime, by: Actor) -> list[Appointment]:
    """
    Offer the time to somebody who waits for it, as proposals.propose does.

    Raises what that raises, and ChangedMeanwhile where they wait no longer, or have another time than was seen.
    """
    lock_for(entry.inquiry, [entry.slot.practitioner_id])
    row = Inquiry.objects.select_for_update(no_key=True).get(pk=entry.inquiry.pk)
    theirs = row.appointments.not_expired(timezone.now()).live().first()
    seen = entry.appointment and (entry.appointment.pk, entry.appointment.version)
    if row.waiting_list_since is None or (theirs and (theirs.pk, theirs.version)) != seen:
        raise ChangedMeanwhile
    return proposals.propose(inquiry=row, slots=[entry.slot], until=until, by=by)


def offer_what_became_free() -> None:
    """
    Offer each freed time to whoever has waited longest for it, where the manager wants that and the clinic is open.

    Each minute again: what somebody declined or let pass is free then, and they are not asked for it once more. Where
    the first in line takes no mail, the front desk calls them: the time is not given past them.
    """
    now = timezone.now()
    if not Clinic.current().offers_freed_times or not _is_open(now):
        return
    lately = Appointment.objects.filter(
        status__in=(AppointmentStatus.PROPOSED, AppointmentStatus.CANCELLED), held_until__isnull=False,
        created_at__gt=now - ASKED_AGAIN_AFTER,
    )  # fmt: skip
    asked = set(lately.values_list("inquiry_id", flat=True))
    for freed in waiting_list.freed_slots(now):
        first = next((entry for entry in freed.entries if entry.inquiry.pk not in asked), None)
        if first is None or not first.inquiry.takes_mail or not is_in_time(first, now):
            continue
        asked.add(first.inquiry.pk)
        # Somebody was faster, or has the row in their hands: the next minute's turn looks again.
        with suppress(Busy, SlotTaken, HasAppointment, NotPossible, ChangedMeanwhile):
            offer(entry=first, until=held_until(first, now), by=Actor.system(has_seen=()))


def _is_open(now: datetime) -> bool:
    known = practice.current()
    closures = Closure.objects.periods_of_the_clinic(after=now)
    zone, soon = known.clinic.zone, now + timedelta(minutes=1)
    return hours.open_time(now, soon, week=known.week, closures=closures, zone=zone) > timedelta(0)
