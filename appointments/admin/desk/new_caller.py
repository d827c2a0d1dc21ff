"""Somebody calls or stands at the counter: the front desk finds or enters them, and gives a time, on one page."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from appointments.actors import Actor
from appointments.admin import wording
from appointments.admin.base import (
    ENTER_CALLERS,
    inbox_trail,
    may_overbook,
    page_context,
    record_access,
)
from appointments.admin.desk.caller_form import FIND, GIVE, MESSAGE, CallerForm
from appointments.admin.desk.said import with_undo
from appointments.bookings import callers, undoing
from appointments.bookings.people_like import Person, people_like
from appointments.bookings.visits import Visits, given_to
from appointments.bookings.why_not_free import why_not_free
from appointments.errors import NotPossible, SlotTaken
from appointments.inquiries import contacts
from appointments.models import AccessAction, Inquiry, MailState, Practitioner, Schedule
from appointments.models.inquiry_choices import InquirySource
from appointments.scheduling import calendars, free_times, slot_codes
from appointments.slots import Slot
from clinic.models import Clinic
from clinic.sentences import ended, moment

# So many times are offered, of one day so many.
TIMES, OF_A_DAY = 6, 3


class Choice(NamedTuple):
    """A time that can be given: its slot and code, whom it is with, and whether it begins now."""

    slot: Slot
    code: str
    practitioner: Practitioner
    is_now: bool = False


@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest, inquiry_admin: ModelAdmin) -> HttpResponse:
    """
    Show the form; a POST finds people and times, gives a time, or takes a message. No address names anybody.

    An address may name a free time, as the agenda's links do: `slot`, a code.
    """
    user: Any = request.user
    if not user.has_perms(ENTER_CALLERS):
        raise PermissionDenied
    now = timezone.now()
    schedules = list(Schedule.objects.for_staff())
    form = CallerForm(
        request.POST if request.method == "POST" else None,
        schedules,
        may_overbook=may_overbook(user),
        initial=_wanted(request.GET.get("slot", ""), schedules),
    )
    context = {
        **page_context(request, inquiry_admin, *inbox_trail(), here=gettext("New caller")),
        "title": gettext("New caller"),
        "form": form,
        "wanted": slot_codes.find(form["wanted"].value() or "", schedules),
    }
    if request.method == "POST":
        if form.do not in (FIND, GIVE, MESSAGE):
            raise BadRequest("not a step of entering a caller")
        del form.fields["name"].widget.attrs["autofocus"]  # The first choice has it.
        looks_again = form.do == GIVE and form.is_changed
        if form.is_valid() and form.do != FIND and not looks_again and _is_entered(request, form, schedules):
            return redirect(_back(context["wanted"]))
        context |= _found(request, form, schedules, now) | {"looks_again": looks_again}
    return TemplateResponse(request, "admin/appointments/inquiry/new.html", context)


def _wanted(code: str, schedules: Sequence[Schedule]) -> dict[str, Any]:
    """What the form begins with for a time that the address names; nothing where it names none."""
    slot = slot_codes.find(code, schedules)
    if slot is None:
        return {}
    day = timezone.localdate(slot.starts_at)
    return {"wanted": code, "visit": slot.visit_type_id, "with": slot.practitioner_id, "day": day}


def _back(wanted: Slot | None) -> str:
    """Where the desk came from: the agenda's day with the time that it wanted, or the first page."""
    if wanted is None:
        return reverse("admin:index")
    return reverse("admin:agenda_day", args=[timezone.localdate(wanted.starts_at)])


