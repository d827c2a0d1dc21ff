"""The agenda's pages: a day with all practitioners, a week of one, and what is pressed there."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from appointments.actors import Actor
from appointments.admin.agenda import moving
from appointments.admin.agenda.addresses import address, asked_id, day_in
from appointments.admin.agenda.cells import Pen
from appointments.admin.agenda.moving import Move
from appointments.admin.agenda.reading import DAY, Reading, read
from appointments.admin.agenda.table import Head, table
from appointments.admin.base import CHANGE_APPOINTMENT, ENTER_CALLERS, as_key, page_context
from appointments.admin.desk import time_steps
from appointments.admin.desk.said import what_is_done
from appointments.admin.wording import REFUSALS
from appointments.models import Appointment, Practitioner
from appointments.slots import beside_each_other

DAY_PAGE, WEEK_PAGE = "day", "week"
WEEK = timedelta(days=7)


@require_http_methods(["GET", "HEAD"])
def lead_there(request: HttpRequest) -> HttpResponse:
    """Lead to the day, or the week, that is asked for: today's where none is, or no such day."""
    _check_may_see(request)
    try:
        day = day_in(request.GET.get("day", ""))
    except ValueError:
        day = timezone.localdate()
    page = WEEK_PAGE if "week" in request.GET else DAY_PAGE
    return redirect(address(page, day, **{name: asked_id(request, name) for name in ("with", "move")}))


@require_http_methods(["GET", "HEAD", "POST"])
def day(request: HttpRequest, day: date) -> HttpResponse:
    """One day, a column for each practitioner who is there or has visits; a POST marks a visit, or moves one."""
    return _page(request, DAY_PAGE, day)


@require_http_methods(["GET", "HEAD", "POST"])
def week(request: HttpRequest, day: date) -> HttpResponse:
    """The week around a day, of one practitioner; a POST as on the page of a day."""
    return _page(request, WEEK_PAGE, day)


def _check_may_see(request: HttpRequest) -> None:
    if not _of_appointments().has_view_permission(request):
        raise PermissionDenied


def _of_appointments() -> admin.ModelAdmin:
    return admin.site.get_model_admin(Appointment)


def _page(request: HttpRequest, page: str, day: date) -> HttpResponse:
    _check_may_see(request)
    now, user = timezone.now(), request.user
    asked = asked_id(request, "move")
    move = Move.of(asked, now) if asked and user.has_perm(CHANGE_APPOINTMENT) else None
    form = moving.form_of(request, move) if move else None
    if request.method == "POST" and "slot" not in request.POST:
        return _press(request)
    days = _days(page, day)
    reading = read(days, now=now, moving=move.appointment if move else None)
    if request.method == "POST" and request.POST["slot"]:
        if move is None or form is None:
            messages.warning(request, moving.cannot_move())
            return redirect(address(page, day, **{"with": asked_id(request, "with")}))
        if form.is_valid() and moving.is_moved(request, move, form, reading):
            return redirect("admin:appointments_inquiry_change", move.appointment.inquiry_id)
    if asked and move is None:
        messages.warning(request, moving.cannot_move())
    person = _person(request, reading, move)
    pen = Pen(
        now=now,
        may_change=user.has_perm(CHANGE_APPOINTMENT),
        may_enter=user.has_perms(ENTER_CALLERS),
        moving=move.appointment if move else None,
    )
    heads = _of_week(reading, person, day) if page == WEEK_PAGE else _of_day(reading, person, day)
    kept = {"move": move.appointment.pk if move else None, "with": person.pk if person else None}
    context = {
        **page_context(request, _of_appointments(), here=gettext("Agenda")),
        "title": gettext("Agenda, %s") % date_format(day, "D, N j, Y"),
        "page": page,
        "day": day,
        "is_today": day == timezone.localdate(now),
        "person": person,
        "table": table(heads, reading, pen, move) if heads else None,
        "heads": heads,
        "move": move,
        "form": form,
        **_links(page, day, person, move),
        "people": _people(page, reading, day, move, heads),
        "shown": next((head.person for head in heads if not head.is_other), None),
        "of_days": [(address(page, head.day, **kept), head) for head in heads],
        "elsewhere": [each.name for each in reading.people if each not in [head.person for head in heads]],
        "may_enter": pen.may_enter,
    }
    return TemplateResponse(request, "admin/agenda.html", context)


def _days(page: str, day: date) -> list[date]:
    """The days that are read: of a week all seven."""
    if page == DAY_PAGE:
        return [day]
    monday = day - timedelta(days=day.weekday())
    return [monday + DAY * number for number in range(7)]


