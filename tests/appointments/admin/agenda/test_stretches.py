"""What a practitioner's day is made of between its visits."""

from datetime import UTC, datetime

from appointments.admin.agenda.stretches import Held, Kind, Stretch, Taken, stretches
from clinic.hours import Period


def at(hour: float) -> datetime:
    return datetime(2026, 11, 24, int(hour), int(hour % 1 * 60), tzinfo=UTC)


def period(first: float, last: float) -> Period:
    return Period(at(first), at(last))


MIDNIGHT, HOURS = at(0), (period(9, 12), period(13, 17))


def of_a_day(*, now=MIDNIGHT, at_work=HOURS, closed=(), busy=(), held=()) -> list[str]:
    found = stretches(period(8, 18), at_work=at_work, closed=closed, busy=busy, held=held, now=now)
    return [_words(each) for each in found]


def _words(stretch: Stretch) -> str:
    hours = f"{stretch.starts_at:%-H:%M}-{stretch.ends_at:%-H:%M}"
    return " ".join(filter(None, (stretch.kind.value, hours, stretch.words)))


def test_a_day_without_visits_is_free_within_its_hours():
    assert of_a_day() == ["outside 8:00-9:00", "free 9:00-12:00", "break 12:00-13:00", "free 13:00-17:00",
                          "outside 17:00-18:00"]  # fmt: skip


def test_a_day_without_hours_is_outside_them():
    assert of_a_day(at_work=()) == ["outside 8:00-18:00"]


def test_a_visit_takes_its_time_and_the_pause_after_it():
    held = [Held(at(9.5), at(10), at(10.25))]

    assert of_a_day(held=held)[1:4] == ["free 9:00-9:30", "pause 10:00-10:15", "free 10:15-12:00"]


def test_visits_that_follow_each_other_leave_nothing_between():
    held = [Held(at(9), at(10), at(10)), Held(at(10), at(12), at(12.25))]

    assert of_a_day(held=held)[:3] == ["outside 8:00-9:00", "break 12:00-13:00", "free 13:00-17:00"]


def test_what_has_passed_is_not_free():
    assert of_a_day(now=at(9.75))[1:3] == ["past 9:00-9:45", "free 9:45-12:00"]


def test_a_closure_says_why_also_where_a_visit_lies_in_it():
    closed = [Taken(period(7, 10), "ill")]
    held = [Held(at(9), at(9.5), at(9.5))]

    assert of_a_day(closed=closed, held=held)[:2] == ["closed 8:00-10:00 ill", "free 10:00-12:00"]


def test_a_closure_says_more_than_a_busy_time():
    closed, busy = [Taken(period(9, 10), "ill")], [Taken(period(9, 11), "every week")]

    assert of_a_day(closed=closed, busy=busy)[1:3] == ["closed 9:00-10:00 ill", "busy 10:00-11:00 every week"]


def test_what_is_kept_for_no_visit_is_no_stretch_of_another_kind():
    found = stretches(period(8, 18), at_work=[period(9, 17)], closed=[], busy=[], held=[], now=at(0))

    assert [each.kind for each in found] == [Kind.OUTSIDE, Kind.FREE, Kind.OUTSIDE]
