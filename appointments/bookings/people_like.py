"""Who may be on the phone: people with the same phone, email or name, and what they had and have here."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models.functions import Lower

from appointments.bookings.visits import Visits, given_to
from appointments.inquiries import search
from appointments.models import Appointment, Inquiry, InquiryScreening
from clinic import phones

# So many people are shown, out of so many of the newest inquiries that are like what was typed.
PEOPLE, READ = 5, 60


class Person(NamedTuple):
    """Somebody who is known: their newest inquiry, and their visits."""

    inquiry: Inquiry
    visits: Visits
    # Whether phone or email is the very one that was typed, and the name, too.
    is_certain: bool
    # The ids of all their inquiries, as far as they were read.
    inquiries: frozenset[int]


def people_like(*, name: str, phone: str, email: str, now: datetime) -> list[Person]:
    """
    People like what was typed, those who share the phone or the email first. Spam and what was erased is nobody.

    A phone may be its last digits, and a name the beginnings of its words.
    """
    number = phones.e164(phone)
    same = {*_ids(phone_e164=number)} if number else set()
    same |= {*_ids(lower_email=email.lower())} if email else set()
    typed = [name, "" if number else phone]
    ids = same.union(*(search.find(each).ids for each in typed if search.parse_query(each)))
    rows = Inquiry.objects.filter(pk__in=ids, erased_at=None).exclude(screening=InquiryScreening.SPAM)
    groups: dict[tuple[str, ...], list[Inquiry]] = defaultdict(list)
    for row in rows.order_by("-pk")[:READ]:
        groups[_who(row)].append(row)
    first = sorted(groups.values(), key=lambda group: not any(row.pk in same for row in group))[:PEOPLE]
    visits = given_to([row.pk for group in first for row in group])
    return [_person(group, visits, now, is_certain=_is_certain(group, same, name)) for group in first]


def _ids(**like: str) -> list[int]:
    rows = Inquiry.objects.annotate(lower_email=Lower("email")).filter(**like)
    return list(rows.order_by("-pk").values_list("pk", flat=True)[:READ])


def _who(row: Inquiry) -> tuple[str, ...]:
    """Two inquiries are one person's where name, phone and email are the same."""
    names = search.normalize(row.name), search.normalize(row.patient_name)
    return (*names, row.phone_e164 or row.phone, row.email.lower())


def _is_certain(group: list[Inquiry], same: set[int], name: str) -> bool:
    newest = group[0]
    names = {search.normalize(newest.name), search.normalize(newest.patient_name)} - {""}
    return newest.pk in same and search.normalize(name) in names


def _person(
    group: list[Inquiry], visits: Mapping[int, Sequence[Appointment]], now: datetime, *, is_certain: bool
) -> Person:
    theirs = Visits.of((row for each in group for row in visits[each.pk]), now)
    return Person(group[0], theirs, is_certain=is_certain, inquiries=frozenset(each.pk for each in group))
