"""What is ticked in a list of inquiries goes to spam with one press; where visits are booked, that is asked first."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from appointments.actors import Actor
from appointments.admin.base import as_key, inbox_trail, page_context
from appointments.admin.desk.said import what_is_done, who_all
from appointments.bookings.follow_up import mark_as_spam
from appointments.bookings.locking import once_more_after_a_deadlock
from appointments.errors import ChangedMeanwhile, NotPossible
from appointments.models import Appointment, Inquiry, InquiryScreening

# What a box of the list posts ("44:3": the inquiry and its version); which visits somebody has seen that it cancels.
TICK, KNOWN = "tick", "known"


def tick(inquiry: Inquiry) -> str:
    return f"{inquiry.pk}:{inquiry.version}"


@require_POST
def view(request: HttpRequest, model_admin: ModelAdmin) -> HttpResponse:
    """Move to spam what is ticked, as it was when it was ticked, and lead back to the list."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    # The list's filters stand in the address, as they stand in its own.
    back = f"{reverse('admin:appointments_inquiry_changelist')}?{request.GET.urlencode()}".rstrip("?")
    ticked = request.POST.getlist(TICK)
    seen = {as_key(pk): as_key(version) for pk, _colon, version in (each.partition(":") for each in ticked)}
    rows = Inquiry.objects.filter(erased_at=None).exclude(screening=InquiryScreening.SPAM).in_bulk(list(seen))
    chosen = [rows[pk] for pk in seen if pk in rows]
    if not ticked:
        messages.error(request, gettext("Tick at least one inquiry."))
    elif not chosen:
        messages.info(request, gettext("They are spam already."))
    elif visits := _not_seen(chosen, request.POST.get(KNOWN, "")):
        return _asked_first(request, model_admin, chosen, visits, back)
    else:
        _mark(request, chosen, seen, back)
    return redirect(back)


def _not_seen(chosen: Sequence[Inquiry], known: str) -> list[Appointment]:
    """All visits to come that this cancels, if there is any that nobody has seen on the page that asks."""
    to_come = Appointment.objects.live().filter(inquiry__in=chosen, starts_at__gt=timezone.now())
    visits = list(to_come.select_related("inquiry", "practitioner").order_by("starts_at", "pk"))
    return visits if {str(each.pk) for each in visits} - set(known.split(",")) else []


def _asked_first(
    request: HttpRequest, model_admin: ModelAdmin, chosen: list[Inquiry], visits: list[Appointment], back: str
) -> HttpResponse:
    words = ngettext("Spam cancels %d visit", "Spam cancels %d visits", len(visits))
    context: dict[str, Any] = {
        **page_context(request, model_admin, *inbox_trail(), here=gettext("Spam")),
        "title": words % len(visits),
        "visits": visits,
        "ticked": request.POST.getlist(TICK),
        "count": len(chosen),
        "known": ",".join(str(each.pk) for each in visits),
        "back": back,
    }
    return TemplateResponse(request, "admin/appointments/inquiry/spam.html", context)


def _mark(request: HttpRequest, chosen: list[Inquiry], seen: dict[int, int], back: str) -> None:
    by, changed = Actor.staff(request.user), []
    with what_is_done(request, *chosen, said=lambda who: gettext("%s: spam") % who, back=back):
        for inquiry in chosen:
            try:
                once_more_after_a_deadlock(mark_as_spam)(inquiry=inquiry, version=seen[inquiry.pk], by=by)
            except (ChangedMeanwhile, NotPossible):
                changed.append(inquiry)
    if changed:
        words = gettext("%s: changed meanwhile, and not spam. Look again, then decide.")
        messages.warning(request, words % who_all(changed))
