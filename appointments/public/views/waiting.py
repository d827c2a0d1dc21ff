"""Joining the waiting list from the inquiry's own page, saying what one waits for, and leaving it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from appointments.bookings import waiting_list, wishes
from appointments.errors import NotPossible
from appointments.models import Inquiry
from appointments.public import done, waiting_panel
from appointments.public.own_page import OwnPage
from appointments.public.views import own
from appointments.public.waiting_form import WaitingForm
from clinic.server.http import SeeOther, for_one, posts_from_here


@for_one
@posts_from_here
@own.of_inquiry
@require_http_methods(["GET", "HEAD", "POST"])
def waiting(request: HttpRequest, inquiry: Inquiry) -> HttpResponse:
    """Ask for what, with whom and on which half-days they wait; a POST keeps that, or takes them off the list."""
    page, is_post = OwnPage(inquiry, timezone.now()), request.method == "POST"
    if is_post and "end" in request.POST:
        waiting_list.join_or_leave(inquiry=inquiry, on=False, by=own.visitor(request))
        return SeeOther(done.address(inquiry, "not-earlier" if page.has_time else "not-waiting"))
    if not waiting_panel.may_join(page):
        if is_post:
            raise NotPossible
        return redirect(inquiry.own_page_url())
    shown, known = waiting_panel.panel(page), waiting_panel.known_kind(page)
    form = WaitingForm(
        request.POST if is_post else None,
        known=known,
        wish=shown.wish if shown else None,
        likely=None if known else wishes.likely_visit_type(inquiry),
    )
    if form.is_valid():
        waiting_list.wait(inquiry=inquiry, by=own.visitor(request), **form.cleaned_data)
        return SeeOther(done.address(inquiry, "earlier" if page.has_time else "waiting"))
    context = {"inquiry": inquiry, "page": page, "waits": shown, "form": form}
    return render(request, "appointments/waiting.html", context, status=422 if form.errors else 200)
