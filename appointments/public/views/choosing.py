"""Choosing a time for an inquiry that is stored already, or another time for the one that it has."""

from contextlib import suppress
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from appointments.actors import Actor
from appointments.bookings import appointments
from appointments.errors import HasAppointment, NotPossible, SlotTaken, TooManyReschedules
from appointments.models import Appointment, Inquiry, Schedule
from appointments.public.views.inquiry import may_choose
from appointments.scheduling import free_times, slot_codes
from appointments.slots import Slot
from clinic.models import Clinic
from clinic.server.http import SeeOther, for_one, posts_from_here


@for_one
@posts_from_here
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, key: str) -> HttpResponse:
    """Free times; one of them, to be confirmed (GET with slot); and taking it (POST), or asking the front desk."""
    inquiry = get_object_or_404(Inquiry, key=key, erased_at=None)
    held = inquiry.appointments.live().select_related("practitioner", "visit_type").first()
    now = timezone.now()
    if request.method == "POST" and "ask" in request.POST and not held:
        with suppress(NotPossible):  # Erased a moment ago.
            appointments.ask_for_time(inquiry=inquiry, by=Actor.visitor(), now=now)
        return SeeOther(inquiry.own_page_url())
    limit = Clinic.current().reschedules_allowed
    if not (held.may_be_moved(limit, now) if held else may_choose(inquiry)):
        return redirect(inquiry.own_page_url())
    schedules = list(Schedule.objects.online())
    slot = slot_codes.find((request.POST or request.GET).get("slot", ""), schedules)
    if request.method == "POST" and held and slot == held.slot and not held.displaced_at:
        return SeeOther(inquiry.own_page_url())  # A second tap.
    if request.method == "POST" and slot and request.POST.get("instead_of", "") == _instead_of(held):
        try:
            _take(inquiry, held, slot, now)
            return SeeOther(inquiry.own_page_url())
        except SlotTaken:
            return _list(request, inquiry, held, schedules, now, taken=slot_codes.encode(slot))
        except (HasAppointment, NotPossible, TooManyReschedules):
            return SeeOther(inquiry.own_page_url())
    if slot and appointments.is_free_online(slot, now, without=held):
        schedule = next(each for each in schedules if each.is_for(slot))
        context = {
            "inquiry": inquiry,
            "held": held,
            "instead_of": _instead_of(held),
            "slot": slot,
            "schedule": schedule,
        }
        # Another tab has chosen meanwhile: what this one would do now is asked again.
        status = 409 if request.method == "POST" else 200
        return render(request, "appointments/choose.html", context | {"code": slot_codes.encode(slot)}, status=status)
    taken = request.GET.get("taken", slot_codes.encode(slot) if slot else "")
    return _list(request, inquiry, held, schedules, now, taken=taken)


def _instead_of(held: Appointment | None) -> str:
    """What somebody sees as their time when they choose another."""
    return held.version_key if held else ""


def _take(inquiry: Inquiry, held: Appointment | None, slot: Slot, now: datetime) -> None:
    if held:
        appointments.reschedule(appointment=held, slot=slot, by=Actor.visitor(), now=now)
    else:
        appointments.book(inquiry=inquiry, slot=slot, by=Actor.visitor(), now=now)


def _list(
    request: HttpRequest,
    inquiry: Inquiry,
    held: Appointment | None,
    schedules: list[Schedule],
    now: datetime,
    taken: str,
) -> HttpResponse:
    """Fresh times; around the one that was just `taken` (its code), if one was."""
    # Like the time that they have or had, unless they ask for another kind of visit.
    like = inquiry.appointments.of_the_patient()
    usual = {"visit": str(like.visit_type_id), "with": str(like.practitioner_id)} if like else {}
    asked = (
        request.GET.dict() if "visit" in request.GET else usual | slot_codes.near(taken, schedules) | request.GET.dict()
    )
    found = free_times.find(schedules, asked, now=now, without=held)
    context = {"inquiry": inquiry, "held": held, "free": found, "is_taken": bool(taken)}
    return render(request, "appointments/own_times.html", context, status=409 if request.method == "POST" else 200)
