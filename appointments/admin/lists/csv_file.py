"""A list as a file for a spreadsheet: the rows that its filters leave, sent as they are read."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import batched
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from appointments.admin.base import EXPORT_LISTS, record_access, route
from appointments.admin.lists.pages import LongList
from appointments.models import AccessAction
from clinic import spreadsheet
from clinic.accounts import step_up

# So many rows are read, and sent, at once.
AT_ONCE = 500

# What stands above a column, and what stands in it for a row.
type Column = tuple[Any, Callable[[Any], Any]]


def when(moment: datetime | None) -> str:
    """As spreadsheets read a moment, in the time zone that is active."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


class TakenAlong(LongList):
    """A list that those with the right to it take along as a file. Each says its `columns`, and `file_name`."""

    columns: Sequence[Column] = ()
    file_name = ""

    def get_urls(self) -> list[Any]:
        return [route(self, "csv/", view), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        # The way to a list is called as its title: the name of its table says less.
        shown = {"may_take_csv": request.user.has_perm(EXPORT_LISTS), "trail": ()}
        return super().changelist_view(request, shown | (extra_context or {}))


@require_safe
def view(request: HttpRequest, model_admin: TakenAlong) -> HttpResponseBase:
    """
    The list that this address' parameters choose, as the list's own address would show it, all its pages.

    The access log says how many rows somebody took before the first is sent. Password and code are asked once more:
    who finds an open desk does not walk away with all patients.
    """
    if not (model_admin.has_view_permission(request) and request.user.has_perm(EXPORT_LISTS)):
        raise PermissionDenied
    return _sent(request, model_admin)


@step_up.asks_again
def _sent(request: HttpRequest, model_admin: TakenAlong) -> HttpResponseBase:
    opts = model_admin.opts
    try:
        rows = model_admin.get_changelist_instance(request).queryset
    except IncorrectLookupParameters:
        return redirect(reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist"))
    record_access(request, AccessAction.EXPORTED, hits=rows.count())
    named = f"{model_admin.file_name}-{timezone.localdate()}.csv"
    return StreamingHttpResponse(
        _file(rows, model_admin.columns),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{named}"'},
    )


def _file(rows: QuerySet, columns: Sequence[Column]) -> Iterator[str]:
    zone = timezone.get_current_timezone()

    def sent() -> Iterator[str]:
        yield spreadsheet.BOM + next(spreadsheet.lines([[heading for heading, _value in columns]]))
        for some in batched(rows.iterator(chunk_size=AT_ONCE), AT_ONCE):
            # Between two parts the server's thread is in no time zone of ours.
            with timezone.override(zone):
                yield "".join(spreadsheet.lines([value(row) for _heading, value in columns] for row in some))

    return sent()
