"""The own page of an inquiry: what happens next, its time, what was written, and what one can do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from appointments.inquiries import conversation, lifecycle
from appointments.models import Inquiry
from appointments.public import done
from appointments.public.reply_form import ReplyForm
from appointments.public.views import own
from clinic.busy import Busy, try_again
from clinic.server.http import SeeOther, for_one, posts_from_here


@for_one
@posts_from_here
@own.of_inquiry
@require_safe
def inquiry(request: HttpRequest, inquiry: Inquiry) -> HttpResponse:
    return own.show(request, inquiry)


@for_one
@posts_from_here
@own.of_inquiry
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, inquiry: Inquiry) -> HttpResponse:
    if request.method != "POST":
        return redirect(inquiry.own_page_url())
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return own.show(request, inquiry, form=form, status=422)
    try:
        conversation.write_back(
            inquiry=inquiry,
            words=form.cleaned_data["words"],
            idempotency_key=form.cleaned_data["idempotency_key"],
            by=own.visitor(request),
        )
    except Busy:
        form.add_error("words", Busy.words)  # Beside what they typed, in the form that is open then.
        return try_again(own.show(request, inquiry, form=form))
    return SeeOther(done.address(inquiry, "written"))


@for_one
@own.of_inquiry
@require_http_methods(["GET", "HEAD", "POST"])
def reminders(request: HttpRequest, inquiry: Inquiry) -> HttpResponse:
    """
    No more reminders by mail. A mail program posts here by itself, so the post proves no origin.

    Source: RFC 8058, one-click unsubscription.
    """
    is_post = request.method == "POST"
    if is_post:
        # No redirect: mail programs do not follow one.
        inquiry = lifecycle.stop_reminders(inquiry=inquiry, by=own.visitor(request))
    return render(request, "appointments/reminders.html", {"inquiry": inquiry, "is_done": is_post})
