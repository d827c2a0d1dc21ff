"""The rows behind a number of the reports: exactly those that it counts."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from appointments.admin import wording
from appointments.admin.base import VIEW_INQUIRY, as_key, page_context, record_access
from appointments.admin.lists.pages import AFTER, BEFORE, Place, page
from appointments.admin.reports.page import NOBODY, check, chosen
from appointments.models import AccessAction, AppointmentStatus
from appointments.records.reports import figures
from appointments.records.reports.cubes import FREED, INQUIRIES, Cube
from appointments.records.reports.figures import FIGURES, Figure
from appointments.records.reports.periods import Period, read_week
from clinic.sentences import moment

ON_A_PAGE = 50


@require_safe
def view(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    check(request)
    user: Any = request.user
    if not user.has_perm(VIEW_INQUIRY):
        raise PermissionDenied  # The numbers name nobody, the rows do.
    figure = FIGURES.get(request.GET.get("figure", "asked"))
    if figure is None:
        raise Http404
    month, by = chosen(request)
    week = read_week(request.GET.get("week", ""))
    of = request.GET.get("of", "")
    group = None if of == NOBODY else as_key(of)
    found = figures.rows(figure, week or month, by=by, of=group)
    rows, links = _page(request, figure.cube, found)
    record_access(request, AccessAction.SEARCHED, hits=len(rows))
    back = f"{reverse('admin:appointments_inquiry_reports')}?month={month.first.isoformat()[:7]}"
    context = {
        **page_context(request, model_admin, (gettext("Reports"), f"{back}&by={by}" if by else back)),
        "title": str(figure.words)[:1].upper() + str(figure.words)[1:],
        "subtitle": _about(week or month, is_week=week is not None, by=by, group=group),
        "number": found.count(),
        "headers": _headers(figure),
        "rows": [_cells(figure, row) for row in rows],
        "links": links,
    }
    return TemplateResponse(request, "admin/appointments/reports/rows.html", context)


def _page(request: HttpRequest, cube: Cube, found: QuerySet) -> tuple[list[Any], list[tuple[str, str]]]:
    """The rows of a page, and the links to those before and after it."""
    about = ("practitioner", "visit_type", "inquiry") if cube is not INQUIRIES else ("procedure", "assigned_to")
    ordered = found.select_related(*about).order_by(cube.moment, "pk")
    place = Place.read(request.GET.get("p", ""))
    rows, has_before, has_after = page(ordered, cube.moment, place, ON_A_PAGE)
    query = request.GET.copy()

    def link(words: str, which: str, row: Any) -> tuple[str, str]:
        query["p"] = Place.write(which, row, cube.moment)
        return words, f"?{query.urlencode()}"

    links = [link(gettext("Page before"), BEFORE, rows[0])] if has_before and rows else []
    links += [link(gettext("Next page"), AFTER, rows[-1])] if has_after else []
    return rows, links


def _about(period: Period, *, is_week: bool, by: str, group: int | None) -> str:
    words = gettext("Week from %s") % date_format(period.first, "N j, Y") if is_week else ""
    words = words or date_format(period.first, "F Y")
    if not by:
        return words
    name = gettext("none yet") if group is None else dict(figures.names(by)).get(group, "–")
    return f"{words}, {name}"


def _headers(figure: Figure) -> list[str]:
    if figure.cube is INQUIRIES:
        return [gettext("Who"), gettext("Sent"), gettext("About"), gettext("State"), gettext("Answer by")]
    who = gettext("Who had it") if figure.cube is FREED else gettext("Who")
    return [who, gettext("When"), gettext("With"), gettext("For"), gettext("State now")]


def _cells(figure: Figure, row: Any) -> tuple[Any, list[str]]:
    """Whose row it is, and what stands in its other cells."""
    if figure.cube is INQUIRIES:
        now = timezone.now()
        cells = [moment(row.created_at), wording.about(row), wording.state(row), wording.promise(row, now)]
        return row, cells
    status = AppointmentStatus(row.pgh_obj.status if figure.cube is FREED else row.status).label
    return row.inquiry, [moment(row.starts_at), row.practitioner.name, row.visit_type.name, str(status)]
