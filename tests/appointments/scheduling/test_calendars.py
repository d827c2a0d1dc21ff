"""What takes time from practitioners, read from three tables with one statement."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from appointments.models import Appointment, BusyBlock, Closure
from appointments.scheduling import calendars
from clinic.hours import Period
from tests import make

pytestmark = pytest.mark.django_db
NEW_YORK = ZoneInfo("America/New_York")
TUESDAY = date(2026, 11, 24)


def at(clock: str, day: date = TUESDAY) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=NEW_YORK).astimezone(UTC)


def taken(*practitioners, **options) -> list[list[Period]]:
    """What is taken of Tuesday."""
    ids = [each.pk for each in practitioners]
    found = calendars.between(ids, TUESDAY, TUESDAY, zone=NEW_YORK, **options)
    return [sorted(each for each in found[pk].taken if each.ends_at > at("00:00")) for pk in ids]


def test_closures_busy_blocks_and_appointments_take_time_of_whom_they_belong_to():
    jane, john = make.practitioner(), make.practitioner()
    Closure.objects.create(name="Snow", starts_at=at("08:00"), ends_at=at("09:00"))
    Closure.objects.create(practitioner=jane, name="Ill", starts_at=at("10:00"), ends_at=at("11:00"))
    BusyBlock.objects.create(practitioner=john, starts_at=at("12:00"), ends_at=at("13:00"))
    # Four weeks before, when the clocks at the clinic had not been set back yet.
    weeks_ago = TUESDAY - timedelta(days=28)
    BusyBlock.objects.create(
        practitioner=jane, starts_at=at("14:00", weeks_ago), ends_at=at("15:00", weeks_ago), is_weekly=True
    )
    given = make.appointment(starts_at=at("16:00").isoformat(), practitioner=john)

    assert taken(jane, john) == [
        [Period(at("08:00"), at("09:00")), Period(at("10:00"), at("11:00")), Period(at("14:00"), at("15:00"))],
        [Period(at("08:00"), at("09:00")), Period(at("12:00"), at("13:00")), Period(at("16:00"), at("16:30"))],
    ]
    assert taken(john, without=given) == taken(john, appointments=False) == [taken(jane, john)[1][:2]]


def test_what_began_the_day_before_takes_time_until_it_ends():
    doctor = make.practitioner()
    evening = at("23:00", TUESDAY - timedelta(days=1))
    ends = evening + timedelta(hours=12)
    make.appointment(starts_at=evening.isoformat(), practitioner=doctor, ends_at=ends, blocked_until=ends)

    assert taken(doctor) == [[Period(evening, ends)]]


def test_an_appointment_takes_at_most_a_day():
    appointment = make.appointment()
    a_day_later = appointment.starts_at + timedelta(days=1)
    Appointment.objects.update(blocked_until=a_day_later)

    with pytest.raises(IntegrityError, match="an_appointment_takes_at_most_a_day"), transaction.atomic():
        Appointment.objects.update(blocked_until=a_day_later + timedelta(seconds=1))


@pytest.mark.parametrize("practitioners", [1, 5])
def test_calendars_take_two_statements_however_many_there_are(django_assert_num_queries, practitioners):
    doctors = [make.practitioner() for _ in range(practitioners)]
    for doctor in doctors:
        make.appointment(starts_at=at("16:00").isoformat(), practitioner=doctor)

    with django_assert_num_queries(2):
        found = taken(*doctors)

    assert found == [[Period(at("16:00"), at("16:30"))]] * practitioners
