"""Taking back what somebody of the staff did to an inquiry and its times: both are again as they were before."""

from typing import Any

from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings.appointments import ABOUT_A_TIME, given_kind
from appointments.bookings.locking import lock_practitioners, locked_appointment, refused_by_the_database
from appointments.errors import ChangedMeanwhile, NotPossible, SlotTaken
from appointments.inquiries.changing import changing
from appointments.models import Appointment, AppointmentStatus, Inquiry, NotificationKind
from appointments.notifications.changes import tell_change
from appointments.notifications.notify import cancel_notifications, withheld_confirmation
from appointments.scheduling import calendars

# What a press makes of an inquiry, and of a time.
OF_AN_INQUIRY = (
    "status", "screening", "screening_reason", "assigned_to_id", "answer_by", "answered_at", "waiting_list_since",
    "wished_at", "wished_visit_type_id", "wished_practitioner_id",
)  # fmt: skip
OF_A_SLOT = ("starts_at", "ends_at", "blocked_until", "practitioner_id", "visit_type_id")
OF_A_TIME = (
    *OF_A_SLOT, "status", "held_until", "overbooked", "overbook_reason", "displaced_at", "reached_at",
    "cancelled_late", "reschedules", "time_set_at",
)  # fmt: skip
# What is told of a time that was given or taken; of arrivals nobody is told anything.
TOLD_OF = (AppointmentStatus.PENDING, AppointmentStatus.BOOKED, AppointmentStatus.CANCELLED)

# The version of an inquiry, and those of its times by their id.
type Versions = tuple[int, dict[int, int]]


def versions(inquiry: Inquiry) -> Versions:
    """The inquiry and its times as they are now, by their versions."""
    now = Inquiry.objects.values_list("version", flat=True).get(pk=inquiry.pk)
    return now, dict(inquiry.appointments.values_list("pk", "version"))


def can_be_taken_back(inquiry: Inquiry, before: Versions) -> bool:
    """Whether nothing that was offered, or held to be checked, ended since: their patients may know of that."""
    after = versions(inquiry)
    changed = {pk: version for pk, version in before[1].items() if after[1].get(pk) != version}
    rows = inquiry.appointments.filter(pk__in=changed)
    if any(_event(row, changed[row.pk]).held_until for row in rows):
        return False
    made = inquiry.appointments.filter(pk__in=after[1].keys() - before[1].keys())
    return not made.filter(held_until__isnull=False).exists()


@refused_by_the_database
def take_back(*, inquiry: Inquiry, before: Versions, after: Versions, by: Actor) -> None:
    """
    Put an inquiry and its times back from `after` to `before`. Their people hear what is new to them, if anything is.

    Raises ChangedMeanwhile where somebody has changed either since; SlotTaken where the time before is not free.
    """
    changed = [pk for pk, version in after[1].items() if before[1].get(pk) != version]
    rows = list(Appointment.objects.filter(pk__in=changed, inquiry=inquiry).order_by("pk"))
    states = {row.pk: _event(row, before[1][row.pk]) if row.pk in before[1] else None for row in rows}
    lock_practitioners(
        {row.practitioner_id for row in rows} | {state.practitioner_id for state in states.values() if state}
    )
    with changing(inquiry, None, by) as row:
        if row.version != after[0] and not _only_the_site_changed_it(row, after[0]):
            raise ChangedMeanwhile
        if {pk: now for pk, now in versions(row)[1].items() if pk in after[1]} != after[1]:
            raise ChangedMeanwhile
        for each in rows:
            with locked_appointment(each, by, after[1][each.pk]) as time:
                _put_back(time, states[each.pk], by)
        state = _event(row, before[0])
        for name in OF_AN_INQUIRY:
            setattr(row, name, getattr(state, name))


def _event(row: Any, version: int) -> Any:
    event = row.events.filter(version=version).order_by("pgh_id").last()
    if event is None:
        raise NotPossible("its history does not have this version")
    return event


def _only_the_site_changed_it(inquiry: Inquiry, version: int) -> bool:
    """Whether nobody did anything since: the site itself writes down that a mail is out."""
    events = list(inquiry.events.filter(version__gt=version).select_related("pgh_context"))
    return all(event.pgh_context and event.pgh_context.metadata.get("actor") == "system" for event in events)


def _put_back(row: Appointment, state: Any, by: Actor) -> None:
    now, was, slot = timezone.now(), row.status, row.slot
    if state is None:  # It was given by this press.
        row.status = AppointmentStatus.CANCELLED
    else:
        for name in OF_A_TIME:
            setattr(row, name, getattr(state, name))
    holds_again = was not in AppointmentStatus.holding_time() or row.slot != slot
    takes_time = row.status in AppointmentStatus.holding_time() and row.ends_at > now
    if takes_time and holds_again and not row.overbooked and not calendars.on(row.slot, without=row).fits(row.slot):
        raise SlotTaken
    row.sequence += 1
    row.save_new_version()
    cancel_notifications([row.pk], *ABOUT_A_TIME)
    if row.starts_at <= now and slot.starts_at <= now:
        return
    kind: NotificationKind | None = None
    if row.status == AppointmentStatus.CANCELLED:
        kind = NotificationKind.CANCELLED
    elif row.status in TOLD_OF and (was in TOLD_OF or row.slot != slot):
        kind = given_kind(row, moved=row.slot != slot)
    elif row.status in TOLD_OF:
        kind = withheld_confirmation(row)
    if kind and not row.displaced_at:
        tell_change(kind, row.inquiry, row, by)
