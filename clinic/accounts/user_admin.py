from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic import mailboxes
from clinic.accounts import links, mails, notices, roles, second_factor, step_up
from clinic.began_with import BeganWith
from clinic.server.security_log import Event, record

RESET = "clinic.reset_secondfactor"


class NewAccountForm(forms.ModelForm):
    """Somebody new: no password is typed, they choose it themselves by a link that is mailed."""

    class Meta:
        model = get_user_model()
        fields = ["username", "first_name", "last_name", "email", "groups"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True
        self.fields["email"].help_text = _("The link to choose a password goes there.")

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        mailboxes.validate_mailbox(email)
        if get_user_model().objects.filter(email__iexact=email).exists():
            raise ValidationError(_("Another account has this address. Each account needs one of its own."))
        return email

    def save(self, commit: bool = True) -> Any:
        self.instance.is_staff = True
        self.instance.set_unusable_password()
        return super().save(commit)


class AccountAdmin(BeganWith, UserAdmin):
    """
    Django's own page of accounts. One is stopped ("Active" taken off), never deleted: the logs speak of its id.

    Managers work on accounts that hold roles and nothing more, but not on their own; superusers on all.
    """

    add_form = NewAccountForm
    add_form_template = "admin/auth/user/add_form.html"
    add_fieldsets = ((None, {"fields": ("username", "first_name", "last_name", "email", "groups")}),)
    list_display: tuple[str, ...] = ("username", "email", "first_name", "last_name", "is_active")

    # Who may do what

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may: bool = super().has_change_permission(request, obj)
        return may and (obj is None or _is_superuser(request) or not (obj == request.user or _is_more_than_roles(obj)))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def may_reset(self, request: HttpRequest, account: Any) -> bool:
        """A superuser's is reset by a command of the operator's alone; for one's own there are the printed codes."""
        may = request.user.has_perm(RESET) and account.is_active and account.is_staff
        return may and not account.is_superuser and account != request.user

    def may_invite(self, request: HttpRequest, account: Any) -> bool:
        is_new = account.is_active and account.is_staff and not account.has_usable_password()
        return is_new and self.has_change_permission(request, account)

    # What is shown

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(has_second_step=second_factor.SET_UP)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or _is_superuser(request):
            return super().get_fieldsets(request, obj)
        return (
            (None, {"fields": ("username", "first_name", "last_name", "email")}),
            (_("Permissions"), {"fields": ("is_active", "groups")}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who could lead somebody's mails to an address of their own could reset the factor and sign in as them."""
        is_theirs = obj and obj.last_login and not _is_superuser(request)
        return (*super().get_readonly_fields(request, obj), *(("email",) if is_theirs else ()))

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups" and not _is_superuser(request):
            kwargs["queryset"] = Group.objects.filter(name__in=roles.ROLES)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_list_display(self, request: HttpRequest) -> Any:
        """The last column leads on to the reset, where who looks may do one."""

        @admin.display(description=_("second step"))
        def second_step(account: Any) -> str:
            words = _("Set up") if account.has_second_step else _("Not set up")
            if not self.may_reset(request, account):
                return str(words)
            return format_html('{}, <a href="{}">{}</a>', words, _address("reset_factor", account), _("reset"))

        return (*super().get_list_display(request), second_step)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for password and code again, but not of who may only look."""
        account = self.get_object(request, object_id)
        shown: dict[str, Any] = {}
        if account and self.may_reset(request, account):
            shown["reset_address"] = _address("reset_factor", account)
        if account and self.may_invite(request, account):
            shown["invite_address"] = _address("invite", account)
        change = super().change_view
        if self.has_change_permission(request, account):
            change = step_up.asks_again(change)
        return change(request, object_id, form_url, (extra_context or {}) | shown)

    # What is done

    def get_urls(self) -> Any:
        return [
            path("<int:pk>/reset-second-step/", self._page(self.reset_factor), name="auth_user_reset_factor"),
            path("<int:pk>/invite/", self._page(self.invite), name="auth_user_invite"),
            *super().get_urls(),
        ]

    def _page(self, view: Any) -> Any:
        shown = step_up.asks_again(view)
        shown.model_admin = self  # As Django says it of its own pages.
        return self.admin_site.admin_view(shown)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        record(Event.ACCOUNT_CHANGED if change else Event.ACCOUNT_ADDED, request, account=obj.pk)
        if not change:
            # It is there also when no mail goes out.
            transaction.on_commit(lambda: self._mail_invitation(request, obj))
        elif "email" in form.changed_data:
            record(Event.EMAIL_CHANGED, request, account=obj.pk)
            before = form.initial["email"]
            transaction.on_commit(lambda: mails.say_that_the_address_changed(obj, before))

    @method_decorator(step_up.asks_again)
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().add_view(request, form_url, extra_context)

    @method_decorator(step_up.asks_again)
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """A superuser's way where no mail goes out. Managers have another mailed: nobody tells passwords."""
        if not _is_superuser(request):
            raise PermissionDenied
        response: HttpResponse = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            record(Event.PASSWORD_CHANGED, request, account=int(id))
            notices.later(int(id), notices.Notice.PASSWORD_CHANGED)
        return response

    def reset_factor(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then take a factor away, sign its user out everywhere and mail the link for a new one."""
        account = self._account(request, pk)
        if not self.may_reset(request, account):
            raise PermissionDenied
        # Without an address no link could be mailed, and its user would be locked out.
        if request.method != "POST" or not account.email:
            return self._question(request, account, "reset_factor", gettext("Reset the second step"))
        token = second_factor.reset(account)
        record(Event.FACTOR_RESET, request, account=account.pk)
        self.log_change(request, account, [{"changed": {"fields": [gettext("second step")]}}])
        link = reverse("admin:second_step_set_up", args=[token])
        _say(request, account, mails.say_that_the_factor_was_reset(account, link))
        return redirect(_address("change", account))

    def invite(self, request: HttpRequest, pk: int) -> HttpResponse:
        account = self._account(request, pk)
        if not self.may_invite(request, account):
            raise PermissionDenied
        if request.method != "POST":
            return self._question(request, account, "invite", gettext("Mail the invitation again"))
        self._mail_invitation(request, account)
        return redirect(_address("change", account))

    def _account(self, request: HttpRequest, pk: int) -> Any:
        account = self.get_object(request, str(pk))
        if account is None:
            raise Http404
        return account

    def _mail_invitation(self, request: HttpRequest, account: Any) -> None:
        record(Event.INVITED, request, account=account.pk)
        link = links.path(links.Purpose.INVITATION, account, "admin:invitation")
        _say(request, account, mails.invite(account, link))

    def _question(self, request: HttpRequest, account: Any, name: str, title: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request), "title": title, "account": account, "opts": self.opts,
            "trail": [(gettext("Users"), _address("changelist")), (str(account), _address("change", account))],
        }  # fmt: skip
        return TemplateResponse(request, f"admin/auth/user/{name}.html", context)


def _is_superuser(request: HttpRequest) -> bool:
    user: Any = request.user
    return user.is_active and user.is_superuser


def _is_more_than_roles(account: Any) -> bool:
    """Whether a manager who changes the account could gain, or take away, what managers do not have."""
    has_others = account.groups.exclude(name__in=roles.ROLES).exists() or account.user_permissions.exists()
    return account.is_superuser or has_others


def _address(name: str, account: Any = None) -> str:
    return reverse(f"admin:auth_user_{name}", args=[account.pk] if account else [])


def _say(request: HttpRequest, account: Any, was_mailed: bool) -> None:
    if was_mailed:
        messages.success(request, gettext("We mailed a link to %(address)s.") % {"address": account.email})
    else:
        words = gettext("The mail to %(name)s could not be sent. Look at the address, then press the button again.")
        messages.error(request, words % {"name": account})
