"""A clinic's November 2026 in which each figure of the reports counts something, and a little beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

import time_machine

from appointments.actors import Actor
from appointments.bookings import appointments, proposals, statuses, undoing
from appointments.inquiries import answers, conversation, lifecycle, taking_back
from appointments.models import Appointment, AppointmentStatus, Email, Inquiry, InquiryStatus, MailState
from appointments.models.log import Outcome
from appointments.slots import Slot
from procedures.models import Procedure
from tests import make

ZONE = ZoneInfo("America/New_York")
NOW = "2026-11-25 12:00"

NUMBERS = {
    "asked": 10, "wishes": 8, "questions": 2, "by_site": 8, "by_phone": 1, "walk_ins": 1, "spam": 1, "by_hand": 1,
    "in_time": 5, "late": 3, "settled": 1, "open": 1,
    "by_mail": 1, "by_call": 4, "by_calls": 1, "voicemail": 1, "otherwise": 1, "nobody": 2, "not_yet": 1,
    "given": 6, "moved": 1, "cancelled": 2, "cancelled_late": 1, "came": 1, "noshow": 1, "not_marked": 1, "to_come": 1,
    "freed": 4, "filled": 1,
}  # fmt: skip


def moment(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=ZONE)


@contextmanager
def at(words: str) -> Iterator[None]:
    with time_machine.travel(moment(words), tick=False):
        yield


class November:
    """Who asked what of whom; `build` enters it, as it happened."""

    def __init__(self) -> None:
        self.desk = Actor.staff(make.front_desk())
        self.visit = make.visit_type("First visit")
        self.doctor = make.practitioner("Jane Osei, MD", visit=self.visit)
        self.procedure: Procedure = make.procedure()

    @classmethod
    def with_a_clinic(cls) -> "November":
        make.clinic()
        return cls().build()

    def build(self) -> "November":
        self._asked()
        self._visited()
        return self

    def sent(self, when: str, **fields: object) -> Inquiry:
        with at(when):
            return make.inquiry(**fields)

    def called(self, inquiry: Inquiry, when: str, outcome: Outcome) -> None:
        with at(when):
            conversation.log_call(inquiry=inquiry, outcome=outcome, by=self.desk)

    def _asked(self) -> None:
        at_once = self.sent("2026-11-16 10:00", name="At once", procedure=self.procedure)
        self.called(at_once, "2026-11-16 11:00", Outcome.REACHED)

        twice = self.sent("2026-11-16 10:00", name="Called twice", source="phone", kind="question", message="When?")
        self.called(twice, "2026-11-17 10:00", Outcome.NO_ANSWER)
        self.called(twice, "2026-11-18 10:00", Outcome.REACHED)

        self.mailed("2026-11-16 09:00", "2026-11-17 10:00")

        voicemail = self.sent("2026-11-18 10:00", name="Voicemail", source="walk_in")
        self.called(voicemail, "2026-11-18 12:00", Outcome.VOICEMAIL)

        self.sent("2026-11-16 10:00", name="Forgotten")
        closed = self.sent("2026-11-16 10:00", name="Closed")
        with at("2026-11-17 10:00"):
            lifecycle.transition(inquiry=closed, to=InquiryStatus.CLOSED, version=1, by=self.desk)
        self.sent("2026-11-25 11:00", name="Just now")

        self.sent("2026-11-16 10:00", name="Spam", screening="spam", screening_reason="staff")
        self.sent("2026-11-16 10:00", name="By hand", screening="by_hand", screening_reason="asked")
        self.sent("2026-11-16 10:00", name="From a file", source="file")
        for month in ("10-31 23:59", "12-01 00:00"):
            self.sent(f"2026-{month}", name="Another month")

        self.taken_back(self.sent("2026-11-16 10:00", name="Taken back"))
        wrote = self.sent("2026-11-16 10:00", name="Wrote back")
        self.called(wrote, "2026-11-16 11:00", Outcome.REACHED)
        with at("2026-11-16 12:00"):
            conversation.write_back(inquiry=wrote, words="And when?")

    def mailed(self, sent: str, answered: str) -> None:
        fields = {"kind": "question", "message": "When?", "contact_by": "email", "email": "m@example.com"}
        inquiry = self.sent(sent, name="Mailed", phone="", **fields)
        with at(answered):
            conversation.reply(inquiry=inquiry, words="Soon.", version=1, by=self.desk)
            answer = Email.objects.filter(inquiry=inquiry, kind="answered")
            answer.update(state=MailState.SENT, sent_at=moment(answered))
            answers.keep_what_was_heard()

    def taken_back(self, inquiry: Inquiry) -> None:
        """A call that was logged by mistake, and made two days later."""
        before, told = undoing.versions(inquiry), taking_back.told(inquiry)
        self.called(inquiry, "2026-11-16 11:00", Outcome.REACHED)
        done = taking_back.deeds(told, taking_back.told(inquiry))
        with at("2026-11-16 11:01"):
            undoing.take_back([undoing.Press(inquiry.pk, before, undoing.versions(inquiry), done)], self.desk)
        self.called(inquiry, "2026-11-18 10:00", Outcome.REACHED)

    def slot(self, when: str) -> Slot:
        return Slot.starting_at(moment(when), self.visit.rules, self.doctor.pk)

    def given(self, when: str, name: str) -> Appointment:
        inquiry = self.sent("2026-10-20 10:00", name=name, procedure=self.procedure)
        with at("2026-11-02 10:00"):
            return appointments.give(inquiry=inquiry, slot=self.slot(when), by=self.desk)

    def became(self, appointment: Appointment, *statuses_: AppointmentStatus) -> None:
        for status in statuses_:
            with at("2026-11-24 08:00"):
                statuses.change_status(appointment=appointment, to=status, by=self.desk)

    def _visited(self) -> None:
        online = self.sent("2026-11-16 10:00", name="Online")
        with at("2026-11-16 10:00"):
            came = appointments.book(inquiry=online, slot=self.slot("2026-11-23 10:00"), by=Actor.visitor())
        self.became(came, AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED)
        self.became(self.given("2026-11-23 11:00", "No show"), AppointmentStatus.NOSHOW)

        for when, cancelled, name in (
            ("2026-11-24 09:00", "2026-11-24 08:00", "Late"),
            ("2026-11-24 13:00", "2026-11-17 08:00", "In good time"),
        ):
            appointment = self.given(when, name)
            with at(cancelled):
                statuses.cancel(appointment=appointment, by=Actor.visitor())
        with at("2026-11-18 10:00"):
            filler = make.inquiry(name="Filler", sent=moment("2026-11-18 10:00") - moment("2026-10-20 10:00"))
            appointments.give(inquiry=filler, slot=self.slot("2026-11-24 13:00"), by=self.desk)

        for when, then in (("2026-11-24 14:00", "2026-11-27 10:00"), ("2026-11-24 15:00", "2026-12-01 10:00")):
            appointment = self.given(when, "Moved")
            with at("2026-11-18 10:00"):
                appointments.reschedule(appointment=appointment, slot=self.slot(then), by=self.desk)

        offered = self.sent("2026-10-20 10:00", name="Offered")
        with at("2026-11-24 10:00"):
            until = moment("2026-11-26 10:00")
            proposals.propose(inquiry=offered, slots=[self.slot("2026-11-27 14:00")], until=until, by=self.desk)

    @property
    def groups(self) -> dict[str, int]:
        return {"practitioner": self.doctor.pk, "visit_type": self.visit.pk, "procedure": self.procedure.pk}
