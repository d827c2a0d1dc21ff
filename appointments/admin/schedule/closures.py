"""Closures, one by one, and the public holidays of the clinic's region all at once."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, F, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from appointments.actors import Actor, name_of
from appointments.admin.base import CHANGE_CLINIC, list_trail, page_context, route, seen
from appointments.admin.schedule import displacement_warning
from appointments.admin.schedule.closing_presets import presets
from appointments.bookings import closing, displacement
from appointments.bookings.locking import once_more_after_a_deadlock
from appointments.errors import NotPossible
from appointments.models import Closure, Practitioner
from appointments.scheduling import holidays
from clinic import practice
from clinic.browser_fields import OF_THE_BROWSER
from clinic.models import Clinic
from clinic.sentences import moment


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
    ticked, shown = request.POST.getlist("days"), request.POST.getlist("shown")
    chosen = [holiday for holiday in coming if f"{holiday.day:%Y-%m-%d}" in ticked]
    # Whose tick was taken away: the clinic has decided to be open then, and is not asked again.
    left_open = [each.day for each in coming if str(each.day) in shown and each not in chosen]
    if chosen:
        try:
            made = _close_on(request, chosen)
        except displacement_warning.ConfirmationNeeded as found:
            return displacement_warning.page(request, model_admin, found)
        holidays.open_on(left_open)
        words = ngettext("The clinic closes on %d more day.", "The clinic closes on %d more days.", made)
        messages.success(request, words % made if made else gettext("The clinic was closed on these days already."))
        return redirect("admin:appointments_closure_changelist")
    if left_open:
        holidays.open_on(left_open)
        messages.success(request, gettext("Noted: the clinic is open on these public holidays."))
        return redirect("admin:appointments_closure_changelist")
    if request.method == "POST":
        messages.error(request, gettext("Tick at least one day."))
    open_days = holidays.decided_open(today, last)
    closed = Closure.objects.periods_of_the_clinic(after=timezone.now())
    context = {
        **page_context(request, model_admin, *list_trail(model_admin, gettext("Closures"))),
        "title": gettext("Public holidays"),
        "region": region,
        "rows": [(each, each.is_within(closed), each.day in open_days) for each in coming],
        "may_change_clinic": request.user.has_perm(CHANGE_CLINIC),
    }
    return TemplateResponse(request, "admin/appointments/closure/public_holidays.html", context)


@require_POST
def view_end(request: HttpRequest, model_admin: admin.ModelAdmin, pk: int) -> HttpResponse:
    """Open again now; the closure stays in the list, with who ended it and when."""
    closure = seen(request, model_admin, Closure.objects.all(), pk=pk)
    # Asked without the row: one that is over changes no more, and says so below.
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    try:
        closing.end(closure=closure, by=Actor.staff(request.user))
    except NotPossible:
        messages.warning(request, gettext("It is over already."))
    else:
        words = gettext("%s: ended. From now on these times are free again, and who fits again has theirs back.")
        messages.success(request, words % closure)
    return redirect("admin:appointments_closure_changelist")


class ClosureForm(forms.ModelForm):
    announce = forms.BooleanField(
        label=_("Say so on top of every page, from now until it opens again"),
        required=False,
        help_text=_("Only for the whole clinic. It says what patients read, and from when to when."),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("announce", self.instance.announcement_id is not None)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("announce") and said.get("practitioner"):
            self.add_error("announce", _("Every page says it only where the whole clinic is closed."))
        return said


class ClosureAdmin(displacement_warning.ConfirmsDisplacement):
    form = ClosureForm
    fields = ["practitioner", "name", "public_words", "starts_at", "ends_at", "announce"]
    list_display = ["name", "whose", "starts_at", "ends_at", "by"]
    list_select_related = ["practitioner", "entered_by", "ended_early_by"]
    formfield_overrides = OF_THE_BROWSER

    def has_change_permission(self, request: HttpRequest, obj: Closure | None = None) -> bool:
        """What somebody ended stays as it was."""
        return super().has_change_permission(request, obj) and not (obj and obj.ended_early_at)

    def get_fields(self, request: HttpRequest, obj: Closure | None = None) -> Any:
        # What is only read has no tick.
        return self.fields if self.has_change_permission(request, obj) else self.fields[:-1]

    @admin.display(description=_("by"))
    def by(self, closure: Closure) -> str:
        """Who entered it and, where somebody did, who ended it early."""
        said = [name_of(closure.entered_by)] if closure.entered_by else []
        if closure.ended_early_at:
            who = name_of(closure.ended_early_by) if closure.ended_early_by else gettext("an account that is gone")
            said.append(gettext("ended by %(who)s, %(when)s") % {"who": who, "when": moment(closure.ended_early_at)})
        return "; ".join(said) or "–"

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        closure = form.instance
        if not change:
            closure.entered_by = request.user
        super().save_related(request, form, formsets, change)
        closing.announce(closure, on=form.cleaned_data["announce"])

    def response_post_save_add(self, request: HttpRequest, obj: Closure) -> HttpResponseRedirect:
        if "from_today" in request.POST:
            return redirect("admin:index")  # Where those stand who lost their time.
        return super().response_post_save_add(request, obj)

    def delete_model(self, request: HttpRequest, obj: Closure) -> None:
        closing.end_announcements([obj.pk])
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        closing.end_announcements(queryset.values_list("pk", flat=True))
        super().delete_queryset(request, queryset)

    def render_change_form(self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> HttpResponse:
        closure, now = context.get("original"), timezone.now()
        more: dict[str, Any] = {}
        if closure:
            may_end = self.has_change_permission(request, closure) and not closure.is_over(now)
            more = {"may_end": may_end, "by_whom": self.by(closure)}
        else:
            doctors = Practitioner.objects.active()
            more["presets"] = presets(practice.current().week, doctors, timezone.localtime(now))
        return super().render_change_form(request, {**more, **context}, *args, **kwargs)

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
        return [
            route(self, "public-holidays/", view_public_holidays),
            route(self, "<int:pk>/end/", view_end),
            *super().get_urls(),
        ]
