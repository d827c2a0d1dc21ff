"""One question that the front desk put to a practitioner: what was written, the desk's note, and the answer."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from appointments.actors import Actor, name_of
from appointments.admin import wording
from appointments.admin.base import as_key, page_context, record_access
from appointments.admin.doctor.own import practitioner_of
from appointments.errors import NotPossible
from appointments.inquiries import doctor_questions
from appointments.models import AccessAction, DoctorQuestion


class AnswerForm(forms.Form):
    use_required_attribute = False

    answer = forms.CharField(
        label=_("Your answer"),
        max_length=2000,
        error_messages={"required": _("Write your answer.")},
        help_text=_("The front desk reads it, then sends it or reads it out. Nothing goes out by itself."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest, model_admin: ModelAdmin, object_id: str) -> HttpResponse:
    """Show the question; a POST gives it back with an answer."""
    doctor = practitioner_of(request, model_admin)
    rows = DoctorQuestion.objects.filter(practitioner=doctor, taken_back_at=None, inquiry__erased_at=None)
    question = get_object_or_404(rows.select_related("inquiry__procedure", "asked_by"), pk=as_key(object_id))
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and not model_admin.has_change_permission(request, question):
        raise PermissionDenied
    if request.method == "POST" and form.is_valid():
        return _give_back(request, question, form.cleaned_data["answer"])
    if question.answered_at:
        # Given back is out of one's hands: of the patient nothing is shown any longer.
        messages.info(request, gettext("You have given this one back already."))
        return redirect("admin:appointments_doctorquestion_changelist")
    inquiry = question.inquiry
    record_access(request, AccessAction.READ, inquiry)
    trail = [(gettext("Your day"), reverse("admin:appointments_doctorquestion_changelist"))]
    context: dict[str, Any] = {
        **page_context(request, model_admin, *trail, here=inquiry.who_comes),
        "title": inquiry.who_comes,
        "question": question,
        "inquiry": inquiry,
        "about": wording.about(inquiry),
        "asked_by": name_of(question.asked_by) if question.asked_by else gettext("an account that is gone"),
        "written": inquiry.messages.order_by("created_at", "pk"),
        "form": form,
    }
    return TemplateResponse(request, "admin/appointments/doctorquestion/question.html", context)


def _give_back(request: HttpRequest, question: DoctorQuestion, answer: str) -> HttpResponse:
    try:
        doctor_questions.give_back(question=question, answer=answer, by=Actor.staff(request.user))
    except NotPossible:
        messages.warning(
            request, gettext("The front desk has taken the question back, or you have answered it before.")
        )
    else:
        words = gettext("%s: given back. The front desk passes your answer on.")
        messages.success(request, words % question.inquiry.who_comes)
    return redirect("admin:appointments_doctorquestion_changelist")
