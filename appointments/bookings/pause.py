"""The fuse of online choosing: it blows when one hour takes a great part of what is free, as a machine would."""

from datetime import datetime, timedelta

from django.utils import timezone

from appointments import limits
from appointments.models import Appointment, Schedule
from appointments.scheduling import calendars
from clinic.models import Clinic

HOUR = timedelta(hours=1)


def after_a_choice(chosen: int, now: datetime) -> None:
    """
    Pause online choosing where the last hour took more than limits.PAUSES_AT_SHARE of what was free within two weeks.

    `chosen` is how many times were asked for within the hour; below the clinic's `pauses_from` nothing is looked up.
    Requests arrive all the same, without a time; the manager ends the pause.
    """
    least = Clinic.current().pauses_from
    if chosen < least:
        return
    until = now + limits.PAUSES_OVER
    new = Appointment.objects.live().filter(created_at__gt=now - HOUR, starts_at__gt=now, starts_at__lt=until)
    taken = new.count()
    if taken >= least and taken > limits.PAUSES_AT_SHARE * (taken + _free(now, until)):
        Clinic.objects.update(is_choosing_paused=True)


def _free(now: datetime, until: datetime) -> int:
    """How many times patients may choose from until then: beginnings, each practitioner's counted once."""
    zone = Clinic.current().zone
    first, last = timezone.localdate(now, zone), timezone.localdate(until, zone)
    schedules = list(Schedule.objects.online())
    of_everybody = calendars.between({each.practitioner_id for each in schedules}, first, last, zone=zone)
    return len({
        (slot.practitioner_id, slot.starts_at)
        for schedule in schedules
        for slot in of_everybody[schedule.practitioner_id].slots(
            schedule.visit_type.rules, now=now, first=first, last=last
        )
    })  # fmt: skip
