"""Why a time is not free, and who has it: what the front desk reads before it overbooks it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from appointments.models import Appointment, BusyBlock, Closure
from appointments.scheduling import calendars
from appointments.slots import Slot, every_week
from clinic.hours import Period
from clinic.models import Clinic
from clinic.sentences import ended, moment


def why_not_free(slot: Slot, *, without: Appointment | None = None) -> list[str]:
    """
    Sentences, the most certain first: outside working hours, closed, busy, whose visit it is. None where it is free.

    `without` leaves one appointment out, which is about to move.
    """
    found = []
    if not calendars.on(slot, without=without).is_at_work(slot.starts_at, slot.ends_at):
        found.append(_("It is outside their working hours."))
    return [*found, *_closures(slot), *_busy(slot), *_visits(slot, without)]


def _closures(slot: Slot) -> Iterator[str]:
    of_theirs = Closure.objects.standing().filter(Q(practitioner=None) | Q(practitioner=slot.practitioner_id))
    for each in of_theirs.filter(starts_at__lt=slot.blocked_until, ends_at__gt=slot.starts_at):
        yield ended(_("Closed until %(end)s: %(name)s") % {"end": moment(each.ends_at), "name": each.name})


def _busy(slot: Slot) -> Iterator[str]:
    blocks = BusyBlock.objects.filter(practitioner=slot.practitioner_id, starts_at__lt=slot.blocked_until)
    for each in blocks.filter(Q(is_weekly=True) | Q(ends_at__gt=slot.starts_at)):
        period = Period(each.starts_at, each.ends_at)
        day = timedelta(days=1)
        weekly = every_week(period, slot.starts_at - day, slot.blocked_until + day, Clinic.current().zone)
        for start, end in weekly if each.is_weekly else [period]:
            if start < slot.blocked_until and end > slot.starts_at:
                said = _("They are busy elsewhere until %s") % _hour(end)
                yield ended(f"{said}: {each.words}" if each.words else said)


def _visits(slot: Slot, without: Appointment | None) -> Iterator[str]:
    held = Appointment.objects.taking_time(timezone.now()).filter(practitioner=slot.practitioner_id)
    held = held.filter(starts_at__lt=slot.blocked_until, blocked_until__gt=slot.starts_at).order_by("starts_at", "pk")
    others = held.exclude(pk=without.pk) if without else held
    for each in others.select_related("inquiry"):
        yield _("%(who)s has %(start)s to %(end)s (%(state)s).") % {
            "who": each.inquiry.who_comes,
            "start": _hour(each.starts_at),
            "end": _hour(each.ends_at),
            "state": each.get_status_display().lower(),
        }


def _hour(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "P")
