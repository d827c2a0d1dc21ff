"""How things stand with an inquiry and its time, as its own page and what can be done there depend on it."""

from datetime import datetime
from functools import cached_property

from appointments.models import Appointment, AppointmentStatus, Inquiry, InquiryScreening, Schedule
from appointments.slots import Slot
from clinic.models import Clinic


def may_choose(inquiry: Inquiry) -> bool:
    """Whether the site lets them choose a time: not for ever again after cancelling."""
    return inquiry.may_choose and inquiry.appointments.given().count() <= Clinic.current().reschedules_allowed


def may_move(inquiry: Inquiry, theirs: Appointment, now: datetime) -> bool:
    """Whether the site lets them move their time: not one that is only held while somebody checks their request."""
    is_checked = inquiry.screening == InquiryScreening.PASSED and not theirs.is_held_to_check
    return is_checked and theirs.may_be_moved(Clinic.current().reschedules_allowed, now)


class Standing:
    """How things stand with `inquiry` at `now`."""

    def __init__(self, inquiry: Inquiry, now: datetime):
        self.inquiry, self.now, self.clinic = inquiry, now, Clinic.current()
        rows = inquiry.appointments.select_related("practitioner", "visit_type")
        self.appointment: Appointment | None = rows.not_expired(now).of_the_patient()
        self.proposals = list(rows.proposed(now))

    @cached_property
    def to_come(self) -> Appointment | None:
        return self.appointment if self.appointment and self.appointment.is_to_come(self.now) else None

    @cached_property
    def has_time(self) -> bool:
        """A time of theirs lies ahead; one that is held while somebody checks their request is not theirs yet."""
        return self.to_come is not None and not self.to_come.is_held_to_check

    @cached_property
    def is_gone(self) -> bool:
        """Their time lies ahead, and we can't see them then."""
        return self.to_come is not None and self.to_come.displaced_at is not None

    @cached_property
    def is_cancelled(self) -> bool:
        return self.appointment is not None and self.appointment.status == AppointmentStatus.CANCELLED

    @cached_property
    def is_online(self) -> bool:
        return Schedule.any_online()

    @cached_property
    def may_move(self) -> bool:
        return bool(self.to_come and self.is_online and may_move(self.inquiry, self.to_come, self.now))

    @cached_property
    def wish(self) -> Slot | None:
        """The time that they asked for with the form, until they have one, or it is past."""
        wish = self.inquiry.wish if self.appointment is None or self.appointment.is_held_to_check else None
        return wish if wish and wish.starts_at > self.now else None

    @cached_property
    def owes_words(self) -> bool:
        """They asked for something or wrote, and no message of ours came after it. A cancellation asks for nothing."""
        if self.inquiry.waiting_list_since:
            return True
        last = self.inquiry.messages.last()
        return last.from_patient if last else bool(self.inquiry.message or self.inquiry.reach_note)

    @property
    def instead_of(self) -> Appointment | None:
        """The time whose place a proposal would take."""
        return self.to_come if self.has_time and not self.is_gone else None

    @property
    def theirs(self) -> Appointment | None:
        """The time that is theirs, wherever it stands: what a decision on this page is about."""
        return self.appointment if self.appointment and self.appointment.is_live else None
