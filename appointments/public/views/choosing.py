"""Choosing a time for an inquiry that is stored already, or another time for the one that it has."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from appointments.bookings import appointments, pause, waiting_list
from appointments.errors import (
    ChangedMeanwhile,
    HasAppointment,
    NotPossible,
    SlotTaken,
    TooManyReschedules,
    TooManyTimes,
)
from appointments.models import Appointment, Inquiry, Schedule
from appointments.public import counting, done
from appointments.public.standing import may_choose, may_move
from appointments.public.views import own
from appointments.scheduling import free_times, slot_codes
from appointments.slots import Slot
from clinic.busy import Busy, try_again
from clinic.server.http import SeeOther, for_one, posts_from_here
from clinic.server.security_log import Event, record


@for_one
@posts_from_here
@own.of_inquiry
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, inquiry: Inquiry) -> HttpResponse:
    """Free times; one of them, to be confirmed (GET with slot); and taking it (POST), or asking the front desk."""
    now, schedules = timezone.now(), list(Schedule.objects.online())
    held = _held(inquiry)
    slot = slot_codes.find((request.POST or request.GET).get("slot", ""), schedules)
    if request.method == "POST" and "ask" in request.POST:
        waiting_list.ask_for_time(inquiry=inquiry, by=own.visitor(request, own.seen_proposals(request)))
        return SeeOther(done.address(inquiry, "asked"))
    if held and slot == held.slot and not held.displaced_at:
        # A second tap, or back to the page that asked: it is theirs, and takes no time's place.
        return SeeOther(done.address_of(held)) if request.method == "POST" else redirect(done.address_of(held))
    if not (may_move(inquiry, held, now) if held else may_choose(inquiry)):
        if request.method == "POST":
            raise TooManyReschedules if held and held.is_to_come(now) and inquiry.may_choose else NotPossible
        return redirect(inquiry.own_page_url())
    is_busy = False
    if request.method == "POST" and slot:
        try:
            return SeeOther(_take(request, inquiry, held, slot, now))
        except TooManyTimes:
            inquiry.set_wish(slot)
            waiting_list.ask_for_time(inquiry=inquiry, by=own.visitor(request, own.seen_proposals(request)))
            return SeeOther(done.address(inquiry, "asked"))
        except SlotTaken:
            return _list(request, inquiry, held, schedules, now, taken=slot_codes.encode(slot))
        except (ChangedMeanwhile, HasAppointment):
            held = _held(inquiry)  # Another tab, or the front desk: what this one would do now is asked again.
        except Busy:
            is_busy = True
    if slot and appointments.is_free_online(slot, now, without=held):
        schedule = next(each for each in schedules if each.is_for(slot))
        status = 409 if request.method == "POST" and not is_busy else 200
        context = {
            "inquiry": inquiry,
            "held": held,
            "slot": slot,
            "code": slot_codes.encode(slot),
            "schedule": schedule,
            "has_changed": status == 409,
            "busy": Busy.words if is_busy else "",
        }
        answer = render(request, "appointments/choose.html", context, status=status)
        return try_again(answer) if is_busy else answer
    taken = request.GET.get("taken", slot_codes.encode(slot) if slot else "")
    return _list(request, inquiry, held, schedules, now, taken=taken)


def _held(inquiry: Inquiry) -> Appointment | None:
    rows = inquiry.appointments.not_expired(timezone.now()).live()
    return rows.select_related("inquiry", "practitioner", "visit_type").first()


def _take(request: HttpRequest, inquiry: Inquiry, held: Appointment | None, slot: Slot, now: datetime) -> str:
    """Book the time, or move theirs there: return the address that says so. Raises what the verbs raise."""
    seen, version = own.seen_appointment(request, inquiry)
    if held is None:
        counted = counting.time(request, now=now)
        if not counted.may_have_a_time:
            record(Event.LIMIT_TIMES, request, inquiry=inquiry.pk)
            raise TooManyTimes
        given = appointments.book(inquiry=inquiry, slot=slot, by=own.visitor(request))
        pause.after_a_choice(counted.everybodys_times, now)
        return done.address_of(given)
    if seen != held:
        raise ChangedMeanwhile
    before = held.slot
    given = appointments.reschedule(appointment=held, slot=slot, by=own.visitor(request), version=version)
    return done.address_of_move(inquiry, before, given.slot)


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
    usual = slot_codes.alike(like) if like else {}
    asked = (
        request.GET.dict() if "visit" in request.GET else usual | slot_codes.near(taken, schedules) | request.GET.dict()
    )
    found = free_times.find(schedules, asked, now=now, without=held)
    context = {
        "inquiry": inquiry,
        "held": held,
        "free": found,
        "is_taken": bool(taken),
        "proposals": inquiry.appointments.proposed(now),
    }
    return render(request, "appointments/own_times.html", context, status=409 if request.method == "POST" else 200)
