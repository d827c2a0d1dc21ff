from datetime import timedelta

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from appointments import actions, wording
from appointments.actors import Actor
from appointments.forms import InquiryForm, ReplyForm
from appointments.models import Inquiry
from clinic.http import for_everyone, for_one, posts_from_here

# Tokens are public: whoever repeats a submission later is not led to the page of the first.
SAME_VISITOR_FOR = timedelta(minutes=15)


class SeeOther(HttpResponseRedirect):
    """What was posted is done; its page is read with GET. Source: RFC 9110, 15.4.4."""

    status_code = 303


@for_everyone
@posts_from_here
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    if request.method != "POST":
        return render(request, "appointments/contact.html", {"form": InquiryForm(now=now)})
    if request.FILES or any(len(values) > 1 for _, values in request.POST.lists()):
        raise BadRequest("a file, or a field sent twice: not from our form")
    form = InquiryForm(request.POST, now=now)
    if not form.is_valid():
        return render(request, "appointments/contact.html", {"form": form}, status=422)
    inquiry, is_new = actions.submit(inquiry=form.inquiry(), by=Actor.visitor(), now=now)
    if is_new or now - inquiry.created_at <= SAME_VISITOR_FOR:
        return SeeOther(inquiry.own_page_url())
    actions.send_link_again(inquiry, now)
    return render(request, "appointments/already_here.html")


@for_everyone
@require_safe
def old_address(request: HttpRequest) -> HttpResponse:
    return redirect("appointments", permanent=True)


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
        actions.write_back(inquiry=inquiry, words=form.cleaned_data["words"], once=form.cleaned_data["once"])
    except actions.NotPossible as error:  # Erased a moment ago.
        raise Http404 from error
    return SeeOther(f"{inquiry.own_page_url()}#conversation")


def _own_page(request: HttpRequest, inquiry: Inquiry, form: ReplyForm, status: int = 200) -> HttpResponse:
    context = {
        "inquiry": inquiry,
        "next_step": wording.next_step(inquiry, timezone.now()),
        "conversation": inquiry.messages.all(),
        "form": form,
    }
    return render(request, "appointments/inquiry.html", context, status=status)


@for_one
@require_http_methods(["GET", "HEAD", "POST"])
def reminders(request: HttpRequest, key: str) -> HttpResponse:
    """
    No more reminders by mail. A mail program posts here by itself, so the post proves no origin.

    Source: RFC 8058, one-click unsubscription.
    """
    inquiry = get_object_or_404(Inquiry, key=key, erased_at=None)
    if request.method == "POST":
        inquiry = actions.stop_reminders(inquiry=inquiry)  # No redirect: mail programs do not follow one.
    return render(request, "appointments/reminders.html", {"inquiry": inquiry})
