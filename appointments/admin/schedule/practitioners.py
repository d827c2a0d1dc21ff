"""Practitioners, as the manager enters them: who sees patients, in which hours, for which visits."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments import slots
from appointments.actors import name_of
from appointments.admin.base import as_key
from appointments.admin.desk.asking import unanswerable_come_back
from appointments.admin.schedule.displacement_warning import ConfirmsDisplacement
from appointments.models import BusyBlock, Practitioner, Schedule, WorkingHours
from clinic import week_formset
from clinic.browser_fields import OF_THE_BROWSER
from clinic.sentences import ended


def online_now() -> str:
    """What patients can choose online at the moment, in a sentence."""
    schedules = Schedule.objects.online().order_by("practitioner", "visit_type")
    if not schedules:
        return gettext(
            "Nothing can be chosen online yet. To switch it on: tick “patients may choose it” at a kind of visit, "
            "and “times can be chosen online” beside it at a practitioner."
        )
    chosen = ", ".join(
        gettext("%(visit)s with %(who)s") % {"visit": schedule.visit_type, "who": schedule.practitioner}
        for schedule in schedules
    )
    return ended(gettext("Patients can choose times online: %s") % chosen)


class WorkingHoursFormSet(week_formset.WeekFormSet):
    def overlap(self, rows: list[WorkingHours]) -> bool:
        return slots.overlapping(row.working_period for row in rows)


class WorkingHoursInline(admin.TabularInline):
    model = WorkingHours
    form = week_formset.RowForm
    formset = WorkingHoursFormSet
    formfield_overrides = OF_THE_BROWSER
    verbose_name = _("row of hours")
    verbose_name_plural = _("working hours: a break makes two rows of a day; without days they hold for good")

    def get_extra(self, request: HttpRequest, obj: Practitioner | None = None, **kwargs: Any) -> int:
        """Without JavaScript these are all the rows that one can add before saving: five for the days of a week."""
        return 1 if obj and obj.working_hours.exists() else 5


class ScheduleInline(admin.TabularInline):
    model = Schedule
    extra = 1
    verbose_name = _("kind of visit")
    verbose_name_plural = _("kinds of visits they see patients for")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "visit_type":
            # Kinds of visits have a list of their own; beside each row their links only distract.
            field.widget, field.label = field.widget.widget, _("kind of visit")
        return field


# More fields than these, with the hours and the schedules, are more than Django takes in one form.
SHOWN_BUSY_BLOCKS = 60


class BusyBlockInline(admin.TabularInline):
    model = BusyBlock
    formfield_overrides = OF_THE_BROWSER
    extra = 1
    verbose_name = _("busy time")
    verbose_name_plural = _("busy elsewhere: nobody is given these times")

    def get_queryset(self, request: HttpRequest) -> QuerySet[BusyBlock]:
        """What still matters, the soonest first: an import may have brought thousands, and a form has its limits."""
        rows = super().get_queryset(request)
        if request.method == "POST":
            return rows  # What was shown is there, though it may be over now.
        pk = as_key(str(request.resolver_match and request.resolver_match.kwargs.get("object_id", "")))
        coming = rows.filter(practitioner=pk).filter(Q(is_weekly=True) | Q(ends_at__gt=timezone.now()))
        first = coming.order_by("-is_weekly", "starts_at").values("pk")[:SHOWN_BUSY_BLOCKS]
        return rows.filter(pk__in=list(first.values_list("pk", flat=True)))


class PractitionerAdmin(ConfirmsDisplacement):
    list_display = ["name", "title", "here"]
    inlines = [WorkingHoursInline, ScheduleInline, BusyBlockInline]

    def has_delete_permission(self, request: HttpRequest, obj: Practitioner | None = None) -> bool:
        """Appointments keep whom they were with: somebody who left no longer sees patients here."""
        return False

    @admin.display(description=_("sees patients here"))
    def here(self, practitioner: Practitioner) -> str:
        return gettext("Sees patients here") if practitioner.is_active else gettext("No longer sees patients here")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field and db_field.name == "account":
            field.queryset = get_user_model().objects.filter(is_staff=True, is_active=True).order_by("username")
            field.label_from_instance = name_of
        return field

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "account":
            field.widget = (
                field.widget.widget
            )  # Accounts have a page of their own; beside the field its links distract.
        return field

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        unanswerable_come_back(request)

    def practitioners(self, obj: Practitioner, before: Any = None) -> list[int]:
        # Somebody new has no patients, and no row yet that could be locked.
        return [obj.pk] if obj.pk else []

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return super().changelist_view(request, {"online_now": online_now(), **(extra_context or {})})

    def render_change_form(self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().render_change_form(request, {"online_now": online_now(), **context}, *args, **kwargs)
