"""What is pressed in a row of the list of calls: how a call went, or what was done in its place."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from appointments.actors import Actor
from appointments.admin.base import ADD_CALL, ADD_NOTE, seen
from appointments.admin.desk.said import what_is_done
from appointments.admin.wording import WENT
from appointments.bookings.locking import once_more_after_a_deadlock
from appointments.errors import NotPossible
from appointments.inquiries import conversation
from appointments.inquiries.vain_calls import ENOUGH, tries
from appointments.models import CallState, CallTask
from appointments.models.log import Outcome

# What the buttons of a row post: how a call went, or what was done instead.
OUTCOMES = {
    "reached": Outcome.REACHED,
    "voicemail": Outcome.VOICEMAIL,
    "no_answer": Outcome.NO_ANSWER,
    "wrong_number": Outcome.WRONG_NUMBER,
}
NOTE, LETTER, BY_HAND = "note", "letter", "by_hand"
INSTEAD: dict[str, Any] = {LETTER: _("Letter instead of a call"), BY_HAND: _("Done by hand instead of a call")}
# As long as a note in one line.
LONGEST = 300


@require_POST
def log(request: HttpRequest, task_admin: ModelAdmin, pk: int) -> HttpResponse:
    """Write down what was pressed in the row of this call, say so, and go back to the list."""
    call = seen(request, task_admin, CallTask.objects.select_related("inquiry", "appointment"), pk=pk)
    do, words = request.POST.get("do", ""), " ".join(request.POST.get("words", "").split())[:LONGEST]
    if do not in (*OUTCOMES, NOTE, *INSTEAD):
        raise BadRequest("nothing that can be done with a call")
    if not request.user.has_perms([ADD_CALL if do in OUTCOMES else ADD_NOTE]):
        raise PermissionDenied
    if not task_admin.has_change_permission(request, call) or call.inquiry.erased_at:
        raise PermissionDenied
    back = reverse("admin:appointments_calltask_changelist")
    back += "?list=reminders" if request.POST.get("list") == "reminders" else ""
    if do == NOTE and not words:
        messages.error(request, gettext("%s: write the note first.") % call.inquiry.who_comes)
        return redirect(back)
    try:
        with what_is_done(request, call.inquiry, said=_said(call, do), back=back):
            _act(call, do, words, _key(request), Actor.staff(request.user))
    except NotPossible:
        messages.warning(request, gettext("%s: somebody has ended this call meanwhile.") % call.inquiry.who_comes)
    return redirect(back)


def _key(request: HttpRequest) -> UUID | None:
    """Which press this is: a double click writes the same down once."""
    try:
        return UUID(request.POST.get("idempotency_key", ""))
    except ValueError:
        return None


@once_more_after_a_deadlock
def _act(call: CallTask, do: str, words: str, key: UUID | None, by: Actor) -> None:
    about: dict[str, Any] = {"by": by, "idempotency_key": key}
    if do in OUTCOMES:
        conversation.log_call(inquiry=call.inquiry, outcome=OUTCOMES[do], **about)
    elif do == NOTE:
        conversation.note(inquiry=call.inquiry, words=words, **about)
    else:
        kept = f"{INSTEAD[do]}: {words or str(call.get_kind_display())}"
        conversation.told_otherwise(call=call, words=kept, **about)


def _said(call: CallTask, do: str) -> str:
    """What this press does, in a sentence with the patient's name."""
    who, is_open = call.inquiry.who_comes, call.state == CallState.WAITING
    if do == LETTER:
        return gettext("%s: a letter, off the list") % who
    if do == BY_HAND:
        return gettext("%s: done by hand, off the list") % who
    if do == NOTE:
        return gettext("%s: note saved, still on the list") % who
    words = f"{who}: {WENT[OUTCOMES[do]]}"
    if do == "reached" or not is_open:
        return words
    many = len(tries([call.inquiry_id]).get(call.inquiry_id, ())) + 1
    if many >= ENOUGH:
        return gettext("%(words)s, tried %(n)d times; write a letter, or a note about what else to try") % {
            "words": words, "n": many,
        }  # fmt: skip
    return gettext("%s, still on the list") % words
