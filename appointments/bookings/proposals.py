"""Times that staff offer somebody to choose from: held until a moment, then free again by themselves."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import pghistory
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from appointments import limits
from appointments.actors import Actor
from appointments.bookings import appointments
from appointments.bookings.follow_up import (
    after_booking,
    after_proposals_ended,
    cancel_proposal_notices,
    is_read,
    let_in,
    notify_of_withdrawal,
    withdraw_proposals,
)
from appointments.bookings.locking import (
    lock_for,
    lock_practitioners,
    locked_appointment,
    refused_by_the_database,
)
from appointments.errors import ChangedMeanwhile, NotPossible, SlotTaken
from appointments.inquiries.answers import answer
from appointments.inquiries.changing import changing
from appointments.models import Appointment, AppointmentStatus, Inquiry, InquiryStatus, NotificationKind
from appointments.notifications.changes import tell_change
from appointments.notifications.notify import notify
from appointments.scheduling import calendars
from appointments.slots import Slot
from clinic.busy import Busy


@refused_by_the_database
def propose(*, inquiry: Inquiry, slots: Sequence[Slot], until: datetime, by: Actor) -> list[Appointment]:
    """
    Hold one to three times for a patient, who picks one by link or by phone; the others free themselves.

    What was offered before is taken back. Raises SlotTaken when one of them is not free, NotPossible for no time, too
    many, or an end that is past or later than the first of them; ChangedMeanwhile where others are offered than `by`
    has seen.
    """
    now = timezone.now()
    if not 1 <= len(set(slots)) <= limits.PROPOSALS_AT_ONCE or not now < until <= min(slot.starts_at for slot in slots):
        raise NotPossible("what is offered ends before it begins")
    lock_for(inquiry, [slot.practitioner_id for slot in slots])
    with changing(inquiry, None, by) as row:
        withdraw_proposals(row, by)
        proposed = []
        for slot in slots:
            if not calendars.on(slot).fits(slot):
                raise SlotTaken
            each = Appointment(inquiry=row, status=AppointmentStatus.PROPOSED, held_until=until, created_at=now)
            each.set_slot(slot, now)
            each.save()
            proposed.append(each)
        let_in(row, by)
        row.assigned_to = row.assigned_to or by.user
        # A patient still waits for us with a time to be confirmed, or with words that nobody has read.
        told_by = notify(NotificationKind.OFFERED, row, key=str(proposed[0].pk), appointment=proposed[0], by=by)
        if is_read(row, by) and not row.appointments.to_confirm().exists():
            answer(row, told_by, then=InquiryStatus.WAITING_FOR_PATIENT, by=by, now=now)
    return proposed


@refused_by_the_database
def accept(*, proposal: Appointment, by: Actor, instead_of: tuple[int, int] | None = None) -> Appointment:
    """
    The patient takes this one of the proposed times: it is theirs at once, since the clinic itself offered it.

    Who has an appointment already is moved there: `instead_of` is the one that was seen, as (id, version), or (0, 0)
    where they had none. Raises SlotTaken for an offer that has expired; ChangedMeanwhile unless theirs is as it was
    seen, where that is given.
    """
    now = timezone.now()
    held = proposal.inquiry.appointments.live().first()
    lock_practitioners({proposal.practitioner_id, held.practitioner_id} if held else {proposal.practitioner_id})
    with locked_appointment(proposal, by) as row:
        theirs = row.inquiry.appointments.live().first()
        if theirs and theirs.slot == row.slot:
            return theirs  # A second tap.
        if row.status != AppointmentStatus.PROPOSED or row.held_until is None or row.held_until <= now:
            raise SlotTaken
        if held and held.is_held_to_check and theirs is None:
            held = instead_of = None  # It was held while somebody checked the request, and that has ended.
        if instead_of is not None and instead_of != ((theirs.pk, theirs.version) if theirs else (0, 0)):
            raise ChangedMeanwhile
        if held:
            row.end_early(now)
            with locked_appointment(held, by) as moved:
                if moved.status not in (AppointmentStatus.PENDING, AppointmentStatus.BOOKED):
                    raise NotPossible(moved.status)
                moved.status, moved.overbooked, moved.overbook_reason = AppointmentStatus.BOOKED, False, ""
                appointments.reschedule_to(moved, row.slot, by, now)
            return moved
        row.status, row.time_set_at, row.held_until = AppointmentStatus.BOOKED, now, None
        row.sequence += 1
        row.save_new_version()
        with changing(row.inquiry, None, by) as inquiry:
            inquiry.waiting_list_since = None
            told_by = tell_change(NotificationKind.BOOKED, inquiry, row, by)
            after_booking(inquiry, row, by, now, told_by)
    return row


@refused_by_the_database
def decline(*, inquiry: Inquiry, by: Actor) -> None:
    """
    The patient wants no offered time, or staff take the offer back: all are free again, and the front desk looks for
    others. Of what staff take back, the patient is told who knew of it.

    Raises ChangedMeanwhile where others are offered than `by` has seen.
    """
    with changing(inquiry, None, by) as row:
        now = timezone.now()
        offered = list(row.appointments.proposed(now))
        withdraw_proposals(row, by)
        after_proposals_ended(row, now)
        if by.user is not None:
            notify_of_withdrawal(row, offered, by)


@refused_by_the_database
def expire(*, inquiry: Inquiry) -> None:
    """Nobody chose in time: the times are free, and the front desk sees it."""
    now = timezone.now()
    with changing(inquiry, None, Actor.system()) as row:
        # A locked one is being cleared away by somebody who books its time.
        expired = row.appointments.expired(now).select_for_update(skip_locked=True).values("pk")
        row.appointments.filter(pk__in=expired).cancel()
        if not row.appointments.proposed(now).exists():
            cancel_proposal_notices(row)
            after_proposals_ended(row, now)


def expire_due() -> None:
    """What nobody chose, or nobody checked, in time is free, and the front desk's again."""
    now = timezone.now()
    unchecked = Appointment.objects.expired(now).filter(status=AppointmentStatus.PENDING)
    for practitioner in unchecked.order_by().values_list("practitioner", flat=True).distinct():
        # Where somebody holds the row for long, the next minute's turn frees them.
        with suppress(Busy), transaction.atomic(), pghistory.context(**Actor.system().metadata):
            lock_practitioners([practitioner])  # Which frees them.
    # Booking such a time clears the proposal away: it is cancelled then, but its patient still waits.
    ended = Appointment.objects.filter(
        inquiry=OuterRef("pk"), held_until__lte=now, held_until__gt=OuterRef("moved_at"),
        status__in=(AppointmentStatus.PROPOSED, AppointmentStatus.CANCELLED),
    )  # fmt: skip
    waiting = Inquiry.objects.filter(Exists(ended), status=InquiryStatus.WAITING_FOR_PATIENT)
    # Whom nobody has reached yet is the front desk's already.
    untold = Inquiry.objects.filter(Exists(ended.filter(status=AppointmentStatus.PROPOSED)), status=InquiryStatus.OPEN)
    open_offers = Appointment.objects.proposed(now)
    for inquiry in [*waiting.exclude(appointments__in=open_offers), *untold.exclude(appointments__in=open_offers)]:
        with suppress(NotPossible, Busy):  # Erased a moment ago, or in somebody's hands.
            expire(inquiry=inquiry)
