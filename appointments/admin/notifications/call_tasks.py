"""Calls that are to be made, and the reminder calls on paper."""

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments.admin.base import WorkedOnly, as_key, list_trail, page_context, route, seen
from appointments.admin.lists.pages import LongList
from appointments.inquiries import contacts
from appointments.inquiries.answers import keep_what_was_heard
from appointments.models import CallState, CallTask, NotificationKind
from appointments.notifications.notify import complete_calls


class OpenFilter(admin.SimpleListFilter):
    title = _("list")
    parameter_name = "list"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [("ended", _("Done, or not needed any longer")), ("all", _("All"))]

    def choices(self, changelist: Any):
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": gettext("To be made"),
        }
        yield from list(super().choices(changelist))[1:]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "all":
            return queryset
        return queryset.exclude(state=CallState.WAITING) if self.value() == "ended" else queryset.open()


class CallTaskAdmin(LongList, WorkedOnly):
    """Who is to be phoned; a click on one leads to the inquiry's desk, where the call is logged."""

    list_display = ["who", "number", "what", "due_at", "state"]
    list_display_links = None
    list_filter = [OpenFilter]
    list_select_related = ["inquiry", "message", "done_by"]
    actions = ["mark_done"]

    def paged_by(self, request: HttpRequest) -> str:
        return "due_at"

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": gettext("Calls to be made"), **(extra_context or {})})

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

    @admin.action(description=_("Mark as done"), permissions=["change"])
    def mark_done(self, request: HttpRequest, queryset: Any) -> None:
        complete_calls(queryset.open(), request.user)
        keep_what_was_heard()

    def get_urls(self) -> list[Any]:
        return [route(self, "tomorrow/", tomorrow), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        task = seen(request, self, CallTask.objects.all(), pk=as_key(object_id))
        return redirect("admin:appointments_inquiry_change", task.inquiry_id)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        """There is none but the inquiry's."""
        return self.change_view(request, object_id)


def tomorrow(request: HttpRequest, task_admin: admin.ModelAdmin) -> HttpResponse:
    """The reminder calls that are due by the end of tomorrow, on paper."""
    if not task_admin.has_view_permission(request):
        raise PermissionDenied
    until = datetime.combine(timezone.localdate() + timedelta(days=2), time(), timezone.get_current_timezone())
    tasks = CallTask.objects.open().filter(due_at__lt=until, kind=NotificationKind.REMINDER).select_related("inquiry")
    context = {
        **page_context(request, task_admin, *list_trail(task_admin, gettext("Calls to be made"))),
        "title": gettext("Reminder calls for tomorrow"),
        "rows": [(task, contacts.numbers(task.inquiry), contacts.wants_no_voicemail(task.inquiry)) for task in tasks],
    }
    return TemplateResponse(request, "admin/appointments/calltask/tomorrow.html", context)
