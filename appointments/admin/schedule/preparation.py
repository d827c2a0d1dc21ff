"""The clinician's screen for how to prepare for a visit: the words, and the signature under them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from appointments.actors import name_of
from appointments.admin.base import SIGN_PREPARATION, list_trail, page_context, seen
from appointments.models import VisitType


class SignOffForm(forms.Form):
    use_required_attribute = False

    read_digest = forms.CharField(widget=forms.HiddenInput)
    has_read = forms.BooleanField(label=_("I have read these words; patients may see them."))

    def __init__(self, *args: Any, shown: VisitType, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.shown = shown
        self.initial["read_digest"] = shown.preparation_digest

    def clean(self) -> None:
        if self.cleaned_data.get("read_digest") == self.shown.preparation_digest:
            return
        self.add_error(None, _("These words were changed while you were reading. Read them again, then sign."))
        self.data = {"read_digest": self.shown.preparation_digest}


@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest, model_admin: ModelAdmin, pk: int) -> HttpResponse:
    """Show the words as they are; a POST signs those that were read."""
    visit_type = seen(request, model_admin, VisitType.objects.all(), pk=pk)
    may_sign = request.user.has_perm(SIGN_PREPARATION)
    if request.method == "POST" and not may_sign:
        raise PermissionDenied
    form = SignOffForm(request.POST if request.method == "POST" else None, shown=visit_type)
    if visit_type.preparation and form.is_valid():
        # What is stored names the very words: were they changed this moment, it says nothing about the new ones.
        visit_type.preparation_sign_offs.get_or_create(
            digest=form.cleaned_data["read_digest"], signed_by_id=request.user.pk
        )
        messages.success(request, gettext("Signed. Patients see these words from now on."))
        return redirect("admin:appointments_visittype_change", pk)
    context = {
        **page_context(
            request,
            model_admin,
            *list_trail(model_admin, gettext("Kinds of visits")),
            (str(visit_type), reverse("admin:appointments_visittype_change", args=[pk])),
            here=gettext("Sign off"),
        ),
        "title": gettext("How to prepare: %s") % visit_type,
        "visit_type": visit_type,
        "signature": signature(visit_type),
        "form": form,
        "may_sign": may_sign,
    }
    return TemplateResponse(request, "admin/appointments/visittype/sign_off.html", context)


def signature(visit_type: VisitType) -> str:
    """Who signed the words as they are, or that nobody did."""
    signs = visit_type.preparation_sign_offs.filter(digest=visit_type.preparation_digest).select_related("signed_by")
    sign_off = signs.first()
    if sign_off is None:
        return gettext("Not signed: patients do not see it.")
    when = date_format(localtime(sign_off.signed_at), "N j, Y")
    return gettext("Signed by %(who)s on %(when)s.") % {"who": name_of(sign_off.signed_by), "when": when}
