"""An inquiry in the few words that lists have room for. Times are said in the time zone that is active."""

import re
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from appointments import phones
from appointments.actors import name_of
from appointments.models import Inquiry, Kind, Status
from appointments.models.inquiry import Channel, ContactPerson

_MACHINE = r"(voice|\bvm\b|mail\s?box|messages?|\bmsgs?\b|machine|buz[oó]n|mensaje|recado)"
_NONE = r"\b(no|not|don.?t|never|sin|nunca|ning[uú]n)\b"
NO_VOICEMAIL = re.compile(rf"{_NONE}.{{0,30}}{_MACHINE}|{_MACHINE}\w*\s*[:=-]?\s*{_NONE}", re.IGNORECASE)


def kind(inquiry: Inquiry) -> str:
    return _("Question") if inquiry.kind == Kind.QUESTION else _("Appointment")


def reach(inquiry: Inquiry) -> str:
    """The number or address that the writer wants to be reached at; the patient's, where that was asked for."""
    if inquiry.contact_person == ContactPerson.PATIENT:
        return _("%(patient)s (patient) %(phone)s") % {
            "patient": inquiry.patient_name,
            "phone": inquiry.patient_phone,
        }
    return inquiry.phone if inquiry.contact_by == Channel.PHONE else inquiry.email


def numbers(inquiry: Inquiry) -> str:
    """The phone numbers to call about it, the one that was asked for first."""
    found = [contact for contact in contacts(inquiry) if contact.link.startswith("tel:")]
    return ", ".join(f"{each.whose} {each.words}".strip() for each in found) or _("no phone number")


class Contact(NamedTuple):
    """One way to reach somebody: whose it is, as it was typed, and what its link leads to (maybe nowhere)."""

    whose: str
    words: str
    link: str


def contacts(inquiry: Inquiry) -> list[Contact]:
    """All ways to reach them that were given, the one that was asked for first."""
    phone = Contact("", inquiry.phone, _tel(inquiry.phone))
    email = Contact("", inquiry.email, f"mailto:{inquiry.email}")
    ways = [phone, email] if inquiry.contact_by == Channel.PHONE else [email, phone]
    if inquiry.patient_phone:
        whose = _("%(patient)s (patient)") % {"patient": inquiry.patient_name}
        patient = Contact(whose, inquiry.patient_phone, _tel(inquiry.patient_phone))
        ways.insert(0 if inquiry.contact_person == ContactPerson.PATIENT else len(ways), patient)
    return [way for way in ways if way.words]


def _tel(typed: str) -> str:
    number = phones.link(typed)
    return f"tel:{number}" if number else ""


class NextStep(StrEnum):
    """What the patient's own page says happens next."""

    CLOSED = "closed"
    LATE = "late"
    YOUR_TURN = "your turn"
    IN_TOUCH = "in touch"
    PROMISED = "promised"


def next_step(inquiry: Inquiry, now: datetime) -> NextStep:
    if inquiry.status == Status.CLOSED:
        return NextStep.CLOSED
    if inquiry.is_late(now):
        return NextStep.LATE
    if inquiry.status == Status.WAITING_FOR_PATIENT:
        return NextStep.YOUR_TURN
    return NextStep.IN_TOUCH if inquiry.answered_at else NextStep.PROMISED


def state(inquiry: Inquiry) -> str:
    words = str(inquiry.get_status_display())
    return f"{words}, {name_of(inquiry.assigned_to)}" if inquiry.assigned_to else words


def age(inquiry: Inquiry, now: datetime) -> str:
    if (now - inquiry.created_at).total_seconds() < 60:
        return _("just now")
    return _("%s ago") % timesince(inquiry.created_at, now, depth=1)


def promise(inquiry: Inquiry, now: datetime) -> str:
    """When the answer is due, from here: "today", "in 3 days", "2 hours late"; "–" when it is not ours to give."""
    if inquiry.answered_at:
        return _("answered")
    if not inquiry.is_waiting_for_us:
        return "–"
    if inquiry.is_late(now):
        return _("%s late") % timesince(inquiry.answer_by, now, depth=1)
    days = (timezone.localtime(inquiry.answer_by).date() - timezone.localtime(now).date()).days
    if days == 0:
        return _("today")
    return _("tomorrow") if days == 1 else ngettext("in %d day", "in %d days", days) % days


def wants_no_voicemail(inquiry: Inquiry) -> bool:
    """Whether the writer asked not to be spoken to on a machine. Rather too often than too seldom."""
    return bool(NO_VOICEMAIL.search(inquiry.reach_note))
