"""What a press at the desk did, in one sentence with the patient's name, and the button that takes it back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from appointments.actors import Actor
from appointments.admin.base import CHANGE_APPOINTMENT, seen
from appointments.admin.wording import REFUSALS
from appointments.bookings import undoing
from appointments.models import Appointment, AppointmentStatus, Inquiry, InquiryScreening, InquiryStatus
from clinic.sentences import ended

# What can be taken back, newest last, as the session keeps it: ids and versions only.
IN_SESSION, AT_MOST = "undo", 20

OF_A_TIME: dict[str, Any] = {
    AppointmentStatus.PENDING: _("held"),
    AppointmentStatus.BOOKED: _("booked"),
    AppointmentStatus.ARRIVED: _("arrived"),
    AppointmentStatus.FULFILLED: _("visit done"),
    AppointmentStatus.NOSHOW: _("did not come"),
    AppointmentStatus.CANCELLED: _("canceled"),
}
OF_AN_INQUIRY: dict[str, Any] = {
    InquiryStatus.OPEN: _("open"),
    InquiryStatus.WAITING_FOR_PATIENT: _("waits for the patient"),
    InquiryStatus.CLOSED: _("closed"),
}


@contextmanager
def what_is_done(request: HttpRequest, inquiry: Inquiry, *, can_be_undone: bool = True) -> Iterator[None]:
    """Say what the block makes of this inquiry and its times, with Undo where that can be taken back."""
    pressed_at = timezone.now()
    was, times = Inquiry.objects.get(pk=inquiry.pk), {row.pk: row for row in inquiry.appointments.all()}
    before = undoing.versions(inquiry)
    yield
    after = undoing.versions(inquiry)
    if after == before:
        return
    now = Inquiry.objects.select_related("assigned_to").get(pk=inquiry.pk)
    words = _words(now, was, times)
    if not words:
        return
    sentence = f"{ended(words)} {_who_hears(now, pressed_at)}".strip()
    if can_be_undone and undoing.can_be_taken_back(inquiry, before):
        messages.success(request, format_html("{} {}", sentence, _button(request, inquiry, before, after)))
    else:
        messages.success(request, sentence)


def _words(now: Inquiry, was: Inquiry, times: dict[int, Appointment]) -> str:
    rows = now.appointments.select_related("practitioner").order_by("pk")
    changed = [row for row in rows if row.pk not in times or times[row.pk].version != row.version]
    offered = [row for row in changed if row.pk not in times and row.status == AppointmentStatus.PROPOSED]
    if offered:
        those = ", ".join(_when(row) for row in offered)
        return gettext("%(who)s is offered %(times)s") % {"who": now.who_comes, "times": those}
    of_theirs = [row for row in changed if row.pk not in times or times[row.pk].status != AppointmentStatus.PROPOSED]
    # A new time comes first: what was held before it may have ended with this.
    for row in sorted(of_theirs or changed, key=lambda each: each.pk in times):
        about = {"who": now.who_comes, "when": _when(row), "doctor": row.practitioner.name}
        before = times.get(row.pk)
        if before is None:
            done = gettext("given")
        elif before.slot != row.slot:
            done = gettext("moved from %s") % _when(before)
        else:
            done = str(OF_A_TIME.get(row.status, row.get_status_display()))
        if now.screening == InquiryScreening.SPAM:
            done = gettext("canceled, since it is spam")
        return gettext("%(who)s, %(when)s with %(doctor)s: %(done)s") % {**about, "done": done}
    if now.screening != was.screening:
        done = gettext("spam") if now.screening == InquiryScreening.SPAM else gettext("in the inbox")
    elif now.assigned_to_id != was.assigned_to_id and now.is_waiting_for_us:
        done = gettext("yours now") if now.assigned_to else gettext("nobody has taken it")
    elif now.status != was.status and now.status in OF_AN_INQUIRY:
        done = str(OF_AN_INQUIRY[now.status])
    elif bool(now.waiting_list_since) != bool(was.waiting_list_since):
        done = gettext("would take an earlier time") if now.waiting_list_since else gettext("keeps their time")
    else:
        done = gettext("done")
    return f"{now.who_comes}: {done}"


def _when(row: Appointment) -> str:
    return date_format(timezone.localtime(row.starts_at), "D, N j, P")


def _who_hears(inquiry: Inquiry, since: Any) -> str:
    """How its people hear of what was done since a moment; nothing where they are not told."""
    about = {"appointment__isnull": False}
    if inquiry.emails.filter(state="waiting", due_at__gt=since, created_at__gte=since, **about).exclude(
        kind="reminder"
    ):
        return gettext("They hear of it in two minutes.")
    if inquiry.call_tasks.open().filter(created_at__gte=since, **about).exclude(kind="reminder").exists():
        return gettext("Please call them: no mail tells them.")
    return ""


def _button(request: HttpRequest, inquiry: Inquiry, before: undoing.Versions, after: undoing.Versions) -> str:
    name = uuid4().hex
    kept = dict(list(request.session.get(IN_SESSION, {}).items())[1 - AT_MOST :])
    as_lists = [[version, list(times.items())] for version, times in (before, after)]
    request.session[IN_SESSION] = {**kept, name: [inquiry.pk, *as_lists]}
    return format_html(
        '<form method="post" action="{}" class="undo"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<button name="undo" value="{}">{}</button></form>',
        reverse("admin:appointments_inquiry_undo", args=[inquiry.pk]),
        get_token(request),
        name,
        gettext("Undo"),
    )


@require_POST
def undo(request: HttpRequest, inquiry_admin: ModelAdmin, pk: int) -> HttpResponse:
    """Take back what the session keeps under the name that is posted, and say so."""
    inquiry = seen(request, inquiry_admin, Inquiry.objects.all(), pk=pk, erased_at=None)
    if not inquiry_admin.has_change_permission(request, inquiry):
        raise PermissionDenied
    kept = dict(request.session.get(IN_SESSION, {}))
    of, *states = kept.pop(request.POST.get("undo", ""), [None])
    request.session[IN_SESSION] = kept
    if of != pk:
        messages.warning(request, gettext("It is taken back already, or too long ago."))
        return redirect("admin:appointments_inquiry_change", pk)
    before, after = ((version, dict(times)) for version, times in states)
    if before[1] != after[1] and not request.user.has_perm(CHANGE_APPOINTMENT):
        raise PermissionDenied
    try:
        with what_is_done(request, inquiry, can_be_undone=False):
            undoing.take_back(inquiry=inquiry, before=before, after=after, by=Actor.staff(request.user))
    except tuple(REFUSALS) as error:
        messages.warning(request, REFUSALS[type(error)])
    return redirect("admin:appointments_inquiry_change", pk)
