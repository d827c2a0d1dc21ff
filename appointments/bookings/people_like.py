"""Who may be on the phone: people with the same phone, email or name, and what they had and have here."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q
from django.db.models.functions import Lower

from appointments.bookings.visits import Visits, given_to
from appointments.inquiries import search, trigrams
from appointments.models import Appointment, Inquiry, InquiryScreening
from clinic import phones

# So many people are shown, out of so many of the newest inquiries that are like what was typed.
PEOPLE, READ = 5, 60
# So many others are read to find those who are like somebody, since people of one name may be many; and shown.
READ_ALIKE, ALIKE_SHOWN = 200, 8


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


class Alike(NamedTuple):
    """Another inquiry that may be the same person's: what is the same, whether staff say so, and its visits."""

    inquiry: Inquiry
    has_same_phone: bool
    has_same_email: bool
    has_same_name: bool
    # Staff say that it is the same person's.
    is_linked: bool
    visits: Visits


def alike(inquiry: Inquiry, now: datetime) -> list[Alike]:
    """
    Other inquiries with the same phone, email or name, and those that staff say are the same person's.

    First what staff say, then those with a visit to come, then the newest. Two queries; one where there are none.
    """
    if inquiry.erased_at:
        return []
    surely, name = Q(same_as=inquiry.pk), own_name(inquiry)
    if inquiry.same_as_id:
        surely |= Q(pk=inquiry.same_as_id) | Q(same_as=inquiry.same_as_id)
    if inquiry.phone_e164:
        surely |= Q(phone_e164=inquiry.phone_e164)
    if inquiry.email:
        surely |= Q(lower_email=inquiry.email.lower())
    named = Q(search_trigrams__contains=trigrams.of_words(name.split())) if name else Q(pk=None)
    rows = Inquiry.objects.annotate(lower_email=Lower("email")).filter(erased_at=None)
    rows = rows.exclude(screening=InquiryScreening.SPAM).exclude(pk=inquiry.pk)
    # In no order: to find the first of an order soon, Postgres might read all inquiries in that of an index.
    read = list(rows.filter(surely | named)[:READ_ALIKE])
    if len(read) == READ_ALIKE:  # So many of one name leave no place for those of one phone.
        read = [*rows.filter(surely)[:READ_ALIKE], *read]
    found = {row.pk: same for row in read if (same := _compared(row, inquiry, name))}
    visits = given_to(found) if found else {}
    theirs = [each._replace(visits=Visits.of(visits[pk], now)) for pk, each in found.items()]
    theirs.sort(key=lambda each: (not each.is_linked, not each.visits.to_come, -each.inquiry.pk))
    return theirs[:ALIKE_SHOWN]


def _compared(row: Inquiry, inquiry: Inquiry, name: str) -> Alike | None:
    """What of this row is the same; None where its name only has the same letters."""
    phone = bool(inquiry.phone_e164) and row.phone_e164 == inquiry.phone_e164
    email = bool(inquiry.email) and row.email.lower() == inquiry.email.lower()
    is_linked = row.pk == inquiry.same_as_id or row.same_as_id in {inquiry.pk, inquiry.same_as_id} - {None}
    has_same_name = bool(name) and own_name(row) == name
    if not (phone or email or has_same_name or is_linked):
        return None
    return Alike(row, phone, email, has_same_name, is_linked, Visits())


def own_name(row: Inquiry) -> str:
    """The name of who comes as it is compared with another: its words, in the order of the alphabet."""
    return " ".join(sorted(search.normalize(row.patient_name or row.name).split()))


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
