"""Closures, one by one, and the public holidays of the clinic's region all at once."""

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, F, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from appointments.actors import Actor
from appointments.admin.base import CHANGE_CLINIC, list_trail, page_context, route
from appointments.admin.schedule import displacement_warning
from appointments.bookings import displacement
from appointments.bookings.locking import once_more_after_a_deadlock
from appointments.models import Closure
from appointments.scheduling import holidays
from clinic.browser_fields import OF_THE_BROWSER
from clinic.models import Clinic


@once_more_after_a_deadlock
def _close_on(request: HttpRequest, chosen: list[holidays.Holiday]) -> int:
    """Close on these days, unless that takes times which nobody has seen on the screen; return how many days."""
    made, displaced = displacement.close_on(chosen, by=Actor.staff(request.user))
    displacement_warning.confirm(request, displaced)
    return made


THE_WHOLE_CLINIC = _("The whole clinic")


def view_public_holidays(request: HttpRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    """The public holidays to come; a POST closes the clinic on those that are ticked."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    clinic = Clinic.current()
    today = timezone.now().astimezone(clinic.zone).date()
    last = date(today.year + 1, 12, 31)
    region = clinic.holidays_of
    coming = holidays.coming(region, today, last, clinic.zone) if region else []
    ticked = request.POST.getlist("days")
    chosen = [holiday for holiday in coming if f"{holiday.day:%Y-%m-%d}" in ticked]
    if chosen:
        try:
            made = _close_on(request, chosen)
        except displacement_warning.ConfirmationNeeded as found:
            return displacement_warning.page(request, model_admin, found)
        words = ngettext("The clinic closes on %d more day.", "The clinic closes on %d more days.", made)
        messages.success(request, words % made if made else gettext("The clinic was closed on these days already."))
        return redirect("admin:appointments_closure_changelist")
    if request.method == "POST":
        messages.error(request, gettext("Tick at least one day."))
    closed = Closure.objects.periods_of_the_clinic(after=timezone.now())
    context = {
        **page_context(request, model_admin, *list_trail(model_admin, gettext("Closures"))),
        "title": gettext("Public holidays"),
        "region": region,
        "rows": [(holiday, holiday.is_within(closed)) for holiday in coming],
        "may_change_clinic": request.user.has_perm(CHANGE_CLINIC),
    }
    return TemplateResponse(request, "admin/appointments/closure/public_holidays.html", context)


class ClosureAdmin(displacement_warning.ConfirmsDisplacement):
    list_display = ["name", "whose", "starts_at", "ends_at"]
    list_select_related = ["practitioner"]
    formfield_overrides = OF_THE_BROWSER

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        """What is still to come first, the soonest on top; then what is over, the latest on top."""
        to_come = Case(When(ends_at__gt=timezone.now(), then=F("starts_at")))
        return (to_come.asc(nulls_last=True), "-starts_at")

    @admin.display(description=_("who is closed"), ordering="practitioner")
    def whose(self, closure: Closure) -> str:
        return str(closure.practitioner or THE_WHOLE_CLINIC)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs |= {"label": _("Who is closed"), "empty_label": THE_WHOLE_CLINIC, "help_text": ""}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def practitioners(self, obj: Closure, before: Any = None) -> list[int] | None:
        ids = [obj.practitioner_id, (before or {}).get("practitioner", obj.practitioner_id)]
        # One without a practitioner is everybody's.
        return [pk for pk in ids if pk] if all(ids) else None

    def get_urls(self) -> list[Any]:
        return [route(self, "public-holidays/", view_public_holidays), *super().get_urls()]
