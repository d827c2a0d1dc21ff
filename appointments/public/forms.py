"""The form that visitors send: its fields and their words. How they stand on the page is for layout.py."""

from datetime import datetime
from functools import cached_property
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments.models import Inquiry, InquiryKind
from appointments.models.inquiry_choices import ContactChannel, ContactPerson, SeenBefore, SpokenLanguage
from appointments.public import captcha, layout
from appointments.public.fields import Address, Languages, Text, copies_only, radios
from appointments.public.layout import NOT_SURE
from clinic import keyed, phones
from clinic.mailboxes import validate_mailbox
from clinic.typed_text import validate_visible
from procedures.models import Procedure

NOTHING_MEDICAL = _("Do not include medical records, Social Security or insurance numbers")
# What an inquiry has as it was typed.
AS_TYPED = (
    "kind patient_name patient_phone name contact_by phone email reach_note spoken_language seen_before message"
).split()
# What makes two submissions the same: what was said, and not how the sum was passed.
WORDS = (
    "kind for_someone_else patient_name contact_person patient_phone name contact_by phone email reach_note "
    "spoken_language seen_before procedure message"
).split()


@copies_only("procedure", "sum")
class InquiryForm(forms.Form):
    """
    What a visitor says, with the sum.

    `procedure` is the slug of the page it stands on, `slot` the code of a time, `kind` what the link that led to it
    says; `now` decides which sum is asked.
    `procedures` are the published ones, where they have been read already.
    """

    use_required_attribute = False
    # Off screen: only machines fill it in. The name means nothing to a browser's autofill.
    HONEYPOT = "second_fax"

    kind = radios(
        InquiryKind.choices,
        label=_("What do you need?"),
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"),
            _("Select whether you want to book an appointment or ask a question"),
        ),
    )
    for_someone_else = forms.BooleanField(label=_("I am contacting you for someone else (optional)"), required=False)
    patient_name = Text(
        label=_("Patient’s full name"),
        required=False,
        validators=[validate_visible],
        longest=150,
        too_long=_("The patient’s name must be 150 characters or less"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": " "}),
    )
    contact_person = radios(
        ContactPerson.choices,
        label=_("Who should we contact?"),
        required=False,
        error_messages={"invalid_choice": _("Select who we should contact")},
    )
    patient_phone = Text(
        label=_("Patient’s phone number"),
        help_text=_("Include the area code"),
        required=False,
        longest=40,
        too_long=_("The phone number must be 40 characters or less"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off", "placeholder": " "}),
    )
    name = Text(
        label=_("Your full name"),
        validators=[validate_visible],
        missing=_("Enter your full name"),
        longest=150,
        too_long=_("Your name must be 150 characters or less"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    contact_by = radios(
        ContactChannel.offered(),
        label=_("How should we contact you?"),
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Select how we should contact you")),
    )
    phone = Text(
        label=_("Phone number"),
        help_text=_("Include the area code"),
        required=False,
        longest=40,
        too_long=_("The phone number must be 40 characters or less"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    email = Address(
        label=_("Email address"),
        help_text=_("We will only use it to reply to you"),
        required=False,
        longest=254,
        too_long=_("The email address must be 254 characters or less"),
        validators=[validate_mailbox],
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "email", "spellcheck": "false"}),
    )
    reach_note = Text(
        label=_("Anything that helps us reach you? (optional)"),
        help_text=_("Best time to call, interpreter, relay call (711), “no voicemail”"),
        required=False,
        longest=200,
        too_long=_("What helps us reach you must be 200 characters or less"),
    )
    spoken_language = forms.ChoiceField(
        choices=[("", ""), *SpokenLanguage.choices],
        label=_("Which language should we use? (optional)"),
        required=False,
        error_messages={"invalid_choice": _("Select a language from the list")},
        widget=Languages,
    )
    seen_before = radios(
        SeenBefore.choices,
        label=_("Have you been to our clinic before? (optional)"),
        required=False,
        error_messages={"invalid_choice": _("Select yes, no or not sure")},
    )
    procedure = forms.ChoiceField(
        label=_("What is this about? (optional)"),
        required=False,
        error_messages={"invalid_choice": _("Select what this is about from the list")},
    )
    message = Text(
        label=_("Your message"),
        help_text=NOTHING_MEDICAL,
        required=False,
        longest=2000,
        too_long=_("Your message must be 2,000 characters or less"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    consent = forms.BooleanField(
        label=_(
            "I understand this form is not for emergencies and that the clinic may use these details to reply to me"
        ),
        error_messages={"required": _("Confirm that you understand this form is not for emergencies")},
    )
    sum = forms.CharField(
        required=False,
        help_text=_("This stops automated messages"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    check_by_hand = forms.BooleanField(label=_("I can’t answer this. Please check my message by hand."), required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        now: datetime,
        procedure: str = "",
        slot: str = "",
        kind: InquiryKind | None = None,
        procedures: Any = (),
    ):
        token = "" if data is None else str(data.get("sum_token", "")).strip()
        asked = captcha.recall(token, now)
        self.sum_has_expired = bool(token) and asked is None
        if self.sum_has_expired:
            # The old answer beside a new sum would be wrong.
            data = data.copy()
            data["sum"] = ""
        # The time that was chosen before, as scheduling.slot_codes.encode writes it: looked up when it is used.
        self.slot = slot if data is None else str(data.get("slot", ""))[:60]
        # What becomes of that time; empty where there is none, or somebody else has it.
        self.promise: Any = ""
        self.has_said_seen_before = False
        if self.slot and data is not None:  # Who has chosen a time is not asked these.
            data = data.copy()
            data.setdefault("kind", InquiryKind.APPOINTMENT)
            data.setdefault("contact_by", ContactChannel.PHONE)
        super().__init__(data, initial={"procedure": procedure, "kind": InquiryKind.APPOINTMENT if self.slot else kind})
        self._read = procedures
        self.fields["procedure"].choices = lambda: [  # type: ignore[attr-defined]
            *((slug, p.name) for slug, p in self.procedures.items()),
            (NOT_SURE, gettext("Something else or not sure")),
        ]
        self.asked = asked or captcha.ask(now)
        self.solved = asked is not None and asked.is_answered_by(self.typed("sum"))
        self.fields["sum"].label = captcha.question(self.asked)

    @cached_property
    def procedures(self) -> dict[str, Procedure]:
        """What is offered, by slug: read where somebody names one, or the form is drawn."""
        return {p.slug: p for p in self._read or Procedure.objects.published()}

    def typed(self, field: str) -> str:
        return str(self.data.get(field, "")).strip() if self.is_bound else ""

    def clean_phone(self) -> str:
        return self._phone("phone")

    def clean_patient_phone(self) -> str:
        return self._phone("patient_phone")

    def _phone(self, field: str) -> str:
        typed = self.cleaned_data[field]
        if typed:
            phones.validate_phone(typed)
        return typed

    def clean(self) -> None:
        said = self.cleaned_data
        by_patient = self._is_for_another() and said.get("contact_person") == ContactPerson.PATIENT
        self._need("patient_name", _("Enter the patient’s full name"), if_=self._is_for_another())
        self._need("patient_phone", _("Enter the patient’s phone number so we can call them"), if_=by_patient)
        channel = said.get("contact_by")
        self._need("phone", _("Enter a phone number so we can call you"), if_=channel == ContactChannel.PHONE)
        self._need("email", _("Enter an email address so we can reply"), if_=channel == ContactChannel.EMAIL)
        self._need("message", _("Enter your question"), if_=said.get("kind") == InquiryKind.QUESTION)
        if not self.solved and not said.get("check_by_hand"):
            words = self._what_is_wrong_with_the_sum()
            if self.sum_has_expired:
                words = gettext("This page was open for a long time, so there is a new sum. %(words)s") % {
                    "words": words
                }
            self.add_error("sum", words)

    def _what_is_wrong_with_the_sum(self) -> str:
        typed = captcha.number(self.typed("sum"))
        if typed is None:
            return gettext("Enter the answer to %(first)s plus %(second)s") % self.asked._asdict()
        return gettext(
            "%(typed)s is not %(first)s plus %(second)s. Try again, or check “I can’t answer this” below it, and we "
            "will check your message by hand."
        ) % {"typed": typed, **self.asked._asdict()}

    def _need(self, field: str, sentence: Any, *, if_: Any) -> None:
        if if_ and not self.cleaned_data.get(field) and field not in self.errors:
            self.add_error(field, sentence)

    def _is_for_another(self) -> bool:
        """Ticked, or a patient's name is there: an old browser shows the field without the tick."""
        return bool(self.cleaned_data.get("for_someone_else") or self.cleaned_data.get("patient_name"))

    @property
    def filled_trap(self) -> bool:
        return bool(self.typed(self.HONEYPOT))

    def inquiry(self) -> Inquiry:
        """What a valid form says, unsaved."""
        said = self.cleaned_data
        inquiry = Inquiry()
        for name in AS_TYPED:
            setattr(inquiry, name, said[name])
        inquiry.submission_id = self._submission_id()
        inquiry.contact_person = (self._is_for_another() and said["contact_person"]) or ContactPerson.WRITER
        inquiry.procedure = self.procedures.get(said["procedure"]) if said["procedure"] else None
        inquiry.sum_solved = self.solved
        return inquiry

    def _submission_id(self) -> str:
        """The same for the same words under the same token, and only then."""
        typed = [self.typed("sum_token"), *(self.typed(field) for field in WORDS)]
        # Each with its length: "ab" + "c" is not "a" + "bc".
        return keyed.lasting("appointments.submission", "".join(f"{len(part)}:{part}" for part in typed))

    def book(self, promise: Any, *, has_said_seen_before: bool = False) -> None:
        """
        Ask only for what the chosen time needs: a name and a phone number first. `promise` says what becomes of it.

        `has_said_seen_before`: the kind of visit, which was chosen, says whether they have been here before.
        A question is none that a time belongs to: its form stays as it is.
        """
        if self.typed("kind") == InquiryKind.QUESTION:
            return
        self.promise, self.has_said_seen_before = promise, has_said_seen_before
        # As they stand on the page: a form that found mistakes has drawn its words from the fields already.
        self["email"].label = gettext("Email address (optional)")
        self["email"].help_text = gettext("Only for this appointment")
        self["message"].label = gettext("Your message (optional)")

    @property
    def helper(self) -> FormHelper:
        return layout.helper(self)
