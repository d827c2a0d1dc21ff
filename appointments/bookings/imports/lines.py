"""The rows of a file with what becomes of each, as a dry run shows them and somebody agrees to them."""

import hashlib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from appointments.bookings.imports.rows import Row
from appointments.models import Practitioner, VisitType
from appointments.slots import Slot


class Verdict(models.TextChoices):
    """What becomes of a row, in the order in which somebody should look at them."""

    DECIDE = "decide", _("For you to decide")
    UNREADABLE = "unreadable", _("Stays out")
    FREE = "free", _("Stays out: takes no time")
    CLASH = "clash", _("Stays out: a clash")
    OUTSIDE = "outside", _("Stays out: no hours then")
    CANCELLED = "cancelled", _("Is canceled")
    MOVED = "moved", _("Changes as there")
    BUSY = "busy", _("Kept as busy time")
    IN = "in", _("Comes in")
    OVERBOOKED = "overbooked", _("Comes in overbooked")
    KEPT = "kept", _("Stays as it is here")
    LINKED = "linked", _("Is here already: compared from now on")
    HERE = "here", _("Is here already")
    OVER = "over", _("Stays out: it is over")

    @classmethod
    def taking_time(cls) -> tuple["Verdict", ...]:
        """Those that take a time which may be somebody else's."""
        return (cls.BUSY, cls.IN, cls.MOVED, cls.DECIDE)

    @classmethod
    def changing(cls) -> tuple["Verdict", ...]:
        """Those by which something is done."""
        return (cls.CANCELLED, cls.MOVED, cls.BUSY, cls.IN, cls.OVERBOOKED, cls.KEPT, cls.LINKED)


@dataclass(frozen=True)
class Line:
    """
    A row with whom it is, what for and when, as far as that is known, and what becomes of it.

    What came in before is `known` (compared.Known); its calendar says now what is `told`, by which it `becomes` another
    (both compared.State). `misfit` says why the time of a line to decide is not free. Where it `is_another` visit or
    busy time now, agreeing puts it in place of `replaced`. `block` is the busy time that it was all along.
    """

    row: Row
    verdict: Verdict
    why: str = ""
    practitioner: Practitioner | None = None
    visit_type: VisitType | None = None
    slot: Slot | None = None
    # How it is known when it is brought a second time, by the newest key first.
    submission_ids: tuple[str, ...] = ()
    known: Any = None
    told: Any = None
    becomes: Any = None
    is_another: bool = False
    replaced: Any = None
    block: int | None = None
    misfit: str = ""

    @property
    def submission_id(self) -> str:
        return self.submission_ids[0] if self.submission_ids else ""

    @property
    def its_slot(self) -> Slot:
        """Of what comes in or moves, where to."""
        if self.slot is None:
            raise ValueError("it takes no time")
        return self.slot

    @property
    def is_busy_time(self) -> bool:
        """Whether it is nobody's visit, but takes time."""
        if self.known is None or self.is_another:
            return not self.row.is_visit
        return self.known.appointment is None

    @property
    def may_be_overbooked(self) -> bool:
        """Whether it is somebody's visit, and stays out, or where it is, for nothing but its time."""
        is_visit = self.known.appointment is not None if self.known else self.row.is_visit
        return is_visit and self.verdict in (Verdict.CLASH, Verdict.OUTSIDE, Verdict.FREE)

    @property
    def may_follow(self) -> bool:
        """Whether what is to be decided may still become what the other calendar says."""
        return self.verdict == Verdict.DECIDE and self.known.may_change

    @property
    def is_newer(self) -> bool:
        """Whether it is here already, in a state that is not older than the one that came in before."""
        said = self.known.said if self.known and self.verdict == Verdict.HERE else None
        return said is not None and (self.row.sequence is None or self.row.sequence >= said.sequence)

    @property
    def is_coming(self) -> bool:
        """Whether it is a visit that was not here before."""
        return self.known is None and self.verdict in (Verdict.IN, Verdict.OVERBOOKED)

    @property
    def keeps_its_time(self) -> bool:
        """Whether it is the visit that was given the time before that it has now: nobody else is in its way."""
        here = self.known.appointment if self.known and self.known.here and not self.is_another else None
        return here is not None and self.slot is not None and self.slot[:4] == here.slot[:4]

    def judged(self, verdict: Verdict, why: str = "") -> "Line":
        return replace(self, verdict=verdict, why=why)

    def compared_with(self, known: Any, slot: Slot | None, *, told: Any, becomes: Any) -> "Line":
        return replace(self, known=known, slot=slot, told=told, becomes=becomes)

    def instead(self) -> "Line":
        """The line as it is brought in anew, in place of what came in before under its id."""
        verdict = Verdict.IN if self.row.is_visit else Verdict.BUSY
        verdict = Verdict.OVERBOOKED if self.misfit else verdict
        why = self.misfit or self.why
        return replace(self, verdict=verdict, why=why, known=None, told=None, replaced=self.known, is_another=False)


@dataclass(frozen=True)
class Plan:
    lines: list[Line]

    def of(self, *verdicts: Verdict) -> list[Line]:
        return [line for line in self.lines if line.verdict in verdicts]

    def overbooking(self, numbers: Collection[int]) -> "Plan":
        """The same plan, in which the rows of these numbers come in overbooked, as far as they may."""
        return Plan(
            [
                line.judged(Verdict.OVERBOOKED, line.why)
                if line.row.number in numbers and line.may_be_overbooked
                else line
                for line in self.lines
            ]
        )

    def decided(self, theirs: Collection[int], ours: Collection[int], overbook: Collection[int]) -> "Plan":
        """The same plan, in which what was changed on both sides follows the other calendar, or stays as it is here."""

        def decide(line: Line) -> Line:
            if line.verdict != Verdict.DECIDE:
                return line
            if line.row.number in ours:
                return line.judged(Verdict.KEPT, line.why)
            if line.row.number not in theirs or not line.may_follow:
                return line
            if line.is_another and (not line.misfit or (line.row.is_visit and line.row.number in overbook)):
                return line.instead()
            if not line.misfit:
                return line.judged(Verdict.MOVED if line.slot else Verdict.CANCELLED, line.why)
            may_be = line.row.number in overbook and not line.is_another
            return line.judged(Verdict.OVERBOOKED, line.misfit) if may_be else line

        return Plan([decide(line) for line in self.lines])

    @property
    def compared(self) -> list[Line]:
        """What the other calendar is known to have said, once this is done."""
        return [line for line in self.lines if line.verdict in Verdict.changing() or line.is_newer]

    @property
    def coming(self) -> list[Line]:
        """The visits that come in."""
        return [line for line in self.lines if line.is_coming]

    @property
    def does_something(self) -> bool:
        return any(line.verdict in Verdict.changing() for line in self.lines)

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(line.verdict for line in self.lines)

    @cached_property
    def digest(self) -> str:
        """The same for two plans that do the same."""
        told = [
            (line.row, str(line.verdict), line.slot, line.submission_id, line.known, str(line.misfit))
            for line in self.lines
        ]
        return hashlib.sha256(repr(told).encode()).hexdigest()
