"""What somebody waits for on the waiting list, as the desk writes it down for those who call."""

from typing import Any

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

from appointments.actors import Actor
from appointments.admin.base import CHANGE_APPOINTMENT, inbox_trail, page_context, record_access, seen
from appointments.admin.desk.said import what_is_done
from appointments.admin.wording import REFUSALS
from appointments.bookings import waiting_list, wishes
from appointments.errors import NotPossible
from appointments.models import AccessAction, Appointment, Inquiry, Practitioner, VisitType, WaitingListWish
from clinic.sentences import ended

KEEP, END = "keep", "end"


class WaitingForm(forms.Form):
    """For what, with whom, on which half-days; of who has a time it is known what for."""

    use_required_attribute = False

    visit_type = forms.ModelChoiceField(label=_("What for"), queryset=VisitType.objects.none())
    practitioner = forms.ModelChoiceField(
        label=_("With"), queryset=Practitioner.objects.none(), required=False, empty_label=_("Anybody")
    )
    half_days = forms.TypedMultipleChoiceField(
        label=_("Half-days that suit them"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing ticked: any day."),
    )  # fmt: skip

    def __init__(self, data: Any, *, held: Appointment | None, wish: WaitingListWish | None, likely: VisitType | None):
        initial: dict[str, Any] = {"visit_type": wish.visit_type_id if wish else likely}
        if wish:
            initial |= {"practitioner": wish.practitioner_id, "half_days": wish.half_days}
        super().__init__(data, initial=initial)
        self.fields["visit_type"].queryset = wishes.kinds()  # type: ignore[attr-defined]
        self.fields["practitioner"].queryset = wishes.people()  # type: ignore[attr-defined]
        self.fields["half_days"].choices = wishes.half_days()  # type: ignore[attr-defined]
        self.known = held.visit_type if held else None
        if self.known:
            del self.fields["visit_type"]

    def clean(self) -> None:
        said = self.cleaned_data
        said["visit_type"] = self.known or said.get("visit_type")
        who = said.get("practitioner")
        if said["visit_type"] and who and not wishes.is_offered(said["visit_type"], who):
            self.add_error("practitioner", _("They see nobody for this kind of visit."))


def wish_of(inquiry: Inquiry) -> WaitingListWish | None:
    """What they wait for, where they do and have said it."""
    return getattr(inquiry, "waiting_list_wish", None) if inquiry.waiting_list_since else None


@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest, inquiry_admin: ModelAdmin, pk: int) -> HttpResponse:
    """Show what they wait for; a POST puts them on the list, changes it or takes them off, and leads to the desk."""
    if not request.user.has_perm(CHANGE_APPOINTMENT):
        raise PermissionDenied
    inquiry = seen(request, inquiry_admin, Inquiry.objects.all(), pk=pk, erased_at=None)
    held = inquiry.appointments.not_expired(timezone.now()).live().select_related("visit_type", "practitioner").first()
    wish, do = wish_of(inquiry), request.POST.get("do")
    form = WaitingForm(
        request.POST if do == KEEP else None,
        held=held,
        wish=wish,
        likely=None if held else wishes.likely_visit_type(inquiry),
    )
    if request.method == "POST":
        if do not in (KEEP, END):
            raise BadRequest("not a step of the waiting list")
        if do == END or form.is_valid():
            _act(request, inquiry, form, is_on=do == KEEP)
            return redirect("admin:appointments_inquiry_change", pk)
    record_access(request, AccessAction.READ, inquiry)
    context = {
        **page_context(request, inquiry_admin, *inbox_trail(inquiry), here=gettext("Waiting list")),
        "title": gettext("%s on the waiting list") % inquiry.who_comes,
        "inquiry": inquiry,
        "held": held,
        "wish": wish,
        "form": form,
    }
    return TemplateResponse(request, "admin/appointments/inquiry/waiting.html", context)


def _act(request: HttpRequest, inquiry: Inquiry, form: WaitingForm, *, is_on: bool) -> None:
    by, was = Actor.staff(request.user), inquiry.waiting_list_since
    said = gettext("%s: off the waiting list") % inquiry.who_comes
    if is_on:
        said = gettext("%s: on the waiting list") % inquiry.who_comes
    try:
        with what_is_done(request, inquiry, said=said):
            if is_on:
                waiting_list.wait(inquiry=inquiry, by=by, **form.cleaned_data)
            else:
                waiting_list.join_or_leave(inquiry=inquiry, on=False, by=by)
    except NotPossible:
        messages.warning(request, REFUSALS[NotPossible])
        return
    if is_on and was:  # They keep their place: there is nothing to take back, and the history has what stood there.
        messages.success(request, ended(gettext("%s: what they wait for is changed") % inquiry.who_comes))
