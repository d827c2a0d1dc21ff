"""What all views of an inquiry's own page share: whose page it is, what its visitor saw, and what cannot be done."""

from collections.abc import Callable, Container
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments import limits
from appointments.actors import NO_PROOF, Actor
from appointments.errors import ChangedMeanwhile, HasAppointment, NotPossible, SlotTaken, TooManyReschedules
from appointments.inquiries import own_links
from appointments.models import Appointment, Inquiry
from appointments.models.own_link import LinkState
from appointments.public import counting, done, proofs
from appointments.public.own_page import OwnPage
from appointments.public.reply_form import ReplyForm
from appointments.public.views import proving
from clinic.busy import Busy, busy_after_waiting, try_again

TOO_OFTEN = _("That was very often for one day. Please call us, or try again tomorrow. Nothing was changed.")
# What the own page says when a verb refuses. Nothing is lost by it: the page shows how things are now.
REFUSALS: dict[type[Exception], object] = {
    SlotTaken: SlotTaken.words,
    HasAppointment: _("You have an appointment already. You can move it."),
    TooManyReschedules: _(
        "You have moved your appointment as often as we allow here. Please call us to move it again."
    ),
    NotPossible: _("That is not possible any longer. This is how things are now."),
    ChangedMeanwhile: _("Something has changed since you looked. Look again, then decide."),
}


def of_inquiry(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """
    Call the view with the inquiry that the address names, once somebody has proved that it is theirs (proving.py).

    One that is erased, at whatever moment, is not there.
    What a verb refuses, and the view does not answer by itself, is said on the own page.
    """

    @wraps(view)
    def answer(request: HttpRequest, key: str) -> HttpResponse:
        inquiry = find(key)
        if over := ended(request, inquiry):
            return over
        if asked := proving.question(request, inquiry):
            return asked
        response = _act(request, view, inquiry)
        if request.META.get(proving.IS_NEW):
            proofs.remember(response, inquiry, request.META[proving.PROOF])
        return response

    return answer


@counting.where_stored
def _act(request: HttpRequest, view: Callable[..., HttpResponse], inquiry: Inquiry) -> HttpResponse:
    try:
        with busy_after_waiting():
            if request.method == "POST" and (refused := _too_often(request, inquiry)):
                return refused
            response = view(request, inquiry)
    except tuple(REFUSALS) as refusal:
        return show(request, find(inquiry.key), refused=str(REFUSALS[type(refusal)]), status=409)
    except Busy:
        return try_again(show(request, find(inquiry.key), refused=str(Busy.words)))
    if request.method == "POST":
        find(inquiry.key)  # Erased while it was worked on, it has nothing to answer with.
    return response


def _too_often(request: HttpRequest, inquiry: Inquiry) -> HttpResponse | None:
    """
    What is answered to one reply, or one press of a button, too many for today; what was typed stays.

    A mail program that stops the reminders has proved nothing, and takes nothing of what there is for who has.
    """
    if request.META[proving.PROOF] == NO_PROOF:
        return None
    now, match = timezone.now(), request.resolver_match
    is_reply = match is not None and match.url_name == "inquiry_reply"
    if counting.own_page(request, inquiry, is_reply=is_reply, now=now):
        return None
    form = ReplyForm(request.POST) if is_reply else None
    if form and form.is_valid():
        form.add_error("words", TOO_OFTEN)
    answer = show(request, inquiry, form=form, refused="" if is_reply else str(TOO_OFTEN), status=429)
    answer.headers["Retry-After"] = "3600"
    return answer


def find(key: str) -> Inquiry:
    return get_object_or_404(Inquiry, key=key, erased_at=None)


def ended(request: HttpRequest, inquiry: Inquiry) -> HttpResponse | None:
    """
    What stands at each address of a link that has ended: the clinic, its phone number, and nothing of anybody's.

    410: to programs that follow links of mails it says "gone for good", and people read the page all the same. None
    where the link works.
    """
    has_lapsed = inquiry.link_state == LinkState.WORKS and own_links.has_lapsed(inquiry, timezone.now())
    if inquiry.link_state == LinkState.WORKS and not has_lapsed:
        return None
    context = {
        "is_not_theirs": inquiry.link_state == LinkState.NOT_THEIRS,
        "has_lapsed": has_lapsed,
        "days": limits.LINK_LASTS.days,
    }
    return render(request, "appointments/link_ended.html", context, status=410)


def show(
    request: HttpRequest, inquiry: Inquiry, *, form: ReplyForm | None = None, refused: str = "", status: int = 200
) -> HttpResponse:
    """The own page, with what was just done, or was `refused`, in its first line."""
    page = OwnPage(inquiry, timezone.now())
    context = {
        "inquiry": inquiry,
        "page": page,
        "refused": refused,
        "done": "" if refused else done.sentences(page, request.GET.get("done", "")),
        "below_the_time": "" if refused else done.below_the_time(page, request.GET.get("done", "")),
        "conversation": inquiry.messages.all(),
        "form": form or ReplyForm(),
    }
    return render(request, "appointments/inquiry.html", context, status=status)


def visitor(request: HttpRequest, has_seen: Container[int] | None = None) -> Actor:
    """Who acts by the link, as the history says it: with which proof."""
    return Actor.visitor(has_seen, proof=request.META[proving.PROOF])


def seen_appointment(request: HttpRequest, inquiry: Inquiry) -> tuple[Appointment | None, int]:
    """The appointment that stood on the page which posts, and the version of it (see _seen.html)."""
    row = inquiry.appointments.filter(pk=_number(request.POST.get("appointment", ""))).first()
    return row, _number(request.POST.get("version", ""))


def seen_proposals(request: HttpRequest) -> set[int]:
    """The offered times (ids) that were open when the page which posts was made (see _seen.html)."""
    return {_number(each) for each in request.POST.get("proposals", "").split(",")}


def _number(posted: str) -> int:
    """A row's id or version as it was posted; 0, which no row has, for anything else."""
    return int(posted) if posted.isdecimal() and len(posted) < 10 else 0
