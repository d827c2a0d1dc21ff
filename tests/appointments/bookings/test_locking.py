"""How times are taken hold of: always in one order, in a transaction, and once more after a deadlock."""

import re
import threading
from datetime import date, timedelta

import pytest
import time_machine
from django.db import OperationalError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments import limits
from appointments.actors import Actor
from appointments.bookings import appointments, displacement, locking, proposals
from appointments.errors import SlotTaken
from appointments.models import Appointment, AppointmentStatus, Closure, Inquiry
from appointments.scheduling import holidays
from clinic.busy import Busy
from clinic.models import Clinic
from clinic.server import gunicorn_conf, spare_threads
from tests import make
from tests.racing import deadlocks_once, held, limits_of
from tests.workers import eventually

TUESDAY = date(2026, 11, 24)
SYSTEM = Actor.system()


@pytest.fixture(autouse=True)
def monday_noon():
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False):
        yield


def booked(practitioner, inquiry: Inquiry) -> Appointment:
    return appointments.book(inquiry=inquiry, slot=make.slots(practitioner, TUESDAY)[0], by=Actor.visitor())


def close(practitioner) -> None:
    with transaction.atomic(), displacement.changing_hours([practitioner.pk], by=SYSTEM):
        Closure.objects.create(
            practitioner=practitioner, name="Ill", starts_at="2026-11-24T05:00Z", ends_at="2026-11-25T05:00Z"
        )


def locked_inquiries(queries: CaptureQueriesContext) -> list[int]:
    """Ids of the inquiries whose rows were locked, each once, in the order of their locks."""
    lock = re.compile(r'FROM "appointments_inquiry" WHERE "appointments_inquiry"."id" = (\d+).* FOR NO KEY UPDATE')
    found = [int(each[1]) for query in queries if (each := lock.search(query["sql"]))]
    return list(dict.fromkeys(found))


@pytest.mark.django_db
class TestOneOrder:
    """A verb that locks several inquiries does so in the order of their ids: two never wait for each other."""

    @pytest.fixture
    def inquiries(self) -> list[Inquiry]:
        return [make.inquiry() for _ in range(6)]

    def test_patients_who_are_ticked_off(self, inquiries):
        doctor = make.practitioner()
        # The last who wrote has the first time.
        for inquiry in reversed(inquiries):
            booked(doctor, inquiry)
        close(doctor)
        lost = list(Appointment.objects.displaced(timezone.now()))

        with CaptureQueriesContext(connection) as queries:
            displacement.reached(displaced=lost, by=SYSTEM)

        assert locked_inquiries(queries) == [inquiry.pk for inquiry in inquiries]

    def test_patients_whose_offers_are_taken_back(self, inquiries):
        doctor = make.practitioner()
        until = timezone.now() + timedelta(hours=3)
        for inquiry in reversed(inquiries):
            proposals.propose(inquiry=inquiry, slots=make.slots(doctor, TUESDAY)[:1], until=until, by=SYSTEM)
        with connection.cursor() as cursor:
            # Otherwise DISTINCT may happen to sort them.
            cursor.execute("SET LOCAL enable_sort = off")

        with CaptureQueriesContext(connection) as queries:
            close(doctor)

        assert locked_inquiries(queries) == [inquiry.pk for inquiry in inquiries]


@pytest.mark.django_db(transaction=True)
class TestDeadlocks:
    """The database ends one of two who wait for each other: that one tries once more."""

    @pytest.fixture
    def lost(self):
        doctor = make.practitioner()
        appointment = booked(doctor, make.inquiry())
        close(doctor)
        return appointment

    def test_a_booking_is_tried_once_more(self, monkeypatch):
        doctor = make.practitioner()
        deadlocks_once(monkeypatch, appointments, "after_booking")

        assert booked(doctor, make.inquiry()).status == AppointmentStatus.BOOKED

    def test_a_second_one_is_a_fault(self, monkeypatch):
        doctor = make.practitioner()
        deadlocks_once(monkeypatch, appointments, "after_booking", times=2)

        with pytest.raises(OperationalError):
            booked(doctor, make.inquiry())

    def test_public_holidays_are_entered_once(self, monkeypatch):
        deadlocks_once(monkeypatch, displacement, "_mark")
        day = holidays.whole_day("Founder's Day", TUESDAY, Clinic.current().zone)

        assert displacement.close_on([day], by=SYSTEM) == (1, [])
        assert Closure.objects.count() == 1

    def test_the_displaced_are_handed_over(self, monkeypatch, lost):
        other = make.practitioner(visit=lost.visit_type)
        deadlocks_once(monkeypatch, appointments, "reschedule_to")

        assert displacement.hand_over(displaced=[lost], to=other, by=SYSTEM) == (1, 0)

    def test_the_displaced_are_told_once(self, monkeypatch, lost):
        deadlocks_once(monkeypatch, displacement, "notify")

        assert displacement.tell_displaced(displaced=[lost], by=SYSTEM) == (0, 1)
        assert lost.call_tasks.filter(kind="displaced").count() == 1


@pytest.mark.django_db(transaction=True)
class TestWithoutATransaction:
    """A lock that ends with its own statement keeps nobody out."""

    def test_nobody_takes_hold_of_a_time(self):
        appointment = booked(make.practitioner(), make.inquiry())
        for take in (
            lambda: locking.lock_practitioners([appointment.practitioner_id]),
            lambda: locking.locked_appointment(appointment, SYSTEM).__enter__(),
            lambda: displacement.changing_hours(by=SYSTEM).__enter__(),
        ):
            with pytest.raises(TransactionManagementError):
                take()


