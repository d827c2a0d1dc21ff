from datetime import timedelta

import pytest
from django.utils import timezone

from appointments.models import Closure
from clinic.hours import Period
from tests import make

pytestmark = pytest.mark.django_db


def test_the_periods_of_the_clinic_leave_out_what_is_over_and_what_is_one_practitioners():
    now = timezone.now()
    running, to_come = (
        Period(now - timedelta(hours=1), now + timedelta(hours=1)),
        Period(now + timedelta(days=3), now + timedelta(days=4)),
    )
    for period in (to_come, running, Period(now - timedelta(days=2), now)):
        Closure.objects.create(name="Closed", starts_at=period.starts_at, ends_at=period.ends_at)
    Closure.objects.create(practitioner=make.practitioner(), name="Ill", starts_at=now, ends_at=now + timedelta(days=1))

    assert sorted(Closure.objects.periods_of_the_clinic(after=now)) == [running, to_come]
