"""The moments at which `make clocks` runs the tests, and which tests it runs at one of them only."""

from datetime import UTC, datetime

from django.conf import settings

from tests import clocks
from tests.appointments.public import test_bad_input
from tests.clinic import test_admin_crawl, test_admin_site

# Asked of every address as every role: nothing of these questions is about a day, and other tests open each page.
ONCE = {
    test_admin_site.test_who_may_do_what_and_no_typed_text_is_markup,
    test_admin_site.test_no_id_is_a_fault_of_ours,
    test_admin_crawl.test_nothing_odd_breaks_a_page,
    test_bad_input.test_no_request_is_a_fault_of_ours,
}


def test_the_coming_year_has_two_clock_changes():
    found = list(clocks.clock_changes(datetime(2026, 11, 26, 15, 30, tzinfo=UTC)))

    assert found == [datetime(2027, 3, 14, 7, tzinfo=UTC), datetime(2027, 11, 7, 6, tzinfo=UTC)]


def test_each_moment_is_still_to_come_and_at_the_last_all_tests_run():
    now = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)

    moments = list(clocks.moments(now))

    assert len(moments) == 7
    assert all(moment > now for _name, moment, _tests in moments)
    assert [tests for _name, _moment, tests in moments] == [clocks.LIVING_TODAY] * 6 + [clocks.ALL]


def test_nothing_else_runs_once_though_it_has_no_moment_of_its_own():
    """A test that is marked because it is slow would see no clock change."""
    sources = [path.read_text() for path in (settings.BASE_DIR / "tests").rglob("test_*.py")]

    assert {test for test in ONCE if "many_pages" in {mark.name for mark in test.pytestmark}} == ONCE
    assert sum(source.count("pytest.mark." + "many_pages") for source in sources) == len(ONCE)
