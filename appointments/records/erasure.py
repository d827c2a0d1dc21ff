"""
Erasing what people wrote: by age, once the manager has set a period, and one person's on their wish.

The row stays, without a word of theirs, so that counts stay true. What is on hold, or has an appointment
to come, is never touched by itself.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings.locking import lock_practitioners
from appointments.inquiries.changing import changing
from appointments.models import (
    Appointment,
    AppointmentStatus,
    BroughtIn,
    Call,
    CallState,
    CallTask,
    Counter,
    DoctorQuestion,
    Email,
    Erasure,
    Inquiry,
    InquiryScreening,
    InquiryStatus,
    MailState,
    Message,
    Note,
    WaitingListWish,
)
from appointments.models.appointment_queryset import AppointmentQuerySet
from appointments.models.inquiry import BY_FILE, new_key
from clinic.busy import Busy, busy_after_waiting
from clinic.models import Clinic, EmergencyAccess, KeptPost

ERASED = "–"
ERASED_EMAIL = "erased@erased.invalid"
KEEP_SPAM = timedelta(days=30)
YEAR = timedelta(days=365.25)


def due(now: datetime) -> Iterator[tuple[str, QuerySet[Inquiry]]]:
    """What may be erased now, as (why, inquiries): spam, and what was closed longer ago than the clinic keeps it."""
    to_come = Appointment.objects.live().filter(ends_at__gt=now)
    kept = Inquiry.objects.filter(legal_hold=False, erased_at=None).exclude(appointments__in=to_come)
    yield "spam", kept.filter(screening=InquiryScreening.SPAM, moved_at__lt=now - KEEP_SPAM)
    if years := Clinic.current().keep_years:
        closed = kept.filter(status=InquiryStatus.CLOSED, moved_at__lt=now - years * YEAR)
        yield f"closed more than {years} years ago", closed.exclude(screening=InquiryScreening.SPAM)


def erase_what_is_old() -> int:
    """Erase all that is due; return how many inquiries."""
    Counter.objects.over(timezone.now()).delete()
    erased = 0
    for why, inquiries in due(timezone.now()):
        for pk in inquiries.values_list("pk", flat=True).iterator():
            with suppress(Busy), busy_after_waiting():  # In somebody's hands: the next night erases it.
                erased += erase(Inquiry(pk=pk), reason=why, by=Actor.system(), only_if=inquiries)
    return erased


def freed(inquiry: Inquiry, now: datetime) -> AppointmentQuerySet:
    """Times of this inquiry to come, given, held or offered: erasing it makes them free, soonest first."""
    rows = Appointment.objects.filter(inquiry=inquiry.pk, starts_at__gt=now)
    return rows.exclude(status=AppointmentStatus.CANCELLED).order_by("starts_at", "pk")


@transaction.atomic
def erase(inquiry: Inquiry, *, reason: str, by: Actor, only_if: QuerySet[Inquiry] | None = None) -> bool:
    """
    Erase what one inquiry's people wrote, in its history, mails, calls, notes and messages too.

    Nothing is erased, and False returned, when it is on hold or erased already, or no longer among `only_if`.
    """
    now = timezone.now()
    to_come = Appointment.objects.filter(inquiry=inquiry.pk, ends_at__gt=now).exclude(
        status=AppointmentStatus.CANCELLED
    )
    lock_practitioners(to_come.values_list("practitioner", flat=True))
    row = Inquiry.objects.select_for_update(no_key=True).get(pk=inquiry.pk)
    if row.erased_at or row.legal_hold or (only_if is not None and not only_if.filter(pk=row.pk).exists()):
        return False
    with changing(row, None, by) as row:
        row.status, row.waiting_list_since = InquiryStatus.CLOSED, None
        # Nobody is left to tell: the times are free.
        freed(row, now).filter(held_until__isnull=False).end_early(now)
        freed(row, now).cancel()
    _erase_reasons_of_emergencies(row)
    words = _nothing_of(row)
    Inquiry.objects.filter(pk=row.pk).update(**words, key=new_key(), erased_at=timezone.now())
    for model in (Note, Message):
        model.objects.filter(inquiry=row).update(words=ERASED)
    Call.objects.filter(inquiry=row).update(words="")
    questions = DoctorQuestion.objects.filter(inquiry=row)
    questions.filter(answered_at=None, taken_back_at=None).update(taken_back_at=now)
    questions.update(note="")
    questions.exclude(answer="").update(answer=ERASED)
    WaitingListWish.objects.filter(inquiry=row).delete()
    BroughtIn.objects.filter(pk=row.submission_id).update(name_digest="", phone_digest="", email_digest="")
    for appointment in row.appointments.exclude(overbook_reason=""):
        Appointment.objects.filter(pk=appointment.pk).update(overbook_reason=ERASED, version=F("version") + 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT erase_words_of_history(%s)", [row.pk])  # The owner's: nobody else changes a history.
    # What has ended keeps how it ended: that is counted.
    Email.objects.filter(inquiry=row, state=MailState.WAITING).update(state=MailState.CANCELLED)
    Email.objects.filter(inquiry=row).update(to=ERASED_EMAIL, last_error="", subject="", text="", html="")
    CallTask.objects.filter(inquiry=row).end(CallState.CANCELLED)
    _erase_what_staff_typed(row)
    Erasure.objects.create(inquiry=row, reason=reason, by=by.user)
    return True


def _erase_what_staff_typed(inquiry: Inquiry) -> None:
    """
    What waits for somebody of the staff to sign in again, typed on a page of this inquiry or of its rows.

    So does what was sent to a page of many appointments: a calendar to be brought in may name anybody.
    """
    KeptPost.objects.about(Inquiry, [inquiry.pk]).delete()
    KeptPost.objects.about_many(Appointment).delete()
    for model in (Appointment, CallTask, DoctorQuestion, Email):
        ids = model._default_manager.filter(inquiry=inquiry).values_list("pk", flat=True)
        KeptPost.objects.about(model, ids).delete()


def _erase_reasons_of_emergencies(inquiry: Inquiry) -> None:
    """
    A reason of an emergency access that names this patient, or how they are or were reached.

    The row keeps who read, and when.
    """
    named = {inquiry.reference, inquiry.shown_reference, inquiry.name, inquiry.patient_name}
    was = inquiry.events.values_list("phone", "patient_phone", "phone_e164", "email")
    EmergencyAccess.objects.naming(named.union(*was)).update(why=ERASED)


def _nothing_of(inquiry: Inquiry) -> dict[str, Any]:
    """Fields with personal data, emptied as far as the constraints allow."""
    words = dict.fromkeys(
        (
            "patient_phone", "patient_name", "reach_note", "spoken_language", "search_words", "phone_e164",
            "chart_number", "talks_with",
        ),
        "",
    )  # fmt: skip
    # By it the file of another calendar is known when it is brought once more: made with our secret, it tells nothing.
    came_by_file = inquiry.submission_id.startswith(BY_FILE)
    return words | {
        "search_trigrams": [],
        "date_of_birth": None,
        "talks_with_since": None,
        "talks_with_by": None,
        "submission_id": inquiry.submission_id if came_by_file else f"erased {inquiry.pk}",
        "name": ERASED,
        "message": ERASED if inquiry.message else "",
        "phone": ERASED if inquiry.phone else "",
        "email": ERASED_EMAIL if inquiry.email else "",
        "contact_person": "writer",
    }
