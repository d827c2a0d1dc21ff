from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import CheckConstraint
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic import hours
from clinic.models import Announcement, Clinic, LanguageLine, Notice, OpeningHours, SocialLink


class OpeningHoursForm(forms.ModelForm):
    def validate_constraints(self) -> None:
        """Only what one row says by itself: rows that the same form is changing are compared by the formset."""
        for constraint in OpeningHours._meta.constraints:
            if isinstance(constraint, CheckConstraint):
                try:
                    constraint.validate(OpeningHours, self.instance, exclude=self._get_validation_exclusions())  # type: ignore[attr-defined]
                except ValidationError as error:
                    self.add_error(None, error)


class OpeningHoursFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        """Refuse a week in which two rows overlap, with a sentence; the constraint would only say so at the end."""
        super().clean()
        rows = [form.cleaned_data for form in self.forms if form.is_valid() and form.cleaned_data]
        kept = [row for row in rows if not row.get("DELETE")]
        if hours.overlapping(hours.Opening(row["weekday"], row["opens"], row["closes"]) for row in kept):
            raise ValidationError(_("Two of these hours overlap on the same day."))


class OpeningHoursInline(admin.TabularInline):
    model = OpeningHours
    form = OpeningHoursForm
    formset = OpeningHoursFormSet
    extra = 1


class SocialLinkInline(admin.TabularInline):
    model = SocialLink
    extra = 0


class LanguageLineInline(admin.TabularInline):
    model = LanguageLine
    extra = 1


@admin.register(Announcement)
class AnnouncementAdmin(admin.ModelAdmin):
    list_display = ["words", "starts_at", "ends_at"]


@admin.register(Notice)
class NoticeAdmin(admin.ModelAdmin):
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


@admin.register(Clinic)
class ClinicAdmin(admin.ModelAdmin):
    """The one clinic: its list is its form."""

    inlines = [OpeningHoursInline, SocialLinkInline, LanguageLineInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Clinic | None = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Clinic | None:
        return Clinic.current() if object_id == "1" else None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect(reverse("admin:clinic_clinic_change", args=[1]))
