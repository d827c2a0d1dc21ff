"""Patients whose time was taken away: who they are, what they know, and what to do about it."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from appointments.actors import Actor
from appointments.admin.base import list_trail, page_context
from appointments.admin.desk.said import what_is_done, who_all
from appointments.bookings import displacement
from appointments.inquiries import contacts
from appointments.models import Appointment, CallTask, Email, NotificationKind, Practitioner
from appointments.notifications.status_line import call_line, email_line

TICKED, ALL = "ticked", "all"


class WhatToDoForm(forms.Form):
    use_required_attribute = False

    which = forms.ChoiceField(
        label=_("Which patients?"),
        choices=[(TICKED, _("Only those ticked above")), (ALL, _("All on this list"))],
        initial=TICKED,
        widget=forms.RadioSelect,
    )
    to = forms.ModelChoiceField(
        label=_("Another practitioner"), queryset=Practitioner.objects.active(), required=False, empty_label=_("Choose")
    )


@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    """The list, soonest first; a POST does one thing (`do`) with some of those on it, and leads back here."""
    may_act = model_admin.has_change_permission(request)
    if not model_admin.has_view_permission(request) or (request.method == "POST" and not may_act):
        raise PermissionDenied
    lost = _on_list()
    form = WhatToDoForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if request.POST.get("do") not in ACTIONS:
            raise BadRequest("nothing that can be done with displaced patients")
        # "All" are those that were on the screen, and none that came since.
        meant = request.POST.getlist("shown" if request.POST.get("which") == ALL else "ticked")
        if not meant:
            form.add_error("which", _("Tick the patients you mean, or choose all on this list."))
        elif request.POST["do"] == "hand_over" and not request.POST.get("to"):
            form.add_error("to", _("Choose who takes them."))
        if form.is_valid():
            chosen = [appointment for appointment in lost if str(appointment.pk) in meant]
            if not (chosen and ACTIONS[request.POST["do"]](request, chosen, form.cleaned_data["to"])):
                messages.info(request, gettext("They are off the list already."))
            return redirect("admin:appointments_appointment_displaced")
    context = {
        **page_context(request, model_admin, *list_trail(model_admin, gettext("Appointments"))),
        "title": gettext("Displaced patients"),
        "rows": [_row(appointment) for appointment in lost],
        "ticked": request.POST.getlist("ticked"),
        "form": form,
        "may_act": may_act,
    }
    return TemplateResponse(request, "admin/appointments/appointment/displaced.html", context)


# Two fields for each, of the thousand that Django takes in a form: the next ones follow as these are done.
SHOWN = 300


def _on_list() -> list[Appointment]:
    lost = Appointment.objects.displaced(timezone.now()).select_related("inquiry", "practitioner", "visit_type")
    mails = Prefetch("emails", Email.objects.filter(kind=NotificationKind.DISPLACED))
    calls = Prefetch("call_tasks", CallTask.objects.filter(kind=NotificationKind.DISPLACED).select_related("done_by"))
    return list(lost.prefetch_related(mails, calls)[:SHOWN])


def _row(appointment: Appointment) -> dict[str, object]:
    inquiry = appointment.inquiry
    told = [
        *((mail.created_at, email_line(mail)) for mail in appointment.emails.all()),
        *((task.created_at, call_line(task)) for task in appointment.call_tasks.all()),
    ]
    return {
        "appointment": appointment,
        "id": str(appointment.pk),
        "inquiry": inquiry,
        "numbers": contacts.numbers(inquiry),
        "no_voicemail": contacts.wants_no_voicemail(inquiry),
        # What was said of an earlier time that was taken away is not said of this one.
        "told": [words for at, words in told if appointment.displaced_at and at >= appointment.displaced_at],
    }


def _hand_over(request: HttpRequest, chosen: list[Appointment], to: Practitioner) -> bool:
    """Whether any of them was still on the list; so do the other two."""
    left, is_anybody = [], False
    with _said(request, chosen, gettext("%(who)s: the time stays, taken over by %(to)s"), to=to):
        for appointment in chosen:
            moved, stays = displacement.hand_over(displaced=[appointment], to=to, by=Actor.staff(request.user))
            is_anybody |= bool(moved or stays)
            left += [appointment.inquiry] * stays
    if left:
        words = ngettext("%s does not fit there and stays on the list.", "%s do not fit there and stay.", len(left))
        messages.warning(request, words % who_all(left))
    return is_anybody


def _tell(request: HttpRequest, chosen: list[Appointment], _to: Practitioner | None) -> bool:
    with _said(request, chosen, gettext("%(who)s: to be told that their time is gone")):
        mails, calls = displacement.tell_displaced(displaced=chosen, by=Actor.staff(request.user))
    return bool(mails or calls)


def _reached(request: HttpRequest, chosen: list[Appointment], _to: Practitioner | None) -> bool:
    with _said(request, chosen, gettext("%(who)s: reached, off the list")):
        count = displacement.reached(displaced=chosen, by=Actor.staff(request.user))
    return bool(count)


def _said(request: HttpRequest, chosen: list[Appointment], words: str, **more: object) -> AbstractContextManager[None]:
    """Say in these words what the block does to some of the chosen, by their names, with Undo for all of them."""
    inquiries = [appointment.inquiry for appointment in chosen]
    return what_is_done(request, *inquiries, said=lambda who: words % {"who": who, **more}, back=request.path)


ACTIONS: dict[str, Callable[..., bool]] = {"hand_over": _hand_over, "tell": _tell, "reached": _reached}
