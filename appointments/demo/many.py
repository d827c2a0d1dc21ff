"""
Many plausible inquiries and appointments, to see how the desk does after years: for `manage.py fill`.

They are written by COPY. The history's triggers are off meanwhile, since they would date each row today; one statement
for each table then writes the rows that they would have written, so that desks, erasure and the size of the database
are as in life. There are no mails and no calls: what is over has told everybody.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from itertools import count
from random import Random
from secrets import token_urlsafe
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from appointments.demo.people import somebody
from appointments.inquiries import search
from appointments.models import Appointment, AppointmentStatus, Inquiry, InquiryStatus, Practitioner, VisitType
from appointments.models.inquiry import REFERENCE_SIGNS
from appointments.models.own_link import new_code
from appointments.records.erasure import ERASED, ERASED_EMAIL, KEEP_SPAM
from clinic.models import Clinic
from procedures.models import Procedure

SPAN, AHEAD = timedelta(days=8 * 365), timedelta(days=56)
# So many of the newest are not closed, as where somebody answers; a tenth, where there are few rows.
OPEN = 200
VISIT = timedelta(minutes=30)
VISITS_A_DAY = 16
MESSAGES = (
    "How long is it until I can carry my shopping again?",
    "My doctor told me that I have a compression fracture. I would like to come in.",
    "Do you need anything from my family doctor before a first visit?",
    "I am writing for my mother, who is 84. Mornings are best: my neighbor can drive her then.",
)
BEFORE_IT_WAS_WORKED = {"status": "'new'", "version": "1", "answered_at": "NULL", "moved_at": "row.created_at"}

type Row = dict[str, Any]
# When an inquiry was sent, and its id.
type Sender = tuple[datetime, int]
type Told = Callable[[int, int, str], None]


@transaction.atomic
def fill(*, inquiries: int, appointments: int, told: Told, seed: int | None = None) -> None:
    """
    Write so many rows more; `told` hears how far it is: the number, of how many, of what.

    With a `seed` people, states and times are drawn alike each time at the same moment.

    Raises ValueError unless there are enough inquiries: two of three ask for an appointment, and get one at most.
    """
    if appointments > inquiries // 2:
        raise ValueError("Each appointment is somebody's: ask for at least twice as many inquiries as appointments.")
    chance, now = Random(seed), timezone.now()  # noqa: S311  (Nothing here is secret.)
    senders: list[Sender] = []
    # All that is read is read before: a connection that is copying answers no question.
    procedures = [*Procedure.objects.values_list("pk", flat=True), None]
    with _without_history(Inquiry, first := _reserve(Inquiry, inquiries), BEFORE_IT_WAS_WORKED):
        _copy(Inquiry, _inquiries(first, inquiries, now, chance, procedures, senders), inquiries, told)
    # Wishes are for one to eight weeks later.
    wishes = sorted(
        (at + AHEAD / 8 + 7 / 8 * AHEAD * chance.random(), pk) for at, pk in chance.sample(senders, appointments)
    )
    times, visit = list(_times([at for at, _ in wishes], now)), _visit()
    with _without_history(Appointment, first := _reserve(Appointment, appointments), {}):
        rows = (
            _given(first + place, inquiry, *at, visit, now, chance)
            for place, ((_, inquiry), at) in enumerate(zip(wishes, times, strict=True))
        )
        _copy(Appointment, rows, appointments, told)


def _inquiries(
    first: int, number: int, now: datetime, chance: Random, procedures: list[int | None], senders: list[Sender]
) -> Iterator[Row]:
    """The oldest first; `senders` gets those that may have an appointment."""
    step = SPAN / number
    still_open = min(OPEN, number // 10)
    for place in range(number):
        created_at = now - SPAN + step * (place + chance.random())
        row = _sent(first + place, created_at, procedures, chance)
        if place < number - still_open:
            row |= _closed(row, now, chance)
        elif (state := chance.choice(list(InquiryStatus)[:3])) != InquiryStatus.NEW:
            row |= {"status": state, "version": 2, "moved_at": created_at + (now - created_at) / 2}
            if state == InquiryStatus.WAITING_FOR_PATIENT:
                row["answered_at"] = row["moved_at"]
        if (draw := chance.random()) < 0.03:
            row |= _spam(row, now)
        elif draw < 0.035 and row["status"] != InquiryStatus.CLOSED:
            row |= {"screening": "by_hand", "screening_reason": "asked", "sum_solved": False}
        elif row["kind"] == "appointment":
            senders.append((created_at, row["id"]))
        yield row


def _sent(pk: int, created_at: datetime, procedures: list[int | None], chance: Random) -> Row:
    """As its writer sent it; every twelfth writes for somebody else."""
    who = somebody(chance)
    patient = somebody(chance) if chance.random() < 1 / 12 else None
    by_phone, code = chance.random() < 0.7, reference(pk)
    names, numbers = [who.name], [who.digits] if by_phone else []
    if patient:
        names, numbers = [*names, patient.name], [*numbers, patient.digits]
    email = "" if by_phone else who.email
    return {
        "id": pk, "reference": code, "key": token_urlsafe(16), "code": new_code(), "submission_id": f"fill {pk}",
        "created_at": created_at, "moved_at": created_at, "answer_by": created_at + timedelta(hours=26),
        "kind": "question" if chance.random() < 0.33 else "appointment", "name": who.name,
        "patient_name": patient.name if patient else "", "patient_phone": patient.phone if patient else "",
        "contact_person": "patient" if patient and chance.random() < 0.5 else "writer",
        "contact_by": "phone" if by_phone else "email", "phone": who.phone if by_phone else "",
        "phone_e164": f"+{who.digits}" if by_phone else "", "email": email, "message": chance.choice(MESSAGES),
        "procedure_id": chance.choice(procedures), "seen_before": chance.choice(("yes", "no", "not_sure", "")),
        "sum_solved": True, "status": InquiryStatus.NEW, "version": 1, "answered_at": None, "erased_at": None,
        "screening": "passed", "screening_reason": "", "search_words": search.words(names, code, email, numbers),
        "search_trigrams": search.trigrams_of(names, email),
    }  # fmt: skip


def _closed(row: Row, now: datetime, chance: Random) -> Row:
    """Answered within two days, and closed within ten."""
    left = now - row["created_at"]
    answered_at = row["created_at"] + min(timedelta(days=2), left) * chance.random()
    moved_at = answered_at + min(timedelta(days=8), now - answered_at) * chance.random()
    return {"status": InquiryStatus.CLOSED, "version": 2, "answered_at": answered_at, "moved_at": moved_at}


def _spam(row: Row, now: datetime) -> Row:
    """Marked by staff within a day; erased like any spam where that was long ago."""
    moved_at = min(row["created_at"] + timedelta(days=1), now)
    marked = {"screening": "spam", "screening_reason": "staff", "moved_at": moved_at, "version": 2}
    if moved_at > now - KEEP_SPAM:
        return marked
    nothing = dict.fromkeys(("patient_name", "patient_phone", "phone_e164", "search_words"), "")
    return marked | nothing | {
        "search_trigrams": [],
        "name": ERASED, "message": ERASED, "phone": ERASED if row["phone"] else "",
        "email": ERASED_EMAIL if row["email"] else "", "contact_person": "writer", "status": InquiryStatus.CLOSED,
        "submission_id": f"erased {row['id']}", "erased_at": moved_at + KEEP_SPAM,
    }  # fmt: skip


def reference(number: int, of: str = REFERENCE_SIGNS) -> str:
    """Eight of these signs, others for each number: by a step that has no divisor in common with how many there are."""
    rest, signs = number * 387_420_489_001 % len(of) ** 8, []
    for _ in range(8):
        rest, sign = divmod(rest, len(of))
        signs.append(of[sign])
    return "".join(signs)


def _times(wanted: list[datetime], now: datetime) -> Iterator[tuple[int, datetime]]:
    """A practitioner's free time for each wish, on its day or as soon after it as there is one; wishes are in order."""
    zone = Clinic.current().zone
    first, days = (now - SPAN).astimezone(zone).date(), (SPAN + 2 * AHEAD).days
    dates = (first + timedelta(days=each) for each in range(days))
    working = [date for date in dates if date.weekday() < 5]
    practitioners = _practitioners(1 + len(wanted) * 3 // 2 // (len(working) * VISITS_A_DAY))
    a_day, place = VISITS_A_DAY * len(practitioners), -1
    for wish in wanted:
        place = max(place + 1, bisect_left(working, wish.astimezone(zone).date()) * a_day)
        day, of_the_day = divmod(place, a_day)
        visit, who = divmod(of_the_day, len(practitioners))
        yield practitioners[who], datetime.combine(working[day], time(9), zone) + visit * VISIT


def _given(
    pk: int, inquiry: int, practitioner: int, starts_at: datetime, visit: int, now: datetime, chance: Random
) -> Row:
    status = _status(starts_at, now, chance)
    given = min(now, starts_at - timedelta(days=7))
    return {
        "id": pk, "inquiry_id": inquiry, "practitioner_id": practitioner, "visit_type_id": visit,
        "starts_at": starts_at, "ends_at": starts_at + VISIT, "blocked_until": starts_at + VISIT,
        "status": status, "uid": uuid4(), "created_at": given, "time_set_at": given,
        "cancelled_late": status == AppointmentStatus.CANCELLED and chance.random() < 0.2,
    }  # fmt: skip


def _status(starts_at: datetime, now: datetime, chance: Random) -> AppointmentStatus:
    draw = chance.random()
    if draw < 0.12:
        return AppointmentStatus.CANCELLED
    if starts_at + VISIT > now:
        return AppointmentStatus.PENDING if draw > 0.98 else AppointmentStatus.BOOKED
    return AppointmentStatus.NOSHOW if draw > 0.95 else AppointmentStatus.FULFILLED


def _practitioners(number: int) -> list[int]:
    """New ones, whose times are all free; what patients may choose online stays as it is."""
    taken, found = set(Practitioner.objects.values_list("name", flat=True)), []
    names = (f"Practitioner {each}" for each in count(1))
    for name in (name for name in names if name not in taken):
        found.append(Practitioner.objects.create(name=name, position=99))
        for weekday in range(5):
            found[-1].working_hours.create(weekday=weekday, opens=time(9), closes=time(17))
        if len(found) == number:
            return [each.pk for each in found]
    raise AssertionError("unreachable")


def _visit() -> int:
    return VisitType.objects.get_or_create(name="Half an hour", defaults={"minutes": 30})[0].pk


def _reserve(model: type[Model], number: int) -> int:
    """The first of so many ids that nobody else gets."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
        [sequence] = cursor.fetchone()
        cursor.execute("SELECT setval(%s, nextval(%s) + %s)", [sequence, sequence, number])
        return cursor.fetchone()[0] - number


def _copy(model: type[Model], rows: Iterable[Row], number: int, told: Told) -> None:
    """COPY these rows; fields that they leave out have the model's default."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    defaults = {field.attname: None if field.has_default() and callable(field.default) else field.get_default()
                for field in fields}  # fmt: skip
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor, cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy:
        for done, row in enumerate(rows, start=1):
            copy.write("\t".join(map(_text, (defaults | row).values())) + "\n")
            if done % 10_000 == 0 or done == number:
                told(done, number, str(model._meta.verbose_name_plural))


