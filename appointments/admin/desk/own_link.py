"""The link to the patient's own page, as the desk ends it or sends another, to a corrected address, too."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from appointments import limits
from appointments.actors import Actor
from appointments.admin.base import as_key, inbox_trail, page_context, record_access, seen
from appointments.admin.desk.said import refusals_said
from appointments.inquiries import own_links
from appointments.models import AccessAction, CallTask, Email, Inquiry
from appointments.models.own_link import LinkState
from clinic.mailboxes import validate_mailbox
from clinic.one_line import AddressInput
from clinic.server.security_log import Event, record

SEND, REVOKE = "send", "revoke"
ENDED = {
    LinkState.NOT_THEIRS: _("The link to their page has ended: who got our mail says that it is not for them."),
    LinkState.REVOKED: _("The link to their page has ended: one of us ended it."),
}


def why_ended(inquiry: Inquiry) -> Any:
    """In a sentence, why the link leads nowhere; empty where it works."""
    if inquiry.link_state != LinkState.WORKS:
        return ENDED[LinkState(inquiry.link_state)]
    if own_links.has_lapsed(inquiry, timezone.now()):
        return gettext("The link to their page has ended: nothing has happened for %d days.") % limits.LINK_LASTS.days
    return ""


class LinkForm(forms.Form):
    """The address that another link goes to."""

    use_required_attribute = False

    email = forms.EmailField(
        label=_("Their email address"),
        max_length=254,
        help_text=_("It is their address from now on, for all mails."),
        validators=[validate_mailbox],
        widget=AddressInput(attrs={"size": 32}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest, inquiry_admin: ModelAdmin, pk: int) -> HttpResponse:
    """Show how the link stands; a POST ends it, or sends another one, and leads to the desk."""
    inquiry = seen(request, inquiry_admin, Inquiry.objects.all(), pk=pk, erased_at=None)
    if not inquiry_admin.has_change_permission(request, inquiry):
        raise PermissionDenied
    do = request.POST.get("do")
    form = LinkForm(request.POST if do == SEND else None, initial={"email": inquiry.email})
    if request.method == "POST":
        if do not in (SEND, REVOKE):
            raise BadRequest("not a step of the link")
        if do == REVOKE or form.is_valid():
            with refusals_said(request):
                _act(request, inquiry, form)
            return redirect("admin:appointments_inquiry_change", pk)
    record_access(request, AccessAction.READ, inquiry)
    context = {
        **page_context(request, inquiry_admin, *inbox_trail(inquiry), here=gettext("The link to their page")),
        "title": gettext("The link to the page of %s") % inquiry.who_comes,
        "inquiry": inquiry,
        "works": inquiry.link_state == LinkState.WORKS,
        "why_ended": why_ended(inquiry),
        "form": form,
    }
    return TemplateResponse(request, "admin/appointments/inquiry/own_link.html", context)


def _act(request: HttpRequest, inquiry: Inquiry, form: LinkForm) -> None:
    by, version = Actor.staff(request.user), as_key(request.POST.get("version", ""))
    if request.POST["do"] == REVOKE:
        own_links.revoke(inquiry=inquiry, version=version, by=by)
        record(Event.LINK_REVOKED, request, inquiry=inquiry.pk)
        messages.success(request, gettext("The link has ended. Nothing is mailed with it."))
        return
    told = own_links.send_new(inquiry=inquiry, email=form.cleaned_data["email"], version=version, by=by)
    record(Event.LINK_SENT, request, inquiry=inquiry.pk)
    say_who_hears(request, told)


def say_who_hears(request: HttpRequest, told: Email | CallTask | None) -> None:
    """Say what became of the mail with a new link."""
    if isinstance(told, Email):
        messages.success(request, gettext("A new link is on its way. The old one is dead."))
    elif told:
        messages.warning(request, gettext("There is a new link, but this address takes no mails from us. Call them."))
    else:
        messages.warning(request, gettext("There is a new link. Nobody hears of it: they are not contacted."))
