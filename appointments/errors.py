"""Why a verb of this app did nothing. The caller tells the person in its own words; those that all say stand here."""

from typing import Any

from django.utils.translation import gettext_lazy as _


class SlotTaken(Exception):
    """The time is not free, or no longer."""

    words = _("This time is not free any longer.")


class HasAppointment(Exception):
    """The inquiry has an appointment already: it is rescheduled, not given a second one."""


class TooManyReschedules(Exception):
    """The patient has moved this appointment as often as the clinic allows: from now on the front desk does."""


class NotPossible(Exception):
    """The state of the inquiry, the appointment or the mail does not allow this."""


class TooManyHeld(NotPossible):
    """As many times are held for requests that somebody has to check as limits.HELD_TO_CHECK allows."""


class TooManyTimes(NotPossible):
    """Somebody has chosen as many times as limits.TIMES_OF_A_SENDER or TIMES_FROM_AN_ADDRESS_A_DAY allow."""


class ChangedMeanwhile(Exception):
    """Somebody else changed the row since it was looked at, or has it at hand: look again, then decide."""


class Outdated(Exception):
    """What the mail says is no longer so, or its inquiry was erased: nobody has to be told."""


class PlanChanged(Exception):
    """Since the dry run of an import somebody booked, or hours changed: `plan` is what would happen now."""

    def __init__(self, plan: Any):
        super().__init__("the plan changed")
        self.plan = plan
