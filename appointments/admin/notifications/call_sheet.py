"""The reminder calls on paper."""

from datetime import date, timedelta
from itertools import groupby

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext

from appointments.actors import name_of
from appointments.admin.base import list_trail, page_context, record_access
from appointments.admin.notifications.call_rows import Row, in_turn, rows
from appointments.models import AccessAction, CallTask, NotificationKind
from appointments.notifications.calls import end_of_day, reminder_hours


def tomorrow(request: HttpRequest, task_admin: ModelAdmin) -> HttpResponse:
    """The reminder calls that are due by the end of tomorrow, by the day on which they are made."""
    if not task_admin.has_view_permission(request):
        raise PermissionDenied
    now = timezone.now()
    reminders = CallTask.objects.open().filter(kind=NotificationKind.REMINDER)
    found = rows(list(in_turn(reminders.filter(due_at__lt=end_of_day(now + timedelta(days=1))))), now)
    record_access(request, AccessAction.PRINTED, hits=len(found))
    today = timezone.localdate(now)

    def day(row: Row) -> date:
        """What was not made on its day is made today."""
        return max(timezone.localdate(row.task.due_at), today)

    context = {
        **page_context(request, task_admin, *list_trail(task_admin, gettext("Calls to make"))),
        "title": gettext("Reminder calls"),
        "days": [
            (reminder_hours(now + (each - today)).begins, list(of_day))
            for each, of_day in groupby(sorted(found, key=day), key=day)
        ],
        "printed_at": now,
        "printed_by": name_of(request.user),
    }
    return TemplateResponse(request, "admin/appointments/calltask/tomorrow.html", context)
