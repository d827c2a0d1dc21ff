"""The desk's part on a doctor: who is asked what, and the answer that comes back as a draft."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from appointments.actors import Actor, name_of
from appointments.admin.base import ASK_DOCTOR, with_inbox
from appointments.errors import NotPossible
from appointments.inquiries import doctor_questions
from appointments.models import DoctorQuestion, Inquiry, Practitioner

ASK, TAKE_BACK = "ask-doctor", "unask-doctor"


class AskTheDoctor(forms.Form):
    """Whom to ask, with a note; only where somebody can be asked, by whoever may."""

    # What the desk's answer began with, where a doctor has written one.
    draft = ""

    # No field of a model's: that asks the database once for each time that it is shown.
    doctor = forms.TypedChoiceField(label=_("Doctor"), required=False, empty_value=None)
    doctor_note = forms.CharField(
        label=_("Note for the doctor"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def ask_about(self, user: Any, question: DoctorQuestion | None) -> None:
        """Offer those who can be asked; begin the answer with what a doctor has written, if one has."""
        self.draft = question.answer if question else ""
        self.initial["answer"] = self.initial.get("answer") or self.draft
        doctors = {each.pk: each for each in Practitioner.objects.to_ask()} if user.has_perm(ASK_DOCTOR) else {}
        if not doctors:
            del self.fields["doctor"], self.fields["doctor_note"]
            return
        field: Any = self.fields["doctor"]
        nobody = [("", _("Choose"))] if len(doctors) > 1 else []
        field.choices = [*nobody, *((pk, each.name) for pk, each in doctors.items())]
        field.coerce = lambda pk: doctors[int(pk)]

    def clean(self) -> None:
        said, do = self.cleaned_data, self.data.get("do")
        if do == ASK and "doctor" in self.fields and not said.get("doctor") and "doctor" not in self.errors:
            self.add_error("doctor", _("Choose who is asked."))
        if do != ASK and said.get("doctor_note"):
            self.add_error("doctor_note", _("You have not asked the doctor. Ask, or empty the field."))

    def is_draft(self, answer: str) -> bool:
        """Whether this is what the doctor wrote, as it stood in the form."""
        return bool(self.draft) and answer.split() == self.draft.split()


def unanswerable_come_back(request: HttpRequest) -> None:
    """An account or a practitioner was changed: what nobody can answer now is asked again by the desk, and said."""
    if number := doctor_questions.take_back_what_nobody_can_answer(by=Actor.staff(request.user)):
        words = ngettext(
            "%d question to a doctor is taken back: they can no longer answer it here.",
            "%d questions to doctors are taken back: they can no longer answer them here.",
            number,
        )
        messages.success(request, with_inbox(words % number))


def current(asked: Sequence[DoctorQuestion]) -> DoctorQuestion | None:
    """Of what was asked about an inquiry, oldest first, what matters now."""
    return next((question for question in reversed(asked) if question.is_current), None)


def context(inquiry: Inquiry, question: DoctorQuestion | None, user: Any) -> dict[str, Any]:
    """The question that waits, or the answer that nobody has passed on yet, with who wrote it."""
    shown: dict[str, Any] = {"may_ask": user.has_perm(ASK_DOCTOR) and inquiry.is_waiting_for_us}
    if question:
        is_answered = question.answered_at is not None
        writer = question.answered_by if is_answered else question.asked_by
        shown |= {
            "draft" if is_answered else "asked_doctor": question,
            "question_by": name_of(writer) if writer else gettext("an account that is gone"),
        }
    return shown


def act(request: HttpRequest, inquiry: Inquiry, said: dict[str, Any], version: int, by: Actor) -> None:
    """Ask the doctor, or take the question back. Raises PermissionDenied, and what the verbs raise."""
    if not request.user.has_perm(ASK_DOCTOR):
        raise PermissionDenied
    if request.POST.get("do") == TAKE_BACK:
        doctor_questions.take_back(inquiry=inquiry, version=version, by=by)
        messages.success(request, gettext("%s: the question is taken back.") % inquiry.who_comes)
        return
    if not said.get("doctor"):
        raise NotPossible("nobody can be asked")
    doctor, note = said["doctor"], said["doctor_note"]
    doctor_questions.ask(inquiry=inquiry, practitioner=doctor, note=note, version=version, by=by)
