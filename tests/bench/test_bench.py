"""That the bench measures what it says; how long that takes is for `make bench`."""

import pytest

from appointments.models import Appointment, Inquiry
from tests import make
from tests.bench import client, pages, servers, submissions, worker
from tests.bench.measure import Figure, Row, figures, in_turns
from tests.bench.times import Weeks, Years


def test_each_is_run_once_a_round_and_the_first_round_does_not_count():
    calls: list[str] = []
    rows = [Row(name, lambda name=name: calls.append(name)) for name in ("one", "two")]

    in_turns(rows, rounds=3)

    assert sorted(calls) == ["one"] * 4 + ["two"] * 4
    assert [len(row.took) for row in rows] == [3, 3]


def test_the_table_says_what_is_kept_and_what_is_missed():
    rows = [
        Figure("rate", 1234.5, "a second"),
        Figure("ratio", 2.5, "x", least=2),
        Figure("weight", 15, "kB", most=14),
        Figure("stored", 1, "x", least=1, most=1),
    ]

    assert [*figures(rows)][2:] == [
        "| rate | 1,234 | a second |  |",
        "| ratio | 2.500 | x | at least 2, kept |",
        "| weight | 15.000 | kB | at most 14, MISSED |",
        "| stored | 1.000 | x | at least 1, at most 1, kept |",
    ]


@pytest.mark.real_time
@pytest.mark.django_db(transaction=True)
def test_real_servers_are_measured_and_what_they_answer_is_looked_at(monkeypatch):
    monkeypatch.setattr(submissions, "MANY", 20)  # More than an hour may have mails, in both rounds.
    monkeypatch.setattr(pages, "MANY", 500)
    pages.fill()
    with submissions.site() as site, servers.floor() as floor:
        found = {row.name: row for row in pages.stored(site, floor, rounds=1)}
        found |= {row.name: row for row in submissions.measured(site, floor, rounds=1)}
        found |= {row.name: row for row in pages.cold(rounds=1)}
        with pytest.raises(RuntimeError, match="20 of 20 answers were not 200"):
            pages.rate(site, client.get("/nowhere/", site.port), 20)
        assert pages.weight(site).is_kept
        # Two processes that share what they were forked with: each for itself, they took 165.
        assert 10 < site.pss() < 130

    assert found["kyphoplasty page"].value > 0
    assert found["stored, with history and mail, of those that were sent"].is_kept
    assert found["home made anew, CPU"].value > 0
    assert Inquiry.objects.count() == 40


@pytest.mark.django_db(transaction=True)
def test_the_jobs_of_a_minute_are_measured_in_a_clinic_of_the_size_that_is_said():
    make.clinic()

    found = {row.name: row.value for row in worker.minute(40, rounds=1)}

    assert Appointment.objects.count() == 40
    assert len(found) == len(worker.MINUTE) + 1
    assert found["the minute's jobs together"] > 0


@pytest.mark.django_db
@pytest.mark.parametrize("practitioners", [1, 3])
def test_calendars_take_two_statements_however_many_practitioners_and_appointments(
    django_assert_num_queries, practitioners
):
    weeks = Weeks(practitioners)

    with django_assert_num_queries(2):
        free = weeks.free(weeks.calendars())

    # Fourteen half hours a day, on five days of eight weeks, and half of them taken.
    assert (len(free), weeks.booked) == (practitioners * 280, practitioners * 280)


@pytest.mark.django_db
def test_the_page_of_years_shows_the_half_that_is_free():
    years = Years(practitioners=2, days=20)

    html = years.page("&before=2199-01-01")

    assert years.booked == 2 * 21 * 8
    assert html.count("<span>16 free</span>") == 7


@pytest.mark.django_db
def test_a_submission_answers_the_sum_of_its_form(client):
    filled_in = submissions._filled_in(client.get("/appointments/").content)

    client.post("/appointments/", filled_in, content_type="application/x-www-form-urlencoded")

    assert Inquiry.objects.get().sum_solved
