"""Doing here what another calendar did to times that came from it: changed, canceled, or left as they are here."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import uuid4

from django.utils.translation import gettext

from appointments.actors import Actor
from appointments.bookings.appointments import ABOUT_A_TIME
from appointments.bookings.follow_up import is_read
from appointments.bookings.imports import reached
from appointments.bookings.imports.compared import Known, name_digests
from appointments.bookings.imports.lines import Line, Verdict
from appointments.bookings.imports.rows import Row
from appointments.bookings.imports.taken import Times
from appointments.bookings.locking import locked_appointment
from appointments.inquiries import contact_data
from appointments.inquiries.changing import changing
from appointments.inquiries.contact_data import ContactData
from appointments.inquiries.lifecycle import reopen
from appointments.models import Appointment, AppointmentStatus, BroughtIn, BusyBlock, Inquiry, InquiryStatus
from appointments.models.inquiry import BY_FILE
from appointments.models.inquiry_choices import ContactChannel
from appointments.notifications.notify import cancel_notifications

# What this file does to what came in before.
FOLLOWING = (Verdict.CANCELLED, Verdict.MOVED, Verdict.OVERBOOKED)


def follow(lines: Iterable[Line], *, by: Actor, now: datetime) -> dict[int, BusyBlock]:
    """
    Change and cancel what these lines say, and tell nobody: their patients agreed on it in the other calendar.

    Everybody is locked already. What leaves its time leaves it first, so that two may change places. Return the busy
    times that moved, by the numbers of their rows.
    """
    lines = list(lines)
    for line in lines:
        if line.replaced:
            _give_way(line.replaced, by)
    following = [line for line in lines if line.known and line.verdict in FOLLOWING]
    blocks = {line.row.number: _change_block(line) for line in following if line.known.appointment is None}
    visits = [line for line in following if line.known.appointment]
    for line in visits:
        if line.verdict == Verdict.CANCELLED:
            _cancel(line.known.appointment, by)
    moving = [line for line in visits if line.verdict != Verdict.CANCELLED]
    _let_places_be_changed(moving)
    for line in moving:
        if line.becomes != line.known.here:
            _move(line, by, now)
        if found := reached.ways(line):
            _reach(line, found, by)
    return {number: block for number, block in blocks.items() if block}


def why_overbooked(line: Line) -> str:
    """What is kept with the appointment as the reason."""
    return (gettext("From another calendar. %s") % line.why)[:300]


def remember(lines: Iterable[Line], blocks: Mapping[int, BusyBlock]) -> None:
    """Write down what the other calendar says of these lines now; of the busy times among them, these are here."""
    rows = [_said(line, blocks.get(line.row.number)) for line in lines if line.submission_id]
    said = (
        "practitioner", "busy_block", "starts_at", "ends_at", "is_cancelled", "takes_no_time", "is_tentative",
        "visit_type", "name_digest", "phone_digest", "email_digest", "sequence",
    )  # fmt: skip
    BroughtIn.objects.bulk_create(
        rows, batch_size=500, update_conflicts=True, unique_fields=["submission_id"], update_fields=said
    )


def _said(line: Line, block: BusyBlock | None) -> BroughtIn:
    row, before, told = line.row, line.known.said if line.known else None, line.told or line.slot
    names = ("practitioner_id", "starts_at", "ends_at", "visit_type_id")
    at = {name: getattr(told or before, name) for name in names}
    at["visit_type_id"] = at["visit_type_id"] if row.is_visit else None
    is_silent = row.is_private or (before is not None and not row.name)
    return BroughtIn(
        submission_id=before.submission_id if before else line.submission_id,
        busy_block_id=(block.pk if block else line.block)
        or (line.known.said.busy_block_id if line.known and line.verdict != Verdict.CANCELLED else None),
        is_cancelled=row.is_cancelled,
        takes_no_time=bool(row.takes_no_time),
        is_tentative=before.is_tentative if before and row.is_tentative is None else row.is_tentative,
        name_digest=before.name_digest if before and is_silent else name_digests(row)[0],
        **reached.digests(row, before),
        sequence=row.sequence if row.sequence is not None else (before.sequence if before else 0),
        **at,
    )


def _change_block(line: Line) -> BusyBlock | None:
    """The busy time at its new time; None where it was canceled."""
    block: BusyBlock = line.known.block or BusyBlock()  # What was removed here, somebody wants back.
    if line.verdict == Verdict.CANCELLED:
        if block.pk:
            block.delete()
        return None
    slot = line.its_slot
    block.practitioner_id, block.starts_at, block.ends_at = slot.practitioner_id, slot.starts_at, slot.ends_at
    block.save()
    return block


def _give_way(known: Known, by: Actor) -> None:
    """
    Cancel what came in before, since its calendar has somebody else's visit, or busy time, under its id.

    Nobody's inquiry becomes another person's, who could read what it says: it gives its id away, too.
    """
    if known.block:
        known.block.delete()
    if known.appointment:
        if known.appointment.status != AppointmentStatus.CANCELLED:
            _cancel(known.appointment, by)
        Inquiry.objects.filter(pk=known.appointment.inquiry_id).update(submission_id=BY_FILE + uuid4().hex)
    BroughtIn.objects.filter(pk=known.said.pk).delete()


def _cancel(appointment: Appointment, by: Actor) -> None:
    with locked_appointment(appointment, by) as row:
        row.status = AppointmentStatus.CANCELLED
        row.sequence += 1
        row.save_new_version()
        cancel_notifications([row.pk], *ABOUT_A_TIME)
        with changing(row.inquiry, None, by) as inquiry:
            inquiry.waiting_list_since = None


def _move(line: Line, by: Actor, now: datetime) -> None:
    slot = line.its_slot
    with locked_appointment(line.known.appointment, by) as row:
        is_earlier = slot.starts_at < row.starts_at
        was = row.status
        if row.status == AppointmentStatus.CANCELLED:
            row.cancelled_late = False
        row.status = AppointmentStatus.PENDING if line.becomes.is_tentative else AppointmentStatus.BOOKED
        row.held_until = None
        if not line.keeps_its_time:
            row.overbooked = line.verdict == Verdict.OVERBOOKED
            row.overbook_reason = why_overbooked(line) if row.overbooked else ""
        row.set_slot(slot, now)
        row.sequence += 1
        row.save_new_version()
        cancel_notifications([row.pk], *ABOUT_A_TIME)
        with changing(row.inquiry, None, by) as inquiry:
            if is_earlier:
                inquiry.waiting_list_since = None
            if row.status == AppointmentStatus.PENDING and was == AppointmentStatus.CANCELLED:
                reopen(inquiry, now)
            elif was == AppointmentStatus.PENDING != row.status and is_read(inquiry, by):
                inquiry.status, inquiry.answered_at = InquiryStatus.CLOSED, inquiry.answered_at or now


def _reach(line: Line, found: dict[str, str], by: Actor) -> None:
    """Write down how somebody is reached; of whom nobody knew it, that ends the call to find it out."""
    inquiry = Inquiry.objects.get(pk=line.known.appointment.inquiry_id)
    kept = {name: getattr(inquiry, name) for name in ContactData._fields} | found
    if inquiry.contact_by == ContactChannel.NOT_YET:
        kept["contact_by"] = channel_of(line.row)
    contact_data.correct(inquiry=inquiry, to=ContactData(**kept), version=inquiry.version, by=by)


def channel_of(row: Row) -> ContactChannel:
    """How whom a row names is reached."""
    if row.phone:
        return ContactChannel.PHONE
    return ContactChannel.EMAIL if row.email else ContactChannel.NOT_YET


def _let_places_be_changed(moving: list[Line]) -> None:
    """
    Have those overbooked for a moment whose present time another one moves to.

    The database looks at each row as it is changed: of two who change places, the first would still meet the other.
    """
    times = Times()
    for line in moving:
        times.add(line.its_slot, "", line.known.appointment.pk)
    in_the_way = [each.pk for line in moving if times.clash((each := line.known.appointment).slot, but=each.pk)]
    reason = gettext("It moves, as another does to its time.")
    Appointment.objects.filter(pk__in=in_the_way).update(overbooked=True, overbook_reason=reason)
