"""How the figures of a month are read from the tables."""

import re
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appointments.records.reports import figures
from appointments.records.reports.periods import Period
from tests import make
from tests.appointments.records.reports.november import NOW, at

pytestmark = [pytest.mark.django_db, pytest.mark.own_moment]

MONTH = Period.month_of(date(2026, 11, 1))


def of_figures(asked) -> list[str]:
    """The statements beside those that read the clinic, which a request reads once."""
    return [each["sql"] for each in asked if 'FROM "clinic_clinic"' not in each["sql"]]


@at(NOW)
def test_a_month_is_read_by_indexes():
    """Not by reading all that there is, which takes seconds among a hundred thousand."""
    make.clinic()
    make.procedure()
    call_command("fill", inquiries=4000, appointments=2000, seed=1, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        with CaptureQueriesContext(connection) as asked:
            figures.numbers(MONTH)
        # Among a few thousand rows reading all costs little.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plans = []
        for sql in of_figures(asked):
            cursor.execute("EXPLAIN " + sql)
            plans.append("\n".join(line for [line] in cursor.fetchall()))

    # Each plan begins with the rows that are counted.
    used = [re.search(r"Index Scan (?:Backward )?using (\w+)", plan)[1] for plan in plans]
    assert used == ["newest_inquiries", "times_to_come", "times_that_were_given"]


def test_a_month_takes_three_statements_however_much_there_is():
    make.clinic()
    make.procedure()
    for by in ("", "practitioner"):
        with CaptureQueriesContext(connection) as asked:
            figures.numbers(MONTH, by)
        assert len(of_figures(asked)) == 3
