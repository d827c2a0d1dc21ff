"""The words of the agenda: signs and states of visits, why nobody is seen, and hours as a header has room for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appointments.admin.agenda.stretches import Kind, Stretch
from appointments.admin.wording import VISIT_STATES
from appointments.inquiries import contacts
from appointments.models import Appointment, AppointmentStatus, Inquiry
from clinic import phones
from clinic.hours import Period
from clinic.sentences import moment
from clinic.typed_text import isolated

_WHY: dict[Kind, Any] = {
    Kind.CLOSED: gettext_lazy("closed"),
    Kind.BUSY: gettext_lazy("busy elsewhere"),
    Kind.BREAK: gettext_lazy("break"),
    Kind.OUTSIDE: gettext_lazy("outside working hours"),
    Kind.PAUSE: gettext_lazy("pause"),
    Kind.PAST: gettext_lazy("was free"),
}
# As much of a note as a cell has room for.
NOTED = 80


def hours(starts_at: datetime, ends_at: datetime) -> str:
    """From when to when by the clock: "9–9:30 a.m.", "11:30 a.m.–12:15 p.m."."""
    start, end = timezone.localtime(starts_at), timezone.localtime(ends_at)
    half = "" if (start.hour < 12) == (end.hour < 12) else date_format(start, " a")
    return f"{date_format(start, 'f')}{half}–{date_format(end, 'f a')}"


def working_hours(periods: Sequence[Period]) -> str:
    """As a header says them: "9–12, 1–4:30"; that there are none, too."""
    if not periods:
        return _("no hours")
    sides = [[date_format(timezone.localtime(moment), "f") for moment in each] for each in periods]
    return ", ".join("–".join(each) for each in sides)


def why_nobody(stretch: Stretch) -> str:
    """Why nobody can be given this time: "closed 7–8:30 a.m.: ill"."""
    said = f"{_WHY[stretch.kind]} {hours(stretch.starts_at, stretch.ends_at)}"
    return f"{said}: {isolated(stretch.words)}" if stretch.words else said


def state(visit: Any) -> str:
    words = str(VISIT_STATES[visit.status])
    if visit.status == AppointmentStatus.ARRIVED and visit.here_since:
        return _("here since %s") % date_format(timezone.localtime(visit.here_since), "P")
    if visit.is_held_for_a_while:
        return _("%(state)s until %(end)s") % {"state": words, "end": moment(visit.held_until)}
    return words


def warning(visit: Appointment) -> str:
    """What somebody has to see to, or has decided: a time that was taken away, an overbooked one."""
    if visit.displaced_at and visit.is_live:
        return _("displaced, they know") if visit.reached_at else _("displaced, not told")
    return _("overbooked: %s") % isolated(visit.overbook_reason) if visit.overbooked else ""


def to_mind(visit: Any, *, has_twin: bool) -> list[str]:
    """What a cell says beside state and kind: the end of their number, what helps, that another has the same name."""
    inquiry = visit.inquiry
    said = [ends_of_numbers(inquiry), inquiry.to_reach_them, isolated(Truncator(visit.note or "").chars(NOTED))]
    if has_twin:
        said.insert(0, _("same name as another that day"))
    return [each for each in said if each]


def ends_of_numbers(inquiry: Inquiry) -> str:
    """The last four digits of the numbers that work, or why nobody can be called."""
    # What is dialed is known already: reading what was typed takes longer than all else of a cell.
    known = {"phone": inquiry.phone_e164[-4:]}
    ends = [known.get(name) or phones.last_four(getattr(inquiry, name)) for name in inquiry.dialed]
    return ", ".join(filter(None, ends)) or contacts.none_of(inquiry)
