"""A practitioner's own day, for the phone: who comes, what they are asked, what waits for their signature."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from appointments.admin.base import SIGN_PAGE, SIGN_PREPARATION, page_context, record_accesses
from appointments.admin.wording import VISIT_SIGNS, VISIT_STATES, WARNING
from appointments.models import (
    AccessAction,
    Appointment,
    AppointmentStatus,
    Closure,
    DoctorQuestion,
    Note,
    Practitioner,
    PreparationSignOff,
    VisitType,
)
from clinic import timeline
from procedures import wording
from procedures.models import Page


class Visit(NamedTuple):
    appointment: Appointment
    sign: str
    state: str
    # What helps with this patient: the language, what they asked to mind, the desk's newest note.
    to_mind: list[str]


class ToSign(NamedTuple):
    words: str
    address: str


@require_safe
def view(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    """The day that `?day=` says, or today."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    context = {**page_context(request, model_admin, here=gettext("Your day")), "title": gettext("Your day")}
    context["to_sign"] = to_sign(request.user)
    if doctor := Practitioner.objects.whose_account(request.user):
        context |= _of(request, doctor)
    return TemplateResponse(request, "admin/appointments/doctorquestion/own_day.html", context)


def _of(request: HttpRequest, doctor: Practitioner) -> dict[str, Any]:
    """What the page says of this practitioner; that it was seen is in the access log."""
    now = timezone.now()
    today = timezone.localdate(now)
    day = _day(request.GET.get("day", ""), today)
    visits = _visits(doctor, day, now)
    questions = DoctorQuestion.objects.open().of(request.user).select_related("inquiry").order_by("asked_at", "pk")
    shown = [*(each.appointment.inquiry for each in visits), *(each.inquiry for each in questions)]
    record_accesses(request, AccessAction.READ, shown)
    return {
        "doctor": doctor,
        "day": day,
        "is_today": day == today,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "counts": _counts(visits),
        "visits": visits,
        "questions": questions,
        "away": Closure.objects.standing().filter(practitioner=doctor).after(now)[:10],
    }


def _day(said: str, today: date) -> date:
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return today
    is_known = timeline.EARLIEST.date() + timedelta(days=2) < day < timeline.LATEST.date() - timedelta(days=2)
    return day if is_known else today


def _visits(doctor: Practitioner, day: date, now: datetime) -> list[Visit]:
    rows = Appointment.objects.on(day).not_expired(now).filter(practitioner=doctor, inquiry__erased_at=None)
    rows = rows.select_related("inquiry", "visit_type").order_by("starts_at", "pk")
    notes = _newest_notes(row.inquiry_id for row in rows)
    return [_visit(row, notes.get(row.inquiry_id, "")) for row in rows]


def _newest_notes(inquiries: Iterable[int]) -> dict[int, str]:
    newest = Note.objects.standing().filter(inquiry__in=list(inquiries))
    newest = newest.order_by("inquiry_id", "-created_at", "-pk").distinct("inquiry_id")
    return dict(newest.values_list("inquiry_id", "words"))


def _visit(row: Appointment, note: str) -> Visit:
    sign, state = VISIT_SIGNS[row.status], VISIT_STATES[row.status]
    if row.displaced_at and row.status in AppointmentStatus.live():
        sign, state = WARNING, _("closed then: they get another time")
    elif row.overbooked:
        state = f"{state}, {gettext('overbooked')}"
    return Visit(row, sign, str(state), [words for words in (row.inquiry.to_reach_them, note) if words])


def _counts(visits: list[Visit]) -> str:
    """ "3 visits, 1 here"."""
    here = sum(each.appointment.status == AppointmentStatus.ARRIVED for each in visits)
    words = ngettext("%d visit", "%d visits", len(visits)) % len(visits)
    return f"{words}, {gettext('%d here') % here}" if here else words


def to_sign(user: Any) -> list[ToSign]:
    """What a clinician has to read and sign: pages of procedures, and how to prepare for a visit."""
    found = []
    if user.has_perm(SIGN_PAGE):
        pages = Page.objects.with_state().select_related("procedure").order_by("procedure", "position", "pk")
        found = [
            ToSign(f"{page}: {wording.to_sign(page)}", reverse("admin:procedures_page_sign_off", args=[page.pk]))
            for page in pages
            if wording.to_sign(page)
        ]
    if user.has_perm(SIGN_PREPARATION):
        signed = PreparationSignOff.objects.filter(visit_type=OuterRef("pk"), digest=OuterRef("preparation_digest"))
        unsigned = VisitType.objects.active().exclude(preparation="").exclude(Exists(signed))
        words = gettext("How to prepare: %s")
        found += [
            ToSign(words % visit, reverse("admin:appointments_visittype_sign_off", args=[visit.pk]))
            for visit in unsigned
        ]
    return found
