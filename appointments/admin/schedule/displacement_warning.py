"""What takes patients' times away is shown with their names first, and saved only once somebody has seen them."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext

from appointments.actors import Actor
from appointments.admin.base import CHANGE_APPOINTMENT, VIEW_INQUIRY, list_trail, page_context
from appointments.bookings import displacement
from appointments.bookings.locking import once_more_after_a_deadlock
from appointments.inquiries import contacts
from appointments.models import Appointment
from clinic.began_with import BeganWith

KNOWN, TELL = "displaced_known", "tell_displaced"
NOT_REPEATED = (KNOWN, TELL, "csrfmiddlewaretoken")


class ConfirmationNeeded(Exception):
    """This would take times away, given or only offered, that nobody has seen yet: nothing may stay of it."""

    def __init__(self, appointments: list[Appointment]):
        super().__init__(len(appointments))
        self.appointments = appointments


def confirm(request: HttpRequest, affected: list[Appointment]) -> None:
    """Raise ConfirmationNeeded unless each of these was on the screen that the request confirms."""
    known = request.POST.get(KNOWN, "").split(",")
    if any(str(appointment.pk) not in known for appointment in affected):
        raise ConfirmationNeeded(affected)
    if displaced := [appointment for appointment in affected if not appointment.is_held_for_a_while]:
        words = ngettext(
            "%d patient is on the list of displaced patients now.",
            "%d patients are on the list of displaced patients now.",
            len(displaced),
        )
        if not request.user.has_perm(CHANGE_APPOINTMENT):
            # A practitioner who has to leave: the front desk has the list.
            messages.warning(request, f"{words % len(displaced)} {gettext('The front desk tells them.')}")
            return
        said = [words % len(displaced), _told(request, displaced)]
        link = '{} <a href="{}">{}</a>'
        address = reverse("admin:appointments_appointment_displaced")
        words = format_html(link, " ".join(filter(None, said)), address, gettext("Move or tell them"))
        messages.warning(request, words)


def _told(request: HttpRequest, displaced: list[Appointment]) -> str:
    """Tell these patients where the button that saves said so, and say how they hear of it."""
    if TELL not in request.POST:
        return ""
    mailed, called = displacement.tell_displaced(displaced=displaced, by=Actor.staff(request.user))
    said = [
        ngettext("%d hears of it by mail in two minutes.", "%d hear of it by mail in two minutes.", mailed) % mailed
    ]
    said += [ngettext("%d must be called.", "%d must be called.", called) % called]
    return " ".join(words for words, number in zip(said, (mailed, called), strict=True) if number)


def page(request: HttpRequest, model_admin: admin.ModelAdmin, found: ConfirmationNeeded) -> HttpResponse:
    """Who is displaced, soonest first, and what is taken back, with a form that posts the same once more."""
    may_read = request.user.has_perm(VIEW_INQUIRY)
    displaced = [each for each in found.appointments if not each.is_held_for_a_while]
    ended = [each for each in found.appointments if each.is_held_for_a_while]
    count = len(displaced)
    title = ngettext("This takes the time of %d patient", "This takes the times of %d patients", count)
    taken_back = ngettext(
        "This takes back %d time that is offered or held",
        "This takes back %d times that are offered or held",
        len(ended),
    )
    context = {
        **page_context(
            request,
            model_admin,
            *list_trail(model_admin, str(model_admin.opts.verbose_name_plural).capitalize()),
            here=gettext("Whose times this takes"),
        ),
        "title": title % count if count else taken_back % len(ended),
        "taken_back": taken_back % len(ended) if ended else "",
        "count": count,
        "is_more": KNOWN in request.POST,
        # Somebody who may change the clinic's time zone need not have the right to read its patients' names.
        "rows": [(each, contacts.numbers(each.inquiry)) for each in displaced] if may_read else [],
        "ended": [(each, contacts.numbers(each.inquiry)) for each in ended] if may_read else [],
        "may_tell": bool(count) and request.user.has_perm(CHANGE_APPOINTMENT),
        "action": request.get_full_path(),
        "posted": [
            (name, value) for name, values in request.POST.lists() if name not in NOT_REPEATED for value in values
        ],
        "known": ",".join(str(each.pk) for each in found.appointments),
    }
    return TemplateResponse(request, "admin/appointments/displacement_warning.html", context)


class ConfirmsDisplacement(BeganWith):
    """An admin whose rows are somebody's hours, or take time from them."""

    def practitioners(self, obj: Any, before: Any = None) -> list[int] | None:
        """Ids of those whose hours the row changes; None for everybody's. `before` is what the form began with."""
        raise NotImplementedError

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return once_more_after_a_deadlock(super().changeform_view)(request, *args, **kwargs)
        except ConfirmationNeeded as found:
            return page(request, self, found)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return once_more_after_a_deadlock(super().delete_view)(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Later: together with its rows, between the two looks at whom that displaces."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        who = self.practitioners(form.instance, form.initial)
        with displacement.changing_hours(who, by=Actor.staff(request.user)) as displaced:
            form.instance.save()
            super().save_related(request, form, formsets, change)
        confirm(request, displaced)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with displacement.changing_hours(self.practitioners(obj), by=Actor.staff(request.user)):
            obj.delete()

    @once_more_after_a_deadlock
    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        with displacement.changing_hours(by=Actor.staff(request.user)):
            queryset.delete()
