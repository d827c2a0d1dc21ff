"""The cells of the agenda as HTML, made here: a template takes five times as long for a hundred of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from appointments.admin.agenda import wording
from appointments.admin.agenda.grid import Cell
from appointments.admin.agenda.reading import name_of
from appointments.admin.agenda.stretches import Kind, Stretch
from appointments.admin.base import as_seen
from appointments.admin.desk import time_steps
from appointments.admin.wording import VISIT_SIGNS, WARNING
from appointments.models import Appointment, Practitioner
from appointments.scheduling import slot_codes
from appointments.slots import Calendar, Slot, VisitRules
from clinic.sentences import moment
from clinic.typed_text import isolated

# A link to New caller begins on such a minute.
FIVE = timedelta(minutes=5)


@dataclass(frozen=True)
class Pen:
    """What is the same for all cells of a page: who reads it, when, and whether a visit is about to move."""

    now: datetime
    may_change: bool
    may_enter: bool
    moving: Appointment | None = None


def cell(pen: Pen, cell: Cell, column: "Column") -> SafeString:
    """One cell; `what` is a visit, a stretch, or nothing."""
    if isinstance(cell.what, Appointment):
        return _td(cell, column, f"visit {cell.what.status}", _visit(pen, cell.what, column), cell.what.pk)
    if isinstance(cell.what, Stretch):
        return _td(cell, column, cell.what.kind.value, _stretch(pen, cell.what, column))
    return _td(cell, column, "nothing", SafeString(""))


@dataclass(frozen=True)
class Column:
    """One practitioner's day: what its cells have to know. `is_other`: a narrow screen does not show it."""

    person: Practitioner
    is_other: bool
    calendar: Calendar
    # What they see patients for.
    kinds: Sequence[VisitRules]
    names: Counter[str]
    slots: Sequence[Slot] = ()

    def first_slot(self, starts_at: datetime) -> Slot | None:
        """The first kind of visit that can be given at this moment."""
        slots = (Slot.starting_at(starts_at, rules, self.person.pk) for rules in self.kinds)
        return next((slot for slot in slots if self.calendar.fits(slot)), None)


def _td(cell: Cell, column: Column, kind: str, words: SafeString, pk: int | None = None) -> SafeString:
    return format_html(
        '<td class="{}{}"{}{}{}>{}</td>',
        kind,
        " other" if column.is_other else "",
        format_html(' id="visit-{}"', pk) if pk else "",
        format_html(' rowspan="{}"', cell.rows) if cell.rows > 1 else "",
        format_html(' colspan="{}"', cell.lanes) if cell.lanes > 1 else "",
        words,
    )


def _visit(pen: Pen, visit: Appointment, column: Column) -> SafeString:
    patient = name_of(visit.inquiry.name, visit.inquiry.patient_name)
    warning, has_twin = wording.warning(visit), column.names[patient] > 1
    return format_html(
        '<p><span class="sign" aria-hidden="true">{}</span> <a href="{}">{}</a> <span class="at">{}</span></p>{}'
        '<p class="about">{}</p>{}',
        WARNING if warning else VISIT_SIGNS[visit.status],
        reverse("admin:appointments_inquiry_change", args=[visit.inquiry_id]),
        visit.inquiry.who_comes,
        wording.hours(visit.starts_at, visit.ends_at),
        format_html('<p><strong class="late">{}</strong></p>', warning) if warning else "",
        " · ".join([wording.state(visit), isolated(visit.visit_type.name), *wording.to_mind(visit, has_twin=has_twin)]),
        _next(pen, visit),
    )


def _next(pen: Pen, visit: Appointment) -> SafeString | str:
    """The buttons for what comes next of this visit; of one that is about to move, that it is."""
    if visit == pen.moving:
        return format_html("<p><strong>{}</strong></p>", _("This visit moves."))
    if pen.moving or not pen.may_change or visit.inquiry.erased_at:
        return ""
    about = f"{visit.inquiry.who_comes}, {moment(visit.starts_at)}"
    buttons = [
        (f"{name}:{as_seen(visit)}", words, about, words)
        for name, words in time_steps.next_steps(visit, pen.now).items()
    ]
    if not buttons:
        return ""
    button = '<button form="press" name="do" value="{}" aria-label="{}: {}">{}</button>'
    return format_html('<p class="presses">{}</p>', format_html_join(" ", button, buttons))


def _stretch(pen: Pen, stretch: Stretch, column: Column) -> SafeString:
    if stretch.kind != Kind.FREE:
        return format_html("<p>{}</p>", wording.why_nobody(stretch))
    if pen.moving:
        return _move_here(stretch, column)
    starts_at = max(stretch.starts_at, _next_five(pen.now))
    minutes = (stretch.ends_at - starts_at) // timedelta(minutes=1)
    words = _("free %(hours)s (%(n)d min)") % {"hours": wording.hours(starts_at, stretch.ends_at), "n": minutes}
    slot = column.first_slot(starts_at) if pen.may_enter else None
    if slot is None:
        return format_html("<p>{}</p>", words)
    return format_html(
        '<a class="new" href="{}">+ {}<span class="visually-hidden">, {}, {}</span></a>',
        new_caller(slot),
        words,
        str(column.person),
        date_format(timezone.localtime(starts_at), "D, N j"),
    )


def new_caller(slot: Slot) -> str:
    """The address at which the front desk gives this time to somebody who calls."""
    return f"{reverse('admin:appointments_inquiry_new')}?slot={slot_codes.encode(slot)}"


def _move_here(stretch: Stretch, column: Column) -> SafeString:
    free = format_html("<p>{}</p>", _("free %s") % wording.hours(stretch.starts_at, stretch.ends_at))
    fitting = [slot for slot in column.slots if stretch.starts_at <= slot.starts_at < stretch.ends_at]
    if not fitting:
        return free
    button = '<button form="move" name="slot" value="{}" aria-label="{} {}, {}, {}">{} <strong>{}</strong></button>'
    buttons = []
    for slot in fitting:
        start = timezone.localtime(slot.starts_at)
        says = _("Move here"), date_format(start, "P")
        buttons.append((slot_codes.encode(slot), *says, date_format(start, "D, N j"), str(column.person), *says))
    return format_html('{}<p class="presses">{}</p>', free, format_html_join(" ", button, buttons))


def _next_five(now: datetime) -> datetime:
    """The next minute that is a multiple of five, after now."""
    begun = now.replace(second=0, microsecond=0)
    return begun + FIVE - timedelta(minutes=begun.minute % 5)