def _person(request: HttpRequest, reading: Reading, move: Move | None) -> Practitioner | None:
    """Whom the address names; else who has the visit that moves, or the first who works on these days."""
    asked = asked_id(request, "with") or (move.appointment.practitioner_id if move else 0)
    there = (each for each in reading.people if any(reading.at_work(each.pk, day) for day in reading.days))
    named = next((each for each in reading.people if each.pk == asked), None)
    return named or next(there, next(iter(reading.people), None))


def _of_day(reading: Reading, person: Practitioner | None, day: date) -> list[Head]:
    there = [each for each in reading.people if reading.at_work(each.pk, day) or reading.given_on(each.pk, day)]
    # On a narrow screen one of them stands there: who is asked for, or else the first.
    shown = person if person in there else next(iter(there), None)
    return [Head(each, day, each.name, is_other=each != shown) for each in there]


def _of_week(reading: Reading, person: Practitioner | None, day: date) -> list[Head]:
    """Five days, or seven where they work or have a visit on one of the last two."""
    if person is None:
        return []
    weekend = any(reading.at_work(person.pk, each) or reading.given_on(person.pk, each) for each in reading.days[5:])
    shown = reading.days if weekend else reading.days[:5]
    narrow = day if day in shown else shown[0]
    return [Head(person, each, date_format(each, "D, N j"), is_other=each != narrow) for each in shown]


def _links(page: str, day: date, person: Practitioner | None, move: Move | None) -> dict[str, Any]:
    """Where the page leads: the day or the week before and after, today, the other way to see it."""
    keeps = {"move": move.appointment.pk if move else None}
    with_them = keeps | {"with": person.pk if person else None}
    step = WEEK if page == WEEK_PAGE else DAY
    return {
        "before": _near(page, day, -step, with_them),
        "after": _near(page, day, step, with_them),
        "to_today": address(page, timezone.localdate(), **with_them),
        "to_day": address(DAY_PAGE, day, **with_them),
        "to_week": address(WEEK_PAGE, day, **with_them),
        "kept": {name: value for name, value in (with_them | {"week": page == WEEK_PAGE and 1}).items() if value},
    }


def _near(page: str, day: date, step: timedelta, asked: dict[str, Any]) -> tuple[str, date] | None:
    """The address and the day; None beyond what can be stored."""
    try:
        other = day_in((day + step).isoformat())
    except ValueError:
        return None
    return address(page, other, **asked), other


def _people(
    page: str, reading: Reading, day: date, move: Move | None, heads: Sequence[Head]
) -> list[tuple[Practitioner, str, list[str]]]:
    """
    All practitioners, each with the address of the same page with them; above a week, with their free first visits.

    A dash stands for a day on which they do not work, or see nobody for it.
    """
    asked = {"move": move.appointment.pk if move else None}
    if page == DAY_PAGE:
        there = [head.person for head in heads]
        return [(each, address(page, day, **asked, **{"with": each.pk}), []) for each in there]
    first = min(
        (row.visit_type for row in reading.schedules), key=lambda each: (each.position, each.name), default=None
    )
    days = [head.day for head in heads]
    return [
        (each, address(page, day, **asked, **{"with": each.pk}), _free(reading, each, first, days))
        for each in reading.people
    ]


def _free(reading: Reading, person: Practitioner, first: Any, days: Sequence[date]) -> list[str]:
    if not any(row.visit_type_id == first.pk for row in reading.kinds.get(person.pk, ())) if first else True:
        return ["–"] * len(days)
    # Also farther ahead than times are offered: what is free is free.
    rules = first.rules._replace(lead=timedelta(), horizon_days=(days[-1] - reading.day_of(reading.now)).days + 1)
    calendar, found = reading.calendars[person.pk], []
    for each in days:
        slots = calendar.slots(rules, now=reading.now, first=each, last=each)
        number = sum(1 for _slot in beside_each_other(slots))
        found.append(str(number) if reading.at_work(person.pk, each) else "–")
    return found


def _press(request: HttpRequest) -> HttpResponse:
    """Take the next step of a visit, say so, and come back to where it stands."""
    user: Any = request.user
    name, _colon, shown = request.POST.get("do", "").partition(":")
    if name not in time_steps.OF_A_DAY:
        raise BadRequest("no step of a visit")
    if not user.has_perm(CHANGE_APPOINTMENT):
        raise PermissionDenied
    rows = Appointment.objects.select_related("inquiry")
    visit = get_object_or_404(rows, pk=as_key(shown.partition(":")[0]), inquiry__erased_at=None)
    back = f"{request.get_full_path()}#visit-{visit.pk}"
    try:
        with what_is_done(request, visit.inquiry, back=back):
            # Of what is offered to them besides, nobody has looked at anything here.
            time_steps.take(visit, name, shown, Actor.staff(user, has_seen=()))
    except tuple(REFUSALS) as error:
        messages.warning(request, REFUSALS[type(error)])
    return redirect(back)