@pytest.mark.django_db
class TestTheClinic:
    """It is read once for each request, and anew once practitioners are locked: a colleague may have changed it."""

    def asked(self, *practitioners: int) -> list[str]:
        with Clinic.read_once(), CaptureQueriesContext(connection) as queries:
            Clinic.current()
            locking.lock_practitioners(practitioners)
            Clinic.current()
            Clinic.current()
        return [query["sql"] for query in queries if 'FROM "clinic_clinic"' in query["sql"]]

    def test_it_is_read_once_more_under_a_lock(self):
        assert len(self.asked(make.practitioner().pk)) == 2

    def test_where_nobody_is_locked_it_is_not(self):
        assert len(self.asked()) == 1

    def test_a_lock_alone_reads_nothing(self):
        doctor = make.practitioner()
        with Clinic.read_once(), CaptureQueriesContext(connection) as queries:
            locking.lock_practitioners([doctor.pk])

        assert [query["sql"] for query in queries if "clinic_clinic" in query["sql"]] == []


def shown(name: str) -> str:
    with connection.cursor() as cursor:
        return cursor.execute(f"SHOW {name}").fetchone()[0]


def waits(queries: CaptureQueriesContext) -> int:
    """How often a practitioner's row was waited for."""
    return sum(
        'FROM "appointments_practitioner"' in query["sql"]
        and query["sql"].endswith('FOR NO KEY UPDATE OF "appointments_practitioner"')
        for query in queries
    )


@pytest.mark.django_db(transaction=True)
class TestARowThatSomebodyHolds:
    """Who wants it waits for a moment, a few wait longer, and all hear it in the end."""

    @pytest.fixture(autouse=True)
    def little_patience(self, monkeypatch):
        monkeypatch.setattr(locking, "FIRST_TRY", "20ms")
        with limits_of(lock_timeout="40ms"):
            yield

    @pytest.fixture
    def doctor(self):
        return make.practitioner()

    def test_nothing_is_done_and_the_place_is_free_for_the_next(self, doctor):
        inquiry = make.inquiry()
        with held(doctor), CaptureQueriesContext(connection) as queries:
            for _ in range(limits.WAIT_FOR_A_PRACTITIONER + 1):
                with pytest.raises(Busy):
                    booked(doctor, inquiry)

        assert not Appointment.objects.exists()
        assert waits(queries) == 2 * (limits.WAIT_FOR_A_PRACTITIONER + 1)

    def test_where_half_of_the_threads_wait_already_nobody_waits_longer_than_the_first_moment(
        self, doctor, monkeypatch
    ):
        taken = threading.BoundedSemaphore(1)
        taken.acquire()
        monkeypatch.setattr(locking, "places", taken)

        with held(doctor), CaptureQueriesContext(connection) as queries, pytest.raises(Busy):
            booked(doctor, make.inquiry())

        assert waits(queries) == 1

    def test_half_of_the_threads_are_left(self):
        assert gunicorn_conf.threads + spare_threads.MORE_THREADS == 2 * limits.WAIT_FOR_A_PRACTITIONER

    def test_who_waited_long_enough_has_it_and_waits_for_other_rows_as_before(self, doctor, monkeypatch):
        monkeypatch.setattr(locking, "FIRST_TRY", "30s")
        limits_then: list[str] = []

        def want() -> None:
            with transaction.atomic():
                locking.lock_practitioners([doctor.pk])
                limits_then.append(shown("lock_timeout"))
            connection.close()

        thread = threading.Thread(target=want)
        with held(doctor):
            thread.start()
            is_waiting = eventually(somebody_waits_for_a_lock)
        thread.join(30)

        assert (is_waiting, limits_then) == (True, ["40ms"])

    def test_who_wants_what_was_given_meanwhile_hears_that_it_is_taken(self, doctor):
        inquiry = make.inquiry()
        slot = booked(doctor, make.inquiry()).slot

        with held(doctor), pytest.raises(SlotTaken):
            appointments.book(inquiry=inquiry, slot=slot, by=Actor.visitor())

    def test_staff_hear_that_somebody_is_at_work_also_where_it_is_taken(self, doctor):
        inquiry = make.inquiry()
        slot = booked(doctor, make.inquiry()).slot

        with held(doctor), pytest.raises(Busy):
            appointments.give(inquiry=inquiry, slot=slot, by=SYSTEM)

    def test_what_was_held_before_with_somebody_else_is_waited_for_too(self, doctor, monkeypatch):
        """Only one of the two rows is free: nothing is taken of one alone."""
        other, inquiry = make.practitioner(), make.inquiry()
        until = timezone.now() + timedelta(minutes=5)
        proposals.propose(inquiry=inquiry, slots=make.slots(other, TUESDAY)[:1], until=until, by=SYSTEM)
        with time_machine.travel(until, tick=False), held(other), pytest.raises(Busy):
            appointments.book(inquiry=inquiry, slot=make.slots(doctor, TUESDAY)[0], by=Actor.visitor())

        assert Appointment.objects.get().status == AppointmentStatus.PROPOSED

    def test_the_job_of_the_minute_frees_what_it_can(self, doctor):
        until = timezone.now() + timedelta(minutes=5)
        visitor = {"sum_solved": False, "screening": "by_hand", "screening_reason": "asked"}
        other = make.practitioner()
        for number, each in enumerate((doctor, other)):
            sender = make.inquiry(submission_id=f"by hand {number}", **visitor)
            make.appointment(
                sender,
                practitioner=each,
                status=AppointmentStatus.PENDING,
                held_until=until,
                starts_at="2026-11-24T15:00Z",
            )

        with time_machine.travel(until, tick=False), held(doctor):
            proposals.expire_due()

        states = Appointment.objects.order_by("pk").values_list("practitioner", "status")
        assert list(states) == [(doctor.pk, AppointmentStatus.PENDING), (other.pk, AppointmentStatus.CANCELLED)]


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        return bool(cursor.fetchall())
