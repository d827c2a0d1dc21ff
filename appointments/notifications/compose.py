"""One mail as it arrives: text and HTML of equal content, from a row and the clinic's or the site's own words."""

from datetime import datetime
from email.message import MIMEPart
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from appointments.models import Appointment, Email, Inquiry, MailText, NotificationKind
from appointments.notifications import calendar_file, texts
from appointments.notifications.changes import OF_A_STATE, known_state
from appointments.notifications.outdated import overdue_promises, waiting_inquiries
from clinic.languages import SITE_LANGUAGE
from clinic.mail_headers import Mail
from clinic.models import Clinic
from clinic.typed_text import isolated

# The mails that bring the time along for a calendar.
WITH_CALENDAR = OF_A_STATE
# Those that say what it was before.
OF_A_CHANGE = (NotificationKind.MOVED, NotificationKind.HELD_MOVED, NotificationKind.SOMEBODY_ELSE)


def build(email: Email) -> Mail:
    """The mail, ready to send, in the inquiry's language, with the words as they are now or were when read once."""
    clinic = Clinic.current()
    language = email.inquiry.language if email.inquiry else SITE_LANGUAGE
    with override(language), timezone.override(clinic.zone):
        subject, body = words(NotificationKind(email.kind), language)
        values = _values(email, clinic)
        if missing := texts.missing(subject + body, values):
            raise ValueError(f"nothing to put in for {missing}")
        appointment = email.appointment if email.kind in WITH_CALENDAR else None
        context = {
            "clinic": clinic,
            "body": texts.fill(body, values),
            "link": values["link"],
            "button": texts.button(NotificationKind(email.kind)),
            "time": values.get("time", ""),
            "kept": _untranslated(email, clinic),
            "has_calendar": appointment is not None and email.kind != NotificationKind.CANCELLED,
            "is_to_patient": email.is_to_patient,
        }
        mail = Mail(
            subject=texts.fill(subject, values),
            body=render_to_string("emails/mail.txt", context),
            from_email=clinic.sender,
            to=[email.to],
            reply_to=[clinic.email],
            headers=_headers(email),
        )
        mail.attach_alternative(render_to_string("emails/mail.html", context), "text/html")
        if appointment:
            mail.attach(_calendar(calendar_file.build(appointment)))
    return mail


class Words(NamedTuple):
    """What a mail says: its subject, and its body as text and as HTML."""

    subject: str
    text: str
    html: str


def words_without_key(email: Email, mail: Mail) -> Words:
    """
    What the mail says, with {link} in place of the own page's address.

    Staff who read it in the admin must not get the key with which the patient acts.
    """
    # Together with something unsafe, what a template rendered is no longer marked as safe: it is no HTML for the admin.
    said = Words(*(part + "" for part in (str(mail.subject), str(mail.body), str(mail.alternatives[0][0]))))
    if email.inquiry is None:
        return said
    address = f"{settings.SITE_URL}{email.inquiry.own_page_url()}"
    return Words(*(part.replace(address, "{link}").replace(email.inquiry.key, "{key}") for part in said))


def said_or_to_say(email: Email) -> Words | None:
    """
    What the mail said when it was sent or, before that, what it would say now.

    None where it cannot be written: there is nothing to put in for one of its placeholders.
    """
    if email.text:
        return Words(email.subject, email.text, email.html)
    try:
        return words_without_key(email, build(email))
    except ValueError:
        return None


def _calendar(file: bytes) -> MIMEPart:
    part = MIMEPart()
    part.set_content(
        file, maintype="text", subtype="calendar", params={"charset": "utf-8", "method": "PUBLISH"},
        disposition="attachment", filename=calendar_file.FILE_NAME,
    )  # fmt: skip
    return part


