"""The agenda's table: columns of one practitioner's day each, over the same hours."""

from collections.abc import Sequence
from datetime import date, time
from math import lcm
from typing import NamedTuple

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from appointments.admin.agenda import wording
from appointments.admin.agenda.cells import Column, Pen, cell
from appointments.admin.agenda.grid import QUARTER, ROWS_OF_AN_HOUR, Cell, Placed, Rows, cells, rows_around
from appointments.admin.agenda.moving import Move
from appointments.admin.agenda.reading import Reading
from appointments.admin.agenda.stretches import Held, Stretch, stretches
from appointments.models import Appointment, AppointmentStatus, Practitioner
from clinic.hours import Period


class Head(NamedTuple):
    """Whose day a column is, and what stands above it."""

    person: Practitioner
    day: date
    words: str
    is_other: bool = False


class Table(NamedTuple):
    head: SafeString
    body: SafeString


def table(heads: Sequence[Head], reading: Reading, pen: Pen, move: Move | None) -> Table:
    rows = rows_around(_shown(heads, reading), reading.zone)
    visits = reading.visits_of({head.person.pk for head in heads})
    made = [cells(_placed(head, reading, rows, visits[head.person.pk, head.day]), rows.number) for head in heads]
    # A column is as wide as any other, however many visits stand side by side in it.
    wide = lcm(*(lanes for lanes, _cells in made))
    columns = [
        (_column(head, reading, move), [each._replace(lanes=each.lanes * wide // lanes) for each in of_column])
        for head, (lanes, of_column) in zip(heads, made, strict=True)
    ]
    return Table(_head(heads, reading, wide), _body(heads, columns, reading, rows, pen))


def _shown(heads: Sequence[Head], reading: Reading) -> list[tuple[date, Period]]:
    """Working hours and visits: what the table must be long enough for."""
    return [
        (head.day, Period(*each))
        for head in heads
        for each in (
            *reading.at_work(head.person.pk, head.day),
            *((each.starts_at, each.ends_at) for each in reading.given_on(head.person.pk, head.day)),
        )
    ]


def _placed(head: Head, reading: Reading, rows: Rows, visits: Sequence[Appointment]) -> list[Placed]:
    person, shown = head.person.pk, rows.period_on(head.day)
    time_between = stretches(
        shown,
        at_work=reading.at_work(person, head.day),
        closed=reading.closed(person),
        busy=reading.busy[person],
        held=[*reading.held(person), *_did_not_come(reading, person)],
        now=reading.now,
    )
    found = [rows.place(each.starts_at, each.ends_at, head.day, each) for each in time_between if _has_a_row(each)]
    return found + [rows.place(each.starts_at, each.ends_at, head.day, each) for each in visits]


def _did_not_come(reading: Reading, person: int) -> list[Held]:
    """Of those who did not come, the time until now: it is nobody's, and was nobody else's."""
    rows = (each for each in reading.given[person] if each.status == AppointmentStatus.NOSHOW)
    return [
        Held(each.starts_at, end := min(each.ends_at, reading.now), end)
        for each in rows
        if each.starts_at < reading.now
    ]


def _has_a_row(stretch: Stretch) -> bool:
    """Whether it reaches over the end of a quarter: what does not has no room between its neighbors."""
    return stretch.starts_at.timestamp() // QUARTER.seconds != stretch.ends_at.timestamp() // QUARTER.seconds


def _column(head: Head, reading: Reading, move: Move | None) -> Column:
    person = head.person.pk
    return Column(
        person=head.person,
        is_other=head.is_other,
        calendar=reading.calendars[person],
        kinds=[each.visit_type.rules for each in reading.kinds.get(person, ())],
        names=reading.names_on(head.day),
        slots=move.slots(reading, person, head.day) if move else (),
    )


def _head(heads: Sequence[Head], reading: Reading, lanes: int) -> SafeString:
    cells = [
        (
            format_html(' class="{}"', "other") if head.is_other else "",
            format_html(' colspan="{}"', lanes) if lanes > 1 else "",
            head.words,
            wording.working_hours(reading.at_work(head.person.pk, head.day)),
        )
        for head in heads
    ]
    return format_html_join("", '<th scope="col"{}{}>{} <span class="hours">{}</span></th>', cells)


def _body(
    heads: Sequence[Head], columns: Sequence[tuple[Column, list[Cell]]], reading: Reading, rows: Rows, pen: Pen
) -> SafeString:
    of_row: list[list[SafeString]] = [[] for _row in range(rows.number)]
    for column, made in columns:
        for each in made:
            of_row[each.top].append(cell(pen, each, column))
    today = reading.day_of(reading.now)
    at = rows.row_of(reading.now, today) if any(head.day == today for head in heads) else -1
    lines = (
        (
            format_html(' class="{}"', "now") if number == at else "",
            _hour(rows, number),
            format_html('<span class="now-line">{}</span>', _now(reading)) if number == at else "",
            format_html_join("", "{}", ((each,) for each in of_row[number])),
        )
        for number in range(rows.number)
    )
    return format_html_join("\n", '<tr{}><th scope="row">{}{}</th>{}</tr>', lines)


def _hour(rows: Rows, number: int) -> SafeString:
    hour, quarter = divmod(number, ROWS_OF_AN_HOUR)
    wall = time((rows.first + hour) % 24, quarter * 15)
    shape = "<strong>{}</strong>" if quarter == 0 else "<span>{}</span>"
    return format_html(shape, time_format(wall, "f a" if quarter == 0 else "f"))


def _now(reading: Reading) -> str:
    return _("now %s") % date_format(timezone.localtime(reading.now), "f")
