"""
The rows that reports count, and by what they are told apart: one statement counts all of them.

A cube is a set of rows, the `axes` along which each has one value, and the moment by which it belongs to a period. A
figure (figures.py) counts the rows that have certain values along these axes, and leads to the same rows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db.models import BigIntegerField, Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from appointments.models import (
    Appointment,
    AppointmentStatus,
    Call,
    Email,
    Inquiry,
    InquiryScreening,
    InquiryStatus,
    MailState,
    NotificationKind,
)
from appointments.models.appointment import LONGEST_APPOINTMENT
from appointments.models.inquiry_choices import InquirySource
from appointments.models.log import Outcome
from appointments.records.reports.periods import Period
from clinic.models import Clinic

# A mail of these kinds is no answer: it goes out by itself, or says that nobody was reached.
NO_ANSWERS = (
    NotificationKind.RECEIVED, NotificationKind.LINK_AGAIN, NotificationKind.NEW_LINK, NotificationKind.TRIED,
)  # fmt: skip


@dataclass(frozen=True)
class Cube:
    """`rows` of a period; each axis is a field of theirs, or what `axes` makes of them at a moment."""

    moment: str
    rows: Callable[[Period], QuerySet]
    axes: Callable[[datetime], Mapping[str, Any]]
    # By what the numbers are told apart: an id of each, or none.
    groups: Mapping[str, Callable[[], Any]]

    def whole(self, period: Period, now: datetime) -> QuerySet:
        return self.rows(period).annotate(**self.axes(now))


def _events(model: str) -> QuerySet:
    return apps.get_model("appointments", f"{model}Event")._default_manager.all()


def _case(*cases: tuple[Any, str], default: str) -> Case:
    whens = [When(condition, then=Value(value)) for condition, value in cases]
    return Case(*whens, default=Value(default), output_field=CharField())


# What was asked.


def _asked(period: Period) -> QuerySet:
    return Inquiry.objects.filter(**period.within("created_at")).exclude(source=InquirySource.FILE)


def first_answers() -> QuerySet:
    """
    For a query on inquiries: the states in which one was answered, the first answer first.

    An answer that staff took back, or opened again by the same promise, is none.
    """
    unanswered_next = _events("Inquiry").filter(
        pgh_obj=OuterRef("pgh_obj"), pgh_id__gt=OuterRef("pgh_id"), answered_at=None
    )
    by_staff = Q(answer_by=OuterRef("answer_by"), pgh_context__metadata__actor="staff")
    why = unanswered_next.order_by("pgh_id").annotate(why=_case((by_staff, "taken_back"), default="anew")).values("why")
    answered = _events("Inquiry").filter(pgh_obj=OuterRef("pk"), answered_at__isnull=False)
    return answered.annotate(then=Coalesce(Subquery(why[:1]), Value(""))).exclude(then="taken_back").order_by("pgh_id")


def _inquiry_axes(now: datetime) -> dict[str, Any]:
    kept = _case((Q(answered_at__lte=F("answer_by")), "in_time"), default="late")
    calls = Call.objects.standing().filter(inquiry=OuterRef("pk"))
    tried = calls.exclude(outcome=Outcome.CALL_BACK).order_by("created_at", "pk")
    mails = Email.objects.filter(inquiry=OuterRef("pk"), state=MailState.SENT).exclude(kind__in=NO_ANSWERS)
    is_settled = ~Q(status__in=InquiryStatus.ours())
    return {
        "promise": Coalesce(
            Subquery(first_answers().annotate(kept=kept).values("kept")[:1]),
            _case((is_settled, "settled"), (Q(answer_by__lt=now), "late"), default="open"),
        ),
        "reached": _case(
            (Exact(Subquery(tried.values("outcome")[:1]), Outcome.REACHED.value), "call"),
            (Exists(calls.filter(outcome=Outcome.REACHED)), "calls"),
            (Exists(mails.exclude(kind__startswith="staff_")), "mail"),
            (Exists(calls.filter(outcome=Outcome.VOICEMAIL)), "voicemail"),
            (Q(answered_at__isnull=False), "otherwise"),
            (is_settled | Q(answer_by__lt=now), "nobody"),
            default="open",
        ),
    }


def _of_their_time(field: str) -> Any:
    """Of an inquiry, the practitioner or the kind of visit of the time given last, or else of the time asked for."""
    times = Appointment.objects.given().filter(inquiry=OuterRef("pk")).order_by("-time_set_at", "-pk")
    of_time = Subquery(times.values(f"{field}_id")[:1])
    return Coalesce(of_time, F(f"wished_{field}_id"), output_field=BigIntegerField())


INQUIRIES = Cube(
    "created_at",
    _asked,
    _inquiry_axes,
    {
        "practitioner": lambda: _of_their_time("practitioner"),
        "visit_type": lambda: _of_their_time("visit_type"),
        "procedure": lambda: F("procedure_id"),
    },
)


# Visits.


def _visits(period: Period) -> QuerySet:
    """What is or was somebody's: not what was only offered, or held to be checked, and nothing of spam."""
    given = Appointment.objects.filter(**period.within("starts_at"), held_until=None)
    return given.exclude(inquiry__screening=InquiryScreening.SPAM)


