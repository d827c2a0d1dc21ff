"""The reports as the manager sees them: each number leads to its rows, on the page and in the file."""

import csv
import html
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appointments.models import AccessLog, Practitioner
from appointments.records.reports.figures import FIGURES
from clinic.accounts import roles
from tests import make
from tests.appointments.records.reports.november import NOW, NUMBERS, November, at, moment
from tests.shared_rows import shared

pytestmark = [pytest.mark.django_db, pytest.mark.own_moment]

REPORTS = "/admin/appointments/inquiry/reports/"
ROWS = "/admin/appointments/inquiry/reports-rows/"
CSV = "/admin/appointments/inquiry/reports-csv/"


@pytest.fixture(scope="module")
def month(rows_of_migrations, django_db_blocker):
    with shared(django_db_blocker, November.with_a_clinic) as built:
        yield built


@pytest.fixture
def november(month, db):
    with at(NOW):
        yield month


@pytest.fixture
def manager(client, november):
    client.force_login(make.user(roles.MANAGER))
    return client


def links(page: str) -> list[tuple[str, int]]:
    """Each number of a page, and where it leads."""
    found = re.findall(rf'<a href="({re.escape(ROWS)}[^"]*)">(\d+)</a>', page)
    return [(html.unescape(address), int(number)) for address, number in found]


def listed(client, address: str) -> tuple[int, int]:
    """How many rows a list says that it has, and how many stand there."""
    page = client.get(address).content.decode()
    table = page.partition('<table id="report-rows">')[2]
    return int(re.search(r"(\d+) rows?<", page)[1]), table.count('<th scope="row">')


@pytest.mark.parametrize("by", ["", "practitioner"])
def test_each_number_of_the_page_leads_to_so_many_rows(manager, by):
    shown = links(manager.get(REPORTS, {"month": "2026-11", "by": by}).content.decode())
    of_months = [address for address, _number in shown if "month=" in address]

    assert len(of_months) == len(FIGURES) * (2 if by else 1)
    assert {address: listed(manager, address) for address, _number in shown} == {
        address: (number, number) for address, number in shown
    }


def test_the_page_says_the_month_in_numbers(manager):
    page = manager.get(REPORTS, {"month": "2026-11"}).content.decode()

    numbers = {re.search(r"figure=(\w+)", address)[1]: number for address, number in links(page) if "month=" in address}
    assert numbers == NUMBERS
    assert "<strong>November 2026</strong>" in page
    assert "2 h 0 min" in page
    shares = dict(re.findall(r'figure=(\w+)&amp;month=2026-11">\d+</a> <span class="quiet">(\d+) %', page))
    assert shares == {"in_time": "50", "late": "30", "cancelled_late": "17", "noshow": "17", "filled": "25"}


def test_months_follow_each_other(manager):
    page = manager.get(REPORTS, {"month": "2026-01", "by": "procedure"}).content.decode()

    assert 'href="/admin/appointments/inquiry/reports/?month=2025-12&amp;by=procedure" rel="prev"' in page
    assert 'href="/admin/appointments/inquiry/reports/?month=2026-02&amp;by=procedure" rel="next"' in page


@pytest.mark.parametrize("odd", ["", "2026-13", "0000-01", "9999-12", "٢٠٢٦-١١", "2026-11-01", "x", "9" * 500])
def test_what_is_no_month_is_this_one(manager, odd):
    page = manager.get(REPORTS, {"month": odd, "by": odd})

    assert page.status_code == 200
    assert "November 2026" in page.content.decode()


@pytest.mark.parametrize(
    "odd",
    [{"week": "2026-02-30"}, {"week": "x"}, {"by": "x", "of": "2"}, {"by": "procedure", "of": "٣"}, {"p": "after-1-1"},
     {"by": "practitioner", "of": "9" * 40}],
)  # fmt: skip
def test_an_odd_address_of_rows_breaks_nothing(manager, odd):
    assert manager.get(ROWS, {"figure": "asked", **odd}).status_code == 200


def test_rows_of_no_figure_are_not_there(manager):
    assert manager.get(ROWS, {"figure": "everything"}).status_code == 404


