"""The own page of an inquiry: what happens next, its time, what was written, and what one can do."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from appointments.errors import NotPossible
from appointments.inquiries import conversation, lifecycle
from appointments.models import Inquiry, Schedule
from appointments.public import own_page
from appointments.public.forms import ReplyForm
from clinic.models import Clinic
from clinic.server.http import SeeOther, for_one, posts_from_here


@for_one
@require_safe
def inquiry(request: HttpRequest, key: str) -> HttpResponse:
    return _own_page(request, get_object_or_404(Inquiry, key=key), ReplyForm())


@for_one
@posts_from_here
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, key: str) -> HttpResponse:
    inquiry = get_object_or_404(Inquiry, key=key, erased_at=None)
    if request.method != "POST":
        return redirect(inquiry.own_page_url())
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _own_page(request, inquiry, form, status=422)
    try:
        conversation.write_back(
            inquiry=inquiry, words=form.cleaned_data["words"], idempotency_key=form.cleaned_data["idempotency_key"]
        )
    except NotPossible as error:  # Erased a moment ago.
        raise Http404 from error
    return SeeOther(f"{inquiry.own_page_url()}#conversation")


def _own_page(request: HttpRequest, inquiry: Inquiry, form: ReplyForm, status: int = 200) -> HttpResponse:
    now = timezone.now()
    rows = inquiry.appointments.select_related("practitioner", "visit_type")
    appointment = rows.of_the_patient()
    to_come = appointment if appointment and appointment.is_to_come(now) else None
    online = Schedule.objects.online().exists()
    context = {
        "inquiry": inquiry,
        "next_step": own_page.next_step(inquiry, now),
        "conversation": inquiry.messages.all(),
        "form": form,
        "appointment": appointment,
        "is_to_come": to_come is not None,
        "proposals": rows.proposed(now),
        "may_choose": online and not (appointment and appointment.is_live) and may_choose(inquiry),
        # Their time is gone, and nobody has been asked for another yet.
        "may_ask": appointment and not appointment.is_live and not inquiry.erased_at and not inquiry.is_promised,
        "may_move": online and to_come and to_come.may_be_moved(Clinic.current().reschedules_allowed, now),
        "preparation": to_come and to_come.visit_type.signed_preparation(),
    }
    return render(request, "appointments/inquiry.html", context, status=status)


def may_choose(inquiry: Inquiry) -> bool:
    """Whether the site lets them choose a time: not for ever again after cancelling."""
    return inquiry.may_choose and inquiry.appointments.given().count() <= Clinic.current().reschedules_allowed


@for_one
@require_http_methods(["GET", "HEAD", "POST"])
def reminders(request: HttpRequest, key: str) -> HttpResponse:
    """
    No more reminders by mail. A mail program posts here by itself, so the post proves no origin.

    Source: RFC 8058, one-click unsubscription.
    """
    inquiry = get_object_or_404(Inquiry, key=key, erased_at=None)
    if request.method == "POST":
        inquiry = lifecycle.stop_reminders(inquiry=inquiry)  # No redirect: mail programs do not follow one.
    return render(request, "appointments/reminders.html", {"inquiry": inquiry})
