"""
The door behind the password: under /admin/, every address leads here until the second factor was given.

The state of the account decides what is shown: the question for a code, or the page to set a factor up.
"""

import base64
from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib.admin import AdminSite
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.accounts import cookies, limits, notices, passkeys, second_factor
from clinic.models import Clinic
from clinic.put_off import put_off
from clinic.server.security_log import Event, record

# In the session: the generation of the factor that was given.
PASSED = "second_factor_passed"
# In the session: its user gave a second factor where the clinic's accounts are.
BY_PROVIDER = "second_factor_by_provider"
_SALT = "clinic.accounts.browser"


def code_field(**fields: Any) -> forms.CharField:
    return forms.CharField(
        label=_("Code"),
        max_length=20,
        # No number field: it drops leading zeros, and a backup code has letters.
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        **fields,
    )


class CodeForm(forms.Form):
    code = code_field()


def is_passed(request: HttpRequest) -> bool:
    """Whether this session may go on: it gave the second factor, or the site asks for none."""
    if not settings.SECOND_FACTOR:
        return True
    if "second_factor" not in request.META:  # Asked several times while a page is made.
        by_provider = request.user.is_authenticated and request.session.get(BY_PROVIDER, False)
        request.META["second_factor"] = by_provider or _has_passed(request) or _remembers(request)
    return request.META["second_factor"]


def _has_passed(request: HttpRequest) -> bool:
    """Whether this session gave a code, and the factor is still the one that the code was of."""
    if not request.user.is_authenticated or not (passed := request.session.get(PASSED)):
        return False
    factor = second_factor.of(request.user)
    return factor is not None and passed == factor.generation


def is_staff(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_staff)


def _remembers(request: HttpRequest) -> bool:
    """Whether this browser gave a code of this user's within the last hours; then the session has passed."""
    if not request.user.is_authenticated or not (cookie := cookies.read(request, cookies.SECOND_FACTOR)):
        return False
    try:
        said = signing.loads(cookie, salt=_SALT, max_age=limits.REMEMBERED_FOR)
    except signing.BadSignature:
        return False
    factor = second_factor.of(request.user)
    if factor is None or said not in _browsers_of(request.user, factor) or not second_factor.is_set_up(request.user):
        return False
    request.session[PASSED] = factor.generation
    return True


def _browsers_of(user: Any, factor: Any) -> list[list[Any]]:
    """What the cookie says, by the newest key first; a new password or factor makes it say nothing."""
    passwords = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return [[user.pk, factor.generation, digest[:16]] for digest in passwords]


