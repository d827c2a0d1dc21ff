"""One inquiry as the front desk works it: what was written, what happened, what to do next."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments import actions, history, wording
from appointments.actors import Actor
from appointments.models import Inquiry, Screening, Status
from appointments.models.log import Outcome

# Only writes down what was typed.
SAVE = "save"


class EntryForm(forms.Form):
    """A call, a note, or both; what is typed here is kept whichever button is pressed."""

    use_required_attribute = False

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    outcome = forms.ChoiceField(
        label=_("How did the call go?"), choices=Outcome.choices, widget=forms.RadioSelect, required=False
    )
    call_words = forms.CharField(label=_("In a few words (optional)"), max_length=300, required=False)
    note = forms.CharField(
        label=_("Note for colleagues"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean(self) -> None:
        said = self.cleaned_data
        if said.get("call_words") and not said.get("outcome"):
            self.add_error("outcome", _("Choose how the call went."))
        if self.data.get("do") == SAVE and not (said.get("outcome") or said.get("call_words") or said.get("note")):
            self.add_error(None, _("Choose how a call went, or write a note."))


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
    """Show the inquiry; a POST does one thing (`do`) to it, writes down what was typed, and leads back here."""
    inquiry = model_admin.get_object(request, object_id)
    if inquiry is None:
        raise Http404
    if not model_admin.has_view_permission(request, inquiry):
        raise PermissionDenied
    form = EntryForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not model_admin.has_change_permission(request, inquiry):
            raise PermissionDenied
        if form.is_valid():
            _check_rights(request, form.cleaned_data)
            with transaction.atomic():
                _do(request, inquiry)
                _write_down(request, inquiry, form.cleaned_data)
            return redirect(request.path)
    now = timezone.now()
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": inquiry.name,
        "subtitle": inquiry.shown_reference,
        "inquiry": inquiry,
        "kind": wording.kind(inquiry),
        "contacts": wording.contacts(inquiry),
        "promise": wording.promise(inquiry, now),
        "is_late": inquiry.is_late(now),
        "taken_by": wording.person(inquiry.assigned_to) if inquiry.assigned_to else "",
        "history": history.lines(inquiry),
        "steps": {name: step.words for name, step in STEPS.items() if step.offered(inquiry, request.user)},
        "can_work": model_admin.has_change_permission(request, inquiry),
        "form": form,
    }
    return TemplateResponse(request, "admin/appointments/inquiry/desk.html", context)


def _check_rights(request: HttpRequest, said: dict[str, Any]) -> None:
    for filled, right in (("outcome", "appointments.add_call"), ("note", "appointments.add_note")):
        if said[filled] and not request.user.has_perm(right):
            raise PermissionDenied


def _do(request: HttpRequest, inquiry: Inquiry) -> None:
    do, version = request.POST.get("do", ""), request.POST.get("version", "")
    if do == SAVE:
        return
    if do not in STEPS or not (version.isdecimal() and len(version) < 10):
        raise BadRequest("not a step of the desk")
    try:
        STEPS[do].act(inquiry=inquiry, version=int(version), by=Actor.staff(request.user))
    except actions.ChangedMeanwhile:
        messages.warning(request, gettext("A colleague changed this inquiry meanwhile. Look again, then decide."))
    except actions.NotPossible:
        messages.warning(request, gettext("That is not possible in its present state."))


def _write_down(request: HttpRequest, inquiry: Inquiry, said: dict[str, Any]) -> None:
    by = Actor.staff(request.user)
    if said["outcome"]:
        actions.log_call(
            inquiry=inquiry, outcome=Outcome(said["outcome"]), words=said["call_words"], by=by, once=said["once"]
        )
    if said["note"]:
        actions.note(inquiry=inquiry, words=said["note"], by=by, once=said["once"])
