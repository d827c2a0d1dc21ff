"""Asking a practitioner about an inquiry: handed over with a note, given back with an answer that the desk sends."""

from contextlib import suppress

from django.utils import timezone

from appointments.actors import Actor
from appointments.errors import ChangedMeanwhile, NotPossible
from appointments.inquiries.changing import changing
from appointments.inquiries.lifecycle import reopen
from appointments.models import DoctorQuestion, Inquiry, InquiryStatus, Practitioner


def ask(*, inquiry: Inquiry, practitioner: Practitioner, note: str, version: int, by: Actor) -> DoctorQuestion:
    """
    Put the inquiry before a practitioner. It stays the front desk's, and its promise runs on.

    The same question again is the one that waits already. Raises NotPossible where another one waits, where the inquiry
    does not wait for us, or where the practitioner has no account; ChangedMeanwhile like any decision.
    """
    with changing(inquiry, None, by) as row:
        waiting = row.doctor_questions.open().first()
        if waiting and (waiting.practitioner_id, waiting.note) == (practitioner.pk, note):
            return waiting
        if row.version != version:
            raise ChangedMeanwhile
        if (
            waiting
            or not row.is_waiting_for_us
            or not Practitioner.objects.to_ask().filter(pk=practitioner.pk).exists()
        ):
            raise NotPossible("not to be asked")
        if row.status == InquiryStatus.NEW:
            row.status = InquiryStatus.OPEN
        row.assigned_to = row.assigned_to or by.user
        _count_up(row)
        return row.doctor_questions.create(practitioner=practitioner, note=note, asked_by=by.user)


def give_back(*, question: DoctorQuestion, answer: str, by: Actor) -> DoctorQuestion:
    """
    Keep the practitioner's answer as a draft: the front desk sends it or reads it out, nobody is told by this.

    What the desk has closed meanwhile is in the inbox again, so that the answer is read. The same answer again is the
    one that is there. Raises NotPossible where the question was taken back, or was answered in other words.
    """
    with changing(question.inquiry, None, by) as row:
        asked = row.doctor_questions.select_for_update(of=("self",)).get(pk=question.pk)
        if asked.answered_at and asked.answer == answer:
            return asked
        if asked.answered_at or asked.taken_back_at:
            raise NotPossible("it waits no longer")
        asked.answer, asked.answered_by, asked.answered_at = answer, by.user, timezone.now()
        asked.save(update_fields=["answer", "answered_by", "answered_at"])
        if row.status not in InquiryStatus.ours():
            reopen(row, asked.answered_at)
        _count_up(row)
        return asked


def take_back(*, inquiry: Inquiry, version: int, by: Actor) -> Inquiry:
    """
    Take the question back that waits for a practitioner: they do not see the inquiry any longer.

    Raises NotPossible where nothing waits; ChangedMeanwhile, for example where they have answered this moment.
    """
    with changing(inquiry, version, by) as row:
        if not row.doctor_questions.open().update(taken_back_at=timezone.now()):
            raise NotPossible("no question waits")
        _count_up(row)
    return row


def take_back_what_nobody_can_answer(*, by: Actor) -> int:
    """Take back the questions of practitioners who can no longer be asked: the desk asks again. Return how many."""
    stuck = DoctorQuestion.objects.open().exclude(practitioner__in=Practitioner.objects.to_ask())
    taken_back = 0
    # In the order of their ids: two who do so do not wait for each other for ever.
    for question in stuck.select_related("inquiry").order_by("inquiry"):
        with suppress(ChangedMeanwhile, NotPossible):  # Answered, erased or taken back a moment ago.
            take_back(inquiry=question.inquiry, version=question.inquiry.version, by=by)
            taken_back += 1
    return taken_back


def _count_up(row: Inquiry) -> None:
    """The question stands beside the inquiry's row: whoever has its page open is told of it all the same."""
    row.version += 1
    row.save(update_fields=["version"])