def words(kind: NotificationKind, language: str) -> tuple[str, str]:
    """Subject and body with their placeholders: the clinic's own, or the site's."""
    # The question is put together for the first mail alone: it takes a fifth of what writing a mail does.
    own = Clinic.once(
        f"mail text {kind} {language}", lambda: MailText.objects.filter(kind=kind, language=language).first()
    )
    return (own.subject, own.body) if own else texts.default(kind)


def message_id(email: Email) -> str:
    return f"<{email.token.hex}@{urlsplit(settings.SITE_URL).hostname}>"


def unsubscribe_url(inquiry: Inquiry) -> str:
    return f"{settings.SITE_URL}{reverse('inquiry_reminders', args=[inquiry.key])}"


def _headers(email: Email) -> dict[str, str]:
    headers = {"Message-ID": message_id(email), "Auto-Submitted": "auto-generated"}
    if email.kind == NotificationKind.REMINDER and email.inquiry:
        headers["List-Unsubscribe"] = f"<{unsubscribe_url(email.inquiry)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _values(email: Email, clinic: Clinic) -> dict[str, str]:
    inquiry = email.inquiry
    values = {"clinic": isolated(clinic.name), "address": isolated(clinic.address), "phone": clinic.phone}
    if email.kind == NotificationKind.STAFF_WAITING:
        values["count"] = str(waiting_inquiries())
    if email.kind == NotificationKind.STAFF_OVERDUE:
        values |= _overdue(clinic)
    if email.kind.startswith("staff_"):
        values["link"] = f"{settings.SITE_URL}{reverse('admin:appointments_inquiry_changelist')}"
    if inquiry:
        values |= {
            "reference": inquiry.shown_reference,
            "answer_by": moment(inquiry.answer_by, clinic),
        }
        values.setdefault("link", f"{settings.SITE_URL}{inquiry.own_page_url()}")
    if email.appointment:
        # What was moved a moment before it was canceled is canceled at the time that its patient knows.
        gone = known_state(email.appointment) if email.kind == NotificationKind.CANCELLED else None
        its = gone if gone and gone.starts_at != email.appointment.starts_at else email.appointment
        values["time"], values["practitioner"] = moment(its.starts_at, clinic), isolated(its.practitioner.name)
        if email.kind in OF_A_CHANGE:
            # Of what has no history, and that is no longer possible, there is only what is.
            before = known_state(email.appointment) or its
            when = {"time": moment(before.starts_at, clinic), "who": isolated(before.practitioner.name)}
            values["before"] = _("%(time)s, with %(who)s") % when
        if until := _held_until(email.appointment):
            values["until"] = moment(until, clinic)
    return values


def _overdue(clinic: Clinic) -> dict[str, str]:
    overdue = overdue_promises(timezone.now())
    oldest = overdue.first()
    if oldest is None:
        return {}
    said = {"reference": oldest.shown_reference, "answer_by": moment(oldest.answer_by, clinic)}
    return said | {"count": str(overdue.count())}


def _untranslated(email: Email, clinic: Clinic) -> list[str]:
    """What no browser should translate in the mail's words, the longest first: names, numbers, lines of the address."""
    kept = [clinic.name, clinic.phone, *clinic.address.splitlines()]
    if email.inquiry:
        kept.append(email.inquiry.shown_reference)
    if email.appointment:
        kept.append(email.appointment.practitioner.name)
    return sorted(filter(None, kept), key=len, reverse=True)


def _held_until(appointment: Appointment) -> datetime | None:
    """Until when an offered time, or those that were offered with it and are still open, are held."""
    if appointment.held_until is None:
        return None
    together = appointment.inquiry.appointments.proposed_with(appointment, timezone.now()).first()
    return together.held_until if together else appointment.held_until


def moment(moment: datetime, clinic: Clinic) -> str:
    """A moment as mails say it, with the clinic's zone, which is active."""
    when = date_format(timezone.localtime(moment), "l, F j, P")
    return _("%(when)s, %(zone)s") % {"when": when, "zone": clinic.zone_name}
