"""Who would come earlier or waits for a time at all, and what has become free: the longest waiting first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db.models import Exists, FilteredRelation, Max, OuterRef, Q
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import free_then
from appointments.bookings.follow_up import withdraw_proposals
from appointments.bookings.locking import refused_by_the_database
from appointments.bookings.wishes import free_slots, horizon, is_offered, likely_visit_type, suits, write
from appointments.errors import HasAppointment, NotPossible
from appointments.inquiries.changing import changing
from appointments.inquiries.lifecycle import reopen
from appointments.models import (
    Appointment,
    AppointmentStatus,
    Inquiry,
    InquiryScreening,
    Practitioner,
    Schedule,
    VisitType,
    WaitingListWish,
)
from appointments.scheduling import calendars
from appointments.slots import Slot
from clinic.models import Clinic

_OF_THE_WISH = ("waiting_list_wish__visit_type", "waiting_list_wish__practitioner")


@dataclass(frozen=True)
class WaitingListEntry:
    """Somebody who waits, and the time that they could have; their `appointment` is None where they have no time."""

    inquiry: Inquiry
    appointment: Appointment | None
    slot: Slot
    visit_type: VisitType
    wish: WaitingListWish | None


@dataclass(frozen=True)
class FreedSlot:
    """A time that is free now and was not before, and who fits, the longest waiting first."""

    starts_at: datetime
    practitioner_name: str
    entries: list[WaitingListEntry]


@dataclass(frozen=True)
class _Waiting:
    """Somebody who waits: for a time before `until`, which is that of their appointment, if they have one."""

    inquiry: Inquiry
    appointment: Appointment | None
    visit_type: VisitType
    wish: WaitingListWish | None
    until: datetime

    def wants(self, slot: Slot, zone: ZoneInfo) -> bool:
        return slot.starts_at < self.until and (self.wish is None or suits(self.wish, slot, zone))

    def could_not_have(self, slot: Slot, given_at: datetime | None) -> bool:
        """Whether it was not free when they began to wait, or was given since, at `given_at` for the last time."""
        since = self.inquiry.waiting_list_since
        is_given_since = given_at is not None and since is not None and given_at > since
        return is_given_since or self.wish is None or not free_then.held(self.wish.free_then, slot)

    def entry(self, slot: Slot) -> WaitingListEntry:
        return WaitingListEntry(self.inquiry, self.appointment, slot, self.visit_type, self.wish)


def freed_slots(now: datetime) -> list[FreedSlot]:
    """
    Times that somebody waits for and could not have before, soonest first; nine queries at most.

    Those that were given and are free again, and those that were not free when somebody began to wait: a session that
    was added, an offer that ran out, a closure that ended.
    """
    waiting = _waiting(now)
    if not waiting:
        return []
    given = _given(now, max(each.until for each in waiting))
    if not given and not any(each.wish for each in waiting):
        return []
    schedules = {(each.practitioner_id, each.visit_type_id): each for each in Schedule.objects.for_staff()}
    names = {each.practitioner_id: each.practitioner.name for each in schedules.values()}
    zone, last = Clinic.current().zone, max(each.until for each in waiting)
    by_id = calendars.between(names, now.astimezone(zone).date(), last.astimezone(zone).date(), zone=zone)
    new = {
        each: list(free_slots(each, by_id, schedules, now))
        for each in {each.visit_type for each in waiting if each.wish}
    }
    fitting: list[tuple[_Waiting, Slot]] = []
    for each in waiting:
        again = (
            Slot.starting_at(starts_at, each.visit_type.rules, practitioner)
            for starts_at, practitioner in given
            if (practitioner, each.visit_type.pk) in schedules
        )
        slots = {slot for slot in again if by_id[slot.practitioner_id].fits(slot)}
        slots |= set(new.get(each.visit_type, ()) if each.wish else ())
        slots = {slot for slot in slots if each.could_not_have(slot, given.get((slot.starts_at, slot.practitioner_id)))}
        fitting += [(each, slot) for slot in slots if each.wants(slot, zone)]
    declined = _declined(waiting) if fitting else set()
    found: dict[tuple[datetime, int], list[WaitingListEntry]] = {}
    for each, slot in fitting:
        if (each.inquiry.pk, slot.practitioner_id, slot.starts_at) not in declined:
            found.setdefault((slot.starts_at, slot.practitioner_id), []).append(each.entry(slot))
    return [FreedSlot(at, names[practitioner], found[at, practitioner]) for at, practitioner in sorted(found)]


def _waiting(now: datetime) -> list[_Waiting]:
    """Those who wait and are not asked at this moment, the longest waiting first."""
    rows = Inquiry.objects.filter(waiting_list_since__isnull=False).exclude(
        pk__in=Appointment.objects.proposed(now).values("inquiry")
    )
    # An inquiry has one live appointment at most.
    live = FilteredRelation("appointments", condition=Q(appointments__status__in=AppointmentStatus.live()))
    rows = rows.annotate(live=live)
    rows = rows.select_related(*_OF_THE_WISH, "live__visit_type", "live__practitioner")  # type: ignore[misc]
    found = []
    for inquiry in rows.order_by("waiting_list_since", "pk"):
        wish, appointment = getattr(inquiry, "waiting_list_wish", None), getattr(inquiry, "live", None)
        if appointment is not None and appointment.is_held_for_a_while and appointment.held_until <= now:
            appointment = None
        if appointment is not None:
            appointment.inquiry = inquiry
        if appointment is not None:
            if appointment.is_to_come(now):
                found.append(_Waiting(inquiry, appointment, appointment.visit_type, wish, appointment.starts_at))
        elif wish is not None and inquiry.screening == InquiryScreening.PASSED:
            found.append(_Waiting(inquiry, None, wish.visit_type, wish, horizon(wish.visit_type, now)))
    return found


def _given(now: datetime, until: datetime) -> dict[tuple[datetime, int], datetime]:
    """
    When and with whom (by id) times were given that nobody has now, each with when it was given for the last time.

    Of thousands nearly all are somebody's still.
    """
    event = apps.get_model("appointments", "AppointmentEvent")
    holders = Appointment.objects.taking_time(now).filter(
        practitioner=OuterRef("practitioner"), starts_at=OuterRef("starts_at")
    )
    given = event.objects.filter(
        ~Exists(holders),
        status__in=(AppointmentStatus.PENDING, AppointmentStatus.BOOKED),
        starts_at__gt=now,
        starts_at__lt=until,
    )
    last = given.order_by().values_list("starts_at", "practitioner_id").annotate(Max("time_set_at"))
    return {(starts_at, practitioner): at for starts_at, practitioner, at in last}


def _declined(waiting: Iterable[_Waiting]) -> set[tuple[int, int, datetime]]:
    """Times that were offered to them before: it is the next one's turn."""
    rows = Appointment.objects.filter(inquiry__in=[each.inquiry.pk for each in waiting], held_until__isnull=False)
    return set(rows.values_list("inquiry_id", "practitioner_id", "starts_at"))