def test_rows_stand_on_pages_that_follow_each_other(manager, monkeypatch):
    monkeypatch.setattr("appointments.admin.reports.listed.ON_A_PAGE", 4)
    seen, address = [], f"{ROWS}?figure=asked&month=2026-11"
    while address:
        page = manager.get(address).content.decode()
        seen.append(re.findall(r'<th scope="row"><a href="[^"]*">([^<]*)<', page))
        following = re.search(r'href="([^"]*)">Next page<', page)
        address = ROWS + html.unescape(following[1]) if following else ""

    assert [len(each) for each in seen] == [4, 4, 2]
    assert len({name for each in seen for name in each}) == NUMBERS["asked"]


def test_the_charts_say_in_words_and_in_a_table_what_they_draw(manager):
    page = manager.get(REPORTS, {"month": "2026-11"}).content.decode()

    charts = re.findall(r'<svg viewBox="0 0 480 .*?</svg>', page, re.DOTALL)
    assert len(charts) == 4
    assert [chart.count("<rect") for chart in charts] == [12] * 4
    assert re.findall(r"<desc[^>]*>([^<]*)", charts[0]) == [
        "Weeks from Sept. 7, 2026 to Nov. 23, 2026: between 0 and 1 a week."
    ]
    assert [re.search(r'aria-labelledby="title-(\w+) desc-\1"', chart)[1] for chart in charts] == [
        "noshow", "cancelled_late", "filled", "in_time",
    ]  # fmt: skip
    assert "style=" not in "".join(charts)


def test_the_third_next_free_first_visit_says_how_long_one_waits(manager, november):
    page = manager.get(REPORTS).content.decode()

    # It is noon: 12:30, 1 and 1:30 p.m. of today.
    assert re.search(r"<strong>Jane Osei, MD</strong>: 0 days, First visit", page)

    Practitioner.objects.get().working_hours.exclude(weekday=2).delete()
    Practitioner.objects.get().closures.create(
        name="Ill", starts_at=moment(NOW), ends_at=moment(NOW) + timedelta(days=1)
    )
    page = manager.get(REPORTS).content.decode()
    assert re.search(r"<strong>Jane Osei, MD</strong>: 7 days, First visit", page)


def test_the_file_holds_the_numbers_of_the_page_and_names_no_patient(manager):
    answer = manager.get(CSV, {"month": "2026-11"})

    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["2026-11", "Number", "All"]
    assert [int(row[2]) for row in rows[1:-1]] == list(NUMBERS.values())
    assert answer.headers["Content-Disposition"] == 'attachment; filename="reports-2026-11.csv"'


def test_no_cell_of_the_file_is_a_formula(manager):
    Practitioner.objects.update(name='=HYPERLINK("http://evil.example")')

    rows = list(csv.reader(StringIO(manager.get(CSV, {"by": "practitioner"}).content.decode("utf-8-sig"))))

    assert rows[0] == ["2026-11", "Number", '\'=HYPERLINK("http://evil.example")', "none yet"]


@pytest.mark.parametrize("address", [REPORTS, CSV, f"{ROWS}?figure=asked"])
@pytest.mark.parametrize("role", [roles.FRONT_DESK, roles.CLINICIAN, roles.CONTENT_EDITOR, None])
def test_only_managers_see_reports(client, november, address, role):
    client.force_login(make.user(role))

    assert client.get(address).status_code == 403
    assert "reports/" not in client.get("/admin/").content.decode()


def test_the_managers_first_page_leads_to_the_reports(manager):
    assert f'href="{REPORTS}"' in manager.get("/admin/").content.decode()


def test_who_lists_patients_is_written_down(manager):
    manager.get(ROWS, {"figure": "late", "month": "2026-11"})

    assert [(row.action, row.hits) for row in AccessLog.objects.all()] == [("searched", 3)]


def test_a_report_takes_few_statements(manager):
    for by, at_most in (("", 18), ("practitioner", 19)):
        with CaptureQueriesContext(connection) as asked:
            manager.get(REPORTS, {"month": "2026-11", "by": by})
        assert len(asked) <= at_most