def _is_entered(request: HttpRequest, form: CallerForm, schedules: Sequence[Schedule]) -> bool:
    """Whether they could be entered; otherwise the form says why not, and what was typed is kept."""
    said, slot, reason = form.cleaned_data, None, ""
    if form.do == GIVE and said["at"]:
        slot, reason = _other_slot(form, schedules), said.get("reason", "")
        if slot is None:
            return False
    elif form.do == GIVE:
        slot = slot_codes.find(said["slot"], schedules)
        if slot is None:
            form.add_error(None, gettext("Choose one of these times."))
            return False
    try:
        stored = callers.enter(
            person=form.inquiry(),
            slot=slot,
            by=Actor.staff(request.user),
            idempotency_key=said["idempotency_key"],
            reason=reason,
            note=said["mind"] if form.do == GIVE else "",
        )
    except SlotTaken:
        taken = gettext("%s is not free any longer. Choose another time.") % moment(slot.starts_at) if slot else ""
        form.add_error(None, taken)
        return False
    except NotPossible:
        form.add_error(None, gettext("That time has begun. Choose another time."))
        return False
    done = _done(stored, slot, schedules)
    if slot:
        card = format_html(
            '<a href="{}">{}</a>', reverse("admin:appointments_inquiry_card", args=[stored.pk]), gettext("Print card")
        )
        done = with_undo(
            request,
            format_html("{} {}", done, card),
            [undoing.entering(stored)],
            reverse("admin:appointments_inquiry_change", args=[stored.pk]),
        )
    messages.success(request, done)
    return True


def _other_slot(form: CallerForm, schedules: Sequence[Schedule]) -> Slot | None:
    """The time that was entered, with whoever is free then; None, and the form says why, where it can't be given."""
    said = form.cleaned_data
    fitting = _fitting(form, schedules)
    slots = {each: Slot.starting_at(said["at"], each.visit_type.rules, each.practitioner_id) for each in fitting}
    for slot in slots.values():
        if calendars.on(slot).fits(slot):
            return slot
    if len(slots) == 1 and said.get("reason"):
        return next(iter(slots.values()))
    for each, slot in slots.items():
        why = [f"{each.practitioner.name}:", *why_not_free(slot)]
        form.add_error("at", " ".join(why))
    if "reason" not in form.fields:
        form.add_error(None, gettext("This time is not free. The manager can give it all the same."))
    elif len(slots) > 1:
        form.add_error("with", gettext("To give it all the same, choose who sees them, and write why."))
    else:
        form.add_error("reason", gettext("To give it all the same, write why."))
    return None


def _fitting(form: CallerForm, schedules: Sequence[Schedule]) -> list[Schedule]:
    """The schedules of this kind of visit with whom they want to see; without a kind, of the first there is."""
    said = form.cleaned_data
    visit = said.get("visit") or form.first_visit
    of_visit = [each for each in schedules if each.visit_type == visit]
    wanted = [each for each in of_visit if said.get("with") in (None, each.practitioner)] or of_visit
    return sorted(wanted, key=lambda each: (each.practitioner.position, each.practitioner.name))


def _found(request: HttpRequest, form: CallerForm, schedules: Sequence[Schedule], now: datetime) -> dict[str, Any]:
    """People like the one who calls, and free times, each with the choice that is made unless another one is."""
    said = form.cleaned_data
    typed = {name: said.get(name, "") for name in ("name", "phone", "email")}
    people: list[Person] = []
    if any(typed.values()):
        people = people_like(**typed, now=now)
        record_access(request, AccessAction.SEARCHED, hits=len(people))
    posted = said.get("person")
    # A visit's desk posts whom it is about beside the first search.
    keeps = not form.is_changed or "shown" not in form.data
    if form.chosen and keeps:
        people = _with_chosen(people, form.chosen, now)
    wanted = list(_at_the_wanted(form, schedules, now))
    others = [*_now(form, schedules, now), *_times(form, schedules, now)]
    times = [*wanted, *(each for each in others if each.code not in [other.code for other in wanted])]
    certain = next((each.inquiry.pk for each in people if each.is_certain), 0)
    keeps = keeps and posted in {0, *(each.inquiry.pk for each in people)}
    codes = [each.code for each in times]
    return {
        "is_found": True,
        "people": [(each, _words(each)) for each in people],
        "who": posted if keeps else certain,
        "times": times,
        "is_not_free": bool(said.get("wanted")) and not wanted,
        "code": said["slot"] if said.get("slot") in codes else next(iter(codes), ""),
        "shown": form.looked_for,
    }


