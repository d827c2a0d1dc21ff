"""What cannot wait, in the order in which we would be sorry: times taken away, promises broken, what is for today."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from appointments.admin.lists.waiting_facts import Facts
from appointments.admin.lists.why_waiting import Waits, waits_cell
from appointments.admin.notifications.call_rows import how_often, what_to_mind
from appointments.admin.wording import near
from appointments.bookings.waiting_list import FreedSlot
from appointments.inquiries import contacts
from appointments.inquiries.contacts import Contact
from appointments.models import Appointment, Inquiry
from clinic.sentences import how_long, moment

DISPLACED, LATE, FOR_TODAY, FREED = "displaced", "late", "today", "freed"


class Row(NamedTuple):
    kind: str
    sign: str
    # How soon, or how late: "in 58 minutes", "2 days late".
    when: str
    who: str
    leads_to: str
    what: str
    # What must not be overlooked in it: that nobody has told them.
    loud: str = ""
    phones: Sequence[Contact] = ()
    mind: str = ""
    wants_no_voicemail: bool = False
    # Which time the buttons of a displaced patient are about, and where another is given.
    which: str = ""
    inquiry: int = 0


def displaced(lost: Iterable[Appointment], facts: Facts, now: datetime) -> list[Row]:
    """Patients who do not know yet that their time is gone, soonest first."""
    return [_displaced(each, facts, now) for each in lost]


def _displaced(visit: Appointment, facts: Facts, now: datetime) -> Row:
    inquiry = visit.inquiry
    doctor = {"when": near(visit.starts_at, now), "doctor": visit.practitioner.name}
    tried = how_often([each for each in facts.tries.get(inquiry.pk, ()) if each.at >= visit.time_set_at], now)
    mailed = _mailed(visit, facts)
    return _row(
        inquiry,
        kind=DISPLACED,
        sign="⚠",
        when=_soon(visit.starts_at, now),
        what="; ".join([_("%(when)s with %(doctor)s is lost") % doctor, *filter(None, (mailed, tried))]),
        loud="" if mailed else _("NOT TOLD"),
        which=f"{visit.pk}:{visit.version}",
    )


def _mailed(visit: Appointment, facts: Facts) -> str:
    mailed = facts.mailed.get(visit.inquiry_id)
    if mailed and visit.displaced_at and mailed >= visit.displaced_at:
        at = date_format(timezone.localtime(mailed), "D P")
        return _("mailed %s, nobody has reached them") % at
    return ""


def _soon(at: datetime, now: datetime) -> str:
    return _("in %s") % timeuntil(at, now, depth=1) if at > now else _("now")


def late(waiting: Iterable[Inquiry], waits: dict[int, Waits], now: datetime) -> list[Row]:
    """Whom we have promised an answer by now."""
    return [
        _row(
            each,
            kind=LATE,
            sign="⚠",
            when=_("%s late") % how_long(each.answer_by, now),
            what=waits_cell(waits[each.pk], now),
        )
        for each in waiting
    ]


def for_today(visits: Iterable[Appointment], waits: dict[int, Waits], now: datetime) -> list[Row]:
    """Whose visit is today, while something of theirs waits for us."""
    return [
        _row(
            each.inquiry,
            kind=FOR_TODAY,
            sign="✎",
            when=near(each.starts_at, now),
            what=waits_cell(waits[each.inquiry_id], now),
        )
        for each in visits
    ]


def freed(slots: Iterable[FreedSlot]) -> list[Row]:
    """Times that are free again, and that somebody would take."""
    address = reverse("admin:appointments_appointment_earlier")
    return [
        Row(
            kind=FREED,
            sign="✕",
            when=_("free again"),
            who=f"{moment(each.starts_at)}, {each.practitioner_name}",
            leads_to=address,
            what=ngettext("%d would take it", "%d would take it", len(each.entries)) % len(each.entries),
        )
        for each in slots
    ]


def _row(inquiry: Inquiry, *, kind: str, sign: str, when: str, what: str, loud: str = "", which: str = "") -> Row:
    return Row(
        kind,
        sign,
        when,
        inquiry.who_comes,
        reverse("admin:appointments_inquiry_change", args=[inquiry.pk]),
        what,
        loud,
        contacts.phones_of(inquiry) or [Contact("", contacts.none_of(inquiry))],
        what_to_mind(inquiry),
        contacts.wants_no_voicemail(inquiry),
        which,
        inquiry.pk,
    )
