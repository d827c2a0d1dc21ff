from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from clinic import hours, week_formset
from clinic.accounts.user_admin import AccountAdmin
from clinic.admin_site import ShownOnTheSite
from clinic.began_with import BeganWith
from clinic.browser_fields import OF_THE_BROWSER
from clinic.models import Announcement, Clinic, LanguageLine, Notice, OpeningHours, SocialLink

admin.site.unregister(get_user_model())
admin.site.register(get_user_model(), AccountAdmin)


class OpeningHoursFormSet(week_formset.WeekFormSet):
    def overlap(self, rows: list[OpeningHours]) -> bool:
        return hours.overlapping(row.opening for row in rows)


class OpeningHoursInline(admin.TabularInline):
    model = OpeningHours
    form = week_formset.RowForm
    formset = OpeningHoursFormSet
    extra = 1


class SocialLinkInline(admin.TabularInline):
    model = SocialLink
    extra = 0


class LanguageLineInline(admin.TabularInline):
    model = LanguageLine
    extra = 1
    fields = ["language", "words", "emergency_words", "translator", "is_shown"]
    readonly_fields = ["is_shown"]

    @admin.display(description=_("visitors see it"))
    def is_shown(self, line: LanguageLine) -> str:
        if not line.pk:
            return "–"
        return str(_("Yes") if line.translator else _("No: it names nobody who translated it."))


@admin.register(Announcement)
class AnnouncementAdmin(BeganWith):
    list_display = ["words", "starts_at", "ends_at"]
    formfield_overrides = OF_THE_BROWSER


@admin.register(Notice)
class NoticeAdmin(ShownOnTheSite):
    """The three notices that there are: their texts are the clinic's."""

    list_display = ["__str__", "is_written", "changed_at"]
    fields = ["body"]

    @admin.display(description=_("written"), boolean=True)
    def is_written(self, notice: Notice) -> bool:
        return bool(notice.body)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        return False


class ClinicForm(forms.ModelForm):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if "time_zone" in self.fields:
            there = date_format(timezone.now().astimezone(self.instance.zone), "P, l")
            clock, _comma, day = there.rpartition(", ")
            words = _("Like America/New_York. Clocks there show %(clock)s now, %(day)s.")
            self.fields["time_zone"].help_text = words % {"clock": clock, "day": day}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if "time_zone" in self.changed_data:
            said["time_zone_confirmed"] = True  # A manager who chose another one has looked.
        return said


@admin.register(Clinic)
class ClinicAdmin(BeganWith):
    """The one clinic: its list is its form."""

    form = ClinicForm
    inlines = [OpeningHoursInline, SocialLinkInline, LanguageLineInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Clinic | None = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Clinic | None:
        return Clinic.stored() if object_id == "1" else None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect(reverse("admin:clinic_clinic_change", args=[1]))
