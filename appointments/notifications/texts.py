"""What each kind of mail says, in the site's own words: subjects tell nothing about anybody's health."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments.models import NotificationKind

# What a text may say with a word in braces, and an example for the preview.
PLACEHOLDERS = {
    "clinic": "Maple Spine Clinic",
    "address": "4 Linden Road\nNew York, NY 10099",
    "phone": "(212) 555-0100",
    "practitioner": "Jane Doe, MD",
    "reference": "K7QM-3XHT",
    "link": "https://clinic.example/appointments/…/",
    "answer_by": "Monday, November 23, 5 p.m., New York time",
    "time": "Tuesday, November 24, 9:30 a.m., New York time",
    "before": "Monday, November 23, 8:30 a.m., New York time, with Jane Doe, MD",
    "until": "Tuesday, November 24, 11:30 a.m., New York time",
    "count": "3",
}
MAY = ("clinic", "address", "phone", "reference", "answer_by", "practitioner")
_PLACEHOLDER = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True)
class Text:
    """Subject and body of a mail, with words in braces to be filled in; `needs` are those that it can't do without."""

    subject: Any
    body: Any
    needs: tuple[str, ...] = ("link",)
    may: tuple[str, ...] = MAY


# Without a name: a mail may reach somebody else.
_HELLO = _("Hello,\n\n")
_APPOINTMENT = _("{time}\nwith {practitioner}")
_INSTEAD_OF = _("{time}\nwith {practitioner}\n\nIt was: {before}")
_PAGE = _("Your page:\n{link}")
_SIGNED = _("Your reference: {reference}\n\n{clinic}\n{address}\nPhone: {phone}")


def _to_patient(subject: Any, words: Any, *, page: Any = _PAGE, about: Any = None, needs: tuple[str, ...] = ()) -> Text:
    """Hello, what there is to say, the appointment that it is `about`, the link to the own page, and who says it."""
    parts = [words, about, page, _SIGNED] if about else [words, page, _SIGNED]
    body = [_HELLO, *(part for each in parts for part in (each, "\n\n"))][:-1]
    may = (*MAY, "before") if about is _INSTEAD_OF else MAY
    return Text(subject, body, ("link", *needs, *(("time",) if about else ())), may)


