"""Who got a mail that is for somebody else says so, before any proof: they have none."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from appointments.actors import NO_PROOF, Actor
from appointments.errors import NotPossible
from appointments.inquiries import own_links
from appointments.public import proofs
from appointments.public.views import own
from clinic.busy import Busy, try_again
from clinic.server.http import SeeOther, for_one, posts_from_here
from clinic.server.security_log import Event, record


@for_one
@posts_from_here
@require_http_methods(["GET", "HEAD", "POST"])
def not_for_me(request: HttpRequest, key: str) -> HttpResponse:
    """Ask whether they mean it; then the link has ended."""
    inquiry, busy = own.find(key), ""
    if over := own.ended(request, inquiry):
        return over
    if request.method == "POST":
        proof = proofs.remembered(request, inquiry) or NO_PROOF
        try:
            own_links.say_not_theirs(inquiry=inquiry, by=Actor.visitor(proof=proof))
        except NotPossible as error:
            raise Http404 from error
        except Busy:
            busy = str(Busy.words)
        else:
            record(Event.NOT_THEIRS, request, inquiry=inquiry.pk)
            return SeeOther(inquiry.own_page_url())
    answer = render(request, "appointments/not_for_me.html", {"inquiry": inquiry, "busy": busy})
    return try_again(answer) if busy else answer
