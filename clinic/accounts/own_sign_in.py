"""
Pages of one's own sign-in: what belongs to it, and one page for each change.

Each change asks for password and code again, is mailed to its user, and stands in the security log.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic import mailboxes
from clinic.accounts import links, mails, passkeys, second_factor, second_step
from clinic.accounts.notices import Notice, later
from clinic.accounts.step_up import asks_again
from clinic.one_line import AddressInput
from clinic.server.security_log import Event, record


class EmailForm(forms.Form):
    email = forms.EmailField(
        label=_("New email address"), widget=AddressInput(attrs={"autocomplete": "email"}), max_length=254
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        mailboxes.validate_mailbox(email)
        if get_user_model().objects.filter(email__iexact=email).exclude(pk=self.user.pk).exists():
            raise ValidationError(_("Another account has this address. Each account needs one of its own."))
        return email


class PasskeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=60, help_text=_("So that you tell it from others, like “Desk computer”.")
    )


def urls(site: AdminSite) -> list[URLPattern]:
    def page(view: Callable[..., HttpResponse]) -> Any:
        return site.admin_view(lambda request, **at: view(request, site, **at))

    return [
        path("sign-in/", page(overview), name="own_sign_in"),
        path("sign-in/app/", page(asks_again(app)), name="own_app"),
        path("sign-in/codes/", page(asks_again(backup_codes)), name="own_codes"),
        path("sign-in/passkeys/add/", page(asks_again(add_passkey)), name="own_passkey_add"),
        path("sign-in/passkeys/<int:pk>/", page(asks_again(change_passkey)), name="own_passkey"),
        path("sign-in/email/", page(asks_again(email)), name="own_email"),
        path("sign-in/email/confirm/", page(confirm_email), name="own_email_confirm"),
    ]


def overview(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """What one signs in with."""
    user: Any = request.user
    factor = second_factor.of(user)
    context = {
        "asks_second_factor": settings.SECOND_FACTOR,
        "has_app": bool(factor and factor.seed),
        "codes_left": factor.backup_codes.filter(used_at=None).count() if factor else 0,
        "passkeys": passkeys.of(user),
    }
    return _page(request, site, "overview", gettext("Your sign-in"), context)


def app(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Set up another authenticator app; the one before it is good until a code of the new one was typed."""
    form, checked = second_step.code_form(request), None
    if form.is_valid():
        checked = second_factor.take_app(user=request.user, code=form.cleaned_data["code"])
        if checked.is_right:
            return _changed(request, Event.APP_CHANGED, Notice.APP_CHANGED, gettext("Your new app is set up."))
        record(Event.CODE_WRONG, request)
        form.add_error("code", _("This is not the code that the app shows for this site. Wait for the next one."))
    context = {"form": form} | second_step.seed_to_show(request)
    if checked and checked.locked_until:
        return second_step.answer(request, site, "app", "", context, checked)
    return _page(request, site, "app", gettext("A new authenticator app"), context)


def backup_codes(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Ask whether new codes are wanted, and show them: this once."""
    if request.method != "POST":
        return _page(request, site, "codes", gettext("New backup codes"), {})
    codes = second_factor.new_backup_codes(request.user)
    record(Event.CODES_PRINTED, request)
    later(request.user.pk, Notice.CODES_PRINTED)
    return second_step.page(request, site, "backup_codes", gettext("Print these codes"), {"codes": codes})


def add_passkey(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Have the browser make one more."""
    form = PasskeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and passkeys.add(request, form.cleaned_data["name"]):
        return _changed(request, Event.PASSKEY_ADDED, Notice.PASSKEY_ADDED, gettext("Your passkey is added."))
    context = {
        "form": form, "passkey": passkeys.ask_for_new(request), "passkey_refused": form.is_bound and form.is_valid(),
    }  # fmt: skip
    return _page(request, site, "passkey_add", gettext("Add a passkey"), context)


def change_passkey(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """Give a passkey another name, or take it away."""
    passkey = get_object_or_404(passkeys.of(request.user), pk=pk)
    if "remove" in request.POST:
        if passkeys.remove(passkey):
            return _changed(request, Event.PASSKEY_REMOVED, Notice.PASSKEY_REMOVED, gettext("The passkey is removed."))
        messages.error(request, gettext("This passkey is all you have as a second step. Set up something else first."))
        return redirect("admin:own_passkey", pk=pk)
    form = PasskeyForm(request.POST if request.method == "POST" else None, initial={"name": passkey.name})
    if form.is_valid():
        passkey.name = form.cleaned_data["name"]
        passkey.save(update_fields=["name"])
        record(Event.PASSKEY_RENAMED, request)
        return redirect("admin:own_sign_in")
    return _page(request, site, "passkey", gettext("Your passkey"), {"form": form})


def email(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Mail a link to another address: it is the account's once its reader has opened that."""
    form = EmailForm(request.POST if request.method == "POST" else None, user=request.user)
    if form.is_valid():
        address = form.cleaned_data["email"]
        link = links.path(links.Purpose.CONFIRM_EMAIL, request.user, "admin:own_email_confirm", address)
        if mails.ask_to_confirm(request.user, address, link):
            words = gettext("We mailed a link to %(address)s. Your address changes when you open it.")
            messages.success(request, words % {"address": address})
            return redirect("admin:own_sign_in")
        form.add_error("email", _("The mail could not be sent. Please try again later."))
    return _page(request, site, "email", gettext("Your email address"), {"form": form})


def confirm_email(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Ask to press a button: programs that look through mails open every link."""
    with transaction.atomic():
        found = links.read(links.Purpose.CONFIRM_EMAIL, request.GET.get("link", ""), lock=request.method == "POST")
        if (
            found is None
            or found[0].pk != request.user.pk
            or not EmailForm({"email": found[1]}, user=found[0]).is_valid()
        ):
            return _page(request, site, "link_ended", gettext("This link has ended"), {}, status=403)
        user, address = found
        if request.method != "POST":
            return _page(request, site, "email_confirm", gettext("Your email address"), {"address": address})
        before, user.email = user.email, address
        user.save(update_fields=["email"])
    record(Event.EMAIL_CHANGED, request)
    mails.say_that_the_address_changed(user, before)
    messages.success(request, gettext("Your email address is changed."))
    return redirect("admin:own_sign_in")


def _changed(request: HttpRequest, event: Event, notice: Notice, words: str) -> HttpResponse:
    """After a factor changed: this session goes on, others ask for a code again."""
    second_step.stay(request)
    record(event, request)
    later(request.user.pk, notice)
    messages.success(request, words)
    return redirect("admin:own_sign_in")


def _page(
    request: HttpRequest, site: AdminSite, name: str, title: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    shown: dict[str, Any] = site.each_context(request) | {"title": title} | context
    if name != "overview":
        shown["trail"] = [(gettext("Your sign-in"), reverse("admin:own_sign_in"))]
    return TemplateResponse(request, f"admin/own_sign_in/{name}.html", shown, status=status)
