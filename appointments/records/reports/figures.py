"""
What a report says in numbers: each figure is counted, and listed, by the same conditions.

What counts as what stands in docs/reports.md.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, QuerySet, Subquery
from django.db.models.functions import TruncWeek
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments.models import Closure, InquiryKind, InquiryScreening, Practitioner, VisitType
from appointments.models.inquiry_choices import InquirySource
from appointments.records.reports.cubes import FREED, INQUIRIES, VISITS, Cube, first_answers
from appointments.records.reports.periods import Period
from clinic import hours, practice
from clinic.models import Clinic
from procedures.models import Procedure

# By what the numbers may be told apart, and whose names those are. Everything in one column is "".
GROUPS: dict[str, tuple[Any, Any]] = {
    "": (_("all"), None),
    "practitioner": (_("by practitioner"), Practitioner),
    "visit_type": (_("by kind of visit"), VisitType),
    "procedure": (_("by procedure"), Procedure),
}
# The annotation that holds the group of a row.
GROUP = "counted_for"

PASSED = {"screening": (InquiryScreening.PASSED.value,)}


@dataclass(frozen=True)
class Figure:
    """How many rows of a cube have these values along its axes; as a share `of` another figure, if of any."""

    name: str
    words: Any
    cube: Cube
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    of: str = ""


def _asked(name: str, words: Any, of: str = "", **where: str | tuple[str, ...]) -> Figure:
    values = {axis: (value,) if isinstance(value, str) else value for axis, value in where.items()}
    return Figure(name, words, INQUIRIES, PASSED | values, of)


def _visit(name: str, words: Any, of: str = "given", **where: str | tuple[str, ...]) -> Figure:
    values = {axis: (value,) if isinstance(value, str) else value for axis, value in where.items()}
    return Figure(name, words, VISITS, values, of)


SECTIONS: Sequence[tuple[Any, Sequence[Figure]]] = (
    (
        _("Asked"),
        (
            _asked("asked", _("asked")),
            _asked("wishes", _("visits asked for"), kind=InquiryKind.APPOINTMENT.value),
            _asked("questions", _("questions"), kind=InquiryKind.QUESTION.value),
            _asked("by_site", _("by the site"), source=InquirySource.SITE.value),
            _asked("by_phone", _("by phone"), source=InquirySource.PHONE.value),
            _asked("walk_ins", _("in person"), source=InquirySource.WALK_IN.value),
            Figure("spam", _("kept out: spam"), INQUIRIES, {"screening": (InquiryScreening.SPAM.value,)}),
            Figure("by_hand", _("kept out: to check by hand"), INQUIRIES, {"screening": ("by_hand",)}),
        ),
    ),
    (
        _("Answered"),
        (
            _asked("in_time", _("in the promised time"), of="asked", promise="in_time"),
            _asked("late", _("late"), of="asked", promise="late"),
            _asked("settled", _("closed without an answer"), promise="settled"),
            _asked("open", _("not due yet"), promise="open"),
        ),
    ),
    (
        _("Reached"),
        (
            _asked("by_mail", _("by mail"), reached="mail"),
            _asked("by_call", _("by a call"), reached=("call", "calls")),
            _asked("by_calls", _("by more than one call"), reached="calls"),
            _asked("voicemail", _("by voicemail"), reached="voicemail"),
            _asked("otherwise", _("on their page, or by letter"), reached="otherwise"),
            _asked("nobody", _("never"), reached="nobody"),
            _asked("not_yet", _("not yet"), reached="open"),
        ),
    ),
    (
        _("Visits"),
        (
            _visit("given", _("given"), of=""),
            _visit("moved", _("moved"), of="", moved="yes"),
            _visit("cancelled", _("canceled"), of="", became=("cancelled", "cancelled_late")),
            _visit("cancelled_late", _("canceled late"), became="cancelled_late"),
            _visit("came", _("came"), of="", became="came"),
            _visit("noshow", _("did not come"), became="noshow"),
            _visit("not_marked", _("never marked"), of="", became="not_marked"),
            _visit("to_come", _("to come"), of="", became="to_come"),
        ),
    ),
    (
        _("Times that became free"),
        (
            Figure("freed", _("became free"), FREED),
            Figure("filled", _("filled again"), FREED, {"filled": ("yes",)}, of="freed"),
        ),
    ),
)
FIGURES: Mapping[str, Figure] = {figure.name: figure for _title, figures in SECTIONS for figure in figures}
# The figures that have a chart of their weeks.
CHARTS = ("noshow", "cancelled_late", "filled", "in_time")
# In a chart's table, beside those: of how many.
TOTALS = {"noshow": "given", "cancelled_late": "given", "filled": "freed", "in_time": "asked"}

# The number of each figure, for each group: the id of a practitioner and so on, None for those without one.
type Numbers = dict[int | None, dict[str, int]]


def rows(figure: Figure, period: Period, *, by: str = "", of: int | None = None) -> QuerySet:
    """The rows that a figure counts in the period: all of them or, `by` something, those of the group `of`."""
    found = figure.cube.whole(period, timezone.now())
    for axis, values in figure.where.items():
        found = found.filter(**{f"{axis}__in": values})
    if by:
        found = found.annotate(**{GROUP: figure.cube.groups[by]()}).filter(
            **({f"{GROUP}__isnull": True} if of is None else {GROUP: of})
        )
    return found


def numbers(period: Period, by: str = "") -> Numbers:
    """All figures of the period: a statement for each cube."""
    now = timezone.now()
    found: Numbers = defaultdict(lambda: dict.fromkeys(FIGURES, 0))
    for cube in (INQUIRIES, VISITS, FREED):
        of_cube = [figure for figure in FIGURES.values() if figure.cube is cube]
        whole = cube.whole(period, now)
        if by:
            whole = whole.annotate(**{GROUP: cube.groups[by]()})
        for cell in _cells(whole, of_cube, *((GROUP,) if by else ())):
            group = found[cell.get(GROUP)]
            for figure in _holding(cell, of_cube):
                group[figure.name] += cell["number"]
    return found


def by_week(period: Period) -> dict[date, dict[str, int]]:
    """The figures with a chart, and those that they are parts of, by the Monday of each week."""
    now, zone = timezone.now(), Clinic.current().zone
    wanted = [FIGURES[name] for name in {*CHARTS, *TOTALS.values()}]
    found = {week.first: dict.fromkeys((figure.name for figure in wanted), 0) for week in period.weeks}
    for cube in (INQUIRIES, VISITS, FREED):
        of_cube = [figure for figure in wanted if figure.cube is cube]
        whole = cube.whole(period, now).annotate(week=TruncWeek(cube.moment, tzinfo=zone))
        for cell in _cells(whole, of_cube, "week"):
            for figure in _holding(cell, of_cube):
                found[cell["week"].date()][figure.name] += cell["number"]
    return found


def _cells(whole: QuerySet, figures: Sequence[Figure], *more: str) -> QuerySet:
    """How many rows there are with each of the values that the figures ask for."""
    axes = sorted({axis for figure in figures for axis in figure.where})
    return whole.order_by().values(*axes, *more).annotate(number=Count("pk"))


def _holding(cell: Mapping[str, Any], figures: Sequence[Figure]) -> list[Figure]:
    return [each for each in figures if all(cell[axis] in values for axis, values in each.where.items())]


def names(by: str) -> list[tuple[int, str]]:
    """The groups that there may be, in the order in which they stand elsewhere."""
    _words, model = GROUPS[by]
    return [(row.pk, str(row)) for row in model._default_manager.all()] if model else []


def medians(period: Period, by: str = "") -> dict[int | None, timedelta]:
    """For each group, half of those who asked had their first answer within so much of the opening hours."""
    asked = INQUIRIES.rows(period).filter(screening=InquiryScreening.PASSED)
    answered = asked.annotate(heard_at=first_answers_at()).filter(heard_at__isnull=False)
    if by:
        answered = answered.annotate(**{GROUP: INQUIRIES.groups[by]()})
    found = list(answered.order_by().values_list("created_at", "heard_at", *((GROUP,) if by else ())))
    if not found:
        return {}
    zone = Clinic.current().zone
    first, last = min(row[0] for row in found), max(row[1] for row in found)
    clock = hours.OpenClock(
        first.astimezone(zone).date(),
        last.astimezone(zone).date(),
        week=practice.current().week,
        closures=Closure.objects.periods_of_the_clinic(after=first),
        zone=zone,
    )
    seconds: dict[int | None, list[float]] = defaultdict(list)
    for sent_at, heard_at, *group in found:
        seconds[group[0] if group else None].append(clock.between(sent_at, heard_at).total_seconds())
    return {group: timedelta(seconds=median(times)) for group, times in seconds.items()}


def first_answers_at() -> Any:
    """For a query on inquiries: when each was answered first."""
    return Subquery(first_answers().values("answered_at")[:1])
