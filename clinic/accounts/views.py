"""Pages of one's own sessions. The admin site asks who is signed in before it calls them."""

from hashlib import sha256

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from clinic.accounts import sessions
from clinic.accounts.session_store import SessionStore, idle_time
from clinic.models import StaffSession
from clinic.models.staff_session import LIFETIME


def _name(row: StaffSession) -> str:
    """What a form says instead of the key, which would let anybody in."""
    return sha256(row.session_key.encode()).hexdigest()[:20]


# What tells browsers and machines apart in what they say of themselves: many name those before them as well.
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_MACHINES = ("iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux")


def browser_name(user_agent: str) -> str:
    """The browser in words that its user knows it by, like "Chrome, Windows"; as it names itself where it is none."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    machine = next((name for name in _MACHINES if name in user_agent), "")
    return ", ".join(filter(None, (browser, machine))) or user_agent


def own_sessions(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """List where one is signed in; a POST ends one of them, or all others."""
    rows = list(StaffSession.objects.of(request.user).active(timezone.now(), idle_time()))
    if request.method == "POST":
        if "others" in request.POST:
            sessions.end_others(request)
            messages.success(request, gettext("You are signed out everywhere else."))
        else:
            asked = [row.pk for row in rows if _name(row) == request.POST.get("session")]
            StaffSession.objects.filter(pk__in=asked).end(timezone.now())
        return redirect("admin:sessions")
    here = request.session.session_key
    context = {
        **site.each_context(request),
        "title": gettext("Where you are signed in"),
        "trail": [(gettext("Your sign-in"), reverse("admin:own_sign_in"))],
        "sessions": [(_name(row), row, browser_name(row.browser), row.pk == here) for row in rows],
    }
    return TemplateResponse(request, "admin/sessions.html", context)


def seconds_left(request: HttpRequest) -> HttpResponse:
    """How long the session goes on without anything being done, for the script that warns before."""
    store: SessionStore = request.session  # type: ignore[assignment]
    seconds = 0.0
    if request.user.is_authenticated and store.row:
        seen = timezone.now() if store.counts_as_activity else store.row.last_seen_at
        ends = min(seen + idle_time(), store.row.signed_in_at + LIFETIME)
        seconds = (ends - timezone.now()).total_seconds()
    return JsonResponse({"seconds": max(0, int(seconds))}, headers={"Cache-Control": "no-store"})


ask_seconds_left = sessions.no_activity(lambda request: seconds_left(request))
