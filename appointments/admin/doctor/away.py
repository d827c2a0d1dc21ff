"""A practitioner is ill, or leaves early: the rest of their day is closed, and the desk sees whom that displaces."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from appointments.actors import Actor
from appointments.admin.base import as_key
from appointments.admin.doctor.own import practitioner_of
from appointments.admin.schedule import displacement_warning
from appointments.bookings import closing
from appointments.bookings.locking import once_more_after_a_deadlock
from appointments.errors import NotPossible
from appointments.models import Closure, Practitioner
from clinic.sentences import ended, moment

ILL, LEAVE, BACK = "ill", "leave", "back"


@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    """A POST closes the rest of the day of who asks, or opens it again; then it leads back to their day."""
    doctor = practitioner_of(request, model_admin)
    back = redirect("admin:appointments_doctorquestion_changelist")
    if request.method != "POST":
        return back  # "Back, change nothing".
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    do = request.POST.get("do")
    if do == BACK:
        _open_again(request, doctor)
        return back
    if do not in (ILL, LEAVE):
        raise BadRequest("neither ill nor leaving")
    now = timezone.now()
    starts_at = now if do == ILL else _leaves_at(request.POST.get("at", ""), now)
    if starts_at is None:
        messages.error(request, gettext("Enter when you leave: a time that is still to come today."))
        return back
    name = gettext("%s is ill") if do == ILL else gettext("%s leaves early")
    try:
        _close(request, doctor, starts_at, name=name % doctor.name)
    except displacement_warning.ConfirmationNeeded as found:
        return displacement_warning.page(request, model_admin, found)
    words = gettext("You see nobody from %s on. The front desk knows.") % moment(starts_at)
    messages.success(request, words)
    return back


def _leaves_at(said: str, now: datetime) -> datetime | None:
    """The time of today that was entered, if it is still to come."""
    try:
        at: Any = forms.TimeField().clean(said)
    except forms.ValidationError:
        return None
    starts_at = timezone.make_aware(datetime.combine(timezone.localdate(now), at))
    return starts_at if starts_at > now else None


@once_more_after_a_deadlock
def _close(request: HttpRequest, doctor: Practitioner, starts_at: datetime, name: str) -> None:
    """Close from then to midnight, unless that takes times which nobody has seen on the screen."""
    midnight = datetime.combine(timezone.localdate(starts_at) + timedelta(days=1), time())
    displaced = closing.close(
        practitioner=doctor,
        starts_at=starts_at,
        ends_at=timezone.make_aware(midnight),
        name=name[:100],
        by=Actor.staff(request.user),
    )
    displacement_warning.confirm(request, displaced)


def _open_again(request: HttpRequest, doctor: Practitioner) -> None:
    closure = get_object_or_404(Closure, practitioner=doctor, pk=as_key(request.POST.get("closure", "")))
    try:
        closing.end(closure=closure, by=Actor.staff(request.user))
    except NotPossible:
        messages.warning(request, gettext("It is over already."))
    else:
        messages.success(request, ended(gettext("You see patients again. The front desk knows")))
