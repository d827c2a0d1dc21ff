"""
Who may hold two times: another inquiry with the same phone number or email has a time to come.

Whose they are is for the desk alone. On a public page this would tell a stranger who types somebody's number that they
are a patient.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Lower

from appointments import limits
from appointments.errors import TooManyTimes
from appointments.models import Appointment, Inquiry


def other_times(inquiries: Iterable[Inquiry], now: datetime) -> Mapping[int, Sequence[Appointment]]:
    """
    For each of these inquiries (by id), the times to come of others like it, soonest first; one query for all.

    Alike are those with the same phone number as it is dialed, or the same email whatever its case.
    """
    asked = [inquiry for inquiry in inquiries if not inquiry.erased_at]
    phones = {inquiry.phone_e164 for inquiry in asked} - {""}
    emails = {inquiry.email.lower() for inquiry in asked} - {""}
    rows = Appointment.objects.live().filter(ends_at__gt=now, inquiry__erased_at=None)
    rows = rows.annotate(email=Lower("inquiry__email")).filter(Q(inquiry__phone_e164__in=phones) | Q(email__in=emails))
    theirs: dict[str, list[Appointment]] = defaultdict(list)
    for row in rows.select_related("inquiry", "practitioner").order_by("starts_at", "pk") if phones | emails else []:
        for name in _names(row.inquiry):
            theirs[name].append(row)
    found: dict[int, list[Appointment]] = {}
    for inquiry in asked:
        alike = {row.pk: row for name in _names(inquiry) for row in theirs[name] if row.inquiry_id != inquiry.pk}
        if alike:
            found[inquiry.pk] = sorted(alike.values(), key=lambda row: (row.starts_at, row.pk))
    return found


def check_that_a_sender_may_have_one_more(inquiry: Inquiry, now: datetime) -> None:
    """
    Raise TooManyTimes where others like this inquiry have limits.TIMES_OF_A_SENDER times to come.

    Two that are booked with two practitioners in the same moment do not see each other: one more may slip through.
    """
    if len(other_times([inquiry], now).get(inquiry.pk, ())) >= limits.TIMES_OF_A_SENDER:
        raise TooManyTimes


def _names(inquiry: Inquiry) -> set[str]:
    """What somebody is found by; a number has no @, so that the two never meet."""
    return {inquiry.phone_e164, inquiry.email.lower()} - {""}
