"""Bringing in appointments that were made elsewhere, exactly as somebody saw them in a dry run."""

from collections.abc import Collection, Iterator
from datetime import datetime

import pghistory
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings.imports import files, following, plans
from appointments.bookings.imports.lines import Line, Plan, Verdict
from appointments.bookings.locking import lock_practitioners, refused_by_the_database
from appointments.errors import PlanChanged
from appointments.inquiries.promises import next_answer_by
from appointments.inquiries.search import make_findable
from appointments.models import (
    Appointment,
    AppointmentStatus,
    BusyBlock,
    CallTask,
    Inquiry,
    InquiryKind,
    InquiryStatus,
    NotificationKind,
    Practitioner,
    VisitType,
)
from appointments.models.inquiry_choices import ContactChannel, InquirySource
from clinic import phones
from clinic.models import Clinic

# Rows in one INSERT.
BATCH = 500


@refused_by_the_database
def carry_out(
    *,
    content: bytes,
    practitioner: Practitioner | None,
    visit_type: VisitType | None,
    digest: str,
    overbook: Collection[int] = (),
    theirs: Collection[int] = (),
    ours: Collection[int] = (),
    by: Actor,
) -> Plan:
    """
    Bring in the file as the plan with this `digest` says, all of it or nothing, and tell nobody.

    The rows of the numbers in `overbook` come in overbooked where they clash (who may overbook, the caller has asked).
    Of what was changed on both sides, `theirs` follow the other calendar, and `ours` stay as they are here.
    Who has neither a phone number nor an email stands in the list of calls.

    Raises PlanChanged; SlotTaken or HasAppointment where the database refuses what slipped through.
    """
    now = timezone.now()
    zone = Clinic.current().zone
    reading = files.read(content, zone)
    # The file may name any of them, and none may be booked while it is compared.
    lock_practitioners(Practitioner.objects.active().values_list("pk", flat=True))
    if Clinic.current().zone != zone:
        reading = files.read(content, Clinic.current().zone)
    agreed = plans.plan(reading, practitioner=practitioner, visit_type=visit_type, now=now)
    if agreed.digest != digest:
        raise PlanChanged(agreed)
    with pghistory.context(**by.metadata):
        agreed = agreed.decided(theirs, ours, overbook).overbooking(overbook)
        moved = following.follow(agreed.lines, by=by, now=now)
        _give(agreed.coming, now)
        busy = {
            line.row.number: BusyBlock(
                practitioner_id=line.its_slot.practitioner_id,
                starts_at=line.its_slot.starts_at,
                ends_at=line.its_slot.ends_at,
            )
            for line in agreed.of(Verdict.BUSY)
        }
        BusyBlock.objects.bulk_create(busy.values())
        following.remember(agreed.compared, moved | busy)
    return agreed


def _give(lines: list[Line], now: datetime) -> None:
    """Their inquiries, answered and closed since the time was agreed on elsewhere, and their appointments."""
    answer_by = next_answer_by(now)
    inquiries = [_inquiry(line, now, answer_by) for line in lines]
    Inquiry.objects.bulk_create(inquiries, batch_size=BATCH)
    given = []
    for line, inquiry in zip(lines, inquiries, strict=True):
        status = AppointmentStatus.PENDING if line.row.is_tentative else AppointmentStatus.BOOKED
        appointment = Appointment(inquiry=inquiry, status=status, created_at=now)
        if line.verdict == Verdict.OVERBOOKED:
            appointment.overbooked = True
            appointment.overbook_reason = following.why_overbooked(line)
        if line.slot:
            appointment.set_slot(line.slot, now)
        given.append(appointment)
    Appointment.objects.bulk_create(given, batch_size=BATCH)
    CallTask.objects.bulk_create(_asking_for_numbers(given, answer_by), batch_size=BATCH)


def _asking_for_numbers(given: list[Appointment], answer_by: datetime) -> Iterator[CallTask]:
    """The calls to find out how patients are reached, by `answer_by` or the beginning of their visit."""
    kind = NotificationKind.NO_NUMBER
    for each in given:
        if each.inquiry.contact_by == ContactChannel.NOT_YET:
            yield CallTask(
                kind=kind,
                inquiry=each.inquiry,
                appointment=each,
                due_at=min(answer_by, each.starts_at),
                dedupe_key=each.inquiry.dedupe_key(kind),
            )


def _inquiry(line: Line, now: datetime, answer_by: datetime) -> Inquiry:
    row = line.row
    inquiry = Inquiry(
        submission_id=line.submission_id,
        source=InquirySource.FILE,
        kind=InquiryKind.APPOINTMENT,
        name=row.name,
        phone=row.phone,
        phone_e164=phones.e164(row.phone),
        email=row.email,
        contact_by=following.channel_of(row),
        # What is to be confirmed is the front desk's until then.
        status=InquiryStatus.OPEN if row.is_tentative else InquiryStatus.CLOSED,
        created_at=now,
        moved_at=now,
        answer_by=answer_by,
        answered_at=None if row.is_tentative else now,
    )
    make_findable(inquiry)
    return inquiry
