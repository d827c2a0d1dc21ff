"""The ways to reach somebody, as the front desk corrects them, strikes them out, or ends all mails and calls."""

from datetime import date
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
from appointments.admin.base import as_key, inbox_trail, page_context, record_access, seen
from appointments.admin.desk.own_link import say_who_hears
from appointments.admin.desk.said import refusals_said
from appointments.inquiries import contact_data
from appointments.models import AccessAction, Email, Inquiry
from appointments.models.inquiry_choices import ContactChannel, SpokenLanguage
from appointments.models.reachable import NoContact
from clinic import browser_fields
from clinic.mailboxes import validate_mailbox
from clinic.models.clinic import validate_phone
from clinic.one_line import AddressInput, OneLineInput
from clinic.server.security_log import Event, record
from clinic.typed_text import validate_readable, validate_visible

CORRECT, RESUME = "correct", "resume"
# Nobody is older: a year with two digits is read as long ago.
EARLIEST_BIRTH = date(1900, 1, 1)
# What each button of the page's second half says, and what it asks before it does so.
STOPS: dict[str, Any] = {NoContact.NEVER: _("Never contact them"), NoContact.DECEASED: _("They have died")}
ASKED: dict[str, Any] = {
    NoContact.NEVER: _("Is %s never to be contacted? All mails and calls that wait are canceled for good."),
    NoContact.DECEASED: _("Has %s died? All mails and calls that wait are canceled for good."),
}
STOPPED: dict[str, Any] = {
    NoContact.NEVER: _("%s: nobody is mailed or called any longer."),
    NoContact.DECEASED: _("%s has died: nobody is mailed or called any longer."),
}


class ContactForm(forms.Form):
    """What stands here is what is used from now on."""

    use_required_attribute = False

    phone = forms.CharField(
        label=_("Phone"), max_length=40, required=False, widget=OneLineInput(attrs={"type": "tel", "size": 24}),
        validators=[validate_readable, validate_phone],
    )  # fmt: skip
    phone_is_wrong = forms.BooleanField(label=_("This number is wrong: do not call it again"), required=False)
    patient_phone = forms.CharField(
        label=_("The patient’s phone"), max_length=40, required=False,
        widget=OneLineInput(attrs={"type": "tel", "size": 24}), validators=[validate_readable, validate_phone],
    )  # fmt: skip
    patient_phone_is_wrong = forms.BooleanField(label=_("This number is wrong: do not call it again"), required=False)
    email = forms.EmailField(
        label=_("Email"), max_length=254, required=False, validators=[validate_mailbox],
        widget=AddressInput(attrs={"size": 32}),
        help_text=_("In place of another address it gets a new link by mail, and the old link is dead."),
    )  # fmt: skip
    email_is_dead = forms.BooleanField(label=_("This address is dead: do not mail to it again"), required=False)
    contact_by = forms.ChoiceField(
        label=_("First by"), choices=ContactChannel.offered(), widget=forms.RadioSelect, required=False
    )
    reach_note = forms.CharField(
        label=_("What helps to reach them"), max_length=200, required=False, widget=OneLineInput(attrs={"size": 40}),
        validators=[validate_readable],
    )  # fmt: skip
    spoken_language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("Not said")), *SpokenLanguage.choices], required=False
    )

    date_of_birth = forms.DateField(
        label=_("Date of birth"), required=False, widget=browser_fields.day(), help_text=_("Staff alone read it.")
    )
    chart_number = forms.CharField(
        label=_("Chart number"), max_length=40, required=False, widget=OneLineInput(attrs={"size": 16}),
        validators=[validate_readable], help_text=_("Staff alone read it."),
    )  # fmt: skip
    talks_with = forms.CharField(
        label=_("They agreed that we talk with"), max_length=150, required=False,
        widget=OneLineInput(attrs={"size": 32}), validators=[validate_readable, validate_visible],
        help_text=_("Name, and who that is: “Petra Lang, daughter”. Staff read it on top of the inquiry."),
    )  # fmt: skip
    talks_with_since = forms.DateField(
        label=_("They agreed on (today, unless you say another day)"), required=False, widget=browser_fields.day()
    )

    def __init__(self, data: Any, inquiry: Inquiry):
        names = (*contact_data.ContactData._fields,)
        known = {name: getattr(inquiry, name) for name in names}
        known["email_is_dead"] |= Email.objects.blocking(inquiry).exists()  # Who takes the tick away says it works.
        super().__init__(data, initial=known)
        self.has_patient = bool(inquiry.patient_name)
        for name in ("phone", "patient_phone"):
            # A number that came with a file, or by an old form, stays as it is.
            if data is not None and data.get(name, "").strip() == getattr(inquiry, name):
                self.fields[name].validators = []
        if not self.has_patient:
            del self.fields["patient_phone"], self.fields["patient_phone_is_wrong"]
        for name, is_known in (("phone_is_wrong", inquiry.phone), ("email_is_dead", inquiry.email)):
            if not is_known:
                del self.fields[name]
        self.asks_for_the_patient = inquiry.contact_person == "patient"

    def clean_date_of_birth(self) -> date | None:
        born: date | None = self.cleaned_data["date_of_birth"]
        if born and not EARLIEST_BIRTH <= born <= timezone.localdate():
            raise forms.ValidationError(_("Enter the year with four digits: nobody here was born on that day."))
        return born

    def clean(self) -> None:
        said = self.cleaned_data
        since, today = said.get("talks_with_since"), timezone.localdate()
        if since and not EARLIEST_BIRTH <= since <= today:
            self.add_error("talks_with_since", _("Enter the day on which they agreed: today, or one before."))
        if since and not said.get("talks_with") and "talks_with" not in self.errors:
            said["talks_with_since"] = None  # They took it back: the name was emptied.
        elif said.get("talks_with") and not since and "talks_with_since" not in self.errors:
            said["talks_with_since"] = today
        if self.errors:
            return  # What is not valid is not there.
        if self.asks_for_the_patient and not said["patient_phone"]:
            self.add_error("patient_phone", _("They asked us to call the patient: keep a number, or say it is wrong."))
        if not said["phone"] and not said["email"]:
            self.add_error(None, _("Keep a number or an address, and say that it is wrong or dead."))
            return
        missing = {ContactChannel.PHONE: not said["phone"], ContactChannel.EMAIL: not said["email"]}
        if said["contact_by"] not in missing or missing[said["contact_by"]]:
            said["contact_by"] = ContactChannel.PHONE if said["phone"] else ContactChannel.EMAIL

    def contact_data(self) -> contact_data.ContactData:
        said = {name: self.cleaned_data[name] for name in self.fields}
        said["contact_by"] = ContactChannel(said["contact_by"])
        return contact_data.ContactData(**{"patient_phone": ""} | said)


