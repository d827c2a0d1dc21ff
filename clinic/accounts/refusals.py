"""The pages that say that no password was looked at: try again in a moment, with the user name that was typed."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext

from clinic.accounts import limits


def too_many_at_once(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Many passwords are being checked right now."""
    words = gettext(
        "Many people are signing in right now, so we did not look at your password. Please try again in a few seconds."
    )
    return refused(request, site, words, after=limits.HASH_AGAIN_AFTER)


def refused(request: HttpRequest, site: AdminSite, words: str, *, after: int) -> HttpResponse:
    """Answer a sign-in, or a page of staff's that asks for a password: nothing was done, again in `after` seconds."""
    context: dict[str, Any] = {**site.each_context(request), "refusal": words}
    if request.path == reverse("admin:login"):
        template = "admin/login.html"
        context |= {
            "title": gettext("Log in"),
            "subtitle": None,
            "app_path": request.get_full_path(),
            "form": AdminAuthenticationForm(request, initial={"username": request.POST.get("username", "")[:150]}),
            REDIRECT_FIELD_NAME: LoginView(request=request).get_redirect_url() or reverse("admin:index"),
        }
    else:
        template = "admin/refused.html"
        context |= {"title": gettext("Please try again"), "action": request.get_full_path()}
    response = TemplateResponse(request, template, context, status=429)
    response.headers["Retry-After"] = str(after)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django would log a warning for each.
    return response
