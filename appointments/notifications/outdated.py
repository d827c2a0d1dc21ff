"""Whether a mail or a call would tell what is no longer so. One question for both: they are about the same things."""

from bisect import bisect
from datetime import datetime, timedelta

from django.utils import timezone

from appointments.models import AppointmentStatus, CallState, CallTask, Closure, Email, Inquiry, NotificationKind
from appointments.models.inquiry_choices import ContactChannel
from appointments.models.inquiry_queryset import InquiryQuerySet
from clinic import hours, practice

# Once the time has begun, nobody is told any longer that it will.
ABOUT_A_TIME_TO_COME = (
    NotificationKind.HELD,
    NotificationKind.HELD_MOVED,
    NotificationKind.BOOKED,
    NotificationKind.MOVED,
    NotificationKind.SOMEBODY_ELSE,
    NotificationKind.REMINDER,
)


def waiting_inquiries() -> int:
    """How many inquiries wait for the clinic, in the inbox or to be checked by hand."""
    return (Inquiry.objects.waiting_for_us() | Inquiry.objects.to_check_by_hand()).count()


# A promise that is late by so much of the clinic's opening time is the manager's business.
OVERDUE = timedelta(hours=4)


def overdue_promises(now: datetime) -> InquiryQuerySet:
    """Inquiries whose answer is overdue at `now`, the oldest promise first; two statements beside their own."""
    late = Inquiry.objects.waiting_for_us().filter(answered_at=None, answer_by__lt=now - OVERDUE)
    late = late.order_by("answer_by", "pk")
    first = late.values_list("answer_by", flat=True).first()
    if first is None:
        return late.none()
    known = practice.current()
    closures = Closure.objects.periods_of_the_clinic(after=first)

    def is_overdue(answer_by: datetime) -> bool:
        return hours.open_time(answer_by, now, week=known.week, closures=closures, zone=known.clinic.zone) >= OVERDUE

    # The older a promise, the more opening time lies behind it: one moment parts those that are overdue.
    promised = list(late.values_list("answer_by", flat=True))
    many = bisect(promised, False, key=lambda answer_by: not is_overdue(answer_by))
    return late.filter(answer_by__lte=promised[many - 1]) if many else late.none()


def is_outdated(notification: Email | CallTask) -> bool:
    """Whether what the mail or the call would tell is no longer so, or nobody may be told: erased, or not contacted."""
    kind, appointment, inquiry = notification.kind, notification.appointment, notification.inquiry
    if inquiry is not None and not inquiry.may_be_told:
        return True
    if kind == NotificationKind.STAFF_WAITING:
        return not waiting_inquiries()
    if kind == NotificationKind.STAFF_OVERDUE:
        return not overdue_promises(timezone.now()).exists()
    if kind == NotificationKind.RECEIVED and inquiry:
        # The mail about their time says all of it, and no date that nobody will keep.
        return inquiry.emails.told_or_waiting().filter(appointment__isnull=False).exists()
    if appointment is None or inquiry is None:
        return False
    if kind in ABOUT_A_TIME_TO_COME and appointment.starts_at <= timezone.now():
        return True
    if kind == NotificationKind.OFFERED:
        return not inquiry.appointments.proposed_with(appointment, timezone.now()).exists()
    if kind == NotificationKind.NO_NUMBER:
        is_known = inquiry.contact_by != ContactChannel.NOT_YET
        return is_known or not appointment.is_live or appointment.ends_at <= timezone.now()
    if kind == NotificationKind.DISPLACED:
        return appointment.displaced_at is None or appointment.status not in AppointmentStatus.live()
    if kind == NotificationKind.REMINDER:
        return appointment.status != AppointmentStatus.BOOKED or appointment.displaced_at is not None
    # A later mail tells of what changed meanwhile.
    is_old = notification.dedupe_key != inquiry.dedupe_key(kind, appointment.version_key)
    return is_old or (appointment.displaced_at is not None and kind != NotificationKind.CANCELLED)


def cancel_outdated_calls() -> None:
    """Take off the list of calls what nobody has to be told any longer, whatever made it so."""
    calls = CallTask.objects.open().filter(appointment__isnull=False).select_related("inquiry", "appointment")
    outdated = [call.pk for call in calls if is_outdated(call)]
    CallTask.objects.filter(pk__in=outdated).end(CallState.CANCELLED)
