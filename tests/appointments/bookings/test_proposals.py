"""Times that are offered or held until a moment: what ends early, and what ends by itself."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments, displacement, proposals, statuses, submissions
from appointments.bookings.follow_up import mark_as_spam
from appointments.demo.history import rewritable
from appointments.inquiries import conversation, lifecycle
from appointments.models import Appointment, AppointmentStatus, Inquiry, InquiryStatus, MailState, NotificationKind
from appointments.notifications import compose, outbox
from appointments.records import erasure, history
from tests import make

pytestmark = pytest.mark.django_db
TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)
VISITOR = Actor.visitor()
BY_HAND = {"screening": "by_hand", "screening_reason": "asked"}
MAILED = {"contact_by": "email", "email": "rosa@example.com"}


@pytest.fixture(autouse=True)
def clock():
    make.clinic()
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def ann():
    return Actor.staff(make.front_desk(first_name="Ann", last_name="Reyes"))


@pytest.fixture
def doctor():
    return make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit"))


def held(doctor) -> Appointment:
    slot = make.slots(doctor, WEDNESDAY)[0]
    return submissions.hold_to_check(inquiry=make.inquiry(**BY_HAND, **MAILED), slot=slot, by=VISITOR)


def offered(doctor, ann, how_many: int = 1, **fields) -> list[Appointment]:
    slots, until = make.slots(doctor, WEDNESDAY)[:how_many], timezone.now() + timedelta(hours=3)
    return proposals.propose(inquiry=make.inquiry(**MAILED | fields), slots=slots, until=until, by=ann)


def close_wednesday(ann, **fields) -> None:
    closed = {"name": "Ill", "starts_at": "2026-11-25T05:00Z", "ends_at": "2026-11-26T05:00Z"}
    with displacement.changing_hours(by=ann):
        displacement.Closure.objects.create(**closed | fields)


def version(inquiry: Inquiry) -> int:
    return Inquiry.objects.get(pk=inquiry.pk).version


def cancel(it, doctor, ann):
    statuses.cancel(appointment=it, by=ann)


def cancel_by_the_patient(it, doctor, ann):
    statuses.cancel(appointment=it, by=VISITOR)


def choose_another(it, doctor, ann):
    submissions.hold_to_check(inquiry=it.inquiry, slot=make.slots(doctor, TUESDAY)[0], by=VISITOR)


def close_the_request(it, doctor, ann):
    lifecycle.transition(inquiry=it.inquiry, to=InquiryStatus.CLOSED, version=version(it.inquiry), by=ann)


def mark_it_as_spam(it, doctor, ann):
    mark_as_spam(inquiry=it.inquiry, version=version(it.inquiry), by=ann)


def close_the_day(it, doctor, ann):
    close_wednesday(ann)


def erase(it, doctor, ann):
    erasure.erase(it.inquiry, reason="They asked us to", by=ann)


def decline(it, doctor, ann):
    proposals.decline(inquiry=it.inquiry, by=VISITOR)


def give_another(it, doctor, ann):
    appointments.give(inquiry=it.inquiry, slot=make.slots(doctor, TUESDAY)[0], by=ann)


def take_it_in_place_of_another(it, doctor, ann):
    # They have a time by another practitioner, which moves there.
    theirs = make.practitioner(visit=it.visit_type)
    Appointment.objects.filter(pk=it.pk).update(status=AppointmentStatus.CANCELLED)
    appointments.give(inquiry=it.inquiry, slot=make.slots(theirs, TUESDAY)[0], by=ann)
    Appointment.objects.filter(pk=it.pk).update(status=AppointmentStatus.PROPOSED)
    proposals.accept(proposal=it, by=ann)


OF_A_HELD_TIME = (cancel, cancel_by_the_patient, choose_another, close_the_request, mark_it_as_spam, close_the_day)
OF_AN_OFFER = (decline, give_another, mark_it_as_spam, close_the_day, take_it_in_place_of_another)


class TestEndedEarly:
    @pytest.mark.parametrize("end", [*OF_A_HELD_TIME, erase])
    def test_a_held_time_ends_at_that_moment(self, doctor, ann, clock, end):
        it = held(doctor)
        clock.shift(timedelta(hours=1))

        end(it, doctor, ann)

        ended = Appointment.objects.get(pk=it.pk)
        assert (ended.status, ended.held_until, ended.version) == ("cancelled", timezone.now(), 2)

    @pytest.mark.parametrize("end", [*OF_AN_OFFER, erase])
    def test_an_offer_ends_at_that_moment(self, doctor, ann, clock, end):
        [it] = offered(doctor, ann)
        clock.shift(timedelta(hours=1))

        end(it, doctor, ann)

        ended = Appointment.objects.get(pk=it.pk)
        assert (ended.status, ended.held_until, ended.version) == ("cancelled", timezone.now(), 2)

    @pytest.mark.parametrize("end", OF_A_HELD_TIME)
    def test_the_desk_is_left_in_peace_when_a_held_time_would_have_ended(self, doctor, ann, clock, end):
        it = held(doctor)

        assert self.status_at_the_end(it, doctor, ann, clock, end) == InquiryStatus.WAITING_FOR_PATIENT

    @pytest.mark.parametrize("end", OF_AN_OFFER)
    def test_the_desk_is_left_in_peace_when_an_offer_would_have_ended(self, doctor, ann, clock, end):
        [it] = offered(doctor, ann)

        assert self.status_at_the_end(it, doctor, ann, clock, end) == InquiryStatus.WAITING_FOR_PATIENT

    def status_at_the_end(self, it, doctor, ann, clock, end) -> str:
        """The state of its inquiry at the end that was set, where it ended early and was answered then."""
        clock.shift(timedelta(minutes=1))
        end(it, doctor, ann)
        clock.shift(timedelta(minutes=1))
        inquiry = it.inquiry
        # What took its place does not end meanwhile.
        inquiry.appointments.live().update(held_until=None)
        conversation.reply(inquiry=inquiry, words="Please call us.", version=version(inquiry), by=ann)
        clock.move_to(it.held_until + timedelta(seconds=1))

        proposals.expire_due()

        return Inquiry.objects.get(pk=inquiry.pk).status

    @pytest.mark.parametrize("by", ["ann", "visitor"])
    def test_whose_held_time_is_cancelled_while_we_wait_for_them_is_the_desks_at_once(self, doctor, ann, by):
        it = held(doctor)
        lifecycle.transition(
            inquiry=it.inquiry, to=InquiryStatus.WAITING_FOR_PATIENT, version=version(it.inquiry), by=ann
        )

        statuses.cancel(appointment=it, by=ann if by == "ann" else VISITOR)

        assert Inquiry.objects.get().status == InquiryStatus.OPEN

    @pytest.mark.parametrize("is_held", [True, False])
    def test_the_history_says_who_ended_it(self, doctor, ann, clock, is_held):
        [it] = [held(doctor)] if is_held else offered(doctor, ann)
        clock.shift(timedelta(hours=1))

        (cancel if is_held else give_another)(it, doctor, ann)

        # The triggers write the database's own time, which may be before or after.
        with rewritable(it.events.model):
            it.events.update(pgh_created_at=timezone.now() + timedelta(milliseconds=5))
        before = "Held, not confirmed yet" if is_held else "Offered"
        lines = [(line.who, line.what) for line in history.lines(it.inquiry)]
        assert [line for line in lines if "Canceled" in line[1]] == [("Ann Reyes", f"State: {before} → Canceled")]
        assert [line for line in lines if "ended" in line[1] or "no longer" in line[1]] == []


class TestVersions:
    """Each change counts Appointment.version up, or a page from before the change would decide on what is no longer."""

    def until_nobody_chose(self, doctor, ann, clock):
        offered(doctor, ann, 2)
        clock.shift(timedelta(hours=3))
        proposals.expire_due()

    def until_nobody_checked(self, doctor, ann, clock):
        clock.move_to(held(doctor).held_until)
        proposals.expire_due()

    def until_somebody_books_it(self, doctor, ann, clock):
        [offer] = offered(doctor, ann)
        clock.shift(timedelta(hours=3))
        appointments.book(inquiry=make.inquiry(), slot=offer.slot, by=VISITOR)

    def until_its_people_are_erased(self, doctor, ann, clock):
        slot = make.slots(doctor, WEDNESDAY)[0]._replace(visit_type_id=doctor.schedules.get().visit_type_id)
        booked = appointments.give(inquiry=make.inquiry(), slot=slot, by=ann)
        over = appointments.give(inquiry=make.inquiry(), slot=slot, by=ann, reason="In great need")
        for appointment in (booked, over):
            erasure.erase(appointment.inquiry, reason="x", by=ann)

    @pytest.mark.parametrize(
        "end", ["until_nobody_chose", "until_nobody_checked", "until_somebody_books_it", "until_its_people_are_erased"]
    )
    def test_whatever_ends_a_time_counts_up(self, doctor, ann, clock, end):
        getattr(self, end)(doctor, ann, clock)

        cancelled = Appointment.objects.filter(status=AppointmentStatus.CANCELLED)
        assert cancelled.exists()
        for appointment in cancelled:
            versions = list(appointment.events.order_by("pgh_id").values_list("version", flat=True))
            assert versions == list(range(1, len(versions) + 1))


class TestSomeOfThemEnded:
    def test_the_mail_still_offers_the_others_until_their_end(self, doctor, ann, mailoutbox):
        until = timezone.now() + timedelta(hours=3)
        first, *_others = offered(doctor, ann, 3, contact_by="email", email="rosa@example.com")

        close_wednesday(ann, starts_at=first.starts_at, ends_at=first.ends_at)
        make.two_minutes_pass()
        outbox.send_due()

        assert Appointment.objects.proposed(timezone.now()).count() == 2
        mail = first.inquiry.emails.get(kind=NotificationKind.OFFERED)
        assert mail.state == MailState.SENT
        with timezone.override("America/New_York"):
            assert f"We hold them until {compose.moment(until, displacement.Clinic.current())}." in mail.text


def test_that_somebody_was_erased_does_not_keep_the_offers_of_others(doctor, ann, clock, monkeypatch):
    inquiries = [offered(doctor, ann)[0].inquiry for _ in range(2)]
    clock.shift(timedelta(hours=4))
    expire = proposals.expire

    def erased_at_this_moment(*, inquiry):
        Inquiry.objects.filter(pk=inquiries[0].pk).update(erased_at=timezone.now())
        expire(inquiry=inquiry)

    monkeypatch.setattr(proposals, "expire", erased_at_this_moment)
    proposals.expire_due()

    assert Inquiry.objects.get(pk=inquiries[1].pk).status == InquiryStatus.OPEN
