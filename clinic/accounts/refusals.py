"""
What staff are refused, in their own words: no password was looked at, so try again in a moment, with the user name that
was typed; or their account may not do it.
"""

from math import ceil
from typing import Any

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from clinic.accounts import form_tokens, limits
from clinic.accounts.hashing import NoPlace
from clinic.accounts.lockout import LockedOut
from clinic.busy import posted_fields, typed_words
from clinic.put_off import put_off
from clinic.server import error_pages
from clinic.server.security_log import Event, record


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What staff may not do is said to them as staff, with the way back; to everybody else as on any page."""
    words = gettext("Your account may not do this. If you need it for your work, ask the clinic’s manager.")
    return _for_staff(request, words) or error_pages.page(403)


def not_from_here(request: HttpRequest) -> HttpResponse:
    """
    Answer a post that no open page of this site has sent, or whose browser hides where it comes from.

    Nothing is done with it, and what was typed is shown. It can be sent once more where the form came from here, as its
    token says; a page of another site does not know that.
    """
    words = gettext("Nothing was done: this did not come from an open page of this site.")
    if request.path == reverse("admin:login"):
        return _login(request, admin.site, f"{words} {gettext('Please sign in here.')}", 403)
    posted = posted_fields(request)
    shown: dict[str, Any] = {"typed": typed_words(posted), "title": gettext("This is not sent yet")}
    if form_tokens.is_form_of_this_browser(request):
        shown |= {"posted": posted, "has_files": bool(request.FILES)}
    if not (shown["typed"] or shown.get("posted")):
        shown["title"] = gettext("That is not allowed")
        words = f"{words} {gettext('Open the page, and try again.')}"
    return _for_staff(request, words, **shown) or error_pages.not_from_here(request)


def _for_staff(request: HttpRequest, words: str, **shown: Any) -> HttpResponse | None:
    user = getattr(request, "user", None)
    if not (request.path.startswith(reverse("admin:index")) and user and user.is_staff):
        return None
    context = {
        **admin.site.each_context(request),
        "title": gettext("That is not allowed"),
        "refusal": words,
        "action": reverse("admin:index"),
        "leads": gettext("Back to the first page"),
        **shown,
        "send_to": request.get_full_path(),
    }
    response = HttpResponse(render_to_string("admin/refused.html", context, request), status=403)
    response.headers["Cache-Control"] = "no-store"
    return response


def _too_many_from_the_network(minutes: int) -> str:
    words = ngettext(
        "Very many wrong passwords came from your network, so we did not look at yours. Please try again in "
        "%(minutes)s minute, or sign in with a browser that you have used here before.",
        "Very many wrong passwords came from your network, so we did not look at yours. Please try again in "
        "%(minutes)s minutes, or sign in with a browser that you have used here before.",
        minutes,
    )
    return words % {"minutes": minutes}


def page(request: HttpRequest, site: AdminSite, refusal: NoPlace | LockedOut) -> HttpResponse:
    """Answer a sign-in, or a page of staff's that asks for a password: why nothing was done, and when to try again."""
    record(Event.SIGN_IN_PUT_OFF, request)
    if isinstance(refusal, NoPlace):
        after = limits.HASH_AGAIN_AFTER
        words = gettext(
            "Many people are signing in right now, so we did not look at your password. "
            "Please try again in a few seconds."
        )
    else:
        after = max(1, ceil((refusal.until - timezone.now()).total_seconds()))
        minutes = ceil(after / 60)
        words = (
            _too_many_from_the_network(minutes)
            if refusal.is_network
            else ngettext(
                "The password was wrong %(times)s times. Please try again in %(minutes)s minute. "
                "If you do not know it, choose “Forgot your password?” or ask the clinic’s manager.",
                "The password was wrong %(times)s times. Please try again in %(minutes)s minutes. "
                "If you do not know it, choose “Forgot your password?” or ask the clinic’s manager.",
                minutes,
            )
            % {"times": limits.WRONG_PASSWORDS, "minutes": minutes}
        )
    response: HttpResponse
    if request.path == reverse("admin:login"):
        response = _login(request, site, words, 429)
    else:
        context = {
            **site.each_context(request),
            "refusal": words,
            "title": gettext("Please try again"),
            "action": request.get_full_path(),
            "leads": gettext("Back to the page"),
        }
        response = TemplateResponse(request, "admin/refused.html", context, status=429)
    return put_off(response, after)


def _login(request: HttpRequest, site: AdminSite, words: str, status: int) -> HttpResponse:
    """The sign-in, with these words above it and the user name that was typed."""
    context = {
        **site.each_context(request),
        "refusal": words,
        "title": gettext("Log in"),
        "subtitle": None,
        "app_path": request.get_full_path(),
        "form": AdminAuthenticationForm(request, initial={"username": request.POST.get("username", "")[:150]}),
        REDIRECT_FIELD_NAME: LoginView(request=request).get_redirect_url() or reverse("admin:index"),
    }
    return render(request, "admin/login.html", context, status=status)
