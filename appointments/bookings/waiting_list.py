"""Who would come earlier or waits for a time at all, and what has become free: the longest waiting first."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db.models import Exists, OuterRef
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import free_then
from appointments.bookings.follow_up import withdraw_proposals
from appointments.bookings.locking import refused_by_the_database
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
from appointments.models.waiting_list_wish import half_day
from appointments.scheduling import calendars
from appointments.slots import Calendar, Slot
from clinic.models import Clinic

# New times are looked for among so many days to come, as far as the kind of visit can be chosen ahead.
LOOKS_AHEAD = 90


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

    def entry(self, slot: Slot) -> WaitingListEntry:
        return WaitingListEntry(self.inquiry, self.appointment, slot, self.visit_type, self.wish)


def suits(wish: WaitingListWish, slot: Slot, zone: ZoneInfo) -> bool:
    """Whether the time is with whom they want to see, on a half-day that suits them."""
    if wish.practitioner_id not in (None, slot.practitioner_id):
        return False
    return not wish.half_days or half_day(slot.starts_at.astimezone(zone)) in wish.half_days


def freed_slots(now: datetime) -> list[FreedSlot]:
    """
    Times that somebody waits for and could not have before, soonest first; ten queries at most.

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
        each: list(_free(each, by_id, schedules, now)) for each in {each.visit_type for each in waiting if each.wish}
    }
    fitting: list[tuple[_Waiting, Slot]] = []
    for each in waiting:
        again = (
            Slot.starting_at(starts_at, each.visit_type.rules, practitioner)
            for starts_at, practitioner in given
            if (practitioner, each.visit_type.pk) in schedules
        )
        slots = {slot for slot in again if by_id[slot.practitioner_id].fits(slot)}
        if each.wish:
            slots |= {slot for slot in new[each.visit_type] if not free_then.held(each.wish.free_then, slot)}
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
    rows = rows.select_related("waiting_list_wish__visit_type", "waiting_list_wish__practitioner")
    inquiries = list(rows.order_by("waiting_list_since", "pk"))
    live = Appointment.objects.filter(inquiry__in=inquiries).live().not_expired(now)
    theirs = {row.inquiry_id: row for row in live.select_related("visit_type", "practitioner")} if inquiries else {}
    found = []
    for inquiry in inquiries:
        wish, appointment = getattr(inquiry, "waiting_list_wish", None), theirs.get(inquiry.pk)
        if appointment is not None:
            if appointment.is_to_come(now):
                found.append(_Waiting(inquiry, appointment, appointment.visit_type, wish, appointment.starts_at))
        elif wish is not None and inquiry.screening == InquiryScreening.PASSED:
            found.append(_Waiting(inquiry, None, wish.visit_type, wish, _horizon(wish.visit_type, now)))
    return found


def _horizon(visit_type: VisitType, now: datetime) -> datetime:
    return now + timedelta(days=min(visit_type.horizon_days, LOOKS_AHEAD))


def _given(now: datetime, until: datetime) -> list[tuple[datetime, int]]:
    """When and with whom (by id) times were given that nobody has now. Of thousands nearly all are somebody's still."""
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
    return list(given.values_list("starts_at", "practitioner_id").distinct())


def _free(
    visit_type: VisitType, by_id: Mapping[int, Calendar], of: Collection[tuple[int, int]], now: datetime
) -> Iterable[Slot]:
    """The free times for a kind of visit that a patient could choose, with whoever sees patients for it."""
    first, last = now.date() - timedelta(days=1), _horizon(visit_type, now).date()
    for practitioner, calendar in by_id.items():
        if (practitioner, visit_type.pk) in of:
            yield from calendar.slots(visit_type.rules, now=now, first=first, last=last)


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
            _write(row, held.visit_type, None, (), until=held.starts_at, now=now)
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
        of_them = Schedule.objects.for_staff().filter(visit_type=visit_type)
        if not (of_them.filter(practitioner=practitioner) if practitioner else of_them).exists():
            raise NotPossible("nobody sees patients for that")
        if not row.may_be_told or (by.user is None and row.screening != InquiryScreening.PASSED):
            raise NotPossible("nobody may be told, or somebody has to look at it first")
        held = row.appointments.not_expired(now).live().first()
        if held is not None and not held.is_to_come(now):
            raise NotPossible(held.status)
        until = held.starts_at if held else _horizon(visit_type, now)
        _write(row, held.visit_type if held else visit_type, practitioner, half_days, until=until, now=now)
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
            _write(row, visit_type, None, (), until=_horizon(visit_type, now), now=now)
        row.waiting_list_since = row.waiting_list_since or now
        reopen(row, now)


def likely_visit_type(inquiry: Inquiry) -> VisitType | None:
    """What they had, or asked for, a time for last, or the only kind of visit there is; None where nobody knows."""
    there = VisitType.objects.active().filter(pk__in=Schedule.objects.for_staff().values("visit_type"))
    last = inquiry.appointments.of_the_patient()
    known = last.visit_type_id if last else inquiry.wished_visit_type_id
    if known is not None:
        return there.filter(pk=known).first()
    only = list(there[:2])
    return only[0] if len(only) == 1 else None


def _write(
    row: Inquiry,
    visit_type: VisitType,
    practitioner: Practitioner | None,
    half_days: Sequence[int],
    *,
    until: datetime,
    now: datetime,
) -> None:
    """
    Write what the people of a locked inquiry wait for.

    What suits them and is free at the moment at which they begin to wait is kept with it: they know of it, or did not
    want it. Who says later that other days suit them, too, is shown what is free on those.
    """
    said = {"visit_type": visit_type, "practitioner": practitioner, "half_days": sorted(set(half_days))}
    wish = WaitingListWish(inquiry=row, **said)
    if (
        row.waiting_list_since is None
        or not WaitingListWish.objects.filter(inquiry=row, visit_type=visit_type).exists()
    ):
        said["free_then"] = free_then.keep(_free_for(wish, until, now))
    WaitingListWish.objects.update_or_create(inquiry=row, defaults=said)


def _free_for(wish: WaitingListWish, until: datetime, now: datetime) -> Iterable[Slot]:
    zone = Clinic.current().zone
    people = Schedule.objects.for_staff().filter(visit_type=wish.visit_type).values_list("practitioner", flat=True)
    of = {(practitioner, wish.visit_type.pk) for practitioner in people}
    first, last = now.astimezone(zone).date(), min(until, _horizon(wish.visit_type, now)).astimezone(zone).date()
    by_id = calendars.between([pk for pk, _visit in of], first, last, zone=zone)
    return (slot for slot in _free(wish.visit_type, by_id, of, now) if suits(wish, slot, zone))
