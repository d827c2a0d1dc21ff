"""Times that have become free, and who would take them: offered to one patient for two hours, then to the next."""

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
from appointments.admin.desk.said import what_is_done
from appointments.admin.wording import REFUSALS
from appointments.bookings import proposals, waiting_list
from appointments.inquiries import contacts
from appointments.scheduling import slot_codes
from clinic.sentences import moment


def view(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    now = timezone.now()
    found = waiting_list.freed_slots(now)
    if request.method == "POST":
        user: Any = request.user
        if not user.has_perm(CHANGE_APPOINTMENT):
            raise PermissionDenied
        _offer(request, found)
        return redirect(request.path)
    rows = [
        (
            each,
            [(entry, _code(entry), contacts.numbers(entry.appointment.inquiry)) for entry in each.entries],
        )
        for each in found
    ]
    context = {
        **page_context(request, model_admin, *list_trail(model_admin, gettext("Appointments"))),
        "title": gettext("Earlier times that became free"),
        "rows": rows,
    }
    return TemplateResponse(request, "admin/appointments/appointment/earlier.html", context)


def _code(entry: waiting_list.WaitingListEntry) -> str:
    return f"{entry.appointment.inquiry_id}.{slot_codes.encode(entry.slot)}"


def _offer(request: HttpRequest, found: list[waiting_list.FreedSlot]) -> None:
    """Hold the chosen time for this patient; a colleague may have offered it a moment ago."""
    now = timezone.now()
    entry = next((entry for each in found for entry in each.entries if _code(entry) == request.POST.get("entry")), None)
    if entry is None:
        messages.warning(request, gettext("This time is no longer free, or was offered meanwhile. Look again."))
        return
    until = min(now + proposals.EARLIER_HELD_FOR, entry.slot.starts_at)
    inquiry = entry.appointment.inquiry
    try:
        # Nobody stands in this list who is offered a time: what a colleague offers meanwhile is not seen.
        by = Actor.staff(request.user, has_seen=())
        with what_is_done(request, inquiry, said=_held(entry), back=request.path):
            proposals.propose(inquiry=inquiry, slots=[entry.slot], until=until, by=by)
    except tuple(REFUSALS) as error:
        messages.warning(request, REFUSALS[type(error)])


def _held(entry: waiting_list.WaitingListEntry) -> str:
    when = moment(entry.slot.starts_at)
    return gettext("%(who)s: %(when)s is held for them for two hours") % {
        "who": entry.appointment.inquiry.who_comes, "when": when,
    }  # fmt: skip
