"""Mails on their way and what became of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csp import csp_override

from appointments.actors import Actor
from appointments.admin.base import WorkedOnly, as_key, list_trail, page_context, record_access, route, seen
from appointments.admin.lists.csv_file import TakenAlong, when
from appointments.errors import ChangedMeanwhile, NotPossible, Outdated
from appointments.models import AccessAction, Email, MailState
from appointments.notifications import compose, corrections
from appointments.notifications.outdated import is_outdated
from appointments.notifications.status_line import email_line
from clinic.models import Clinic
from clinic.server.security_log import Event, record

# A mail brings its own styles: only its page may have them, and may do nothing else.
STYLED_ONLY = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "form-action": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}


def _seen(request: HttpRequest, email_admin: ModelAdmin, pk: int) -> Email:
    return seen(request, email_admin, Email.objects.select_related("inquiry", "message", "appointment"), pk=pk)


def _read(request: HttpRequest, email: Email) -> None:
    """What we write to somebody says what they asked for."""
    if email.inquiry:
        record_access(request, AccessAction.READ, email.inquiry)


def _shown(email: Email) -> compose.Words | None:
    """What the mail says, for staff: in place of the address with the patient's key, words that name it."""
    words = compose.said_or_to_say(email)
    if words is None:
        return None
    link = gettext("[the patient’s own link]")
    without_address = words._replace(html=words.html.replace(' href="{link}"', ""))
    return compose.Words(*(part.replace("{link}", link) for part in without_address))


def as_it_arrives(request: HttpRequest, email_admin: ModelAdmin, pk: int) -> HttpResponse:
    email = _seen(request, email_admin, pk)
    words = _shown(email)
    if words is None:
        raise Http404
    _read(request, email)
    return HttpResponse(words.html)


def work(request: HttpRequest, email_admin: ModelAdmin, pk: int) -> HttpResponse:
    email = _seen(request, email_admin, pk)
    if request.method != "POST":
        return redirect("admin:appointments_email_change", pk)
    if not email_admin.has_change_permission(request, email):
        raise PermissionDenied
    if request.POST.get("do") not in STEPS:
        raise BadRequest("not a step of a mail")
    state = request.POST.get("seen", "")
    try:
        if state != f"{email.state} {email.attempts}":
            raise ChangedMeanwhile
        step = STEPS[request.POST["do"]]
        step.act(email, by=Actor.staff(request.user))
        if step.event:
            record(step.event, request, email=email.pk, inquiry=email.inquiry_id)
    except tuple(REFUSALS) as error:
        messages.warning(request, REFUSALS[type(error)])
    return redirect("admin:appointments_email_change", pk)


REFUSALS: dict[type[Exception], Any] = {
    ChangedMeanwhile: _("This mail has changed, or is being sent now. Look again."),
    NotPossible: _("That is not possible in its present state."),
    Outdated: _("It is not sent again: what it says is no longer so, or its inquiry was erased."),
}


@dataclass(frozen=True)
class MailStep:
    """What a button says, what it does, in which states of a mail it is offered, and what the security log says."""

    words: Any
    act: Callable[..., None]
    states: tuple[MailState, ...]
    event: Event | None = None


STEPS = {
    "resend": MailStep(_("Send it again"), corrections.resend, corrections.RESENT, Event.MAIL_RESENT),
    "bounced": MailStep(_("It came back"), corrections.bounced, (MailState.SENT,), Event.MAIL_BOUNCED),
    "by_phone": MailStep(
        _("Reached by phone instead"),
        corrections.reached_by_phone,
        (MailState.WAITING, MailState.FAILED, MailState.BOUNCED),
    ),
}


def _offered(email: Email) -> dict[str, Any]:
    """The steps that fit the mail: what is outdated is not sent again (see corrections.resend)."""
    steps = {name: step.words for name, step in STEPS.items() if email.state in step.states}
    if is_outdated(email):
        steps.pop("resend", None)
    return steps


class TroubleFilter(admin.SimpleListFilter):
    title = _("list")
    parameter_name = "list"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [("trouble", _("In trouble: failed, come back or late"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.in_trouble(timezone.now()) if self.value() == "trouble" else queryset


class EmailAdmin(TakenAlong, WorkedOnly):
    list_display = ["kind", "to", "about", "state", "due_at", "attempts", "last_error"]
    list_filter = [TroubleFilter, "state", "kind"]
    list_select_related = ["inquiry"]
    list_per_page = 50
    actions = None
    file_name = "mails"
    columns = [
        (_("Due"), lambda row: when(row.due_at)),
        (_("What"), lambda row: row.get_kind_display()),
        (_("To"), lambda row: row.to),
        (_("State"), lambda row: row.get_state_display()),
        (_("Tried"), lambda row: row.attempts),
        (_("What went wrong"), lambda row: row.last_error),
        (_("Reference"), lambda row: row.inquiry.shown_reference if row.inquiry else ""),
    ]

    def paged_by(self, request: HttpRequest) -> str:
        return "-due_at"

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": gettext("Mails"), **(extra_context or {})})

    @admin.display(description=_("inquiry"))
    def about(self, email: Email) -> SafeString | str:
        if email.inquiry is None:
            return "–"
        address = reverse("admin:appointments_inquiry_change", args=[email.inquiry_id])
        return format_html('<a href="{}">{}</a>', address, email.inquiry)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in ("list", "state__exact", "kind__exact")

    def get_urls(self) -> list[Any]:
        own = [
            route(self, "<int:pk>/as-it-arrives/", csp_override(STYLED_ONLY)(as_it_arrives)),
            route(self, "<int:pk>/work/", work),
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        email = _seen(request, self, as_key(object_id))
        _read(request, email)
        context = {
            **page_context(request, self, *list_trail(self, gettext("Mails"))),
            "title": email.get_kind_display(),
            "email": email,
            "said": email_line(email),
            "from_email": Clinic.current().shown_sender,
            "words": _shown(email),
            "message_id": compose.message_id(email),
            "steps": _offered(email) if self.has_change_permission(request, email) else {},
        }
        return TemplateResponse(request, "admin/appointments/email/mail.html", context)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        """There is none but the inquiry's."""
        return self.change_view(request, object_id)
