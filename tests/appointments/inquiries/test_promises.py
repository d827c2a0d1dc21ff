from datetime import UTC, datetime, timedelta

import pytest

from appointments.inquiries import promises
from appointments.models import Closure
from tests import make

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 15, tzinfo=UTC)
TUESDAY, WEDNESDAY = (datetime(2026, 11, day, 22, tzinfo=UTC) for day in (24, 25))


@pytest.fixture
def many_write(monkeypatch):
    """A process that many visitors write to, and a clinic that closes on Tuesday once the first of them has written."""
    make.clinic()
    monkeypatch.setattr(promises, "BELIEVED_FOR", timedelta(seconds=2))
    monkeypatch.setattr(promises, "_believed", None)
    assert promises.promised_to_visitors(MONDAY) == TUESDAY
    start = MONDAY + timedelta(hours=10)
    Closure.objects.create(name="Ice storm", starts_at=start, ends_at=start + timedelta(days=1))


def test_what_the_clinic_has_entered_is_read_once_for_all_who_write_within_two_seconds(
    many_write, django_assert_num_queries
):
    with django_assert_num_queries(0):
        assert promises.promised_to_visitors(MONDAY + timedelta(seconds=1.9)) == TUESDAY
    with django_assert_num_queries(1):
        assert promises.promised_to_visitors(MONDAY + timedelta(seconds=2)) == WEDNESDAY


def test_what_staff_promise_holds_to_what_is_entered_now(many_write):
    assert promises.next_answer_by(MONDAY) == WEDNESDAY


def test_a_clock_that_is_put_back_believes_nothing_of_later(many_write):
    assert promises.promised_to_visitors(MONDAY - timedelta(seconds=1)) == WEDNESDAY


def test_who_writes_before_and_after_midnight_is_promised_another_day(many_write, django_assert_num_queries):
    midnight = datetime(2026, 12, 1, 5, tzinfo=UTC)
    before = promises.promised_to_visitors(midnight - timedelta(seconds=1))

    with django_assert_num_queries(0):
        after = promises.promised_to_visitors(midnight)

    assert after - before == timedelta(days=1)
