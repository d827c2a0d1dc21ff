"""
Password and code once more, before somebody changes how they or others sign in; then good for minutes in this session.

Who finds an open desk can do the desk's work there until the session ends, but cannot take the account along.
Source: OWASP ASVS 5.0, 7.5.1 to 7.5.3.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.hashers import check_password
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.accounts import limits, passkeys, second_factor, second_step
from clinic.accounts.lockout import counted
from clinic.server.security_log import Event, record

# In the session: when password and code were given again, in seconds.
_AT = "stepped_up_at"


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=_("Password"),
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PasswordAndCodeForm(PasswordForm):
    # Not required: a passkey stands in its place.
    code = second_step.code_field(required=False)


def asks_again[View: Callable[..., Any]](view: View) -> View:
    """Mark a page that changes how somebody signs in: it opens to who gave password and code a few minutes ago."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if is_fresh(request):
            return view(request, *args, **kwargs)
        if request.method == "POST":
            messages.warning(request, gettext("Nothing was changed yet: too much time passed. Please do it once more."))
        return redirect(f"{reverse('admin:step_up')}?{urlencode({'next': request.get_full_path()})}")

    return asked  # type: ignore[return-value]


def is_fresh(request: HttpRequest) -> bool:
    """Whether this session gave password and code within the last minutes."""
    passed = timezone.now().timestamp() - request.session.get(_AT, 0)
    return 0 <= passed < limits.FRESH_FOR.total_seconds()


def ask(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Ask for the password and, where the site asks for a second factor, for a code or a passkey."""
    kind, user = PasswordAndCodeForm if settings.SECOND_FACTOR else PasswordForm, _user(request)
    form, checked = kind(request.POST if request.method == "POST" else None), None
    if form.is_valid():
        if _has_password(request, form.cleaned_data["password"]):
            checked = _check_factor(request, form)
        else:
            record(Event.PASSWORD_WRONG, request)
            form.add_error("password", _("This is not your password."))
    if checked and checked.is_right:
        return _go_on(request)
    context = {
        "form": form,
        "next": second_step.next_address(request),
        "passkey": passkeys.ask(request) if settings.SECOND_FACTOR else "",
        "has_password": user.has_usable_password(),
        "has_factor": not settings.SECOND_FACTOR or second_factor.is_set_up(user),
    }
    return second_step.answer(request, site, "again", gettext("Your password once more"), context, checked)


def _user(request: HttpRequest) -> Any:
    return request.user


def _has_password(request: HttpRequest, typed: str) -> bool:
    """Counts wrong ones: who finds an open desk does not guess on. Raises LockedOut."""
    with counted("step up", str(request.user.pk)) as right:
        # The user's own method may store the password anew, and so end the session.
        if check_password(typed, _user(request).password):
            right.append(True)
    return bool(right)


def _check_factor(request: HttpRequest, form: forms.Form) -> second_factor.Checked:
    if not settings.SECOND_FACTOR:
        return second_factor.Checked(True)
    if request.POST.get("passkey"):
        return second_factor.Checked(passkeys.is_right(request))
    checked = second_factor.check(user=request.user, code=form.cleaned_data["code"])
    if not checked.is_right:
        record(Event.CODE_WRONG, request)
        form.add_error("code", _("This code is not right, or it was used already. Wait for the next one."))
    return checked


def _go_on(request: HttpRequest) -> HttpResponse:
    record(Event.STEPPED_UP, request)
    request.session.cycle_key()
    request.session[_AT] = timezone.now().timestamp()
    return HttpResponseRedirect(second_step.next_address(request))
