"""How far an appointment has come, and on whose wish it ended."""

from enum import Enum

from django.db import models
from django.utils.translation import gettext_lazy as _


class AppointmentStatus(models.TextChoices):
    """Source: HL7 FHIR R4, value set AppointmentStatus."""

    PROPOSED = "proposed", _("Offered")
    PENDING = "pending", _("Held, not confirmed yet")
    BOOKED = "booked", _("Booked")
    ARRIVED = "arrived", _("Arrived")
    FULFILLED = "fulfilled", _("Done")
    CANCELLED = "cancelled", _("Canceled")
    NOSHOW = "noshow", _("Did not come")

    @classmethod
    def holding_time(cls) -> tuple["AppointmentStatus", ...]:
        """The statuses in which an appointment keeps its time from everybody else."""
        return (cls.PROPOSED, cls.PENDING, cls.BOOKED, cls.ARRIVED, cls.FULFILLED)

    @classmethod
    def held_for_a_while(cls) -> tuple["AppointmentStatus", ...]:
        """Those that may hold a time until a moment (held_until), and then free it by themselves."""
        return (cls.PROPOSED, cls.PENDING)

    @classmethod
    def live(cls) -> tuple["AppointmentStatus", ...]:
        """The statuses of which an inquiry has one at most."""
        return (cls.PENDING, cls.BOOKED, cls.ARRIVED)


class CancelledBy(Enum):
    """On whose wish an appointment is cancelled. Staff may do it for a patient."""

    PATIENT = "patient"
    CLINIC = "clinic"
