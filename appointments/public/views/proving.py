"""
The question before an inquiry's own page: nobody sees or does anything there before they have answered it.

It is asked at the address that somebody came for, whichever it is, and leads on there: to the page, or to what they
had posted, which the question carries along.
"""

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from appointments.actors import NO_PROOF
from appointments.errors import NotPossible
from appointments.inquiries import own_links
from appointments.inquiries.own_links import Verdict
from appointments.models import Inquiry
from appointments.public import proofs
from appointments.public.proof_form import ProofForm
from clinic.busy import Busy, try_again
from clinic.server.http import SeeOther
from clinic.server.security_log import Event, record

# In the request's META: how it was proved, and that the browser has no cookie of that yet.
PROOF, IS_NEW = "appointments.proof", "appointments.proof_is_new"
# What the question posts besides the digits: that somebody only came to look, and whether to answer at once.
THEN, LOOK, SHOW = "then", "look", "show"
# In an address: the proof was right, and the browser should have brought its cookie along by now.
GIVEN = "proof"


def question(request: HttpRequest, inquiry: Inquiry) -> HttpResponse | None:
    """What stands before the page: the question, or the way to the page. None where the page may answer."""
    if proof := proofs.remembered(request, inquiry):
        request.META[PROOF] = proof
        if ProofForm.FIELD in request.POST and THEN in request.POST:
            return SeeOther(_address(request))  # Answered in another tab before.
        return redirect(_address(request)) if GIVEN in request.GET and request.method != "POST" else None
    if _is_one_click(request):
        request.META[PROOF] = NO_PROOF
        return None
    if request.method == "POST" and ProofForm.FIELD in request.POST and not inquiry.is_locked:
        return _answered(request, inquiry)
    return _ask(request, inquiry, ProofForm(inquiry), status=200 if request.method in ("GET", "HEAD") else 403)


def _answered(request: HttpRequest, inquiry: Inquiry) -> HttpResponse | None:
    form = ProofForm(inquiry, request.POST)
    if not form.is_valid():
        return _ask(request, inquiry, form, status=422)
    try:
        verdict, left = own_links.try_digits(inquiry=inquiry, digits=form.cleaned_data[ProofForm.FIELD])
    except NotPossible as error:
        raise Http404 from error
    except Busy:
        form.add_error(ProofForm.FIELD, Busy.words)
        return try_again(_ask(request, inquiry, form, status=503))
    if verdict != Verdict.RIGHT:
        record(Event.PROOF_WRONG, request, inquiry=inquiry.pk)
    if verdict == Verdict.LOCKED:
        inquiry.refresh_from_db()
        return _ask(request, inquiry, form, status=403)
    if verdict == Verdict.WRONG:
        words = ngettext(
            "These are not the right digits. You can try %d more time.",
            "These are not the right digits. You can try %d more times.", left,
        )  # fmt: skip
        form.add_error(ProofForm.FIELD, words % left)
        return _ask(request, inquiry, form, status=422)
    request.META[PROOF] = proof = proofs.by_digits(inquiry)
    if request.POST.get(THEN) == LOOK:
        answer = SeeOther(_address(request, given=True))
        proofs.remember(answer, inquiry, proof)
        return answer
    request.META[IS_NEW] = True
    if request.POST.get(THEN) == SHOW:
        request.method, request.POST = "GET", QueryDict()
    return None


def _ask(request: HttpRequest, inquiry: Inquiry, form: ProofForm, status: int) -> HttpResponse:
    keeps_no_cookie = GIVEN in request.GET
    posted = [(name, value) for name, values in request.POST.lists() for value in values if name != ProofForm.FIELD]
    if request.method != "POST":
        posted = [(THEN, SHOW if keeps_no_cookie else LOOK)]
    context = {"inquiry": inquiry, "form": form, "posted": posted, "keeps_no_cookie": keeps_no_cookie}
    return render(request, "appointments/proof.html", context, status=status)


def _address(request: HttpRequest, *, given: bool = False) -> str:
    """The address that somebody came for, saying that the proof was `given` or not."""
    query = request.GET.copy()
    query.pop(GIVEN, None)
    if given:
        query[GIVEN] = "given"
    return f"{request.path}?{query.urlencode()}" if query else request.path


def _is_one_click(request: HttpRequest) -> bool:
    """
    A mail program stops the reminders: it knows no digits, and nothing is shown to it.

    Source: RFC 8058, one-click unsubscription.
    """
    match = request.resolver_match
    is_click = request.method == "POST" and request.POST.get("List-Unsubscribe") == "One-Click"
    return is_click and match is not None and match.url_name == "inquiry_reminders"
