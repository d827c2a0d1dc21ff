from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic import hours
from clinic.models import Clinic, LanguageLine, OpeningHours, SocialLink


class OpeningHoursFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        """Compare the rows with each other: the constraint only knows those that are saved already."""
        super().clean()
        rows = [form.cleaned_data for form in self.forms if form.is_valid() and form.cleaned_data]
        kept = [row for row in rows if not row.get("DELETE")]
        if hours.overlapping(hours.Opening(row["weekday"], row["opens"], row["closes"]) for row in kept):
            raise ValidationError(_("Two of these hours overlap on the same day."))


class OpeningHoursInline(admin.TabularInline):
    model = OpeningHours
    formset = OpeningHoursFormSet
    extra = 1


class SocialLinkInline(admin.TabularInline):
    model = SocialLink
    extra = 0


class LanguageLineInline(admin.TabularInline):
    model = LanguageLine
    extra = 1


@admin.register(Clinic)
class ClinicAdmin(admin.ModelAdmin):
    """The one clinic: its list is its form."""

    inlines = [OpeningHoursInline, SocialLinkInline, LanguageLineInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Clinic | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        clinic, _is_new = Clinic.objects.get_or_create(pk=1)
        return redirect(reverse("admin:clinic_clinic_change", args=[clinic.pk]))
