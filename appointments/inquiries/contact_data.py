"""
The ways to reach the people of an inquiry, as the front desk corrects them, and the end of all mails and calls.

Who the person is in the practice's own books, and with whom we may talk, is corrected with them: staff alone read it.
"""

from datetime import date
from typing import NamedTuple

from django.db import connections
from django.db.models import QuerySet

from appointments.actors import Actor
from appointments.inquiries import own_links, search
from appointments.inquiries.changing import changing
from appointments.models import CallState, CallTask, Email, Inquiry, NotificationKind
from appointments.models.inquiry_choices import ContactChannel
from appointments.models.own_link import LinkState
from appointments.models.reachable import NoContact
from appointments.notifications.notify import call_instead, cancel_all, forget_their_mail
from clinic import phones


class ContactData(NamedTuple):
    """What the front desk knows: numbers and address as typed, which of them lead to nobody, and who it is."""

    phone: str
    email: str
    patient_phone: str
    contact_by: ContactChannel
    reach_note: str = ""
    spoken_language: str = ""
    phone_is_wrong: bool = False
    patient_phone_is_wrong: bool = False
    email_is_dead: bool = False
    date_of_birth: date | None = None
    chart_number: str = ""
    talks_with: str = ""
    talks_with_since: date | None = None


def correct(*, inquiry: Inquiry, to: ContactData, version: int, by: Actor) -> Email | CallTask | None:
    """
    Make these the ways to reach them; the history keeps what was typed before.

    A number or an address that takes the place of another is right, whatever was ticked about the other one. Another
    address gets a new link, since the old one may have reached somebody else: returned is the mail with it, or the call
    in its place. A first address gets no mail: it is used from the next one on. What waits to be mailed to a dead
    address becomes a call; one that refused a mail and is not said to be dead is tried again. Raises ChangedMeanwhile
    like any decision.
    """
    with changing(inquiry, version, by) as row:
        for name in ("phone", "patient_phone"):
            typed = getattr(to, name)
            is_wrong = bool(typed) and typed == getattr(row, name) and getattr(to, f"{name}_is_wrong")
            setattr(row, name, typed)
            setattr(row, f"{name}_is_wrong", is_wrong)
        row.phone_e164 = phones.e164(row.phone)
        row.contact_by, row.reach_note, row.spoken_language = to.contact_by, to.reach_note, to.spoken_language
        row.date_of_birth, row.chart_number = to.date_of_birth, to.chart_number
        if (row.talks_with, row.talks_with_since) != (to.talks_with, to.talks_with_since):
            row.talks_with, row.talks_with_since = to.talks_with, to.talks_with_since
            row.talks_with_by = by.user if to.talks_with else None
        had, is_other = row.email, to.email != row.email
        row.email, row.email_is_dead = to.email, bool(to.email) and to.email_is_dead and not is_other
        if not row.email_is_dead:
            Email.objects.blocking(row).update(is_refused=False)
        search.make_findable(row)
        if row.dialed:
            row.call_tasks.filter(kind=NotificationKind.NO_NUMBER).end(CallState.CANCELLED)
        if is_other and row.email and (had or row.link_state != LinkState.WORKS):
            return own_links.renew(row, row.email)
        if is_other and row.email:
            forget_their_mail(row)
        if not row.takes_mail:
            call_instead(row)
    return None


def stop(*, inquiry: Inquiry, why: NoContact, version: int, by: Actor) -> Inquiry:
    """Tell them nothing any longer: what waits to be mailed or called is canceled, and nothing new is written."""
    with changing(inquiry, version, by) as row:
        row.no_contact, row.waiting_list_since = why, None
        cancel_all(row)
    return row


def resume(*, inquiry: Inquiry, version: int, by: Actor) -> Inquiry:
    """Let them be told again what is to be told from now on."""
    with changing(inquiry, version, by) as row:
        row.no_contact = ""
    return row


def read_again(rows: QuerySet[Inquiry]) -> None:
    """
    For migrations: what is dialed of these rows' numbers, read from what was typed as it is read now.

    What the front desk has corrected is what is typed. A row whose number somebody changes meanwhile is theirs.
    """
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk").only("phone", "phone_e164")[: search.WRITTEN_AT_ONCE]):
        last = batch[-1].pk
        read = [(row.pk, row.phone, phones.e164(row.phone)) for row in batch]
        others = [each for each, row in zip(read, batch, strict=True) if each[2] != row.phone_e164]
        ids, typed, dialed = zip(*others, strict=True) if others else ((), (), ())
        with connections[rows.db].cursor() as cursor:
            cursor.execute(
                "UPDATE appointments_inquiry SET phone_e164 = new.dialed"
                " FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS new (id, typed, dialed)"
                " WHERE appointments_inquiry.id = new.id AND appointments_inquiry.phone = new.typed",
                [list(ids), list(typed), list(dialed)],
            )
