"""Patients who say that they will come: the front desk calls those first who have not said so."""

from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings.locking import locked_appointment, once_more_after_a_deadlock
from appointments.errors import NotPossible
from appointments.models import Appointment, AppointmentStatus


@once_more_after_a_deadlock
def say_they_will_come(*, appointment: Appointment, by: Actor, version: int | None = None) -> Appointment:
    """
    The patient will come at this very time. Said already: nothing happens.

    Its version stays: whatever somebody decides about the appointment meanwhile is no less right. Raises NotPossible
    where the time is not certain, has begun or was taken away; ChangedMeanwhile unless it has the `version` seen.
    """
    now = timezone.now()
    with locked_appointment(appointment, by, version) as row:
        if row.status != AppointmentStatus.BOOKED or row.displaced_at or row.starts_at <= now:
            raise NotPossible(row.status)
        if not row.has_said_they_will_come:
            row.patient_will_come_at = now
            row.save(update_fields=["patient_will_come_at"])
    return row
