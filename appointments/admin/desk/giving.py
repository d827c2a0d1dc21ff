"""Free times for one inquiry, as staff give, offer and move them."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl

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
from appointments.admin.base import (
    CHANGE_APPOINTMENT,
    as_key,
    as_seen,
    inbox_trail,
    may_overbook,
    page_context,
    record_access,
    seen,
    who_looked,
)
from appointments.admin.desk.on_the_phone import OnThePhone, as_told
from appointments.admin.desk.said import what_is_done
from appointments.admin.wording import REFUSALS
from appointments.bookings import appointments, proposals
from appointments.bookings.people_like import alike
from appointments.bookings.why_not_free import why_not_free
from appointments.errors import ChangedMeanwhile, NotPossible, SlotTaken
from appointments.inquiries import conversation, promises
from appointments.models import AccessAction, Appointment, Inquiry, Schedule
from appointments.models.log import Outcome
from appointments.scheduling import calendars, free_times, slot_codes
from appointments.slots import Slot
from clinic import timeline
from clinic.browser_fields import DayAndTime
from clinic.one_line import OneLineInput
from clinic.sentences import ended, moment

GIVE, PROPOSE, OTHER = "give", "propose", "other"
# Another day or week: nothing is given yet, and what is ticked and typed comes along. No address says any of it.
LOOK = "look"


class GivingForm(OnThePhone):
    """Times that were ticked, until when they are offered, and a time that is not among them."""

    use_required_attribute = False

    until = forms.SplitDateTimeField(label=_("Hold what is offered until"), required=False, widget=DayAndTime)
    schedule = forms.ModelChoiceField(label=_("Who and what for"), queryset=Schedule.objects.none(), required=False)
    at = forms.SplitDateTimeField(label=_("Day and time"), required=False, widget=DayAndTime)
    reason = forms.CharField(
        label=_("Why it is overbooked"),
        max_length=300,
        required=False,
        help_text=_("Only for a time that is not free: it is marked in red, with this reason."),
        widget=OneLineInput,
    )

    def __init__(self, *args: Any, codes: list[str], may_overbook: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.codes, self.do = codes, self.data.get("do")
        self.fields["schedule"].queryset = Schedule.objects.for_staff().order_by(  # type: ignore[attr-defined]
            "practitioner__position", "visit_type__position", "pk"
        )
        if not may_overbook:
            del self.fields["reason"]

    def clean(self) -> None:
        said = self.cleaned_data
        until = said.get("until")
        if self.do == GIVE and len(self.codes) != 1:
            self.add_error(None, _("Tick one time."))
        if self.do == PROPOSE:
            if not 1 <= len(self.codes) <= limits.PROPOSALS_AT_ONCE:
                self.add_error(None, _("Tick one to three times."))
            if not (until and timezone.now() < until < timeline.LATEST) and "until" not in self.errors:
                self.add_error("until", _("Enter a time that is still to come."))
        if self.do == OTHER:
            for name, sentence in (("schedule", _("Choose who and what for.")), ("at", _("Enter a day and a time."))):
                if not said.get(name) and name not in self.errors:
                    self.add_error(name, sentence)
            at = said.get("at")
            if at and not timezone.now() < at < timeline.LATEST - timedelta(days=1):
                self.add_error("at", _("Enter a time that is still to come."))


@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest, inquiry_admin: ModelAdmin, pk: int) -> HttpResponse:
    """Show free times; a POST gives one, offers some, or gives one that is not among them, and leads to the desk."""
    user: Any = request.user
    if not user.has_perm(CHANGE_APPOINTMENT):
        raise PermissionDenied
    inquiry = seen(request, inquiry_admin, Inquiry.objects.all(), pk=pk, erased_at=None)
    now = timezone.now()
    held = inquiry.appointments.not_expired(now).live().select_related("practitioner", "visit_type").first()
    schedules = list(Schedule.objects.for_staff())
    codes = list(dict.fromkeys(request.POST.getlist("slot")))
    form = GivingForm(
        request.POST if request.method == "POST" else None,
        codes=codes,
        may_overbook=may_overbook(user),
        initial={"until": promises.next_answer_by(now)},
    )
    form.offer_to(user, inquiry)
    if request.method == "POST" and LOOK not in request.POST:
        if form.do not in (GIVE, PROPOSE, OTHER):
            raise BadRequest("not a step of giving times")
        if form.is_valid():
            with what_is_done(request, inquiry, is_told=bool(form.cleaned_data.get("is_told"))):
                is_done = _done(request, inquiry, held, schedules, form)
            if is_done:
                return redirect("admin:appointments_inquiry_change", pk)
    free = free_times.find(schedules, _asked(request, held), now=now, without=held, for_staff=True)
    offered = inquiry.appointments.proposed(now).select_related("practitioner")
    record_access(request, AccessAction.READ, inquiry)
    context = {
        **page_context(request, inquiry_admin, *inbox_trail(inquiry), here=gettext("A time")),
        "title": gettext("A time for %s") % inquiry.who_comes,
        "inquiry": inquiry,
        "held": held,
        "free": free,
        "seen": as_seen(held),
        "offered": offered,
        "offered_as_seen": as_seen(*offered),
        "others": [each for each in alike(inquiry, now) if each.visits.to_come],
        "written": inquiry.messages.filter(from_patient=True),
        "chosen": _chosen(codes, schedules),
        "codes": codes,
        "taken": _taken(codes, schedules, held) if form.errors else (),
        "form": form,
    }
    return TemplateResponse(request, "admin/appointments/inquiry/times.html", context)


def _asked(request: HttpRequest, held: Appointment | None) -> dict[str, str]:
    """What is looked for: the day that was pressed, what the page showed, as asked, or the day of what they have."""
    said = request.POST.get(LOOK, request.POST.get("shown", ""))
    if said:
        return dict(parse_qsl(said))
    for asked in (request.POST, request.GET):
        if "visit" in asked:
            return {name: asked[name] for name in free_times.PARAMETERS if name in asked}
    if held is None:
        return {}
    return slot_codes.alike(held) | {"day": timezone.localdate(held.starts_at).isoformat()}


def _chosen(codes: Iterable[str], schedules: list[Schedule]) -> list[free_times.Row]:
    """The times that were ticked, on whatever day, soonest first."""
    people = {schedule.practitioner_id: schedule.practitioner for schedule in schedules}
    slots = {code: slot for code in codes if (slot := slot_codes.find(code, schedules))}
    rows = [(slot, code, people[slot.practitioner_id]) for code, slot in slots.items()]
    return sorted(rows, key=lambda row: (row[0].starts_at, row[1]))


def _taken(codes: list[str], schedules: list[Schedule], held: Appointment | None) -> list[str]:
    """Those of the ticked times (codes) that are not free any longer."""
    few = _chosen(codes, schedules)[: limits.PROPOSALS_AT_ONCE]
    return [code for slot, code, _person in few if not calendars.on(slot, without=held).fits(slot)]


def _done(
    request: HttpRequest, inquiry: Inquiry, held: Appointment | None, schedules: list[Schedule], form: GivingForm
) -> bool:
    """Whether it could be done; otherwise a sentence says why not, and what was typed is kept."""
    said = form.cleaned_data
    by = as_told(who_looked(request), said)  # What they wrote stands on this page, too.
    try:
        if not _is_as_seen(request.POST.get("held", ""), inquiry, held):
            raise ChangedMeanwhile
        if form.do == PROPOSE:
            slots = [_found(code, schedules) for code in form.codes]
            if overlap := _overlap(slots):
                form.add_error(None, overlap)
                return False
            first = min(slot.starts_at for slot in slots)
            proposals.propose(inquiry=inquiry, slots=slots, until=min(said["until"], first), by=by)
            if first < said["until"]:
                words = gettext("The offer ends when the first of these times begins: %s") % moment(first)
                messages.info(request, ended(words))
        elif form.do == OTHER:
            slot = Slot.starting_at(said["at"], said["schedule"].visit_type.rules, said["schedule"].practitioner_id)
            _give(inquiry, held, slot, by, said.get("reason", ""))
        else:
            _give(inquiry, held, _found(form.codes[0], schedules), by, "")
    except tuple(REFUSALS) as error:
        if isinstance(error, SlotTaken) and form.do == OTHER:
            form.add_error(None, _not_free(form, held))
        elif isinstance(error, NotPossible) and form.do == PROPOSE:
            form.add_error("until", gettext("What is offered must end before the first of these times."))
        else:
            form.add_error(None, REFUSALS[type(error)])
        return False
    if said.get("is_told"):
        with suppress(NotPossible):  # Erased a moment ago.
            conversation.log_call(inquiry=inquiry, outcome=Outcome.REACHED, by=by)
    return True


def _overlap(slots: list[Slot]) -> str:
    """Of free times some begin while another would last: all that is offered is held, so not both."""
    for one, other in pairwise(sorted(slots, key=lambda slot: (slot.practitioner_id, slot.starts_at))):
        if one.practitioner_id == other.practitioner_id and other.starts_at < one.blocked_until:
            words = gettext("Tick one of these two, which overlap: %(one)s, or %(other)s")
            return ended(words % {"one": moment(one.starts_at), "other": moment(other.starts_at)})
    return ""


def _is_as_seen(seen: str, inquiry: Inquiry, held: Appointment | None) -> bool:
    """Whether they have what stood on the page, or what stood there was held until a moment that has come since."""
    if held is not None or not seen:
        return seen == as_seen(held)
    shown = inquiry.appointments.filter(pk=as_key(seen.partition(":")[0])).first()
    return shown is not None and shown.has_run_out(timezone.now())


def _not_free(form: GivingForm, held: Appointment | None) -> str:
    """Why it is not free and who has it, and what the desk can do."""
    schedule = form.cleaned_data["schedule"]
    slot = Slot.starting_at(form.cleaned_data["at"], schedule.visit_type.rules, schedule.practitioner_id)
    can_do = gettext("To give it all the same, write why.")
    if "reason" not in form.fields:
        can_do = gettext("The manager can give it all the same.")
    return " ".join([gettext("This time is not free."), *why_not_free(slot, without=held), can_do])


def _found(code: str, schedules: list[Schedule]) -> Slot:
    slot = slot_codes.find(code, schedules)
    if slot is None:
        raise SlotTaken
    return slot


def _give(inquiry: Inquiry, held: Appointment | None, slot: Slot, by: Actor, reason: str) -> None:
    if held:
        appointments.reschedule(appointment=held, slot=slot, by=by, reason=reason, version=held.version)
    else:
        appointments.give(inquiry=inquiry, slot=slot, by=by, reason=reason)
