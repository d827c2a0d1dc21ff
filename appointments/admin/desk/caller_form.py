"""Who calls or stands at the counter, and what they want: the fields in the order in which people talk."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments.bookings.appointments import BEGUN_AT_MOST
from appointments.inquiries.contact_data import ContactData
from appointments.models import Inquiry, InquiryKind, InquiryScreening, Practitioner, Schedule, VisitType
from appointments.models.inquiry_choices import ContactChannel, InquirySource
from clinic import browser_fields, phones, timeline
from clinic.mailboxes import validate_mailbox
from clinic.models.clinic import validate_phone
from clinic.one_line import AddressInput, OneLineInput
from clinic.typed_text import validate_readable, validate_visible
from procedures.models import Procedure

FIND, GIVE, MESSAGE = "find", "give", "message"
# What is looked for: another person, or other times, once one of these changes.
OF_PEOPLE, OF_TIMES = ("name", "phone", "patient_name", "email"), ("visit", "with", "day")
# What is known of somebody and goes with them to their next inquiry.
KNOWN = ("name", "patient_name", "contact_person", "no_contact", "talks_with_by", *ContactData._fields)


def _line(size: int, **attrs: Any) -> OneLineInput:
    return OneLineInput(attrs={"size": size, "autocomplete": "off", **attrs})


class CallerForm(forms.Form):
    """One form for both pages: the second has, beside these fields, people who are like this and free times."""

    use_required_attribute = False

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    source = forms.ChoiceField(
        label=_("Where they are"),
        choices=[(InquirySource.PHONE, _("On the phone with them")), (InquirySource.WALK_IN, _("Standing here"))],
        widget=forms.RadioSelect,
        initial=InquirySource.PHONE,
    )
    name = forms.CharField(
        label=_("Name"), max_length=150, required=False, validators=[validate_readable, validate_visible],
        widget=_line(24, autofocus=True),
    )  # fmt: skip
    phone = forms.CharField(
        label=_("Phone"), max_length=40, required=False, validators=[validate_readable], widget=_line(16, type="tel")
    )
    patient_name = forms.CharField(
        label=_("For somebody else: the patient"), max_length=150, required=False, widget=_line(24),
        validators=[validate_readable, validate_visible],
    )  # fmt: skip
    email = forms.EmailField(
        label=_("Email (optional)"), max_length=254, required=False, validators=[validate_mailbox],
        widget=AddressInput(attrs={"size": 24, "autocomplete": "off"}),
    )  # fmt: skip
    person = forms.IntegerField(required=False, min_value=0, max_value=10**17)
    visit = forms.ModelChoiceField(label=_("What for"), queryset=VisitType.objects.none(), required=False)
    day = forms.DateField(label=_("Not before"), required=False, widget=browser_fields.day())
    about = forms.ModelChoiceField(
        label=_("About"),
        queryset=Procedure.objects.filter(is_published=True),
        required=False,
        empty_label=_("Not said"),
    )
    mind = forms.CharField(
        label=_("To mind, or their message"), max_length=2000, required=False, validators=[validate_readable],
        widget=forms.Textarea(attrs={"rows": 1}),
    )  # fmt: skip
    # The code of a free time in the agenda, which led here: that time is offered before all others.
    wanted = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    slot = forms.CharField(required=False, max_length=60, widget=OneLineInput)
    at = forms.SplitDateTimeField(label=_("Or another day and time"), required=False, widget=browser_fields.DayAndTime)
    reason = forms.CharField(
        label=_("Why it is overbooked"), max_length=300, required=False, validators=[validate_readable],
        widget=_line(40), help_text=_("Only for a time that is not free."),
    )  # fmt: skip

    # Somebody known, whom the desk chose.
    chosen: Inquiry | None = None

    def __init__(
        self, data: Any, schedules: Sequence[Schedule], *, may_overbook: bool, initial: dict[str, Any] | None = None
    ):
        super().__init__(data, initial=initial)
        self.do = data.get("do") if data is not None else ""
        kinds = {each.visit_type for each in schedules}
        self.first_visit = min(kinds, key=lambda each: (each.position, each.name), default=None)
        visits: Any = self.fields["visit"]
        visits.queryset = VisitType.objects.filter(pk__in={each.pk for each in kinds})
        visits.empty_label = None
        people = Practitioner.objects.filter(pk__in={each.practitioner_id for each in schedules})
        who = forms.ModelChoiceField(people, label=_("With"), required=False, empty_label=_("Anybody"))
        # Tab goes from "What for" to "With".
        self.fields["with"] = who
        self.order_fields(["idempotency_key", "source", *OF_PEOPLE, "person", *OF_TIMES])
        if not may_overbook:
            del self.fields["reason"]

    @property
    def looked_for(self) -> str:
        """The digests of what people and times were looked for with."""
        typed = {name: self.data.get(name, "").strip() for name in (*OF_PEOPLE, *OF_TIMES)}
        if not typed["visit"] and self.first_visit:
            typed["visit"] = str(self.first_visit.pk)  # As the page has it chosen.
        return ".".join(
            sha256("\n".join(typed[name] for name in those).encode()).hexdigest()[:16]
            for those in (OF_PEOPLE, OF_TIMES)
        )

    @property
    def is_changed(self) -> bool:
        """
        Whether people, or times to choose from, were looked for with something else when the page was made.

        Who enters a time of their own chooses from none.
        """
        was, now = self.data.get("shown", ""), self.looked_for
        if self.data.get("at_0") and self.data.get("at_1"):
            return was.partition(".")[0] != now.partition(".")[0]
        return was != now

    def clean(self) -> None:
        said = self.cleaned_data
        if said.get("person"):
            known = Inquiry.objects.filter(pk=said["person"], erased_at=None)
            self.chosen = known.exclude(screening=InquiryScreening.SPAM).first()
        if self.do == FIND:
            return
        if not said.get("name") and "name" not in self.errors and not self.chosen:
            self.add_error("name", _("Write their name."))
        if not self.chosen:
            self._check_phone(said)
        if self.do == MESSAGE and not said.get("mind") and "mind" not in self.errors:
            self.add_error("mind", _("Write what they want."))
        if self.do == GIVE:
            self._check_time(said)

    def _check_phone(self, said: dict[str, Any]) -> None:
        if said.get("phone"):
            try:
                validate_phone(said["phone"])
            except forms.ValidationError as error:
                self.add_error("phone", error)
        is_here = said.get("source") == InquirySource.WALK_IN
        if not (is_here or said.get("phone") or said.get("email") or {"phone", "email"} & self.errors.keys()):
            self.add_error("phone", _("Ask for a number or an email: nobody could reach them."))

    def _check_time(self, said: dict[str, Any]) -> None:
        if not (said.get("slot") or said.get("at") or "at" in self.errors):
            self.add_error("at", _("Choose a time, or enter one."))
        is_here = said.get("source") == InquirySource.WALK_IN
        earliest = timezone.now() - (BEGUN_AT_MOST if is_here else timedelta(0))
        if said.get("at") and not earliest < said["at"] < timeline.LATEST - timedelta(days=1):
            self.add_error("at", _("Enter a time that is still to come."))

    def inquiry(self) -> Inquiry:
        """Whom the desk enters: what is typed, and of somebody known what was not."""
        said, known = self.cleaned_data, self.chosen
        fields = {name: getattr(known, name) for name in KNOWN} if known else {"name": said["name"]}
        if said["patient_name"]:
            fields["patient_name"] = said["patient_name"]
        # A few digits only found them.
        if said["phone"] and (not known or phones.parse(said["phone"])):
            is_other = not known or phones.e164(said["phone"]) != known.phone_e164
            fields |= {"phone": said["phone"]} | ({"phone_is_wrong": False} if is_other else {})
        if said["email"] and (not known or said["email"].lower() != known.email.lower()):
            fields |= {"email": said["email"], "email_is_dead": False}
        message = said["mind"] if self.do == MESSAGE else ""
        person = Inquiry(
            source=said["source"],
            kind=InquiryKind.QUESTION if message else InquiryKind.APPOINTMENT,
            message=message,
            procedure=said["about"],
            **fields,
        )
        person.contact_by = _channel(person, known)
        return person


def _channel(person: Inquiry, known: Inquiry | None) -> ContactChannel:
    has = {ContactChannel.PHONE: person.phone, ContactChannel.EMAIL: person.email}
    wanted = [ContactChannel(known.contact_by)] if known else []
    order = [*wanted, ContactChannel.PHONE, ContactChannel.EMAIL]
    return next((each for each in order if has.get(each)), ContactChannel.NOT_YET)
