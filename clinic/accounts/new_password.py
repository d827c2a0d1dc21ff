"""A page for who has a mailed link and no password: it sets one. Signing in, with the second step, comes after it."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.forms import SetPasswordForm
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from clinic.accounts import hashing, links, notices, refusals
from clinic.accounts.links import Purpose
from clinic.models import StaffSession
from clinic.server.security_log import Event, record


def urls(site: AdminSite) -> list[URLPattern]:
    """Pages without a sign-in: the link in the query says whose they are."""

    def page(purpose: Purpose) -> Any:
        return never_cache(csrf_protect(lambda request: _choose(request, site, purpose)))

    return [path("invitation/", page(Purpose.INVITATION), name="invitation")]


def _choose(request: HttpRequest, site: AdminSite, purpose: Purpose) -> HttpResponse:
    try:
        return _set(request, site, purpose)
    except hashing.NoPlace as refusal:
        return refusals.page(request, site, refusal)


@transaction.atomic
def _set(request: HttpRequest, site: AdminSite, purpose: Purpose) -> HttpResponse:
    """Show the form; a POST sets the password, and ends the link and all sessions. Nobody is signed in by it."""
    is_post = request.method == "POST"
    found = links.read(purpose, request.GET.get("link", ""), lock=is_post)
    if found is None:
        return _page(request, site, "link_ended", gettext("This link has ended"), {"purpose": purpose}, status=403)
    user = found[0]
    form: Any = SetPasswordForm(user, request.POST if is_post else None)
    if not form.is_valid():
        context = {"form": form, "name": user.get_username()}
        return _page(request, site, "choose", gettext("Choose a password"), context)
    form.save()
    StaffSession.objects.of(user).end(timezone.now())
    record(Event.PASSWORD_CHANGED, request, user=user.pk)
    notices.later(user.pk, notices.Notice.PASSWORD_CHANGED)
    return _page(request, site, "chosen", gettext("Your password is set"), {"name": user.get_username()})


def _page(
    request: HttpRequest, site: AdminSite, name: str, title: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """`has_permission` is off: nobody is signed in, or somebody else."""
    shown = site.each_context(request) | {"title": title, "has_permission": False} | context
    return TemplateResponse(request, f"admin/new_password/{name}.html", shown, status=status)
