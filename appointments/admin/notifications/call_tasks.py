"""Calls that are to be made: one list of reminders, and one of all others."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments.admin.base import ADD_CALL, ADD_NOTE, WorkedOnly, as_key, route, seen
from appointments.admin.lists.csv_file import TakenAlong, when
from appointments.admin.notifications import call_sheet, call_steps
from appointments.admin.notifications.call_rows import IN_TURN, in_turn, rows
from appointments.inquiries import contacts
from appointments.models import CallTask
from appointments.models.counting import count_all
from appointments.notifications.calls import ReminderHours, end_of_day, reminder_hours

TO_MAKE, REMINDERS, ENDED, ALL = "to_make", "reminders", "ended", "all"


def chosen_list(request: HttpRequest) -> str:
    chosen = request.GET.get("list")
    return chosen if chosen in (REMINDERS, ENDED, ALL) else TO_MAKE


class OpenFilter(admin.SimpleListFilter):
    title = _("list")
    parameter_name = "list"

    def __init__(self, request: HttpRequest, params: dict, model: type, model_admin: admin.ModelAdmin):
        super().__init__(request, params, model, model_admin)
        self.chosen = chosen_list(request)

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        calls = CallTask.objects
        number = count_all(to_make=calls.to_make(), reminders=calls.reminders(end_of_day(timezone.now())))
        return [
            (TO_MAKE, gettext("To make (%d)") % number["to_make"]),
            (REMINDERS, gettext("Reminder calls today (%d)") % number["reminders"]),
            (ENDED, gettext("Done, or not needed any longer")),
            (ALL, gettext("All")),
        ]

    def choices(self, changelist: Any):
        for value, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": self.chosen == value, "query_string": query, "display": title}

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.chosen == REMINDERS:
            return queryset.reminders(end_of_day(timezone.now()))
        lists = {TO_MAKE: queryset.to_make, ENDED: queryset.ended, ALL: queryset.all}
        return lists[self.chosen]()


class CallTaskAdmin(TakenAlong, WorkedOnly):
    """Who is to be phoned, and what to say: worked in the row, or at the inquiry's desk."""

    change_list_template = "admin/appointments/calltask/change_list.html"
    list_display = ["who", "number", "what", "due_at", "state"]
    list_display_links = None
    list_filter = [OpenFilter]
    list_select_related = ["inquiry", "done_by"]
    actions = None
    file_name = "calls"
    columns = [
        (_("Due"), lambda row: when(row.due_at)),
        (_("Who comes"), lambda row: row.inquiry.who_comes),
        (_("How to reach"), lambda row: contacts.numbers(row.inquiry)),
        (_("To mind"), lambda row: row.inquiry.to_reach_them),
        (_("What about"), lambda row: row.get_kind_display()),
        (_("State"), lambda row: row.get_state_display()),
        (_("Reference"), lambda row: row.inquiry.shown_reference),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        calls = super().get_queryset(request)
        return in_turn(calls) if chosen_list(request) in (TO_MAKE, REMINDERS) else calls

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        return IN_TURN if chosen_list(request) in (TO_MAKE, REMINDERS) else ("due_at", "pk")

    def paged_by(self, request: HttpRequest) -> str | None:
        return None if chosen_list(request) in (TO_MAKE, REMINDERS) else "due_at"

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        chosen, now = chosen_list(request), timezone.now()
        context = {
            "title": gettext("Reminder calls") if chosen == REMINDERS else gettext("Calls to make"),
            "subtitle": None,
        }
        response = super().changelist_view(request, context | (extra_context or {}))
        if isinstance(response, TemplateResponse) and response.context_data and chosen in (TO_MAKE, REMINDERS):
            calls = list(response.context_data["cl"].result_list)
            hours = reminder_hours(now) if chosen == REMINDERS else None
            may_change = self.has_change_permission(request)
            response.context_data |= {
                "call_rows": rows(calls, now, hours),
                "chosen": chosen,
                "not_now": _why_not_now(hours, now) if hours else "",
                "may_log": may_change and request.user.has_perm(ADD_CALL),
                "may_note": may_change and request.user.has_perm(ADD_NOTE),
            }
        return response

    @admin.display(description=_("who"))
    def who(self, task: CallTask) -> SafeString:
        address = reverse("admin:appointments_inquiry_change", args=[task.inquiry_id])
        return format_html('<a href="{}">{}</a>', address, task.inquiry)

    @admin.display(description=_("how to reach"))
    def number(self, task: CallTask) -> SafeString:
        return format_html("{} <strong>{}</strong>", contacts.numbers(task.inquiry), task.inquiry.to_reach_them)

    @admin.display(description=_("what about"))
    def what(self, task: CallTask) -> str:
        return str(task.get_kind_display())

    def get_urls(self) -> list[Any]:
        own = [route(self, "<int:pk>/log/", call_steps.log), route(self, "tomorrow/", call_sheet.tomorrow)]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        task = seen(request, self, CallTask.objects.all(), pk=as_key(object_id))
        return redirect("admin:appointments_inquiry_change", task.inquiry_id)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        """There is none but the inquiry's."""
        return self.change_view(request, object_id)


def _why_not_now(hours: ReminderHours, now: datetime) -> str:
    """Why nobody is called to be reminded at this moment; empty where somebody may be."""
    if not hours.is_open:
        return gettext("The clinic is closed. Reminder calls are made while it is open.")
    if now < hours.begins:
        when = date_format(timezone.localtime(hours.begins), "P")
        return gettext("Reminder calls for today begin at %s.") % when
    return ""
