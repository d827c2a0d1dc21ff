"""Times that have become free, and who waits for one: offered to one patient for two hours, then to the next."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext

from appointments.actors import Actor
from appointments.admin.base import CHANGE_APPOINTMENT, list_trail, page_context
from appointments.admin.desk.on_the_phone import OnThePhone, as_told
from appointments.admin.desk.said import what_is_done
from appointments.admin.wording import REFUSALS
from appointments.bookings import freed_offers, waiting_list
from appointments.inquiries import contacts, conversation
from appointments.models.log import Outcome
from appointments.scheduling import slot_codes
from clinic.models import Clinic
from clinic.sentences import moment

# So many of those who wait for a time stand under it, and so many times on the page: the soonest.
SHOWN, TIMES = 5, 40


def view(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    now, user = timezone.now(), request.user
    found = waiting_list.freed_slots(now)
    form = OnThePhone(request.POST if request.method == "POST" else None)
    form.offer_to_many(user)
    if request.method == "POST":
        if not user.has_perm(CHANGE_APPOINTMENT):
            raise PermissionDenied
        if form.is_valid():
            _offer(request, found, form.cleaned_data)
        return redirect(request.path)
    context = {
        **page_context(request, model_admin, *list_trail(model_admin, gettext("Appointments"))),
        "title": gettext("Times that became free"),
        "rows": [(each, _rows(each), max(0, len(each.entries) - SHOWN)) for each in found[:TIMES]],
        "more_times": max(0, len(found) - TIMES),
        "offers_by_itself": Clinic.current().offers_freed_times,
        "form": form,
    }
    return TemplateResponse(request, "admin/appointments/appointment/earlier.html", context)


def _rows(freed: waiting_list.FreedSlot) -> list[tuple[waiting_list.WaitingListEntry, str, str, bool]]:
    """Of those who are first in line: what the button posts, their numbers, and whether they can be asked by mail."""
    now = timezone.now()
    return [
        (entry, _code(entry), contacts.numbers(entry.inquiry), freed_offers.is_in_time(entry, now))
        for entry in freed.entries[:SHOWN]
    ]


def _code(entry: waiting_list.WaitingListEntry) -> str:
    return f"{entry.inquiry.pk}.{slot_codes.encode(entry.slot)}"


def _offer(request: HttpRequest, found: list[waiting_list.FreedSlot], said: dict[str, Any]) -> None:
    """Hold the chosen time for this patient; a colleague may have offered it a moment ago."""
    now, is_told = timezone.now(), bool(said.get("is_told"))
    entry = next((entry for each in found for entry in each.entries if _code(entry) == request.POST.get("entry")), None)
    if entry is None:
        messages.warning(request, gettext("This time is no longer free, or was offered meanwhile. Look again."))
        return
    if not is_told and (problem := _not_in_writing(entry)):
        messages.warning(request, problem)
        return
    until = freed_offers.held_until(entry, now, is_speaking=is_told)
    # Nobody stands in this list who is offered a time: what a colleague offers meanwhile is not seen.
    by = as_told(Actor.staff(request.user, has_seen=()), said)
    held = gettext("%(who)s: %(when)s is held for them until %(until)s") % {
        "who": entry.inquiry.who_comes, "when": moment(entry.slot.starts_at), "until": moment(until),
    }  # fmt: skip
    try:
        with what_is_done(request, entry.inquiry, said=held, back=request.path, is_told=is_told):
            freed_offers.offer(entry=entry, until=until, by=by)
            if is_told:
                conversation.log_call(inquiry=entry.inquiry, outcome=Outcome.REACHED, by=by)
    except tuple(REFUSALS) as error:
        messages.warning(request, REFUSALS[type(error)])


def _not_in_writing(entry: waiting_list.WaitingListEntry) -> str:
    """Why nobody is mailed of this time at this moment; nothing where they may be."""
    now = timezone.now()
    if not freed_offers.is_in_time(entry, now):
        return gettext("It begins too soon to ask in writing. Call them, tick “On the phone with them”, and offer it.")
    if freed_offers.is_night(now):
        return gettext("Nobody is asked at night. Offer it in the morning, or while you are on the phone with them.")
    return ""
