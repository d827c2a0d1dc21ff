"""Kinds of visits, as the manager enters them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments.admin.base import route
from appointments.admin.schedule import preparation
from appointments.models import PreparationSignOff, VisitType
from clinic.began_with import BeganWith


class VisitTypeForm(forms.ModelForm):
    class Meta:
        model = VisitType
        fields = [
            "name", "said_as", "chosen_as", "minutes", "buffer_minutes", "patients_may_choose", "booked_at_once",
            "lead_hours", "horizon_days", "follows_others", "preparation", "position", "is_active",
        ]  # fmt: skip
        help_texts = {
            "minutes": _("How long the visit takes."),
            "buffer_minutes": _("A pause after it, in which nobody else is seen."),
            "horizon_days": _("A patient can choose no time that is later. 56 days are 8 weeks."),
            "patients_may_choose": _(
                "On the site, with each practitioner who has “times can be chosen online” ticked. "
                "The front desk can give times of it either way."
            ),
            "preparation": _(
                "Patients see these words once a clinician has signed them. A change needs a new sign-off."
            ),
            "is_active": _("Take the tick away when you no longer offer it. Nothing is deleted: old visits keep it."),
        }

    def clean_preparation(self) -> str:
        # A browser sends each line's end as two characters: words that nobody changed would lose their signature.
        return self.cleaned_data["preparation"].replace("\r\n", "\n")


class VisitTypeAdmin(BeganWith):
    form = VisitTypeForm
    list_display = ["name", "length", "online", "signed", "offered"]
    readonly_fields = ["signature"]
    fieldsets = [
        (None, {"fields": ["name", "minutes", "buffer_minutes", "follows_others", "position", "is_active"]}),
        (
            _("Online"),
            {"fields": ["patients_may_choose", "said_as", "chosen_as", "booked_at_once", "lead_hours", "horizon_days"]},
        ),
        (_("Preparation"), {"fields": ["preparation", "signature"]}),
    ]

    def has_delete_permission(self, request: HttpRequest, obj: VisitType | None = None) -> bool:
        """Appointments keep what they were for: what is no longer offered is inactive."""
        return False

    def get_urls(self) -> list[Any]:
        return [route(self, "<int:pk>/sign-off/", preparation.view), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        signed = PreparationSignOff.objects.filter(visit_type=OuterRef("pk"), digest=OuterRef("preparation_digest"))
        return super().get_queryset(request).annotate(is_signed=Exists(signed))

    @admin.display(description=_("length"), ordering="minutes")
    def length(self, visit_type: VisitType) -> str:
        minutes = gettext("%d minutes") % visit_type.minutes
        pause = gettext("then %d minutes free") % visit_type.buffer_minutes
        return f"{minutes}, {pause}" if visit_type.buffer_minutes else minutes

    @admin.display(description=_("chosen by patients"))
    def online(self, visit_type: VisitType) -> str:
        if not visit_type.patients_may_choose:
            return gettext("Only the front desk gives times")
        return (
            gettext("Patients choose, booked at once")
            if visit_type.booked_at_once
            else gettext("Patients choose, the front desk confirms")
        )

    @admin.display(description=_("preparation"))
    def signed(self, visit_type: VisitType) -> str:
        if not visit_type.preparation:
            return gettext("No words about preparation")
        return gettext("Signed") if visit_type.is_signed else gettext("Not signed: patients do not see it")  # type: ignore[attr-defined]

    @admin.display(description=_("offered"))
    def offered(self, visit_type: VisitType) -> str:
        return gettext("Offered") if visit_type.is_active else gettext("No longer offered")

    @admin.display(description=_("sign-off"))
    def signature(self, visit_type: VisitType) -> SafeString | str:
        if not visit_type.pk or not visit_type.preparation:
            return gettext("Write the words and save them. Then a clinician can sign them.")
        address = reverse("admin:appointments_visittype_sign_off", args=[visit_type.pk])
        return format_html(
            '{} <a href="{}">{}</a>', preparation.signature(visit_type), address, gettext("Read and sign")
        )