def join_or_leave(*, inquiry: Inquiry, on: bool, by: Actor) -> None:
    """
    The patient would take an earlier time than theirs, on any day, or waits no longer.

    Raises NotPossible without an appointment.
    """
    now = timezone.now()
    with changing(inquiry, None, by) as row:
        held = row.appointments.not_expired(now).live().exclude(status=AppointmentStatus.ARRIVED).first()
        if on and held is None:
            raise NotPossible("no time to come before")
        if on and held and row.waiting_list_since is None:
            write(row, held.visit_type, None, (), until=held.starts_at, now=now)
        row.waiting_list_since = (row.waiting_list_since or now) if on else None


def wait(
    *, inquiry: Inquiry, visit_type: VisitType, practitioner: Practitioner | None, half_days: Sequence[int], by: Actor
) -> None:
    """
    The patient waits for such a time, before the one that they have or at all; who waits already keeps their place.

    A patient who asks for it themselves, and has no time, is promised an answer. Raises NotPossible where nobody sees
    patients for that, where somebody has to look at the inquiry first, or nobody may be told anything.
    """
    now = timezone.now()
    with changing(inquiry, None, by) as row:
        if not is_offered(visit_type, practitioner):
            raise NotPossible("nobody sees patients for that")
        if not row.may_be_told or (by.user is None and row.screening != InquiryScreening.PASSED):
            raise NotPossible("nobody may be told, or somebody has to look at it first")
        held = row.appointments.not_expired(now).live().first()
        if held is not None and not held.is_to_come(now):
            raise NotPossible(held.status)
        until = held.starts_at if held else horizon(visit_type, now)
        write(row, held.visit_type if held else visit_type, practitioner, half_days, until=until, now=now)
        if row.waiting_list_since is None:
            row.waiting_list_since = now
            if held is None and by.user is None:
                reopen(row, now)


@refused_by_the_database
def ask_for_time(*, inquiry: Inquiry, by: Actor) -> None:
    """
    The patient wants a time from the front desk: none was free, or right, or the last one was cancelled. They wait for
    one from now on (waiting_list_since), whether or not a promise of ours is running already: on the waiting list,
    where it is known for which kind of visit.

    Raises HasAppointment; ChangedMeanwhile where times are offered that `by` has not seen.
    """
    now = timezone.now()
    with changing(inquiry, None, by) as row:
        if row.appointments.not_expired(now).live().exists():
            raise HasAppointment
        withdraw_proposals(row, by)
        if row.waiting_list_since is None and (visit_type := likely_visit_type(row)):
            write(row, visit_type, None, (), until=horizon(visit_type, now), now=now)
        row.waiting_list_since = row.waiting_list_since or now
        reopen(row, now)
