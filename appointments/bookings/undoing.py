"""Taking back what somebody of the staff did to an inquiry and its times: both are again as they were before."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings.appointments import ABOUT_A_TIME, given_kind
from appointments.bookings.locking import lock_practitioners, locked_appointment, refused_by_the_database
from appointments.errors import ChangedMeanwhile, NotPossible, SlotTaken
from appointments.inquiries import taking_back
from appointments.inquiries.changing import changing
from appointments.models import Appointment, AppointmentStatus, Inquiry, NotificationKind
from appointments.notifications.changes import tell_change, withheld_confirmation
from appointments.notifications.notify import cancel_notifications
from appointments.scheduling import calendars

# What a press makes of an inquiry, and of a time.
OF_AN_INQUIRY = (
    "status", "screening", "screening_reason", "assigned_to_id", "answer_by", "answered_at", "waiting_list_since",
    "wished_at", "wished_visit_type_id", "wished_practitioner_id", "phone_is_wrong", "patient_phone_is_wrong",
    "same_as_id",
)  # fmt: skip
OF_A_SLOT = ("starts_at", "ends_at", "blocked_until", "practitioner_id", "visit_type_id")
OF_A_TIME = (
    *OF_A_SLOT, "status", "held_until", "overbooked", "overbook_reason", "displaced_at", "reached_at",
    "cancelled_late", "reschedules", "time_set_at", "patient_will_come_at",
)  # fmt: skip
# What is told of a time that was given or taken; of arrivals nobody is told anything.
TOLD_OF = (AppointmentStatus.PENDING, AppointmentStatus.BOOKED, AppointmentStatus.CANCELLED)

# The version of an inquiry, and those of its times by their id.
type Versions = tuple[int, dict[int, int]]


class Press(NamedTuple):
    """What one press did to one inquiry (by its id): from which versions to which, and to its calls."""

    inquiry: int
    before: Versions
    after: Versions
    done: taking_back.Deeds


def versions(inquiry: Inquiry) -> Versions:
    """The inquiry and its times as they are now, by their versions."""
    now = Inquiry.objects.values_list("version", flat=True).get(pk=inquiry.pk)
    return now, dict(inquiry.appointments.values_list("pk", "version"))


def entering(inquiry: Inquiry) -> Press:
    """The press that entered this inquiry, and gave it a time: before it there was nothing of theirs."""
    begun = inquiry.events.order_by("pgh_id").values_list("version", flat=True)[0]
    return Press(inquiry.pk, (begun, {}), versions(inquiry), taking_back.all_of(inquiry))


def can_be_taken_back(press: Press) -> bool:
    """Whether it offered nothing, and ended nothing that was offered or held to be checked: they may know of that."""
    if press.before == press.after and not press.done:
        return False
    before, after = press.before[1], press.after[1]
    changed = {pk: version for pk, version in before.items() if after.get(pk) != version}
    times = Appointment.objects.filter(inquiry=press.inquiry)
    if any(_event(row, changed[row.pk]).held_until for row in times.filter(pk__in=changed)):
        return False
    made = times.filter(pk__in=after.keys() - before.keys())
    return not made.filter(held_until__isnull=False).exists()


@refused_by_the_database
def take_back(presses: Sequence[Press], by: Actor) -> None:
    """
    Take back what one press did to these inquiries, all of it or nothing.

    Each inquiry and its times are put back from `after` to `before`, and its people hear what is new to them, if
    anything is; the calls that the press ended are to be made again. Raises ChangedMeanwhile where somebody has changed
    one of them since; SlotTaken where the time before is not free.
    """
    # Practitioners first, all at once, then inquiries in the order of their ids: or two could wait for each other.
    presses = sorted(presses, key=lambda press: press.inquiry)
    times = [_times(press) for press in presses]
    every = [each for these in times for pair in these for each in pair if each]
    lock_practitioners({each.practitioner_id for each in every})
    for press, these in zip(presses, times, strict=True):
        _take_back(press, these, by)


def _times(press: Press) -> list[tuple[Appointment, Any]]:
    """The times of the inquiry that the press changed, each with the state before it; None of what it made."""
    before, after = press.before[1], press.after[1]
    changed = [pk for pk, version in after.items() if before.get(pk) != version]
    rows = Appointment.objects.filter(pk__in=changed, inquiry=press.inquiry).order_by("pk")
    return [(row, _event(row, before[row.pk]) if row.pk in before else None) for row in rows]


def _take_back(press: Press, times: list[tuple[Appointment, Any]], by: Actor) -> None:
    inquiry, before, after = Inquiry.objects.get(pk=press.inquiry), press.before, press.after
    with changing(inquiry, None, by) as row:
        if row.version != after[0] and not _only_the_site_changed_it(row, after[0]):
            raise ChangedMeanwhile
        if {pk: now for pk, now in versions(row)[1].items() if pk in after[1]} != after[1]:
            raise ChangedMeanwhile
        for each, was in times:
            with locked_appointment(each, by, after[1][each.pk]) as time:
                _put_back(time, was, by)
        taking_back.take_back(row, press.done)
        if before[0] != after[0]:  # Otherwise what the site wrote down since stays.
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
    # Who was displaced is so again: that the time is closed is no reason against it.
    takes_time = row.status in AppointmentStatus.holding_time() and row.ends_at > now and not row.displaced_at
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
