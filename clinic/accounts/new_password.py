"""
Pages for who has no password: one asks for a mailed link, one sets a password by it. Signing in comes after them.

The answer is the same whether there is such an account or not, and so is what it takes: a worker mails the link.
"""

from math import ceil
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import SetPasswordForm
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from clinic.accounts import hashing, limits, links, lockout, notices, refusals
from clinic.accounts.links import Purpose
from clinic.put_off import put_off
from clinic.server.client_address import client_address
from clinic.server.security_log import Event, record


class ForgottenForm(forms.Form):
    account = forms.CharField(
        label=_("User name or email address"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )


def urls(site: AdminSite) -> list[URLPattern]:
    """Pages without a sign-in: the link in the query says whose they are."""

    def page(view: Any, *said: Any) -> Any:
        return never_cache(csrf_protect(lambda request: view(request, site, *said)))

    return [
        path("forgot-password/", page(_forgotten), name="forgotten"),
        path("new-password/", page(_choose, Purpose.NEW_PASSWORD), name="new_password"),
        path("invitation/", page(_choose, Purpose.INVITATION), name="invitation"),
    ]


@transaction.atomic
def _forgotten(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Have a link mailed to the account that is meant, if there is one. Counted is what is mailed."""
    form = ForgottenForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _page(request, site, "forgotten", gettext("Forgot your password?"), {"form": form})
    if seconds := _has_asked_too_often(request):
        record(Event.SIGN_IN_PUT_OFF, request)
        context = {"minutes": ceil(seconds / 60)}
        response = _page(request, site, "too_many", gettext("Please try again later"), context, status=429)
        return put_off(response, seconds)
    account = _meant(form.cleaned_data["account"])
    record(Event.PASSWORD_FORGOTTEN, request, account=account)
    counted_by = str(account or form.cleaned_data["account"].casefold())
    number, _until = lockout.count(
        "forgotten", counted_by, most=limits.FORGOTTEN_OF_AN_ACCOUNT, period=limits.PASSWORD_LINK
    )
    # Nobody has the id 0: a job that mails nothing takes the same time to write.
    mailed = account if account and number <= limits.FORGOTTEN_OF_AN_ACCOUNT else 0
    notices.later(mailed, notices.Notice.PASSWORD_FORGOTTEN)
    return _page(request, site, "asked", gettext("Look into your mailbox"), {})


def _has_asked_too_often(request: HttpRequest) -> int:
    """The seconds until this network address may ask again; 0 when it may now, or nobody knows the address."""
    address = client_address(request)
    if not address:
        return 0
    most = limits.FORGOTTEN_FROM_AN_ADDRESS
    number, until = lockout.count("forgotten from", address, most=most, period=limits.PASSWORD_LINK)
    return max(1, ceil((until - timezone.now()).total_seconds())) if number > most else 0


def _meant(typed: str) -> int | None:
    """The account of this name or address. An address of two accounts is nobody's."""
    staff = get_user_model().objects.filter(is_active=True, is_staff=True)
    found = staff.filter(Q(username=typed) | Q(email__iexact=typed)).values_list("pk", flat=True)[:2]
    return found[0] if len(found) == 1 else None


def _choose(request: HttpRequest, site: AdminSite, purpose: Purpose) -> HttpResponse:
    try:
        return _set(request, site, purpose)
    except hashing.NoPlace as refusal:
        return refusals.page(request, site, refusal)


@transaction.atomic
def _set(request: HttpRequest, site: AdminSite, purpose: Purpose) -> HttpResponse:
    """
    Show the form; a POST sets the password, which ends the link and, by the database's trigger, all sessions.

    Nobody is signed in by it.
    """
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
    lockout.forgive(request, user.get_username())
    record(Event.PASSWORD_CHANGED, request, user=user.pk)
    notices.later(user.pk, notices.Notice.PASSWORD_CHANGED)
    return _page(request, site, "chosen", gettext("Your password is set"), {"name": user.get_username()})


def _page(
    request: HttpRequest, site: AdminSite, name: str, title: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """`has_permission` is off: nobody is signed in, or somebody else."""
    shown = site.each_context(request) | {"title": title, "has_permission": False} | context
    return TemplateResponse(request, f"admin/new_password/{name}.html", shown, status=status)
