"""The form that visitors send, maybe with a time that they chose before."""

from datetime import datetime
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from appointments.actors import Actor
from appointments.bookings import appointments, pause, submissions
from appointments.bookings.submissions import Submitted
from appointments.errors import HasAppointment, NotPossible, TooManyReschedules, TooManyTimes
from appointments.inquiries import conversation
from appointments.models import InquiryKind, Schedule, VisitType
from appointments.public import blank_form, counting, done, proofs
from appointments.public.counting import Counted
from appointments.public.forms import InquiryForm
from appointments.public.screening import screen
from appointments.scheduling import slot_codes
from clinic.busy import Busy, try_again
from clinic.models import Clinic
from clinic.server.http import SeeOther, for_everyone, is_from_here, true_for_seconds
from clinic.server.security_log import Event, record

# What becomes of a time that is chosen before the form is sent.
BOOKED_AT_ONCE = _("If this time is still free when you send this, it is yours.")
HELD_FIRST = _("If this time is still free, we hold it and contact you to confirm.")
# Of the form without a time: what the link that led to it says, or what the menu says.
HEADINGS = {
    InquiryKind.QUESTION: _("Ask a question"),
    InquiryKind.APPOINTMENT: _("Ask for an appointment"),
    None: _("Appointments and questions"),
}
# What they typed stands below these.
TOO_MANY = _(
    "Very many messages came from your network within an hour, so this one is not sent. What you typed is still here. "
    "Please call us at %(phone)s, or send it again in an hour."
)
NOT_FROM_HERE = _(
    "This came from another page than ours, like a translated copy, so it is not sent yet. What you typed is still "
    "here: send it from this page, or call us at %(phone)s."
)
NOT_STORED = _("We could not take your message at this moment. Please send it again in a minute, or call us.")


@for_everyone
@require_http_methods(["GET", "HEAD", "POST"])
@counting.where_stored
def contact(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    if request.method != "POST":
        slot_code = request.GET.get("slot", "")
        answer = _form(request, InquiryForm(now=now, slot=slot_code) if slot_code else None, now)
        # Somebody may take the time at any moment.
        return true_for_seconds(answer) if "slot" in request.GET else answer
    if request.FILES or any(len(values) > 1 for __, values in request.POST.lists()):
        raise BadRequest("a file, or a field sent twice: not from our form")
    form = InquiryForm(request.POST, now=now)
    if not is_from_here(request):
        form.add_error(None, NOT_FROM_HERE % {"phone": Clinic.current().phone})
        return _form(request, form, now, status=403)
    if not form.is_valid():
        return _form(request, form, now, status=422)
    slot = slot_codes.find(form.slot, Schedule.objects.online()) if form.slot else None
    inquiry = form.inquiry()
    try:
        counted = counting.post(request, inquiry, with_time=slot is not None, now=now)
        if counted.is_refused:
            record(Event.LIMIT_REFUSED, request)
            form.add_error(None, TOO_MANY % {"phone": Clinic.current().phone})
            answer = _form(request, form, now, status=429)
            answer.headers["Retry-After"] = "3600"
            return answer
        screen(inquiry, filled_trap=form.filled_trap, counted=counted)
        may = counted.may_have_a_time
        sent = submissions.submit_and_book(inquiry=inquiry, slot=slot, by=Actor.visitor(), may_have_a_time=may)
    except Busy:
        form.add_error(None, NOT_STORED)
        return try_again(_form(request, form, now))
    if isinstance(sent.refusal, Busy):
        counting.give_back_time(request, now)
    _tell(request, form, sent, counted)
    if sent.appointment:
        pause.after_a_choice(counted.everybodys_times, now)
    if sent.is_late:
        conversation.send_link_again(sent.inquiry, now)
        return render(request, "appointments/already_here.html")
    leads_on = SeeOther(_next_page(sent, form.slot))
    if sent.is_new:  # Who repeats what somebody sent is not known to be the same person.
        proofs.remember(leads_on, sent.inquiry, proofs.SENT)
    return leads_on


def _tell(request: HttpRequest, form: InquiryForm, sent: Submitted, counted: Counted) -> None:
    """Tell the security log of the trap and of the limits that what was stored has met."""
    if form.filled_trap:
        record(Event.TRAP, request, inquiry=sent.inquiry.pk)
    if counted.is_checked_by_hand:
        record(Event.LIMIT_CHECKED, request, inquiry=sent.inquiry.pk)
    if not counted.may_have_a_time:
        record(Event.LIMIT_TIMES, request, inquiry=sent.inquiry.pk)


def _form(request: HttpRequest, form: InquiryForm | None, now: datetime, status: int = 200) -> HttpResponse:
    """The form, below the time that it asks for, if there is one; the blank one where there is none."""
    code = form.slot if form else ""
    schedules = list(Schedule.objects.online()) if code else []
    slot = slot_codes.find(code, schedules)
    schedule = slot and next(each for each in schedules if each.is_for(slot))
    # An address may name the kind, for everyone who comes by its link; what was typed has it anyway.
    named = "" if form else request.GET.get("kind", "")
    kind = InquiryKind(named) if named in InquiryKind.values else None
    is_taken = slot is not None and not appointments.is_free_online(slot, now)
    if form and schedule and not is_taken:
        # Who chose among kinds of visits has said so by that.
        has_said = len({each.visit_type_id for each in schedules}) > 1
        form.book(_promise(schedule.visit_type), has_said_seen_before=has_said)
    context = {
        "form": form,
        "blank_form": None if form else blank_form.html(now, kind=kind),
        "heading": HEADINGS[kind],
        "times_online": bool(schedules) or Schedule.any_online(),
        "slot": slot,
        "schedule": schedule,
        "is_taken": is_taken,
    }
    return render(request, "appointments/contact.html", context, status=status)


def _promise(visit_type: VisitType) -> str:
    """What is booked, and what becomes of it: "First visit, 45 minutes, New York time. If this time is …"."""
    words = _("%(visit)s, %(n)d minutes, %(zone)s. %(promise)s") % {
        "visit": visit_type.name,
        "n": visit_type.minutes,
        "zone": Clinic.current().zone_name,
        "promise": BOOKED_AT_ONCE if visit_type.booked_at_once else HELD_FIRST,
    }
    return str(words)


def _next_page(sent: Submitted, code: str) -> str:
    """
    Where a stored inquiry leads: to the time that it got, to free times to choose from, or to its own page.

    `code` is the time that was chosen, as it was posted; it may name none.
    """
    inquiry = sent.inquiry
    if sent.appointment:
        return done.address_of(sent.appointment)
    if not inquiry.may_choose or not Schedule.any_online():
        return done.address(inquiry, "sent")
    if isinstance(sent.refusal, Busy):
        return done.address(inquiry, "front-desk")
    own_times = reverse("inquiry_times", args=[inquiry.key])
    if isinstance(sent.refusal, HasAppointment):
        theirs = inquiry.appointments.of_the_patient()
        if theirs and slot_codes.encode(theirs.slot) == code:
            return done.address_of(theirs)
        # Sent again with another time: they are asked whether it takes the place of the one that they have.
        return f"{own_times}?{urlencode({'slot': code})}"
    if isinstance(sent.refusal, TooManyTimes):
        return done.address(inquiry, "asked")
    if isinstance(sent.refusal, NotPossible | TooManyReschedules):
        return inquiry.own_page_url()  # Somebody took it for spam at this very moment.
    return f"{own_times}?{urlencode({'taken': code})}" if code else own_times


@for_everyone
@require_safe
def old_address(request: HttpRequest) -> HttpResponse:
    return redirect("appointments", permanent=True)