def _text(value: Any) -> str:
    """A value as COPY reads it. No text here has a tab, a line break or a backslash."""
    if value is None:
        return r"\N"
    if isinstance(value, list):
        return f"{{{','.join(f'"{each}"' for each in value)}}}"
    return value.isoformat() if isinstance(value, datetime) else str(value)


@contextmanager
def _without_history(model: type[Model], first: int, at_first: Mapping[str, str]) -> Iterator[None]:
    """
    Write the history of all rows from id `first` on at once, when they are there; both in one transaction.

    A row that was worked has two lines: as it was sent (`at_first` says in SQL what differed then), and as it is.
    """
    event = apps.get_model("appointments", f"{model.__name__}Event")
    tracked = [field.column for field in event._meta.concrete_fields if not field.name.startswith("pgh_")]
    columns = ", ".join(f'"{name}"' for name in tracked)
    before = ", ".join(at_first.get(name, f'row."{name}"') for name in tracked)
    head = f'INSERT INTO "{event._meta.db_table}" (pgh_obj_id, pgh_label, pgh_created_at, {columns})'
    tail = f'FROM "{model._meta.db_table}" row WHERE row.id >= %s'
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE "{model._meta.db_table}" DISABLE TRIGGER USER')
        yield
        cursor.execute(f"{head} SELECT row.id, 'insert', row.created_at, {before} {tail} ORDER BY row.id", [first])
        if at_first:
            now = ", ".join(f'row."{name}"' for name in tracked)
            worked = f"{head} SELECT row.id, 'update', row.moved_at, {now} {tail} AND row.version > 1 ORDER BY row.id"
            cursor.execute(worked, [first])
        # The checks of foreign keys wait for the end: until they ran, no table can be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f'ALTER TABLE "{model._meta.db_table}" ENABLE TRIGGER USER')
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in (model._meta.db_table, event._meta.db_table):
            cursor.execute(f'ANALYZE "{table}"')
