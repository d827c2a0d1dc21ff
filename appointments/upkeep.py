"""What has to be done every minute and every night, whether or not anybody asks."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from appointments import actions
from appointments.actions import offers
from appointments.actors import Actor
from appointments.models import Appointment, AppointmentStatus, Closure, Email, Inquiry, MailKind, Status, WorkerSign
from appointments.notifications.notify import notify_manager_of_overdue
from clinic import hours
from clinic.models import Clinic

# A promise that is late by so much of the clinic's opening time is the manager's business.
OVERDUE = timedelta(hours=4)
PATIENT_SILENT_FOR = timedelta(days=14)


def sign() -> None:
    WorkerSign.objects.update_or_create(pk=1, defaults={"seen_at": timezone.now()})


def tell_of_overdue_promises() -> None:
    now, clinic = timezone.now(), Clinic.current()
    told = Email.objects.filter(
        kind=MailKind.STAFF_OVERDUE, inquiry=OuterRef("pk"), created_at__gt=OuterRef("answer_by")
    )
    late = Inquiry.objects.waiting_for_us().filter(~Exists(told), answered_at=None, answer_by__lt=now - OVERDUE)
    if not late:
        return
    week = [row.opening for row in clinic.opening_hours.all()]
    first = min(inquiry.answer_by for inquiry in late)
    closures = [each.period for each in Closure.objects.of_the_clinic().after(first)]
    for inquiry in late:
        if hours.open_time(inquiry.answer_by, now, week=week, closures=closures, zone=clinic.zone) >= OVERDUE:
            with transaction.atomic():
                notify_manager_of_overdue(inquiry, now)


def let_offers_expire() -> None:
    """What nobody chose in time is free, and the front desk's again."""
    now = timezone.now()
    # Whoever books such a time clears the offer away: it is no longer proposed then, but its patient still waits.
    ended = Appointment.objects.filter(
        inquiry=OuterRef("pk"), held_until__lte=now, held_until__gt=OuterRef("moved_at"),
        status__in=(AppointmentStatus.PROPOSED, AppointmentStatus.CANCELLED),
    )  # fmt: skip
    waiting = Inquiry.objects.filter(Exists(ended), status=Status.WAITING_FOR_PATIENT)
    for inquiry in waiting.exclude(appointments__in=Appointment.objects.offered(now)):
        offers.let_expire(inquiry=inquiry)


def close_silent() -> None:
    """Close what has waited for the patient for two weeks; writing reopens it."""
    before = timezone.now() - PATIENT_SILENT_FOR
    for inquiry in Inquiry.objects.filter(status=Status.WAITING_FOR_PATIENT, moved_at__lt=before):
        actions.close_as_silent(inquiry=inquiry, by=Actor.system())