@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest, inquiry_admin: ModelAdmin, pk: int) -> HttpResponse:
    """Show how they are reached; a POST corrects it, ends mails and calls or lets them begin again, and leads back."""
    inquiry = seen(request, inquiry_admin, Inquiry.objects.all(), pk=pk, erased_at=None)
    if not inquiry_admin.has_change_permission(request, inquiry):
        raise PermissionDenied
    do = request.POST.get("do")
    form = ContactForm(request.POST if do == CORRECT else None, inquiry)
    asked: dict[str, Any] = {}
    if request.method == "POST":
        if do not in (CORRECT, RESUME, *STOPS):
            raise BadRequest("not a step of contact data")
        if do in STOPS and request.POST.get("sure") != do:
            asked = {"words": ASKED[do] % inquiry.who_comes, "do": do, "button": STOPS[do]}
        elif do != CORRECT or form.is_valid():
            with refusals_said(request):
                _act(request, inquiry, form)
            return redirect("admin:appointments_inquiry_change", pk)
    record_access(request, AccessAction.READ, inquiry)
    context = {
        **page_context(request, inquiry_admin, *inbox_trail(inquiry), here=gettext("Contact data")),
        "title": gettext("How to reach %s") % inquiry.who_comes,
        "inquiry": inquiry,
        "form": form,
        "asked": asked,
        "stops": STOPS,
    }
    return TemplateResponse(request, "admin/appointments/inquiry/contact_data.html", context)


def _act(request: HttpRequest, inquiry: Inquiry, form: ContactForm) -> None:
    do, who = request.POST["do"], inquiry.who_comes
    about: dict[str, Any] = {
        "inquiry": inquiry, "version": as_key(request.POST.get("version", "")), "by": Actor.staff(request.user),
    }  # fmt: skip
    if do == CORRECT:
        told = contact_data.correct(to=form.contact_data(), **about)
        messages.success(request, gettext("%s: the contact data are changed.") % who)
        if Inquiry.objects.get(pk=inquiry.pk).key != inquiry.key:
            record(Event.LINK_SENT, request, inquiry=inquiry.pk)
            say_who_hears(request, told)
    elif do == RESUME:
        contact_data.resume(**about)
        messages.success(request, gettext("%s may be mailed and called again.") % who)
    else:
        contact_data.stop(why=NoContact(do), **about)
        messages.success(request, STOPPED[do] % who)
