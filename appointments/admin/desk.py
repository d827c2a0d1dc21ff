"""One inquiry as the front desk works it: what was written, what happened, what to do next."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments import actions, history
from appointments.actors import Actor
from appointments.models import Inquiry, Screening, Status
from appointments.models.log import Outcome


class NoteForm(forms.Form):
    words = forms.CharField(label=_("Note for colleagues"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class CallForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("How did the call go?"), choices=Outcome.choices, widget=forms.RadioSelect, label_suffix=""
    )
    words = forms.CharField(label=_("In a few words (optional)"), max_length=300, required=False)


@dataclass(frozen=True)
class Step:
    """What a button says, the action behind it, and when it is offered to whom."""

    words: Any
    act: Callable[..., Any]
    offered: Callable[[Inquiry, Any], bool]


def _move(words: Any, to: Status) -> Step:
    return Step(words, partial(actions.move, to=to), lambda inquiry, user: to in actions.MOVES[Status(inquiry.status)])


STEPS = {
    "take": Step(
        _("Take it"),
        actions.take,
        lambda inquiry, user: inquiry.status != Status.CLOSED and inquiry.assigned_to != user,
    ),
    "wait": _move(_("Wait for patient"), Status.WAITING_FOR_PATIENT),
    "close": _move(_("Close"), Status.CLOSED),
    "reopen": _move(_("Reopen"), Status.OPEN),
    "spam": Step(_("Mark as spam"), actions.mark_as_spam, lambda inquiry, user: inquiry.screening != Screening.SPAM),
    "release": Step(
        _("Move to the inbox"), actions.release, lambda inquiry, user: inquiry.screening != Screening.PASSED
    ),
}


def view(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Show the inquiry; a POST does one thing (`do`) to it and leads back here."""
    inquiry = model_admin.get_object(request, object_id)
    if inquiry is None:
        raise Http404
    if not model_admin.has_view_permission(request, inquiry):
        raise PermissionDenied
    note, call = NoteForm(prefix="note"), CallForm(prefix="call")
    if request.method == "POST":
        if not model_admin.has_change_permission(request, inquiry):
            raise PermissionDenied
        note, call = _bound(request, note, call)
        if _do(request, inquiry, note, call):
            return redirect(request.path)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": inquiry.name,
        "subtitle": inquiry.shown_reference,
        "inquiry": inquiry,
        "is_late": inquiry.is_late(timezone.now()),
        "history": history.lines(inquiry),
        "steps": {name: step.words for name, step in STEPS.items() if step.offered(inquiry, request.user)},
        "can_work": model_admin.has_change_permission(request, inquiry),
        "note": note,
        "call": call,
    }
    return TemplateResponse(request, "admin/appointments/inquiry/desk.html", context)


def _bound(request: HttpRequest, note: NoteForm, call: CallForm) -> tuple[NoteForm, CallForm]:
    if request.POST.get("do") == "note":
        note = NoteForm(request.POST, prefix="note")
    if request.POST.get("do") == "call":
        call = CallForm(request.POST, prefix="call")
    return note, call


def _do(request: HttpRequest, inquiry: Inquiry, note: NoteForm, call: CallForm) -> bool:
    """Do what was asked; True when there is nothing left to correct on the page."""
    by = Actor.staff(request.user)
    if note.is_bound:
        if note.is_valid():
            actions.note(inquiry=inquiry, by=by, words=note.cleaned_data["words"])
        return note.is_valid()
    if call.is_bound:
        if call.is_valid():
            actions.log_call(inquiry=inquiry, by=by, **call.cleaned_data)
        return call.is_valid()
    step = STEPS.get(request.POST.get("do", ""))
    version = request.POST.get("version", "")
    if step is None or not version.isdecimal():
        raise BadRequest("not a step of the desk")
    try:
        step.act(inquiry=inquiry, version=int(version), by=by)
    except actions.ChangedMeanwhile:
        messages.warning(request, gettext("A colleague changed this inquiry meanwhile. Look again, then decide."))
    except actions.NotPossible:
        messages.warning(request, gettext("That is not possible in its present state."))
    return True
