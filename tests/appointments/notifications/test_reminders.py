"""Reminders by rule of the calendar: 17:00 on the working day before, and a week before."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments, statuses
from appointments.models import AppointmentStatus, CallTask, Closure, Email
from appointments.notifications import outbox, reminders
from clinic.hours import Opening, Period
from tests import make

NEW_YORK = ZoneInfo("America/New_York")
WEEK = [Opening(day, time(9), time(17)) for day in range(5)]


def at(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("starts_at", "day", "week"),
    [
        # A Tuesday: the Monday, and the Tuesday before.
        ("2026-11-24 09:30", "2026-11-23 17:00", "2026-11-17 17:00"),
        # A Monday: the Friday, not the Sunday.
        ("2026-11-23 09:00", "2026-11-20 17:00", "2026-11-16 17:00"),
        # After Thanksgiving (closed Thursday and Friday): the Wednesday; a week before it, the Monday.
        ("2026-11-30 08:00", "2026-11-25 17:00", "2026-11-23 17:00"),
        # Clocks go back on November 1 and forward on March 8: 17:00 stays 17:00.
        ("2026-11-02 09:00", "2026-10-30 17:00", "2026-10-26 17:00"),
        ("2026-03-09 09:00", "2026-03-06 17:00", "2026-03-02 17:00"),
        # A Sunday by exception, and the day after February 29.
        ("2028-03-01 09:00", "2028-02-29 17:00", "2028-02-23 17:00"),
    ],
)
def test_they_are_due_at_five_on_working_days(starts_at, day, week):
    closed = [Period(at("2026-11-26 00:00"), at("2026-11-28 00:00"))]

    due = reminders.due_times(at(starts_at).astimezone(NEW_YORK).date(), week=WEEK, closures=closed, zone=NEW_YORK)

    assert due == {"day": at(day).astimezone(UTC), "week": at(week).astimezone(UTC)}


def test_a_clinic_that_never_opens_reminds_on_the_day_before():
    closed = [Period(at("2026-01-01 00:00"), at("2027-01-01 00:00"))]

    due = reminders.due_times(date(2026, 11, 24), week=WEEK, closures=closed, zone=NEW_YORK)

    assert due["day"] == at("2026-11-23 17:00").astimezone(UTC)


@pytest.mark.django_db
class TestPlanning:
    @pytest.fixture(autouse=True)
    def monday_noon(self):
        with time_machine.travel(at("2026-11-16 12:00"), tick=False) as clock:
            self.clock = clock
            yield

    def appointment(self, starts_at="2026-11-24T09:30-05:00", **fields):
        contact = {"contact_by": "email", "email": "rosa@example.com"} if not fields.pop("phone", False) else {}
        return make.appointment(make.inquiry(**contact), starts_at, **fields)

    def plan(self, local: str) -> None:
        self.clock.move_to(at(local))
        reminders.plan(timezone.now())

    def due(self, model=Email) -> list[str]:
        rows = model.objects.filter(kind="reminder").order_by("due_at")
        return [f"{row.due_at.astimezone(NEW_YORK):%Y-%m-%d %H:%M}" for row in rows]

    def test_each_is_written_once_however_often_it_is_planned(self):
        self.appointment()
        for _ in range(2):
            self.plan("2026-11-16 12:01")
        assert self.due() == ["2026-11-17 17:00"]
        for _ in range(2):
            self.plan("2026-11-21 12:00")

        assert self.due() == ["2026-11-17 17:00", "2026-11-23 17:00"]

    def test_whoever_has_no_address_is_called(self):
        self.appointment(phone=True)
        self.plan("2026-11-21 12:00")

        assert self.due() == []
        assert self.due(CallTask) == ["2026-11-23 17:00"]

    def test_a_time_agreed_on_after_a_reminder_was_due_has_none(self):
        self.clock.move_to(at("2026-11-23 18:00"))
        self.appointment()
        self.plan("2026-11-23 18:01")

        assert self.due() == []

    def test_a_time_agreed_on_today_for_tomorrow_is_reminded_of_at_five(self):
        self.clock.move_to(at("2026-11-23 10:00"))
        self.appointment()
        self.plan("2026-11-23 10:01")

        assert self.due() == ["2026-11-23 17:00"]

    def test_a_worker_that_was_away_reminds_late_but_once_and_not_of_what_has_begun(self):
        self.appointment()
        self.plan("2026-11-23 23:00")
        assert self.due() == ["2026-11-23 17:00"]
        self.appointment("2026-11-23T22:00-05:00")
        self.plan("2026-11-23 23:00")
        assert len(self.due()) == 1

    @pytest.mark.parametrize("status", ["pending", "cancelled", "noshow", "proposed"])
    def test_only_what_is_booked_is_reminded_of(self, status):
        self.appointment(status=status, held_until=at("2026-11-24 09:00"))
        self.plan("2026-11-21 12:00")

        assert self.due() == []

    @pytest.mark.parametrize("phone", [False, True])
    @pytest.mark.parametrize("how", ["move", "cancel"])
    def test_a_change_between_planning_and_sending_is_honoured(self, how, phone):
        appointment = self.appointment(phone=phone)
        self.plan("2026-11-21 12:00")
        ann = Actor.staff(make.front_desk())
        if how == "move":
            day = at("2026-12-08 00:00").date()
            slot = make.slots(appointment.practitioner, day)[0]
            appointments.reschedule(appointment=appointment, slot=slot, by=ann)
        else:
            statuses.cancel(appointment=appointment, by=ann)

        assert not CallTask.objects.open().filter(kind="reminder").exists()
        assert not Email.objects.filter(kind="reminder", state="waiting").exists()
        self.plan("2026-12-05 12:00")
        expected = ["2026-11-23 17:00", "2026-12-07 17:00"] if how == "move" else ["2026-11-23 17:00"]
        assert self.due(CallTask if phone else Email) == expected

    def test_what_was_changed_behind_our_back_is_not_sent_either(self, mailoutbox):
        appointment = self.appointment()
        self.plan("2026-11-21 12:00")
        type(appointment).objects.update(status=AppointmentStatus.CANCELLED)
        self.clock.move_to(at("2026-11-23 17:00"))
        outbox.send_due()

        assert Email.objects.get(kind="reminder").state == "cancelled"
        assert not any("reminder" in mail.subject for mail in mailoutbox)

    def test_closures_that_are_entered_later_are_honoured(self):
        self.appointment("2026-11-30T09:30-05:00")
        Closure.objects.create(name="x", starts_at=at("2026-11-26 00:00"), ends_at=at("2026-11-28 00:00"))
        self.plan("2026-11-25 09:00")

        assert self.due()[-1] == "2026-11-25 17:00"

    def test_planning_takes_the_same_queries_for_many(self, django_assert_num_queries):
        for hour in range(9, 13):
            self.appointment(f"2026-11-24T{hour:02}:30-05:00")
        self.plan("2026-11-21 12:00")

        with django_assert_num_queries(6):
            reminders.plan(timezone.now() + timedelta(minutes=1))