def _visit_axes(now: datetime) -> dict[str, Any]:
    zone: ZoneInfo = Clinic.current().zone
    today = datetime.combine(now.astimezone(zone).date(), time(), zone)
    was_elsewhere = _events("Appointment").filter(pgh_obj=OuterRef("pk"), held_until=None)
    was_elsewhere = was_elsewhere.exclude(status=AppointmentStatus.PROPOSED).exclude(starts_at=OuterRef("starts_at"))
    status = AppointmentStatus
    return {
        "became": _case(
            (Q(status=status.CANCELLED, cancelled_late=True), "cancelled_late"),
            (Q(status=status.CANCELLED), "cancelled"),
            (Q(status=status.NOSHOW), "noshow"),
            (Q(status__in=(status.ARRIVED, status.FULFILLED)), "came"),
            (Q(ends_at__lt=today), "not_marked"),
            default="to_come",
        ),
        "moved": _case((Exists(was_elsewhere), "yes"), default="no"),
    }


VISITS = Cube(
    "starts_at",
    _visits,
    _visit_axes,
    {
        "practitioner": lambda: F("practitioner_id"),
        "visit_type": lambda: F("visit_type_id"),
        "procedure": lambda: F("inquiry__procedure_id"),
    },
)


# Times that became free.


def _given_up() -> QuerySet:
    """
    States of appointments in which a time was somebody's who does not have it any longer: moved, or canceled.

    What a closure took away was free for nobody.
    """
    has_it = Appointment.objects.filter(
        pk=OuterRef("pgh_obj"), practitioner=OuterRef("practitioner"), starts_at=OuterRef("starts_at")
    ).exclude(status=AppointmentStatus.CANCELLED)
    was_closed = _events("Appointment").filter(
        pgh_obj=OuterRef("pgh_obj"), starts_at=OuterRef("starts_at"), displaced_at__isnull=False
    )
    had = _events("Appointment").filter(
        held_until=None, status__in=(AppointmentStatus.PENDING, AppointmentStatus.BOOKED)
    )
    return had.filter(~Exists(has_it), ~Exists(was_closed))


def _freed(period: Period) -> QuerySet:
    """The first of the states that held each time: a time that two people gave up was freed once."""
    earlier = _given_up().filter(
        practitioner=OuterRef("practitioner"), starts_at=OuterRef("starts_at"), pgh_id__lt=OuterRef("pgh_id")
    )
    return _given_up().filter(~Exists(earlier), **period.within("starts_at"))


def _freed_axes(now: datetime) -> dict[str, Any]:
    others = Appointment.objects.filter(
        practitioner=OuterRef("practitioner"),
        starts_at__lt=OuterRef("ends_at"),
        ends_at__gt=OuterRef("starts_at"),
        starts_at__gt=OuterRef("starts_at") - LONGEST_APPOINTMENT,  # With both ends an index leads straight there.
        held_until=None,
        overbooked=False,
    ).exclude(pk=OuterRef("pgh_obj"))
    has_it_now = others.exclude(status__in=(AppointmentStatus.CANCELLED, AppointmentStatus.PROPOSED))
    return {"filled": _case((Exists(has_it_now), "yes"), default="no")}


FREED = Cube(
    "starts_at",
    _freed,
    _freed_axes,
    {
        "practitioner": lambda: F("practitioner_id"),
        "visit_type": lambda: F("visit_type_id"),
        "procedure": lambda: F("pgh_obj__inquiry__procedure_id"),
    },
)
