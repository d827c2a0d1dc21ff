"""What a patient does with their time, from the inquiry's own page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appointments.bookings import promises_to_come, proposals, statuses, waiting_list
from appointments.errors import ChangedMeanwhile, SlotTaken
from appointments.models import Appointment, AppointmentStatus, Inquiry
from appointments.notifications import calendar_file
from appointments.public import done
from appointments.public.views import own
from clinic.server.http import SeeOther, for_one, posts_from_here


def _appointment(inquiry: Inquiry) -> Appointment:
    found = inquiry.appointments.select_related("inquiry", "practitioner", "visit_type").of_the_patient()
    if found is None:
        raise Http404
    return found


@for_one
@posts_from_here
@own.of_inquiry
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, inquiry: Inquiry) -> HttpResponse:
    """Ask whether they mean it, with the clinic's policy where it is late; then free the time. Twice is calm."""
    status = 200
    if request.method == "POST":
        seen, version = own.seen_appointment(request, inquiry)
        try:
            if seen is None:
                raise ChangedMeanwhile
            statuses.cancel(appointment=seen, by=own.visitor(request), version=version)
            return SeeOther(done.address(inquiry, "cancelled"))
        except ChangedMeanwhile:
            status = 409  # They are asked again, about the time that it is now.
        if inquiry.appointments.of_the_patient() is None:
            raise ChangedMeanwhile  # What was held for them is free, and there is nothing else to ask about.
    if inquiry.appointments.exists() and inquiry.appointments.of_the_patient() is None:
        return redirect(done.address(inquiry, "cancelled"))  # Only held for them, and free again.
    appointment, now = _appointment(inquiry), timezone.now()
    was_cancelled = appointment.status == AppointmentStatus.CANCELLED
    context = {
        "inquiry": inquiry,
        "appointment": appointment,
        "was_cancelled": was_cancelled,
        "is_to_come": appointment.is_to_come(now),
        "is_late": statuses.is_late_to_cancel(appointment, now),
        "has_changed": status == 409,
    }
    return render(request, "appointments/cancel.html", context, status=200 if was_cancelled else status)


@for_one
@posts_from_here
@own.of_inquiry
@require_POST
def answer_proposals(request: HttpRequest, inquiry: Inquiry) -> HttpResponse:
    """Take one of the times that the front desk offered, or none of them."""
    by = own.visitor(request)
    # What is only held while somebody checks the request is not theirs yet: it cannot be kept or moved.
    held = inquiry.appointments.live().filter(held_until=None).first()
    if "none" in request.POST:
        proposals.decline(inquiry=inquiry, by=own.visitor(request, own.seen_proposals(request)))
        return SeeOther(done.address(inquiry, "kept" if held else "declined"))
    chosen = request.POST.get("proposal", "")
    rows = inquiry.appointments.select_related("inquiry", "visit_type")
    proposal = rows.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 18 else None
    seen, version = own.seen_appointment(request, inquiry)
    try:
        if proposal is None:
            raise SlotTaken
        proposals.accept(proposal=proposal, by=by, instead_of=(seen.pk, version) if seen else (0, 0))
    except SlotTaken:
        if inquiry.appointments.live().filter(displaced_at=None).exists():
            return SeeOther(done.address(inquiry, "not-offered"))  # Another one was taken, here or by phone.
        return render(request, "appointments/proposal_gone.html", {"inquiry": inquiry}, status=409)
    if held:
        return SeeOther(done.address_of_move(inquiry, held.slot, proposal.slot))
    return SeeOther(done.address(inquiry, "booked"))


@for_one
@posts_from_here
@own.of_inquiry
@require_POST
def earlier(request: HttpRequest, inquiry: Inquiry) -> HttpResponse:
    """Say that one would take an earlier time, or no longer."""
    is_on = "on" in request.POST
    waiting_list.join_or_leave(inquiry=inquiry, on=is_on, by=own.visitor(request))
    return SeeOther(done.address(inquiry, "earlier" if is_on else "not-earlier"))


@for_one
@posts_from_here
@own.of_inquiry
@require_POST
def coming(request: HttpRequest, inquiry: Inquiry) -> HttpResponse:
    """Say that one will come. Only a press does: programs that follow the links of mails never say it for anybody."""
    seen, version = own.seen_appointment(request, inquiry)
    if seen is None:
        raise ChangedMeanwhile
    promises_to_come.say_they_will_come(appointment=seen, by=own.visitor(request), version=version)
    return SeeOther(done.address(inquiry, "coming"))


@for_one
@posts_from_here
@own.of_inquiry
@require_safe
def calendar(request: HttpRequest, inquiry: Inquiry) -> HttpResponse:
    file = calendar_file.build(_appointment(inquiry))
    disposition = {"Content-Disposition": f'attachment; filename="{calendar_file.FILE_NAME}"'}
    return HttpResponse(file, content_type=calendar_file.CONTENT_TYPE, headers=disposition)


@for_one
@posts_from_here
@own.of_inquiry
@require_safe
def card(request: HttpRequest, inquiry: Inquiry) -> HttpResponse:
    """The appointment on a card, to print and put on the refrigerator."""
    appointment = _appointment(inquiry)
    if appointment.displaced_at or not appointment.is_to_come(timezone.now()):
        return redirect(inquiry.own_page_url())
    return render(request, "appointments/card.html", {"inquiry": inquiry, "appointment": appointment})
