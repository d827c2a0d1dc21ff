"""What each kind of mail says, in the site's own words: subjects tell nothing about anybody's health."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments.models import NotificationKind

# What a text may say with a word in braces, and an example for the preview.
PLACEHOLDERS = {
    "name": "Rosa Lind",
    "clinic": "Maple Spine Clinic",
    "phone": "(212) 555-0100",
    "reference": "K7QM-3XHT",
    "link": "https://clinic.example/appointments/…/",
    "answer_by": "Monday, November 23, 5 p.m., New York time",
    "time": "Tuesday, November 24, 9:30 a.m., New York time",
    "until": "Tuesday, November 24, 11:30 a.m., New York time",
    "count": "3",
}
_PLACEHOLDER = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True)
class Text:
    """Subject and body of a mail, with words in braces to be filled in; `needs` are those that it can't do without."""

    subject: Any
    body: Any
    needs: tuple[str, ...] = ("link",)
    may: tuple[str, ...] = ("name", "clinic", "phone", "reference", "answer_by")


_HELLO = _("Hello {name},\n\n")
_SIGNED = _("\n\nYour reference is {reference}. You can always call us at {phone}.\n\n{clinic}")


def _to_patient(subject: Any, words: Any, *needs: str) -> Text:
    return Text(subject, [_HELLO, words, _SIGNED], ("link", *needs))


TEXTS = {
    NotificationKind.RECEIVED: _to_patient(
        _("{clinic}: we have your message, {reference}"),
        _("We have your message. We will contact you by {answer_by}.\n\nYou can look at it here:\n{link}"),
    ),
    NotificationKind.LINK_AGAIN: _to_patient(
        _("{clinic}: your link, {reference}"),
        _("You sent us the same message again. We have it already, it is safe.\n\nYou can look at it here:\n{link}"),
    ),
    NotificationKind.ANSWERED: _to_patient(
        _("{clinic}: we have answered, {reference}"),
        _("We have answered you. You can read our answer, and write back, here:\n{link}"),
    ),
    NotificationKind.TRIED: _to_patient(
        _("{clinic}: we tried to call you, {reference}"),
        _("We tried to reach you by phone and could not. Please call us, or write to us here:\n{link}"),
    ),
    NotificationKind.OFFERED: _to_patient(
        _("{clinic}: please choose a time, {reference}"),
        _("We have times for you to choose from. We hold them until {until}. Please choose one here:\n{link}"),
        "until",
    ),
    NotificationKind.WITHDRAWN: _to_patient(
        _("{clinic}: a time that we offered is gone, {reference}"),
        _(
            "We are sorry: a time that we offered you can’t be chosen any longer.\n\nYou can see how things are "
            "now, and what you can choose, here:\n{link}"
        ),
    ),
    NotificationKind.HELD: _to_patient(
        _("{clinic}: a time is held for you, not confirmed yet, {reference}"),
        _(
            "We are holding this time for you: {time}.\n\nIt is not confirmed yet. We will contact you by {answer_by}."
            "\n\nYou can look at it here:\n{link}"
        ),
        "time",
    ),
    NotificationKind.HELD_MOVED: _to_patient(
        _("{clinic}: your time has changed, not confirmed yet, {reference}"),
        _(
            "We are holding your new time for you: {time}.\n\nIt is not confirmed yet. We will contact you by "
            "{answer_by}.\n\nYou can look at it here:\n{link}"
        ),
        "time",
    ),
    NotificationKind.BOOKED: _to_patient(
        _("{clinic}: your time is booked, {reference}"),
        _("Your time is booked: {time}.\n\nYou can look at it, move it or cancel it here:\n{link}"),
        "time",
    ),
    NotificationKind.MOVED: _to_patient(
        _("{clinic}: your time has changed, {reference}"),
        _("Your new time is: {time}.\n\nYou can look at it, move it or cancel it here:\n{link}"),
        "time",
    ),
    NotificationKind.CANCELLED: _to_patient(
        _("{clinic}: your time is cancelled, {reference}"),
        _("Your time is cancelled: {time}.\n\nYou can ask for a new time here:\n{link}"),
        "time",
    ),
    NotificationKind.REMINDER: _to_patient(
        _("{clinic}: a reminder, {reference}"),
        _("We expect you: {time}.\n\nYou can look at it, move it or cancel it here:\n{link}"),
        "time",
    ),
    NotificationKind.DISPLACED: _to_patient(
        _("{clinic}: your time has to change, {reference}"),
        _("We are sorry: we can’t see you at this time: {time}.\n\nPlease choose another time, or call us:\n{link}"),
        "time",
    ),
    NotificationKind.STAFF_WAITING: Text(
        _("Something waits in the inbox"),
        [_("Inquiries that wait for us: {count}. The inbox:\n{link}")],
        may=("count", "clinic"),
    ),
    NotificationKind.STAFF_OVERDUE: Text(
        _("A promise is overdue"),
        [_("We promised to answer {reference} by {answer_by}, and have not. The inbox:\n{link}")],
        may=("reference", "answer_by", "clinic"),
    ),
    NotificationKind.STAFF_DAY: Text(_("Tomorrow’s day list"), [_("Tomorrow’s day list:\n{link}")], may=("clinic",)),
}


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
