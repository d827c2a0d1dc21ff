"""What has to be done every minute and every night, whether or not anybody asks."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from appointments import actions, messages, retention
from appointments.actors import Actor
from appointments.models import Closure, Inquiry, Status, WorkerSign
from clinic import hours
from clinic.models import Clinic

# A promise that is late by so much of the clinic's opening time is the manager's business.
OVERDUE = timedelta(hours=4)
PATIENT_SILENT_FOR = timedelta(days=14)


def every_minute() -> None:
    now = timezone.now()
    WorkerSign.objects.update_or_create(pk=1, defaults={"seen_at": now})
    clinic = Clinic.current()
    week = [row.opening for row in clinic.opening_hours.all()]
    late = Inquiry.objects.waiting_for_us().filter(answered_at=None, answer_by__lt=now - OVERDUE)
    for inquiry in late:
        closures = [each.period for each in Closure.objects.of_the_clinic().after(inquiry.answer_by)]
        if hours.open_time(inquiry.answer_by, now, week=week, closures=closures, zone=clinic.zone) >= OVERDUE:
            with transaction.atomic():
                messages.tell_manager_of_overdue(inquiry, now)


def every_night() -> None:
    silent = Inquiry.objects.filter(status=Status.WAITING_FOR_PATIENT, moved_at__lt=timezone.now() - PATIENT_SILENT_FOR)
    for inquiry in silent:
        actions.close_as_silent(inquiry=inquiry, by=Actor.system())
    retention.erase_what_is_old()
