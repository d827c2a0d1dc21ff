"""What a patient does with their time, from the inquiry's own page."""

from contextlib import suppress

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appointments.actors import Actor
from appointments.bookings import appointments, proposals, waiting_list
from appointments.errors import HasAppointment, NotPossible, SlotTaken
from appointments.models import Appointment, AppointmentStatus, Inquiry
from appointments.notifications import calendar_file
from clinic.server.http import SeeOther, for_one, posts_from_here


def _inquiry(key: str) -> Inquiry:
    return get_object_or_404(Inquiry, key=key, erased_at=None)


def _appointment(inquiry: Inquiry) -> Appointment:
    found = inquiry.appointments.select_related("inquiry", "practitioner", "visit_type").of_the_patient()
    if found is None:
        raise Http404
    return found


@for_one
@posts_from_here
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, key: str) -> HttpResponse:
    """Ask whether they mean it, with the clinic's policy where it is late; then free the time. Twice is calm."""
    inquiry = _inquiry(key)
    appointment = _appointment(inquiry)
    was_cancelled = appointment.status == AppointmentStatus.CANCELLED
    now = timezone.now()
    # It was moved since they were asked: they are asked again, about the time that it is now.
    is_seen = request.POST.get("seen", "") == appointment.version_key
    if request.method == "POST" and is_seen and not was_cancelled:
        # Not possible once they have arrived, or it is over: their page says so.
        with suppress(NotPossible):
            appointments.cancel(appointment=appointment, by=Actor.visitor(), now=now)
        return SeeOther(inquiry.own_page_url())
    context = {
        "inquiry": inquiry,
        "appointment": appointment,
        "was_cancelled": was_cancelled,
        "is_to_come": appointment.is_to_come(now),
        "is_late": appointments.is_late_to_cancel(appointment, now),
    }
    is_asked_again = request.method == "POST" and not was_cancelled
    return render(request, "appointments/cancel.html", context, status=409 if is_asked_again else 200)


@for_one
@posts_from_here
@require_POST
def answer_proposals(request: HttpRequest, key: str) -> HttpResponse:
    """Take one of the times that the front desk offered, or none of them."""
    inquiry = _inquiry(key)
    if "none" in request.POST:
        proposals.decline(inquiry=inquiry, by=Actor.visitor())
        return SeeOther(inquiry.own_page_url())
    chosen = request.POST.get("proposal", "")
    rows = inquiry.appointments.select_related("inquiry", "visit_type")
    proposal = rows.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 18 else None
    try:
        if proposal is None:
            raise SlotTaken
        proposals.accept(proposal=proposal, by=Actor.visitor())
    except SlotTaken:
        if inquiry.appointments.live().filter(displaced_at=None).exists():
            return SeeOther(inquiry.own_page_url())  # Another one was taken, here or by phone: the page says which.
        return render(request, "appointments/proposal_gone.html", {"inquiry": inquiry}, status=409)
    except (NotPossible, HasAppointment):
        pass  # They have arrived with the time that they had, or took one in another tab.
    return SeeOther(inquiry.own_page_url())


@for_one
@posts_from_here
@require_POST
def earlier(request: HttpRequest, key: str) -> HttpResponse:
    """Say that one would take an earlier time, or no longer."""
    inquiry = _inquiry(key)
    # Not possible once the time is cancelled: there is nothing to come before.
    with suppress(NotPossible):
        waiting_list.join_or_leave(inquiry=inquiry, on="on" in request.POST, by=Actor.visitor())
    return SeeOther(inquiry.own_page_url())


@for_one
@require_safe
def calendar(request: HttpRequest, key: str) -> HttpResponse:
    file = calendar_file.build(_appointment(_inquiry(key)))
    disposition = {"Content-Disposition": f'attachment; filename="{calendar_file.FILE_NAME}"'}
    return HttpResponse(file, content_type=calendar_file.CONTENT_TYPE, headers=disposition)


@for_one
@require_safe
def card(request: HttpRequest, key: str) -> HttpResponse:
    """The appointment on a card, to print and put on the refrigerator."""
    inquiry = _inquiry(key)
    appointment = _appointment(inquiry)
    if not appointment.is_to_come(timezone.now()):
        return redirect(inquiry.own_page_url())
    return render(request, "appointments/card.html", {"inquiry": inquiry, "appointment": appointment})
