"""One inquiry as the front desk works it: what was written, what happened, what to do next."""

from typing import Any
from uuid import uuid4

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

from appointments.actors import Actor, name_of
from appointments.admin import wording
from appointments.admin.base import (
    ADD_CALL,
    ADD_MESSAGE,
    ADD_NOTE,
    ERASE,
    VIEW_ACCESSES,
    as_key,
    inbox_trail,
    page_context,
    record_access,
    seen,
    who_looked,
)
from appointments.admin.desk import asking, canned, next_visit, own_link, same_person, time_steps, up_next
from appointments.admin.desk.inquiry_steps import STEPS
from appointments.admin.desk.on_the_phone import OnThePhone, as_told
from appointments.admin.desk.said import what_is_done
from appointments.bookings.locking import once_more_after_a_deadlock
from appointments.bookings.people_like import alike
from appointments.errors import ChangedMeanwhile, NotPossible
from appointments.inquiries import canned_replies, contacts, conversation
from appointments.models import AccessAction, Email, Inquiry
from appointments.models.log import Outcome
from appointments.records import history
from clinic import timeline
from clinic.browser_fields import TodayUnlessSaid
from clinic.one_line import OneLineInput

# Only writes down what was typed; sends the answer.
SAVE, REPLY = "save", "reply"
# What the page shows of these rows comes with the inquiry's own.
BROUGHT_ALONG = ("procedure", "assigned_to", "entered_by", "talks_with_by")
# What the buttons beside the phone number write down, with one press.
CALLED = {f"call-{outcome}": outcome for outcome in (Outcome.REACHED, Outcome.VOICEMAIL, Outcome.NO_ANSWER)}


