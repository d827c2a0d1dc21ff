"""A month in numbers, each of which leads to its rows; as a page, and as a file for a spreadsheet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from appointments.admin.base import VIEW_REPORTS, page_context
from appointments.admin.reports.charts import chart
from appointments.records.reports import figures
from appointments.records.reports.figures import GROUPS, SECTIONS, Figure
from appointments.records.reports.periods import FIRST_YEAR, LAST_YEAR, Period, read_month
from appointments.records.reports.waits import waits
from clinic import spreadsheet

# What stands above the four charts.
TITLES = {
    "noshow": _("Did not come"),
    "cancelled_late": _("Canceled late"),
    "filled": _("Times that became free and were filled again"),
    "in_time": _("Answered in the promised time"),
}
# In an address: the group of those that have none.
NOBODY = "none"


@dataclass(frozen=True)
class Cell:
    """A number, the address of its rows, and its share of another figure: "7 %"."""

    number: int
    address: str
    share: str


@dataclass(frozen=True)
class Column:
    """All numbers of one practitioner, and so on."""

    words: str
    counts: dict[str, int]
    # What its addresses say of it.
    which: dict[str, str]
    half: str

    def cell(self, figure: Figure) -> Cell:
        number = self.counts[figure.name]
        whole = self.counts[figure.of] if figure.of else 0
        share = gettext("%d %%") % round(100 * number / whole) if whole else ""
        return Cell(number, rows_address(figure.name, self.which), share)


@require_safe
def view(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    check(request)
    month, by = chosen(request)
    today = timezone.localdate()
    until = min(month.after - timedelta(days=1), max(month.first, today))
    weeks = figures.by_week(Period.weeks_until(until))
    columns = list(_columns(month, by))
    context = {
        **page_context(request, model_admin),
        "title": gettext("Reports"),
        "subtitle": date_format(month.first, "F Y"),
        "month": month,
        "before": _address(month.before.isoformat()[:7], by) if month.before.year >= FIRST_YEAR else "",
        "after": _address(month.after.isoformat()[:7], by) if month.after.year <= LAST_YEAR else "",
        "groups": [(words, _address(_name(month), key), key == by) for key, (words, _model) in GROUPS.items()],
        "columns": columns,
        "has_groups": bool(by),
        "sections": [
            (title, [(figure, [column.cell(figure) for column in columns]) for figure in those])
            for title, those in SECTIONS
        ],
        "waits": waits(),
        "charts": [chart(name, title, weeks) for name, title in TITLES.items()],
        "csv": f"{reverse('admin:appointments_inquiry_reports_csv')}?{_query(_name(month), by)}",
    }
    return TemplateResponse(request, "admin/appointments/reports/reports.html", context)


@require_safe
def as_csv(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    """The table as a file: names of practitioners and procedures in it, and of no patient."""
    check(request)
    month, by = chosen(request)
    columns = list(_columns(month, by))
    rows: list[list[Any]] = [[_name(month), gettext("Number"), *(column.words for column in columns)]]
    for title, those in SECTIONS:
        rows += [[title, figure.words, *(column.counts[figure.name] for column in columns)] for figure in those]
    rows.append([gettext("Answered"), gettext("half within, of opening hours"), *(column.half for column in columns)])
    answer = HttpResponse(spreadsheet.BOM + "".join(spreadsheet.lines(rows)), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="reports-{_name(month)}.csv"'
    return answer


def check(request: HttpRequest) -> None:
    """Raise PermissionDenied for those who may not see the numbers."""
    user: Any = request.user
    if not user.has_perm(VIEW_REPORTS):
        raise PermissionDenied


def chosen(request: HttpRequest) -> tuple[Period, str]:
    """The month and the groups that the address names: this month and all in one, where it names none that there is."""
    by = request.GET.get("by", "")
    return read_month(request.GET.get("month", ""), timezone.localdate()), by if by in GROUPS else ""


def rows_address(figure: str, which: dict[str, str]) -> str:
    """Where the rows of a figure stand; `which` names the period and the group."""
    return f"{reverse('admin:appointments_inquiry_reports_rows')}?{urlencode({'figure': figure, **which})}"


def _columns(month: Period, by: str) -> Iterator[Column]:
    """The groups in which anything happened, those without one last; one column where there are none."""
    counts, halves = figures.numbers(month, by), figures.medians(month, by)
    which = {"month": _name(month)}
    named: list[tuple[int | None, str]] = [*figures.names(by), (None, gettext("none yet"))]
    for group, words in named:
        if not by:
            words = gettext("All")
        elif group not in counts:
            continue
        of = {"by": by, "of": NOBODY if group is None else str(group)} if by else {}
        yield Column(words, counts[group], which | of, _duration(halves.get(group)))


def _duration(time: timedelta | None) -> str:
    """How long something took, as somebody says it: "1 h 40 min"."""
    if time is None:
        return "–"
    hours, minutes = divmod(round(time.total_seconds() / 60), 60)
    return gettext("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}


def _name(month: Period) -> str:
    return month.first.isoformat()[:7]


def _query(month: str, by: str) -> str:
    return urlencode({"month": month} | ({"by": by} if by else {}))


def _address(month: str, by: str) -> str:
    return f"{reverse('admin:appointments_inquiry_reports')}?{_query(month, by)}"
