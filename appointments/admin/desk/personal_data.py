"""One person's data: on paper for the chart, as a file, and erased."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from appointments.actors import Actor
from appointments.admin.base import ERASE, inbox_trail, page_context, record_access, seen
from appointments.models import AccessAction, Inquiry
from appointments.records import erasure, history
from clinic.accounts import session_store
from clinic.server.security_log import Event, record

# Not the person's: what keeps the site's own order. Another inquiry may name somebody else, should it not be theirs.
OURS = {
    "same_as",
    "id", "key", "code", "wrong_tries", "link_state", "link_made_at", "submission_id", "search_words",
    "search_trigrams", "version", "phone_e164", "sum_solved", "overdue_told",
}  # fmt: skip


def _seen(request: HttpRequest, inquiry_admin: ModelAdmin, pk: int) -> Inquiry:
    return seen(request, inquiry_admin, Inquiry.objects.select_related("procedure", "assigned_to"), pk=pk)


def _fields(inquiry: Inquiry) -> list[tuple[str, str]]:
    """What they sent and what became of it, as (name, value); empty ones are left out."""
    said = []
    for field in Inquiry._meta.concrete_fields:
        if field.name in OURS or getattr(inquiry, field.attname) in (None, "", False):
            continue
        value = getattr(inquiry, field.name)
        if isinstance(value, datetime):
            value = date_format(timezone.localtime(value), "N j, Y, P")
        elif isinstance(value, date):
            value = date_format(value, "N j, Y")
        elif value is True:
            value = gettext("Yes")
        elif field.choices:
            value = dict(field.flatchoices)[value]
        said.append((str(capfirst(field.verbose_name)), str(value)))
    return said


@require_safe
def chart(request: HttpRequest, inquiry_admin: ModelAdmin, pk: int) -> HttpResponse:
    inquiry = _seen(request, inquiry_admin, pk)
    record_access(request, AccessAction.PRINTED, inquiry)
    context = {
        **page_context(request, inquiry_admin, *inbox_trail(inquiry), here=gettext("Print for the chart")),
        "title": inquiry.who_comes,
        "inquiry": inquiry,
        "fields": _fields(inquiry),
        "history": history.lines(inquiry),
        "printed_at": timezone.now(),
        "printed_by": request.user,
    }
    return TemplateResponse(request, "admin/appointments/inquiry/chart.html", context)


@require_safe
def card(request: HttpRequest, inquiry_admin: ModelAdmin, pk: int) -> HttpResponse:
    """The card for who stands here, or gets it by post: the one that their own page prints."""
    inquiry, now = _seen(request, inquiry_admin, pk), timezone.now()
    appointment = inquiry.appointments.not_expired(now).live().first()
    if appointment is None or appointment.displaced_at or not appointment.is_to_come(now):
        raise Http404("no time to come")
    record_access(request, AccessAction.PRINTED, inquiry)
    back = reverse("admin:appointments_inquiry_change", args=[pk])
    return render(request, "appointments/card.html", {"inquiry": inquiry, "appointment": appointment, "desk": back})


@require_safe
def data(request: HttpRequest, inquiry_admin: ModelAdmin, pk: int) -> HttpResponse:
    inquiry = _seen(request, inquiry_admin, pk)
    record_access(request, AccessAction.EXPORTED, inquiry)
    written = {
        "sent": dict(_fields(inquiry)),
        "happened": [
            {"at": line.at.isoformat(), "who": line.who, "kind": line.kind, "what": line.what}
            for line in history.lines(inquiry)
        ],
    }
    answer = JsonResponse(written, json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer.headers["Content-Disposition"] = f'attachment; filename="{inquiry.shown_reference}.json"'
    return answer


class EraseForm(forms.Form):
    use_required_attribute = False

    reason = forms.CharField(
        label=_("Why?"),
        max_length=300,
        help_text=_("This stays. Do not name anybody."),
        widget=forms.Textarea({"rows": 2}),
    )
    reference = forms.CharField(label=_("Type the reference, to be sure"))
    sure = forms.BooleanField(label=_("I know that nobody can bring it back."))

    def __init__(self, *args: Any, inquiry: Inquiry, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.inquiry = inquiry

    def clean_reference(self) -> str:
        typed = self.cleaned_data["reference"].replace("-", "").replace(" ", "").upper()
        if typed != self.inquiry.reference:
            raise forms.ValidationError(_("This is not the reference of this inquiry."))
        return typed


@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, inquiry_admin: ModelAdmin, pk: int) -> HttpResponse:
    inquiry = _seen(request, inquiry_admin, pk)
    if not request.user.has_perm(ERASE):
        raise PermissionDenied
    form = EraseForm(request.POST if request.method == "POST" else None, inquiry=inquiry)
    if request.method == "POST" and form.is_valid():
        if erasure.erase(inquiry, reason=form.cleaned_data["reason"], by=Actor.staff(request.user)):
            record(Event.RECORD_ERASED, request, inquiry=inquiry.pk)
            session_store.forget_sentences()
            messages.success(request, gettext("Erased. Only the fact that there was an inquiry is left."))
            return redirect("admin:appointments_inquiry_change", pk)
        form.add_error(None, gettext("It is on hold: take it off hold first. Or it is erased already."))
    record_access(request, AccessAction.READ, inquiry)
    context = {
        **page_context(request, inquiry_admin, *inbox_trail(inquiry), here=gettext("Erase")),
        "title": gettext("Erase %s") % inquiry.shown_reference,
        "inquiry": inquiry,
        "freed": erasure.freed(inquiry, timezone.now()).select_related("practitioner", "visit_type"),
        "form": form,
    }
    return TemplateResponse(request, "admin/appointments/inquiry/erase.html", context)