class EntryForm(asking.AskTheDoctor, OnThePhone):
    """A call, a note, an answer; what is typed here is kept or sent, whichever button is pressed, never lost."""

    use_required_attribute = False
    # Nobody may call its people any longer.
    no_contact = False

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    outcome = forms.ChoiceField(
        label=_("How did the call go?"), choices=Outcome.choices, widget=forms.RadioSelect, required=False
    )
    call_words = forms.CharField(
        label=_("In a few words (optional)"), max_length=300, required=False, widget=OneLineInput
    )
    call_back_at = TodayUnlessSaid(
        label=_("Call back at (optional)"), required=False, help_text=_("Without a day, today is meant.")
    )
    answer = forms.CharField(
        label=_("Your answer"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    note = forms.CharField(
        label=_("Note for colleagues"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean(self) -> None:
        super().clean()
        said, do = self.cleaned_data, self.data.get("do")
        if do == canned.FILL:
            return
        if do != REPLY and self.is_draft(said.get("answer", "")):
            said["answer"] = ""  # Nobody typed it: it waits on, or is read out.
        if do in CALLED:
            said["outcome"] = CALLED[do]
        if said.get("is_told") and said.setdefault("outcome", "") not in ("", Outcome.REACHED):
            self.add_error("outcome", _("You ticked that you are on the phone with them: then they are reached."))
        elif said.get("is_told"):
            said["outcome"] = Outcome.REACHED
        call_back_at = said.get("call_back_at")
        if call_back_at and not said.get("outcome"):
            said["outcome"] = Outcome.CALL_BACK
        if said.get("call_words") and not said.get("outcome"):
            self.add_error("outcome", _("Choose how the call went."))
        if said.get("outcome") == Outcome.CALL_BACK and not call_back_at and "call_back_at" not in self.errors:
            self.add_error("call_back_at", _("Enter when to call back."))
        if call_back_at and self.no_contact:
            self.add_error("call_back_at", _("Nobody calls them any longer. Take the time out."))
        if call_back_at and not timezone.now() < call_back_at < timeline.LATEST:
            self.add_error("call_back_at", _("Enter a time that is still to come."))
        if do == REPLY and not said.get("answer"):
            self.add_error("answer", _("Write your answer."))
        if do == REPLY and (left := canned_replies.unfilled(said.get("answer", ""))):
            words = _("Write what {%(name)s} stands for, or take it out: there was nothing to put in.")
            self.add_error("answer", words % {"name": left[0]})
        if do != REPLY and said.get("answer"):
            self.add_error("answer", _("You have not sent this answer. Send it, or empty the field."))
        if do == SAVE and not any(said.get(name) for name in ("outcome", "call_words", "note", "answer")):
            self.add_error(None, _("Choose how a call went, or write a note."))


def view(model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Show the inquiry; a POST does one thing (`do`) to it, writes down what was typed, and leads back here."""
    rows = model_admin.get_queryset(request).select_related(*BROUGHT_ALONG)
    inquiry = seen(request, model_admin, rows, pk=as_key(object_id))
    can_work = not inquiry.erased_at and model_admin.has_change_permission(request, inquiry)
    replies = list(canned_replies.filled(inquiry)) if can_work and request.user.has_perm(ADD_MESSAGE) else []
    fills = request.method == "POST" and request.POST.get("do") == canned.FILL
    posted = canned.with_words(request, replies) if fills else request.POST
    asked_of_doctors = list(inquiry.doctor_questions.with_state())
    question = asking.current(asked_of_doctors)
    form = EntryForm(posted if request.method == "POST" else None)
    form.no_contact = bool(inquiry.no_contact)
    form.offer_to(request.user, inquiry)
    form.ask_about(request.user, question)
    asked: dict[str, Any] = {}
    if request.method == "POST":
        if not can_work:
            raise PermissionDenied
        if form.is_valid() and not fills:
            _check_rights(request, form.cleaned_data)
            asked = _asked_first(request, inquiry, form.cleaned_data)
        if form.is_valid() and not fills and not asked:
            try:
                done = _pressed(request, inquiry, form.cleaned_data)
            except NotPossible:
                messages.warning(request, gettext("It was erased meanwhile. Nothing was written down."))
                done = True
            if done:
                is_sent = request.POST.get("do") == REPLY
                return redirect(up_next.address(request, inquiry) if is_sent else request.path)
            # What was typed was not sent: it stays before its writer, beside what the colleague did.
            inquiry.refresh_from_db()
            typed = {name: form.cleaned_data.get(name) for name in ("answer", "doctor_note")}
            form = EntryForm(initial={**typed, "idempotency_key": uuid4()})
            form.offer_to(request.user, inquiry)
            asked_of_doctors = list(inquiry.doctor_questions.with_state())
            question = asking.current(asked_of_doctors)
            form.ask_about(request.user, question)
    record_access(request, AccessAction.READ, inquiry)
    now = timezone.now()
    told, of_time = history.lines(inquiry, asked_of_doctors), time_steps.context(inquiry, request.user)
    newest = next((line for line in reversed(told) if line.from_patient), None)
    context = {
        **page_context(request, model_admin, *inbox_trail(), here=inquiry.who_comes),
        "title": inquiry.who_comes,
        "subtitle": inquiry.shown_reference,
        "inquiry": inquiry,
        "kind": wording.kind(inquiry),
        "contacts": contacts.contacts(inquiry),
        "newest": newest,
        "last_words": newest.what if newest else inquiry.message,
        "last_at": newest.at if newest else inquiry.created_at,
        "called": {do: outcome.label for do, outcome in CALLED.items() if request.user.has_perm(ADD_CALL)},
        "promise": wording.promise(inquiry, now),
        "is_late": inquiry.is_late(now),
        "taken_by": name_of(inquiry.assigned_to) if inquiry.assigned_to else "",
        "entered_by": name_of(inquiry.entered_by) if inquiry.entered_by else "",
        "talks_noted_by": name_of(inquiry.talks_with_by) if inquiry.talks_with_by else "",
        "link_ended": "" if inquiry.erased_at else own_link.why_ended(inquiry),
        "history": told,
        "is_blocked": inquiry.takes_mail and Email.objects.blocking(inquiry).exists(),
        "no_contact": contacts.reach(inquiry) if inquiry.no_contact else "",
        "no_voicemail": contacts.wants_no_voicemail(inquiry),
        "caller": request.user.get_full_name(),  # type: ignore[union-attr]
        "can_erase": request.user.has_perm(ERASE),
        # Asking for a right to view that somebody lacks costs a statement: the manager's other right comes first.
        "may_ask_who_saw": request.user.has_perm(ERASE) and request.user.has_perm(VIEW_ACCESSES),
        "steps": {name: step.words for name, step in STEPS.items() if step.offered(inquiry, request.user)},
        **of_time,
        **same_person.context(inquiry, alike(inquiry, now)),
        "next_visit": next_visit.fields(inquiry, of_time["appointment"], request.user, now),
        **asking.context(inquiry, question, request.user),
        "can_work": can_work,
        "canned": replies,
        "form": form,
        "asked": asked,
    }
    return TemplateResponse(request, "admin/appointments/inquiry/desk.html", context)


def _asked_first(request: HttpRequest, inquiry: Inquiry, said: dict[str, Any]) -> dict[str, Any]:
    """What this button asks before it does anything, and was not asked yet; what was typed stays in the form."""
    do = request.POST.get("do", "")
    if request.POST.get("sure") != do and (asked := same_person.asked_first(inquiry, do)):
        return asked
    if do not in STEPS or request.POST.get("sure") == do or not (words := STEPS[do].asks(inquiry, said)):
        return {}
    return {"words": words, "do": do, "button": STEPS[do].words}


def _pressed(request: HttpRequest, inquiry: Inquiry, said: dict[str, Any]) -> bool:
    """Do what was pressed, and say what that was; Undo takes back what was written down beside it, too."""
    do = request.POST.get("do", "")
    if do in (REPLY, asking.TAKE_BACK):
        return _work(request, inquiry, said)
    only_writes, is_told = do == SAVE or do in CALLED, bool(said.get("is_told"))
    # That they were told by phone is said in words of its own.
    outcome = "" if is_told and not only_writes else said["outcome"]
    asks = gettext("%s is asked") % said.get("doctor") if do == asking.ASK else ""
    wrote = wording.written_down(outcome, said["call_back_at"], said["note"])
    alone, beside = same_person.said(inquiry, do), wrote[:1].upper() + wrote[1:]
    if only_writes:
        alone, beside = f"{inquiry.who_comes}: {wrote}", ""
    if asks:
        alone = f"{inquiry.who_comes}: {asks}"
    with what_is_done(request, inquiry, said=alone, also=beside, is_told=is_told):
        return _work(request, inquiry, said)


@once_more_after_a_deadlock
def _work(request: HttpRequest, inquiry: Inquiry, said: dict[str, Any]) -> bool:
    done = _do(request, inquiry, said)
    _write_down(request, inquiry, said)
    return done


def _check_rights(request: HttpRequest, said: dict[str, Any]) -> None:
    rights = {"outcome": ADD_CALL, "note": ADD_NOTE, "answer": ADD_MESSAGE}
    for filled, right in rights.items():
        if said[filled] and not request.user.has_perm(right):
            raise PermissionDenied


def _do(request: HttpRequest, inquiry: Inquiry, said: dict[str, Any]) -> bool:
    """Take the step; False when an answer or a note for a doctor could not be sent, and must not be lost."""
    do, version = request.POST.get("do", ""), request.POST.get("version", "")
    if do == SAVE or do in CALLED:
        return True
    if do.startswith(time_steps.PREFIX):
        time_steps.act(request, inquiry, do, as_told(who_looked(request), said))
        return True
    is_known = do in (REPLY, asking.ASK, asking.TAKE_BACK, *STEPS) or do.startswith(same_person.PREFIX)
    if not is_known or not (version.isdecimal() and len(version) < 10):
        raise BadRequest("not a step of the desk")
    if do in ("hold", "unhold") and not request.user.has_perm(ERASE):
        raise PermissionDenied
    by = who_looked(request)
    if do.startswith(same_person.PREFIX):
        same_person.act(request, inquiry, do, version=int(version), by=by)
        return True
    try:
        if do == REPLY:
            conversation.reply(
                inquiry=inquiry,
                words=said["answer"],
                version=int(version),
                by=by,
                idempotency_key=said["idempotency_key"],
            )
            words = gettext("%s: your answer stands on their page.")
            messages.success(request, up_next.with_next(words % inquiry.who_comes, request, inquiry))
        elif do in (asking.ASK, asking.TAKE_BACK):
            asking.act(request, inquiry, said, int(version), by)
        else:
            STEPS[do].act(inquiry=inquiry, version=int(version), by=by)
    except ChangedMeanwhile:
        messages.warning(request, wording.CHANGED_MEANWHILE)
        return do not in (REPLY, asking.ASK)
    except NotPossible:
        messages.warning(request, wording.REFUSALS[NotPossible])
    return True


def _write_down(request: HttpRequest, inquiry: Inquiry, said: dict[str, Any]) -> None:
    by = Actor.staff(request.user)
    if said["outcome"]:
        conversation.log_call(
            inquiry=inquiry,
            outcome=Outcome(said["outcome"]),
            words=said["call_words"],
            call_back_at=said["call_back_at"],
            by=by,
            idempotency_key=said["idempotency_key"],
        )
    if said["note"]:
        conversation.note(inquiry=inquiry, words=said["note"], by=by, idempotency_key=said["idempotency_key"])
