"""Are the given times right, and is it decided when somebody can be seen."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from appointments.bookings import displacement
from appointments.models import Appointment, Practitioner, Schedule
from appointments.models.inquiry_choices import InquirySource
from appointments.scheduling import holidays
from clinic.models import Clinic, Proof, ProofKind
from clinic.operations.doctor.findings import Finding, error, warning


def overlapping_times(now: datetime) -> Iterator[Finding]:
    """The database refuses them, as long as its constraint is there: a table that was restored by hand may lack it."""
    taking = Appointment.objects.taking_time(now).filter(overbooked=False)
    other = taking.filter(
        practitioner=OuterRef("practitioner"),
        pk__gt=OuterRef("pk"),
        starts_at__lt=OuterRef("blocked_until"),
        blocked_until__gt=OuterRef("starts_at"),
    )
    pairs = taking.filter(Exists(other), blocked_until__gt=now).order_by("starts_at")
    if many := pairs.count():
        words = ngettext(
            "%d time was given twice, of one practitioner at one time.",
            "%d times were given twice, of one practitioner at one time.",
            many,
        )
        yield error(words % many, _first(pairs))


def times_outside_hours(now: datetime) -> Iterator[Finding]:
    """By the clinic's zone as it is now: a government that changes the clocks moves every hour that was entered."""
    everybody = list(Practitioner.objects.values_list("pk", flat=True))
    unfit = Appointment.objects.filter(pk__in=displacement.misfits(everybody, now), displaced_at=None, overbooked=False)
    unfit = unfit.taking_time(now).order_by("starts_at")
    if many := unfit.count():
        words = ngettext(
            "%d appointment lies outside the hours, and nobody is told.",
            "%d appointments lie outside the hours, and nobody is told.",
            many,
        )
        yield error(words % many, _first(unfit))


def _first(rows) -> str:
    """Where somebody begins: a day and a doctor, no name of a patient."""
    first = rows.select_related("practitioner")[0]
    at = date_format(first.starts_at.astimezone(Clinic.current().zone), "D, N j, H:i")
    return _("Move or cancel them; the first is %(at)s, %(doctor)s.") % {"at": at, "doctor": first.practitioner}


def nobody_to_see(now: datetime) -> Iterator[Finding]:
    if not Practitioner.objects.active().exists():
        words = _("No practitioner is entered: patients can’t read who they will see.")
        yield warning(words, _("Enter them in the admin, under Practitioners."))


def old_calendar(now: datetime) -> Iterator[Finding]:
    """Times that patients choose online, while those given before stand in another calendar, are given twice."""
    if not Schedule.any_online() or Proof.objects.filter(kind=ProofKind.NOTHING_TO_BRING_IN).exists():
        return
    if not Appointment.objects.filter(inquiry__source=InquirySource.FILE).exists():
        words = _("Times can be chosen online, and no appointments of before were brought in.")
        yield warning(words, _("Bring them in, or say under “Ready for patients?” that there are none."))


def undecided_holidays(now: datetime) -> Iterator[Finding]:
    clinic = Clinic.current()
    if not clinic.holidays_of:
        words = _("Nobody has entered which region’s public holidays are the clinic’s.")
        yield warning(words, _("Enter it in the admin, under The clinic."))
        return
    if days := holidays.within_reach(now):
        words = _("Nobody has decided whether the clinic is open: %(days)s.") % {"days": days}
        yield warning(words, _("Decide it in the admin, under Closures, Public holidays."))


SLOW = (overlapping_times, times_outside_hours, nobody_to_see, old_calendar, undecided_holidays)