TEXTS = {
    NotificationKind.RECEIVED: _to_patient(
        _("We have your message, {reference}"), _("We have your message. We will contact you by {answer_by}.")
    ),
    NotificationKind.LINK_AGAIN: _to_patient(
        _("Your link, {reference}"), _("You sent us the same message again. We have it already, it is safe.")
    ),
    NotificationKind.NEW_LINK: _to_patient(
        _("A new link to your page, {reference}"), _("Here is a new link to your page. The old one no longer works.")
    ),
    NotificationKind.ANSWERED: _to_patient(
        _("We have answered, {reference}"),
        _("We have answered you."),
        page=_("Read our answer, and write back:\n{link}"),
    ),
    NotificationKind.TRIED: _to_patient(
        _("We tried to call you, {reference}"),
        _("We tried to reach you by phone and could not. Please call us."),
        page=_("Or write to us:\n{link}"),
    ),
    NotificationKind.OFFERED: _to_patient(
        _("Please choose a time, {reference}"),
        _("We have times for you to choose from. We hold them until {until}."),
        page=_("Please choose one:\n{link}"),
        needs=("until",),
    ),
    NotificationKind.WITHDRAWN: _to_patient(
        _("A time that we offered is gone, {reference}"),
        _("We are sorry: a time that we offered you is no longer available."),
        page=_("See how things are now, and what you can choose:\n{link}"),
    ),
    NotificationKind.HELD: _to_patient(
        _("Your appointment is held, not confirmed yet, {reference}"),
        _("We are holding this appointment for you. It is not confirmed yet. We will contact you by {answer_by}."),
        about=_APPOINTMENT,
    ),
    NotificationKind.HELD_MOVED: _to_patient(
        _("Your appointment has changed, not confirmed yet, {reference}"),
        _("We are holding this for you now. It is not confirmed yet. We will contact you by {answer_by}."),
        about=_INSTEAD_OF,
    ),
    NotificationKind.BOOKED: _to_patient(
        _("Your appointment is booked, {reference}"), _("Your appointment is booked."), about=_APPOINTMENT
    ),
    NotificationKind.MOVED: _to_patient(
        _("Your appointment has moved, {reference}"), _("Your appointment has moved. It is now:"), about=_INSTEAD_OF
    ),
    NotificationKind.SOMEBODY_ELSE: _to_patient(
        _("Somebody else will see you, {reference}"),
        _("The time of your appointment stays. Somebody else will see you:"),
        about=_INSTEAD_OF,
    ),
    NotificationKind.CANCELLED: _to_patient(
        _("Your appointment is canceled, {reference}"),
        _("This appointment is canceled:"),
        about=_APPOINTMENT,
        page=_("Ask for a new one:\n{link}"),
    ),
    NotificationKind.REMINDER: _to_patient(
        _("A reminder of your appointment, {reference}"),
        _("We expect you:"),
        about=_APPOINTMENT,
        page=_("Please tell us that you will come, if you have not yet. You can also move or cancel:\n{link}"),
    ),
    NotificationKind.DISPLACED: _to_patient(
        _("We have to move your appointment, {reference}"),
        _("We are sorry: we can’t see you at this time."),
        about=_APPOINTMENT,
        page=_("Please choose another time, or call us:\n{link}"),
    ),
    NotificationKind.STAFF_WAITING: Text(
        _("Something waits in the inbox"),
        [_("Inquiries that wait for us: {count}. The inbox:\n{link}")],
        may=("count", "clinic"),
    ),
    NotificationKind.STAFF_OVERDUE: Text(
        _("Promises are overdue"),
        [
            _("Promises to answer that are overdue: {count}.\n"),
            _("The oldest is {reference}: we promised to answer by {answer_by}. The inbox:\n{link}"),
        ],
        may=("count", "reference", "answer_by", "clinic"),
    ),
    NotificationKind.STAFF_DAY: Text(_("Tomorrow’s day list"), [_("Tomorrow’s day list:\n{link}")], may=("clinic",)),
}


_OWN_APPOINTMENT = (
    NotificationKind.HELD, NotificationKind.HELD_MOVED, NotificationKind.BOOKED, NotificationKind.MOVED,
    NotificationKind.SOMEBODY_ELSE,
)  # fmt: skip


def button(kind: NotificationKind) -> str:
    """What the link says where it is a button."""
    if kind == NotificationKind.REMINDER:
        return gettext("I will come, or I can’t")
    if kind in _OWN_APPOINTMENT:
        return gettext("See, move or cancel")
    if kind in (NotificationKind.OFFERED, NotificationKind.DISPLACED):
        return gettext("Choose a time")
    return gettext("Open the inbox") if kind.startswith("staff_") else gettext("See your page")


def default(kind: NotificationKind) -> tuple[str, str]:
    """The site's own subject and body."""
    text = TEXTS[kind]
    return str(text.subject), "".join(str(part) for part in text.body)


def fill(text: str, values: dict[str, str]) -> str:
    """Put the values in; what is not known stays in its braces, and values are never read as placeholders."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def missing(text: str, values: dict[str, str]) -> str:
    """The first placeholder in the text that has no value, or nothing."""
    return next((name for name in _PLACEHOLDER.findall(text) if name not in values), "")


def problem(kind: NotificationKind, subject: str, body: str) -> str | None:
    """A sentence about the first placeholder that is unknown or missing, or None."""
    known = (*TEXTS[kind].needs, *TEXTS[kind].may)
    for name in _PLACEHOLDER.findall(subject + body):
        if name not in known:
            return gettext("There is no {%(name)s}. There are: %(names)s.") % {
                "name": name,
                "names": ", ".join(f"{{{each}}}" for each in known),
            }
    for name in TEXTS[kind].needs:
        if f"{{{name}}}" not in body:
            return gettext("The text needs {%(name)s}.") % {"name": name}
    return None
