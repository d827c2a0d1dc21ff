"""Lists of any length: pages by key, estimated numbers, and an index for each order."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.admin.lists import pages
from appointments.admin.lists.pages import AFTER, BEFORE, LAST, Place
from appointments.models import Appointment, CallTask, Email, Inquiry, InquiryStatus
from tests import make

pytestmark = pytest.mark.django_db

INBOX, TIMES = "/admin/appointments/inquiry/", "/admin/appointments/appointment/"
CALLS = "/admin/appointments/calltask/"
EVERYTHING = f"{INBOX}?list=all"


@pytest.fixture
def desk(client):
    client.force_login(make.front_desk())
    return client


@pytest.fixture
def three_on_a_page(monkeypatch):
    for model in ("InquiryAdmin", "AppointmentAdmin"):
        monkeypatch.setattr(f"appointments.admin.{model}.list_per_page", 3)


def names(answer) -> list[str]:
    table = answer.content.decode().partition('id="result_list"')[2].partition("</table>")[0]
    return re.findall(r'<span class="who">(\w+)', table)


def links(answer) -> dict[str, str]:
    nav = answer.content.decode().partition('<nav class="paginator"')[2].partition("</nav>")[0]
    return {words: html.unescape(address) for address, words in re.findall(r'<a href="([^"]*)">([^<]*)</a>', nav)}


def number(answer) -> str:
    nav = answer.content.decode().partition('<nav class="paginator"')[2].partition("</nav>")[0]
    return re.search(r"(about )?\d+ inquiries", nav)[0]


@pytest.fixture
def seven(three_on_a_page):
    """Seven inquiries, named by their order, of which some were sent in the same moment."""
    made = [make.inquiry(name=f"N{place}") for place in range(7)]
    now = timezone.now()
    for place, inquiry in enumerate(reversed(made)):
        Inquiry.objects.filter(pk=inquiry.pk).update(created_at=now - timedelta(hours=7 - (place + 1) // 2))
    return [f"N{place}" for place in (6, 5, 4, 3, 2, 1, 0)]


def newest_first() -> list[str]:
    return list(Inquiry.objects.order_by("-created_at", "-pk").values_list("name", flat=True))


def test_pages_follow_each_other_to_the_end_and_back(desk, seven):
    seen, answer = [], desk.get(EVERYTHING)
    first = names(answer)
    assert "Page before" not in links(answer)
    while True:
        seen += names(answer)
        if "Next page" not in links(answer):
            break
        answer = desk.get(INBOX + links(answer)["Next page"])
    assert seen == newest_first()

    back = [names(answer)]
    while "Page before" in links(answer):
        answer = desk.get(INBOX + links(answer)["Page before"])
        back.insert(0, names(answer))
    assert [name for page in back for name in page] == seen
    assert back[0] == first


def test_the_last_page_is_reached_at_once_and_leads_to_the_first(desk, seven):
    last = desk.get(INBOX + links(desk.get(EVERYTHING))["Last page"])

    assert names(last) == newest_first()[-3:]
    assert set(links(last)) == {"First page", "Page before"}
    assert names(desk.get(INBOX + links(last)["First page"])) == newest_first()[:3]
    assert names(desk.get(INBOX + links(last)["Page before"])) == newest_first()[1:4]


def test_a_page_keeps_its_place_while_new_ones_arrive(desk, seven):
    following = links(desk.get(EVERYTHING))["Next page"]
    expected = newest_first()[3:6]

    make.inquiry(name="New")

    assert names(desk.get(INBOX + following)) == expected


def test_a_page_of_which_nothing_is_left_is_the_first(desk, seven):
    following = links(desk.get(f"{INBOX}?list=inbox"))["Next page"]
    Inquiry.objects.exclude(name__in=newest_first()[:3]).update(screening="spam", screening_reason="staff")

    assert names(desk.get(INBOX + following)) == newest_first()[:3]


def test_filters_stay_from_page_to_page_and_begin_at_the_first(desk, seven):
    Inquiry.objects.filter(name__in=["N0", "N3"]).update(status=InquiryStatus.CLOSED)
    answer = desk.get(f"{EVERYTHING}&status__exact=new")
    following = links(answer)["Next page"]

    page = desk.get(INBOX + following)

    assert names(page) == [name for name in newest_first() if name not in ("N0", "N3")][3:]
    filters = page.content.decode().partition('id="changelist-filter"')[2].partition("</search>")[0]
    assert "status__exact=closed" in filters
    assert "p=after" not in filters


def test_appointments_to_come_have_pages_soonest_first(desk, three_on_a_page):
    begins = timezone.now() + timedelta(days=1)
    made = [
        make.appointment(make.inquiry(name=f"Patient{place}"), (begins + timedelta(days=place // 2)).isoformat())
        for place in range(5)
    ]
    answer = desk.get(TIMES)
    more = desk.get(TIMES + links(answer)["Next page"])

    shown = [re.findall(r">(Patient\d)<", each.content.decode()) for each in (answer, more)]
    assert shown == [[f"Patient{place}" for place in (0, 1, 2)], ["Patient3", "Patient4"]]
    assert Appointment.objects.count() == len(made)


@pytest.mark.parametrize(
    "typed",
    ["", "2", "x", "after", "after-1", "after-x-1", "after-1-²", f"before-{'9' * 30}-1", "last-1-1", "after--1-1",
     "\x00"],
)  # fmt: skip
def test_what_is_no_place_is_the_first_page(typed):
    assert Place.read(typed) is None


@pytest.mark.parametrize("which", [AFTER, BEFORE])
def test_a_place_is_read_as_it_was_written_to_the_microsecond(which):
    sent = datetime(2026, 11, 24, 14, 30, 5, 123457, tzinfo=UTC)

    assert Place.read(Place.write(which, Inquiry(pk=12, created_at=sent), "created_at")) == (which, sent, 12)
    assert Place.read(LAST) == Place(LAST)


def test_a_number_is_exact_where_all_is_shown_and_about_where_it_is_not(desk, three_on_a_page):
    for _ in range(3):
        make.inquiry()
    assert number(desk.get(EVERYTHING)) == "3 inquiries"

    make.inquiry()

    assert re.fullmatch(r"about \d+ inquiries", number(desk.get(EVERYTHING)))


def test_an_estimate_says_no_more_than_it_knows(monkeypatch):
    plan = '[{"Plan": {"Plan Rows": %d}}]'
    rows = Inquiry.objects.all()
    for guess, said in ((7, 7), (96, 96), (1_234, 1_200), (987_654, 990_000)):
        monkeypatch.setattr(type(rows), "explain", lambda self, guess=guess, **how: plan % guess)
        assert pages.estimate(rows) == said


def lists() -> list[str]:
    return [
        "/admin/", INBOX, EVERYTHING, f"{INBOX}?list=inbox", f"{INBOX}?list=spam", f"{INBOX}?list=by_hand", TIMES,
        f"{TIMES}?list=all", f"{TIMES}?list=held", f"{TIMES}?list=overbooked", "/admin/appointments/email/",
        CALLS, f"{CALLS}?list=reminders", f"{CALLS}?list=all",
    ]  # fmt: skip


def enter(number: int) -> None:
    """So many rows for each of the lists: waiting, to be checked, spam, with times, mails and calls."""
    visit = make.visit_type()
    doctor = make.practitioner(visit=visit)
    procedure = make.procedure(f"P{number}")
    begins = Appointment.objects.count()
    for place in range(number):
        aside = (
            {},
            {"screening": "by_hand", "screening_reason": "asked"},
            {"screening": "spam", "screening_reason": "staff"},
        )
        for fields in aside:
            make.inquiry(name="Otis", phone=f"212 555 {place:04}", procedure=procedure, **fields)
        at = timezone.now() + timedelta(hours=begins + place + 1)
        sender = make.inquiry(name="Rosa", assigned_to=make.user(), contact_by="email", email=f"r{place}@example.com")
        status = ("pending", "booked")[place % 2]
        over = {"overbooked": True, "overbook_reason": "x"} if place % 3 else {}
        made = make.appointment(sender, at.isoformat(), practitioner=doctor, visit_type=visit, status=status, **over)
        about = {"inquiry": sender, "appointment": made}
        CallTask.objects.create(kind="reminder", due_at=timezone.now(), dedupe_key=f"{made.pk}", **about)
        CallTask.objects.create(kind="booked", due_at=at, dedupe_key=f"{made.pk} booked", **about)


def test_each_list_takes_as_many_statements_with_1_as_with_20_and_100_rows(desk, monkeypatch):
    monkeypatch.setattr("appointments.limits.CONFIRMATIONS_AN_HOUR", 1000)
    # A slow machine writes down meanwhile that the session is used: one more statement, of no list.
    monkeypatch.setattr("clinic.accounts.session_store.SEEN_EVERY", timedelta(hours=1))
    # Pages that show all, so that more rows would be more statements if there were any for a row.
    for model in ("InquiryAdmin", "AppointmentAdmin", "EmailAdmin", "CallTaskAdmin"):
        monkeypatch.setattr(f"appointments.admin.{model}.list_per_page", 1000)
    enter(3)
    counts = []
    for address in lists():
        desk.get(address)
    for more in (0, 17, 80):
        enter(more) if more else None
        counts.append({})
        for address in lists():
            with CaptureQueriesContext(connection) as asked:
                assert desk.get(address).status_code == 200
            counts[-1][address] = len(asked)

    assert counts[1:] == counts[:1] * 2
    # Five say why each inquiry of a page waits.
    at_most = dict.fromkeys(lists(), 10) | {address: 13 for address in lists() if address.startswith(INBOX)}
    at_most |= {
        "/admin/": 17,
    }
    assert {address: taken for address, taken in counts[0].items() if taken > at_most[address]} == {}
    assert Email.objects.count() > 100


# What each list is read in the order of; the numbers beside the lists come in one statement.
INDEXES = {
    EVERYTHING: "newest_inquiries",
    f"{INBOX}?list=inbox": "newest_inquiries",
    f"{INBOX}?status__exact=closed": "newest_inquiries",
    f"{EVERYTHING}&status__exact=open": "newest_not_closed",
    f"{INBOX}?list=spam": "newest_spam",
    f"{INBOX}?list=by_hand": "waiting_to_be_checked",
    f"{INBOX}?list=all&procedure__id__exact={{rare}}": "newest_about_a_procedure",
    INBOX: "waiting_for_us",
    f"{EVERYTHING}&p=last": "newest_inquiries",
    f"{EVERYTHING}&p=after-1764160200000000-12": "newest_inquiries",
    TIMES: "live_times",
    f"{TIMES}?list=all": "times_to_come",
    f"{TIMES}?list=held": "times_to_confirm",
    f"{TIMES}?list=overbooked": "overbooked_times",
}


def test_each_list_is_read_by_an_index_in_its_order_and_the_numbers_beside_them_by_one_each(desk):
    rare = make.procedure("Rare", slug="rare")
    make.procedure()
    call_command("fill", inquiries=3000, appointments=1000, seed=1, verbosity=0)
    Inquiry.objects.filter(procedure=rare, pk__gt=Inquiry.objects.order_by("pk")[20].pk).update(procedure=None)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE appointments_inquiry")
        used = {}
        for address, index in INDEXES.items():
            with CaptureQueriesContext(connection) as asked:
                assert desk.get(address.format(rare=rare.pk)).status_code == 200
            read, *_others = [
                each["sql"] for each in asked
                if re.search(r'ORDER BY.*"appointments_(inquiry|appointment)"."id"', each["sql"])
                and '"reference"' in each["sql"]
            ]  # fmt: skip
            # Among a few thousand rows sorting costs little.
            cursor.execute("SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
            cursor.execute("EXPLAIN " + read)
            plan = "\n".join(line for [line] in cursor.fetchall())
            used[address] = index if re.search(rf"Index Scan (Backward )?(using|on) {index} ", plan) else plan

    assert used == INDEXES
    plan = plan_of_the_numbers(desk)
    assert "Seq Scan on appointments_inquiry" not in plan
    assert "Seq Scan on appointments_appointment" not in plan
    for index in ("waiting_for_us", "waiting_to_be_checked", "newest_spam"):
        assert index in plan


def plan_of_the_numbers(desk) -> str:
    with CaptureQueriesContext(connection) as asked:
        desk.get("/admin/")
    counts = max((each["sql"] for each in asked if each["sql"].startswith("SELECT (SELECT count(*)")), key=len)
    with connection.cursor() as cursor:
        cursor.execute("RESET enable_sort; RESET enable_bitmapscan")
        cursor.execute("EXPLAIN " + counts)
        return "\n".join(line for [line] in cursor.fetchall())
