"""How the people of an inquiry are reached."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appointments.models import Inquiry
from appointments.models.inquiry_choices import ContactChannel, ContactPerson
from appointments.models.reachable import NoContact
from clinic import phones
from clinic.mailboxes import mailto
from clinic.typed_text import isolated

_MACHINE = r"(voice|\bvm\b|mail\s?box|messages?|\bmsgs?\b|machine|buz[oó]n|mensaje|recado)"
_NONE = r"\b(no|not|don.?t|never|sin|nunca|ning[uú]n)\b"
# What stands where a number would.
NO_CONTACT: dict[NoContact, Any] = {
    NoContact.NEVER: gettext_lazy("Do not contact them: they asked for it."),
    NoContact.DECEASED: gettext_lazy("Has died. Do not contact."),
}
NO_VOICEMAIL = re.compile(rf"{_NONE}.{{0,30}}{_MACHINE}|{_MACHINE}\w*\s*[:=-]?\s*{_NONE}", re.IGNORECASE)


def reach(inquiry: Inquiry) -> str:
    """The first that works of the ways to reach them, or why there is none: "(212) 555-0123"."""
    way = first(inquiry)
    return f"{way.whose} {way.words}".strip()


def first(inquiry: Inquiry) -> "Contact":
    """The same, with whose it is apart from it."""
    ways = [] if inquiry.no_contact else contacts(inquiry)
    return next((way for way in ways if not way.is_dead), None) or Contact("", none_of(inquiry))


def numbers(inquiry: Inquiry) -> str:
    """The phone numbers to call about it, the one that was asked for first."""
    return ", ".join(f"{each.whose} {each.words}".strip() for each in phones_of(inquiry)) or none_of(inquiry)


def phones_of(inquiry: Inquiry) -> "list[Contact]":
    """The same with their links. One that was typed without its area code has none: somebody may know it."""
    ways = [] if inquiry.no_contact or inquiry.contact_by == ContactChannel.NOT_YET else contacts(inquiry)
    return [way for way in ways if not way.is_dead and way.words != inquiry.email]


def none_of(inquiry: Inquiry) -> str:
    """What stands where a number would: why there is none to call."""
    if inquiry.no_contact:
        return str(NO_CONTACT[NoContact(inquiry.no_contact)])
    if inquiry.contact_by == ContactChannel.NOT_YET:
        return _("No number yet")
    return _("no number that works") if inquiry.phone or inquiry.patient_phone else _("no phone number")


@dataclass(frozen=True)
class Contact:
    """
    One way to reach somebody: whose it is, as it was typed, and what its link leads to (maybe nowhere).

    A dead one is shown, struck through, so that nobody tries it again.
    """

    whose: str
    words: str
    # Makes the link of the words, once a page shows it: to read a number takes as long as all else of a row in a list.
    links_by: Callable[[str], str] | None = None
    is_dead: bool = False

    @cached_property
    def link(self) -> str:
        return self.links_by(self.words) if self.links_by and not self.is_dead else ""


def contacts(inquiry: Inquiry) -> list[Contact]:
    """
    All ways to reach them that were given: those that work first, of them the one that was asked for; where none was
    given, a word that says so.
    """
    if inquiry.contact_by == ContactChannel.NOT_YET:
        return [Contact("", none_of(inquiry))]
    phone = Contact("", inquiry.phone, _tel, inquiry.phone_is_wrong)
    email = Contact("", inquiry.email, mailto, inquiry.email_is_dead)
    ways = [phone, email] if inquiry.contact_by == ContactChannel.PHONE else [email, phone]
    if inquiry.patient_phone:
        whose = _("%(patient)s (patient)") % {"patient": isolated(inquiry.patient_name)}
        patient = Contact(whose, inquiry.patient_phone, _tel, inquiry.patient_phone_is_wrong)
        ways.insert(0 if inquiry.contact_person == ContactPerson.PATIENT else len(ways), patient)
    # No link, where nobody may be contacted: it would be pressed.
    shown = [replace(way, links_by=None) if inquiry.no_contact else way for way in ways if way.words]
    return sorted(shown, key=lambda way: way.is_dead)


def _tel(typed: str) -> str:
    number = phones.link(typed)
    return f"tel:{number}" if number else ""


def wants_no_voicemail(inquiry: Inquiry) -> bool:
    """Whether the writer asked not to be spoken to on a machine. Rather too often than too seldom."""
    return bool(NO_VOICEMAIL.search(inquiry.reach_note))
