"""What is pressed on the first page: what became of a visit, or of a call to somebody whose time was taken away."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from appointments.actors import Actor
from appointments.admin.base import ADD_CALL, CHANGE_APPOINTMENT, as_key, seen
from appointments.admin.desk import time_steps
from appointments.admin.desk.said import what_is_done
from appointments.admin.today.visits import PRESSES
from appointments.admin.wording import REFUSALS, WENT
from appointments.inquiries import conversation
from appointments.models import Appointment, AppointmentStatus
from appointments.models.log import Outcome

# How a call to a displaced patient went.
CALLS = {"reached": Outcome.REACHED, "no_answer": Outcome.NO_ANSWER}
# What a visit is after a press: who presses twice finds it done.
BECOMES = {
    "confirm": AppointmentStatus.BOOKED,
    "arrived": AppointmentStatus.ARRIVED,
    "done": AppointmentStatus.FULFILLED,
    "noshow": AppointmentStatus.NOSHOW,
    "came": AppointmentStatus.ARRIVED,
    "undone": AppointmentStatus.ARRIVED,
}


@require_POST
def view(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    """Do what one button says ("arrived 44:3": the visit and its version), say so, and lead back to the first page."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    do, _space, which = request.POST.get("do", "").partition(" ")
    if do not in (*PRESSES, *CALLS):
        raise BadRequest("nothing that can be pressed on the first page")
    user: Any = request.user
    if not user.has_perm(ADD_CALL if do in CALLS else CHANGE_APPOINTMENT):
        raise PermissionDenied
    rows = Appointment.objects.select_related("inquiry", "practitioner", "visit_type")
    visit = seen(request, model_admin, rows, pk=as_key(which.partition(":")[0]))
    if visit.inquiry.erased_at:
        raise PermissionDenied
    try:
        if do in CALLS:
            _called(request, visit, CALLS[do])
        elif visit.status != BECOMES[do]:
            _marked(request, visit, do, which)
    except tuple(REFUSALS) as error:
        messages.warning(request, f"{visit.inquiry.who_comes}: {REFUSALS[type(error)]}")
    return redirect("admin:index")


def _marked(request: HttpRequest, visit: Appointment, do: str, which: str) -> None:
    with what_is_done(request, visit.inquiry, back=reverse("admin:index")):
        # Of what is offered to them besides, nobody has looked at anything here.
        time_steps.take(visit, do, which, Actor.staff(request.user, has_seen=()))


def _called(request: HttpRequest, visit: Appointment, outcome: Outcome) -> None:
    said = f"{visit.inquiry.who_comes}: {WENT[outcome]}"
    with what_is_done(request, visit.inquiry, said=said, back=reverse("admin:index")):
        conversation.log_call(
            inquiry=visit.inquiry, outcome=outcome, by=Actor.staff(request.user), idempotency_key=_key(request)
        )


def _key(request: HttpRequest) -> UUID | None:
    """Which page this was pressed on: a double click writes the same down once."""
    try:
        return UUID(request.POST.get("idempotency_key", ""))
    except ValueError:
        return None
