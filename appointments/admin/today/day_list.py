"""The visits of a day on paper, a page for each practitioner: the desk goes on when the site does not."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from appointments.actors import name_of
from appointments.admin.base import VIEW_INQUIRY, day_in, page_context, record_access
from appointments.admin.today import stamps
from appointments.admin.today.visits import is_lost, visits_on
from appointments.inquiries import contacts
from appointments.models import AccessAction, Appointment, AppointmentStatus, DayNote, Inquiry
from clinic.sentences import moment
from clinic.typed_text import isolated

HERE = (AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED)


class Row(NamedTuple):
    visit: Appointment
    inquiry: Inquiry
    phones: str
    # What somebody has to know who sees only this paper: held or overbooked, the language, no voicemail.
    mind: list[str]
    is_here: bool
    is_done: bool
    # Whether it is another one than on the paper of before.
    is_changed: bool


class Sheet(NamedTuple):
    """One practitioner's day: the visits, and those whose time was taken away."""

    doctor: str
    rows: list[Row]
    lost: list[tuple[Row, str]]


@require_safe
def view(request: HttpRequest, model_admin: ModelAdmin, day: str) -> HttpResponse:
    """The list of one day; with `since`, what has changed since that moment is marked. Written down as printed."""
    if not (model_admin.has_view_permission(request) and request.user.has_perm(VIEW_INQUIRY)):
        raise PermissionDenied
    its_day = day_in(day)
    if its_day is None:
        raise Http404
    now, since = timezone.now(), stamps.read(request.GET.get("since", ""))
    found = visits_on(its_day)
    changed = _changed(its_day, since) if since else set()
    gone = _gone(changed - {each.pk for each in found})
    record_access(request, AccessAction.PRINTED, hits=len(found) + len(gone))
    context = {
        **page_context(request, model_admin, here=_("Day list")),
        "title": date_format(its_day, "l, F j, Y"),
        "day": its_day,
        "sheets": list(_sheets(found, changed)),
        "gone": gone,
        "note": DayNote.objects.about(its_day),
        "printed": _printed(request, now, since, len(changed)),
        "again": f"{reverse('admin:day_list', args=[day])}?since={stamps.write(now)}",
        "printed_at": now,
    }
    return TemplateResponse(request, "admin/appointments/today/day_list.html", context)


def _sheets(found: Sequence[Appointment], changed: set[int]) -> Iterator[Sheet]:
    def its(visit: Appointment) -> tuple[int, str]:
        return visit.practitioner.position, visit.practitioner.name

    for (_position, doctor), visits in groupby(sorted(found, key=its), key=its):
        rows = [_row(each, each.pk in changed) for each in visits]
        lost = [(row, _knows(row.visit)) for row in rows if is_lost(row.visit)]
        yield Sheet(doctor, [row for row in rows if not is_lost(row.visit)], lost)


def _knows(visit: Appointment) -> str:
    return _("knows it") if visit.reached_at else _("NOT TOLD")


def _row(visit: Appointment, is_changed: bool) -> Row:
    inquiry = visit.inquiry
    mind = [
        _("held, not confirmed yet") if visit.status == AppointmentStatus.PENDING else "",
        _("did not come") if visit.status == AppointmentStatus.NOSHOW else "",
        _("overbooked: %s") % visit.overbook_reason if visit.overbooked else "",
        inquiry.to_reach_them,
        _("no voicemail") if contacts.wants_no_voicemail(inquiry) else "",
    ]
    return Row(
        visit=visit,
        inquiry=inquiry,
        phones=contacts.numbers(inquiry),
        mind=[words for words in mind if words],
        is_here=visit.status in HERE,
        is_done=visit.status == AppointmentStatus.FULFILLED,
        is_changed=is_changed,
    )


def _changed(day: date, since: datetime) -> set[int]:
    """Times that are or were on this day, and were given, moved, canceled or marked after a moment."""
    events = apps.get_model("appointments", "AppointmentEvent").objects
    start = timezone.make_aware(datetime.combine(day, time()))
    there = events.filter(starts_at__gte=start, starts_at__lt=start + timedelta(days=1))
    known = there.exclude(status=AppointmentStatus.PROPOSED).values("pgh_obj_id")
    return set(events.filter(pgh_obj__in=known, pgh_created_at__gt=since).values_list("pgh_obj_id", flat=True))


def _gone(those: set[int]) -> list[str]:
    """Who stood on the paper of before, and does not any longer: canceled, or moved to another day."""
    if not those:
        return []
    rows = Appointment.objects.filter(pk__in=those).exclude(status=AppointmentStatus.PROPOSED)
    return [
        f"{each.inquiry.who_comes}, {isolated(each.practitioner.name)}: {_where(each)}"
        for each in rows.select_related("inquiry", "practitioner").order_by("starts_at", "pk")
    ]


def _where(visit: Any) -> str:
    if visit.status == AppointmentStatus.CANCELLED:
        return str(visit.get_status_display())
    return _("moved to %s") % moment(visit.starts_at)


def _printed(request: HttpRequest, now: datetime, since: datetime | None, changes: int) -> str:
    """What stands at the foot of each page."""
    number = ngettext("%d, marked ▲", "%d, marked ▲", changes) % changes if changes else _("none")
    about = {"when": moment(now), "who": name_of(request.user), "number": number}
    if since is None:
        return _("Printed %(when)s by %(who)s. Changes since: %(number)s.") % about
    about["since"] = moment(since)
    return _("Printed %(when)s by %(who)s. Changes since %(since)s: %(number)s.") % about
