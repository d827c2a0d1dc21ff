"""What a press at the desk did, in one sentence with the patient's name, and the button that takes it back."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from appointments.actors import Actor
from appointments.admin.base import CHANGE_APPOINTMENT, seen
from appointments.admin.wording import CHANGED_MEANWHILE, REFUSALS
from appointments.bookings import undoing
from appointments.errors import ChangedMeanwhile, NotPossible
from appointments.inquiries import taking_back
from appointments.inquiries.taking_back import newly_waiting
from appointments.models import (
    Appointment,
    AppointmentStatus,
    CallTask,
    Email,
    Inquiry,
    InquiryScreening,
    InquiryStatus,
    NotificationKind,
)
from appointments.slots import what_changed
from clinic.sentences import ended, moment

# What can be taken back, newest last, as the session keeps it: ids and versions only.
IN_SESSION, AT_MOST = "undo", 20
# So many patients have a name in a sentence about several.
NAMED = 4

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


class _Before(NamedTuple):
    """One inquiry before a press."""

    inquiry: Inquiry
    times: dict[int, Appointment]
    versions: undoing.Versions
    told: taking_back.Told


@contextmanager
def refusals_said(request: HttpRequest) -> Iterator[None]:
    """Say it where a verb about an inquiry refuses: a colleague was faster, or it is not possible as it is now."""
    try:
        yield
    except ChangedMeanwhile:
        messages.warning(request, CHANGED_MEANWHILE)
    except NotPossible:
        messages.warning(request, REFUSALS[NotPossible])


@contextmanager
def what_is_done(
    request: HttpRequest,
    *inquiries: Inquiry,
    said: str | Callable[[str], str] = "",
    also: str = "",
    back: str = "",
    can_be_undone: bool = True,
    is_told: bool = False,
) -> Iterator[None]:
    """
    Say what the block makes of these inquiries, their times and calls, with Undo where that can be taken back.

    What they become says it for one inquiry; `said` says it in other words, maybe with the names of those whom it
    changed, and `also` beside these. Undo leads `back`, by default to the inquiry's page. `is_told`: the patient is on
    the phone and hears it there.
    """
    pressed_at = timezone.now()
    before = [_before(inquiry) for inquiry in inquiries]
    yield
    told = [taking_back.told(each.inquiry) for each in before]
    done = [(each, press) for each, after in zip(before, told, strict=True) if (press := _press(each, after))]
    if not done:
        return
    presses = [press for _each, press in done]
    now = Inquiry.objects.select_related("assigned_to").get(pk=presses[0].inquiry)
    if callable(said):
        said = said(who_all([each.inquiry for each, _press in done]))
    words = said or _words(now, done[0][0].inquiry, done[0][0].times)
    hears = _who_hears(
        *(
            [pk for each, after in zip(before, told, strict=True) for pk in newly_waiting(each.told[rows], after[rows])]
            for rows in ("mails", "tasks")
        ),
        since=pressed_at,
        is_told=is_told,
    )
    sentence = " ".join(filter(None, (ended(words), hears, ended(also))))
    if can_be_undone:
        back = back or reverse("admin:appointments_inquiry_change", args=[now.pk])
        sentence = with_undo(request, sentence, presses, back)
    messages.success(request, sentence)


def with_undo(request: HttpRequest, sentence: str, presses: Sequence[undoing.Press], back: str) -> str:
    """The sentence, with the button that takes these presses back and leads `back`, where that is possible."""
    if not all(undoing.can_be_taken_back(press) for press in presses):
        return sentence
    return format_html("{} {}", sentence, _button(request, presses, back))


def _before(inquiry: Inquiry) -> _Before:
    row = Inquiry.objects.get(pk=inquiry.pk)
    times = {row.pk: row for row in inquiry.appointments.select_related("practitioner")}
    return _Before(row, times, undoing.versions(inquiry), taking_back.told(inquiry))


def _press(before: _Before, told: taking_back.Told) -> undoing.Press | None:
    """What was done to this inquiry since, with its calls and mails as they are now; None where nothing was."""
    inquiry = before.inquiry
    after = undoing.versions(inquiry)
    done = taking_back.deeds(before.told, told)
    is_changed = told != before.told or after != before.versions
    return undoing.Press(inquiry.pk, before.versions, after, done) if is_changed else None


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
            done = _changed(before, row)
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


def _changed(before: Appointment, row: Appointment) -> str:
    changed = what_changed(before, row)
    if changed == "starts_at":
        return gettext("moved from %s") % _when(before)
    if changed == "practitioner_id":
        return gettext("the time stays, taken over from %s") % before.practitioner.name
    return gettext("another kind of visit, the time stays")


def _when(row: Appointment) -> str:
    return moment(row.starts_at)


def _who_hears(mails: Sequence[int], calls: Sequence[int], *, since: datetime, is_told: bool) -> str:
    """How people hear by these mails and calls (ids) of what was done to a time; nothing where they are not told."""
    about_a_time = Email.objects.filter(pk__in=mails, appointment__isnull=False, due_at__gt=since)
    by_mail = about_a_time.exclude(kind=NotificationKind.REMINDER).exists()
    by_phone = CallTask.objects.to_make().filter(pk__in=calls, appointment__isnull=False).exists()
    if is_told:
        return gettext("A mail goes out in two minutes, too.") if by_mail else gettext("They know.")
    if by_mail and by_phone:
        return gettext("They hear of it in two minutes; please call those without email.")
    if by_mail:
        return gettext("They hear of it in two minutes.")
    return gettext("Please call them: no mail tells them.") if by_phone else ""


def _button(request: HttpRequest, presses: Sequence[undoing.Press], back: str) -> str:
    name = uuid4().hex
    kept = dict(list(request.session.get(IN_SESSION, {}).items())[1 - AT_MOST :])
    as_lists = [[each.inquiry, _as_list(each.before), _as_list(each.after), each.done] for each in presses]
    request.session[IN_SESSION] = {**kept, name: {"back": back, "presses": as_lists}}
    return format_html(
        '<form method="post" action="{}" class="undo"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<button name="undo" value="{}">{}</button></form>',
        reverse("admin:appointments_inquiry_undo", args=[presses[0].inquiry]),
        get_token(request),
        name,
        gettext("Undo"),
    )


def _as_list(versions: undoing.Versions) -> list[Any]:
    """As a session keeps it, whose names are words: the ids of times are numbers."""
    return [versions[0], list(versions[1].items())]


def _as_presses(kept: list[Any]) -> list[undoing.Press]:
    return [
        undoing.Press(pk, (before[0], dict(before[1])), (after[0], dict(after[1])), done)
        for pk, before, after, done in kept
    ]


@require_POST
def undo(request: HttpRequest, inquiry_admin: ModelAdmin, pk: int) -> HttpResponse:
    """Take back what the session keeps under the name that is posted, and say so."""
    inquiry = seen(request, inquiry_admin, Inquiry.objects.all(), pk=pk, erased_at=None)
    if not inquiry_admin.has_change_permission(request, inquiry):
        raise PermissionDenied
    kept = dict(request.session.get(IN_SESSION, {}))
    entry = kept.pop(request.POST.get("undo", ""), None)
    request.session[IN_SESSION] = kept
    # The version before kept a list.
    presses = _as_presses(entry["presses"]) if isinstance(entry, dict) else []
    if pk not in {press.inquiry for press in presses}:
        messages.warning(request, gettext("It is taken back already, or too long ago."))
        return redirect("admin:appointments_inquiry_change", pk)
    if any(press.before[1] != press.after[1] for press in presses) and not request.user.has_perm(CHANGE_APPOINTMENT):
        raise PermissionDenied
    try:
        # Those that were pressed together, in the order in which they were named.
        rows = Inquiry.objects.in_bulk([press.inquiry for press in presses])
        inquiries = [rows[press.inquiry] for press in presses]
        with what_is_done(request, *inquiries, said=_taken_back(inquiries, presses), can_be_undone=False):
            undoing.take_back(presses, Actor.staff(request.user))
    except tuple(REFUSALS) as error:
        messages.warning(request, REFUSALS[type(error)])
    return redirect(entry["back"])


def _taken_back(inquiries: Sequence[Inquiry], presses: Sequence[undoing.Press]) -> str:
    """What is said of calls, notes, or several inquiries; nothing where the one that it is about says it itself."""
    done = [press.done for press in presses]
    if len(presses) == 1 and not done[0]:
        return ""
    words = gettext("%s: taken back; the call is to be made again") if any("ended" in each for each in done) else ""
    return (words or gettext("%s: taken back")) % who_all(inquiries)


def who_all(inquiries: Sequence[Inquiry]) -> str:
    """Several patients in the words that a sentence has room for: "Ann Lee, Bo Ray and 3 more"."""
    names = [inquiry.who_comes for inquiry in inquiries]
    if len(names) > NAMED:
        rest = gettext("%d more") % (len(names) - NAMED + 1)
        names = [*names[: NAMED - 1], rest]
    return (
        names[0]
        if len(names) == 1
        else gettext("%(these)s and %(last)s") % {"these": ", ".join(names[:-1]), "last": names[-1]}
    )
