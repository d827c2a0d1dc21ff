"""How the people of an inquiry are reached."""

import re
from typing import NamedTuple

from django.utils.translation import gettext as _

from appointments.models import Inquiry
from appointments.models.inquiry_choices import ContactChannel, ContactPerson
from clinic import phones
from clinic.mailboxes import mailto

_MACHINE = r"(voice|\bvm\b|mail\s?box|messages?|\bmsgs?\b|machine|buz[oó]n|mensaje|recado)"
_NONE = r"\b(no|not|don.?t|never|sin|nunca|ning[uú]n)\b"
NO_VOICEMAIL = re.compile(rf"{_NONE}.{{0,30}}{_MACHINE}|{_MACHINE}\w*\s*[:=-]?\s*{_NONE}", re.IGNORECASE)


def reach(inquiry: Inquiry) -> str:
    """The number or address that the writer wants to be reached at; the patient's, where that was asked for."""
    if inquiry.contact_person == ContactPerson.PATIENT:
        return _("%(patient)s (patient) %(phone)s") % {
            "patient": inquiry.patient_name,
            "phone": inquiry.patient_phone,
        }
    if inquiry.contact_by == ContactChannel.NOT_YET:
        return _none_of(inquiry)
    return inquiry.phone if inquiry.contact_by == ContactChannel.PHONE else inquiry.email


def numbers(inquiry: Inquiry) -> str:
    """The phone numbers to call about it, the one that was asked for first."""
    found = [contact for contact in contacts(inquiry) if contact.link.startswith("tel:")]
    return ", ".join(f"{each.whose} {each.words}".strip() for each in found) or _none_of(inquiry)


def _none_of(inquiry: Inquiry) -> str:
    """What stands where a number would: some have one that nobody has asked for yet."""
    return _("No number yet") if inquiry.contact_by == ContactChannel.NOT_YET else _("no phone number")


class Contact(NamedTuple):
    """One way to reach somebody: whose it is, as it was typed, and what its link leads to (maybe nowhere)."""

    whose: str
    words: str
    link: str


def contacts(inquiry: Inquiry) -> list[Contact]:
    """All ways to reach them that were given, the one that was asked for first; where none was, a word that says so."""
    if inquiry.contact_by == ContactChannel.NOT_YET:
        return [Contact("", _none_of(inquiry), "")]
    phone = Contact("", inquiry.phone, _tel(inquiry.phone))
    email = Contact("", inquiry.email, mailto(inquiry.email))
    ways = [phone, email] if inquiry.contact_by == ContactChannel.PHONE else [email, phone]
    if inquiry.patient_phone:
        whose = _("%(patient)s (patient)") % {"patient": inquiry.patient_name}
        patient = Contact(whose, inquiry.patient_phone, _tel(inquiry.patient_phone))
        ways.insert(0 if inquiry.contact_person == ContactPerson.PATIENT else len(ways), patient)
    return [way for way in ways if way.words]


def _tel(typed: str) -> str:
    number = phones.link(typed)
    return f"tel:{number}" if number else ""


def wants_no_voicemail(inquiry: Inquiry) -> bool:
    """Whether the writer asked not to be spoken to on a machine. Rather too often than too seldom."""
    return bool(NO_VOICEMAIL.search(inquiry.reach_note))