def _with_chosen(people: Sequence[Person], chosen: Inquiry, now: datetime) -> list[Person]:
    """These people, with the inquiry that was chosen as that of its person; on top where none of them has it."""
    if not any(chosen.pk in each.inquiries for each in people):
        theirs = Visits.of(given_to([chosen.pk])[chosen.pk], now)
        people = [Person(chosen, theirs, is_certain=True, inquiries=frozenset([chosen.pk])), *people]
    return [each._replace(inquiry=chosen) if chosen.pk in each.inquiries else each for each in people]


def _at_the_wanted(form: CallerForm, schedules: Sequence[Schedule], now: datetime) -> Iterable[Choice]:
    """The time that the agenda led here with, for the kind of visit that is chosen now, with whoever is free then."""
    wanted = slot_codes.find(form.cleaned_data.get("wanted", ""), schedules)
    if wanted is None or wanted.starts_at <= now:
        return
    for each in _fitting(form, schedules):
        slot = Slot.starting_at(wanted.starts_at, each.visit_type.rules, each.practitioner_id)
        if calendars.on(slot).fits(slot):
            yield Choice(slot, slot_codes.encode(slot), each.practitioner)


def _times(form: CallerForm, schedules: Sequence[Schedule], now: datetime) -> Iterable[Choice]:
    """The next free times, not all of them on one day."""
    fitting = _fitting(form, schedules)
    if not fitting:
        return ()
    said = form.cleaned_data
    asked = {"visit": str(fitting[0].visit_type_id)}
    if said.get("with"):
        asked["with"] = str(said["with"].pk)
    if said.get("day"):
        asked["from"] = said["day"].isoformat()
    people = {each.practitioner_id: each.practitioner for each in fitting}
    days = free_times.find(schedules, asked, now=now, for_staff=True).page.days
    to_come = ([slot for slot in day.slots if slot.starts_at > now] for day in days)
    slots = (slot for of_day in to_come for slot in of_day[:OF_A_DAY])
    return [Choice(slot, slot_codes.encode(slot), people[slot.practitioner_id]) for slot in islice(slots, TIMES)]


def _now(form: CallerForm, schedules: Sequence[Schedule], now: datetime) -> Iterable[Choice]:
    """For who stands here: with whom they can be seen at this minute, unless they asked for a later day."""
    said = form.cleaned_data
    today = timezone.localdate(now)
    if said.get("source") != InquirySource.WALK_IN or (said.get("day") or today) > today:
        return
    fitting = _fitting(form, schedules)
    ids = [each.practitioner_id for each in fitting]
    of_today = calendars.between(ids, today, today, zone=Clinic.current().zone)
    start = now.replace(second=0, microsecond=0)
    for each in fitting:
        slot = Slot.starting_at(start, each.visit_type.rules, each.practitioner_id)
        if of_today[each.practitioner_id].fits(slot):
            yield Choice(slot, slot_codes.encode(slot), each.practitioner, is_now=True)


def _words(person: Person) -> list[str]:
    """What the desk reads of somebody known: "(212) 555-0199", "last seen Nov. 3, Osei", "did not come once"."""
    words = [contacts.reach(person.inquiry)]
    return [*words, *wording.had(person.visits)]


def _done(stored: Inquiry, slot: Slot | None, schedules: Sequence[Schedule]) -> str:
    """What the press did, with a link to their desk."""
    desk = format_html(
        '<a href="{}">{}</a>', reverse("admin:appointments_inquiry_change", args=[stored.pk]), stored.who_comes
    )
    if slot is None:
        by = wording.promise(stored, timezone.now())
        return ended(format_html(gettext("{}: the message is taken. Answer: {}"), desk, by))
    doctor = next(each.practitioner.name for each in schedules if each.is_for(slot))
    words = format_html(gettext("{}, {} with {}: given. They know."), desk, moment(slot.starts_at), doctor)
    if stored.emails.filter(state=MailState.WAITING, kind="booked").exists():
        return format_html("{} {}", words, gettext("A mail goes out in two minutes, too."))
    return words
