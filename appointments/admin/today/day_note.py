"""One note for all who work at the desk on a day."""

from datetime import date

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from appointments.admin.base import WRITE_DAY_NOTES, day_in
from appointments.models import DayNote
from clinic.typed_text import one_line

LONGEST = 300


@require_POST
def write(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    """Write the note of the posted day, or take it away, and lead back to the first page."""
    if not (model_admin.has_view_permission(request) and request.user.has_perm(WRITE_DAY_NOTES)):
        raise PermissionDenied
    day = _day(request)
    words, was = (one_line(request.POST.get(name, "")).strip()[:LONGEST] for name in ("words", "was"))
    if DayNote.objects.write(day=day, words=words, by=request.user, was=was):
        said = gettext("The note for the day is saved.") if words else gettext("The day has no note any longer.")
        messages.success(request, said)
    else:
        said = gettext("A colleague changed the note meanwhile. Yours was: “%s”. Look at theirs, then write again.")
        messages.warning(request, said % words)
    return redirect("admin:index")


def _day(request: HttpRequest) -> date:
    day = day_in(request.POST.get("day", ""))
    if day is None:
        raise BadRequest("no day")
    return day
