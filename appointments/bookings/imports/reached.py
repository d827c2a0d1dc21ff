"""How an old calendar says that somebody is reached, compared with what it said last and with what is known here."""

from django.utils.translation import gettext

from appointments.bookings.imports.lines import Line
from appointments.bookings.imports.rows import Row
from appointments.inquiries.search import normalize
from appointments.models import BroughtIn, Inquiry
from appointments.models.inquiry_choices import ContactChannel
from clinic import keyed, phones
from clinic.mailboxes import mailbox
from clinic.sentences import ended

WAYS = ("phone", "email")


def ways(line: Line) -> dict[str, str]:
    """
    What it says of the same person that it did not say before, and that nobody knows here: "phone" and "email".

    What it said before is no news: where something else is here now, somebody has corrected it.
    """
    row, visit = line.row, line.known.appointment if line.known else None
    if visit is None or normalize(row.name) != normalize(visit.inquiry.name):
        return {}
    said = {name: getattr(row, name) for name in WAYS}
    return {
        name: value
        for name, value in said.items()
        if value
        and getattr(line.known.said, f"{name}_digest") not in _digests(name, value)
        and _plain(name, value) not in _here(name, visit.inquiry)
    }


def has_to_be_decided(line: Line) -> bool:
    """Whether it would take the place of what is known here."""
    return bool(ways(line)) and line.known.appointment.inquiry.contact_by != ContactChannel.NOT_YET


def sentence(line: Line) -> str:
    """What is found out by it of somebody who had no number, or what it says instead of what is here."""
    found, inquiry = ways(line), line.known.appointment.inquiry
    if not has_to_be_decided(line):
        return ended(gettext("In your old calendar there is a way to reach them now: %s") % next(iter(found.values())))
    said = []
    for name, value in found.items():
        there = {
            "phone": gettext("In your old calendar the phone number is another one now: %s"),
            "email": gettext("In your old calendar the email address is another one now: %s"),
        }[name]
        here = getattr(inquiry, name)
        said += [there % value, gettext("Here it is %s") % here if here else gettext("There is none here.")]
    return " ".join(map(ended, said))


def digests(row: Row, before: BroughtIn | None) -> dict[str, str]:
    """What is kept of what it says, as fields: it tells whether that is another one the next time."""
    return {
        f"{name}_digest": _digests(name, value)[0]
        if (value := getattr(row, name))
        else getattr(before, f"{name}_digest", "")
        for name in WAYS
    }


def _digests(name: str, value: str) -> list[str]:
    return keyed.digests(f"appointments.imports.{name}", _plain(name, value))


def _plain(name: str, value: str) -> str:
    """However it is written."""
    return mailbox(value) if name == "email" else phones.e164(value) or value


def _here(name: str, inquiry: Inquiry) -> list[str]:
    known = [inquiry.email] if name == "email" else [inquiry.phone, inquiry.patient_phone]
    return [_plain(name, value) for value in known if value]