@transaction.atomic
def let_in(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Note in the session and in this browser that the user has just given the second factor."""
    record(Event.CODE_RIGHT, request)
    request.session.cycle_key()
    factor = second_factor.locked(request.user)
    request.session[PASSED] = factor.generation
    said = _browsers_of(request.user, factor)[0]
    cookies.put(response, cookies.SECOND_FACTOR, signing.dumps(said, salt=_SALT), limits.REMEMBERED_FOR)
    return response


def let_in_by_provider(request: HttpRequest) -> None:
    """Note in the session that the provider of the clinic's accounts has asked for a second factor."""
    record(Event.FACTOR_AT_PROVIDER, request)
    second_factor.is_no_longer_new(request.user)
    request.session[BY_PROVIDER] = True


@transaction.atomic
def stay(request: HttpRequest) -> None:
    """Let this session go on after its user changed the factor; all others ask for a code again."""
    request.session[PASSED] = second_factor.locked(request.user).generation
    request.META.pop("second_factor", None)


def next_address(request: HttpRequest) -> str:
    """Where the user wanted to go: on this site, else the first page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse("admin:index")


def lead_here(request: HttpRequest, wanted: str = "") -> HttpResponse:
    """Where an address of the admin leads whose user gave the password alone."""
    return redirect(f"{reverse('admin:second_step')}?{urlencode({'next': wanted or request.get_full_path()})}")


def urls(site: AdminSite) -> list[URLPattern]:
    """Pages for who gave the password; `site.after_password` lets nobody else in."""
    return [
        path("second-step/", site.after_password(ask), name="second_step"),  # type: ignore[attr-defined]
        path(
            "second-step/set-up/<str:token>/",
            site.after_password(start),  # type: ignore[attr-defined]
            name="second_step_set_up",
        ),
    ]


def ask(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Ask for a code; who has no factor yet is led to set one up, or told who can invite them."""
    if is_passed(request):
        return HttpResponseRedirect(next_address(request))
    if not second_factor.is_set_up(request.user):
        if token := second_factor.invite_at_first_sign_in(request.user):
            return redirect("admin:second_step_set_up", token=token)
        return page(request, site, "not_invited", gettext("Ask for a new link"), status=403)
    form, checked = code_form(request), None
    if "passkey" in request.POST and passkeys.is_right(request):
        return let_in(request, HttpResponseRedirect(next_address(request)))
    if form.is_valid():
        checked = second_factor.check(user=request.user, code=form.cleaned_data["code"])
        if checked.is_right:
            return let_in(request, HttpResponseRedirect(next_address(request)))
        record(Event.CODE_WRONG, request)
        form.add_error("code", _("This code is not right, or it was used already. Wait for the next one."))
    context = {"form": form, "next": next_address(request), "passkey": passkeys.ask(request)}
    return answer(request, site, "ask", gettext("One more step"), context, checked)


def start(request: HttpRequest, site: AdminSite, token: str) -> HttpResponse:
    """Show the seed as a picture and as text; it counts once a code of it was typed. Then show the backup codes."""
    if not second_factor.is_invited(request.user, token):
        if second_factor.is_set_up(request.user):
            return redirect("admin:second_step")
        return page(request, site, "not_invited", gettext("This link has ended"), status=403)
    form, checked = code_form(request), None
    if "passkey" in request.POST and passkeys.take(request):
        return _backup_codes(request, site)
    if form.is_valid():
        checked = second_factor.take_app(user=request.user, code=form.cleaned_data["code"])
        if checked.is_right:
            return _backup_codes(request, site)
        record(Event.CODE_WRONG, request)
        form.add_error("code", _("This is not the code that the app shows for this site. Wait for the next one."))
    context = {"form": form, "passkey": passkeys.ask_for_new(request)} | seed_to_show(request)
    return answer(request, site, "set_up", gettext("Protect your account"), context, checked)


def code_form(request: HttpRequest) -> CodeForm:
    return CodeForm(request.POST if request.method == "POST" and "passkey" not in request.POST else None)


def _backup_codes(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The one page that shows them."""
    record(Event.FACTOR_SET_UP, request)
    notices.later(request.user.pk, notices.Notice.FACTOR_SET_UP)
    codes = second_factor.new_backup_codes(request.user)
    return let_in(request, page(request, site, "backup_codes", gettext("Print these codes"), {"codes": codes}))


def seed_to_show(request: HttpRequest) -> dict[str, str]:
    """The new seed, for the eye and for a camera: drawn here, so that no other host hears of it."""
    seed = second_factor.offer_seed(request.user)
    address = second_factor.address_for_app(request.user, seed, Clinic.current().name)
    drawn = segno.make(address, error="m", micro=False).svg_inline(scale=5, border=4, light="#fff", dark="#000")
    picture = (
        "data:image/svg+xml;base64,"
        + base64.b64encode(drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).encode()).decode()
    )
    return {"picture": picture, "seed": " ".join(seed[at : at + 4] for at in range(0, len(seed), 4))}


def answer(
    request: HttpRequest,
    site: AdminSite,
    name: str,
    title: str,
    context: dict[str, Any],
    checked: second_factor.Checked | None,
) -> HttpResponse:
    """The page with the question; 429 while no code is read, with the seconds until one is."""
    if checked is None or not checked.locked_until:
        return page(request, site, name, title, context)
    response = page(request, site, "locked", gettext("Too many wrong codes"), context, status=429)
    return put_off(response, max(1, int((checked.locked_until - timezone.now()).total_seconds())))


def page(
    request: HttpRequest,
    site: AdminSite,
    name: str,
    title: str,
    context: dict[str, Any] | None = None,
    status: int = 200,
) -> TemplateResponse:
    """`has_permission` is off: no link of the admin's works yet."""
    shown = site.each_context(request) | {"title": title, "has_permission": False} | (context or {})
    shown["passkey_refused"] = bool(request.POST.get("passkey"))
    return TemplateResponse(request, f"admin/second_step/{name}.html", shown, status=status)
