"""One box on every page of staff's finds a caller; what was typed stands in no address."""

import html
import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from appointments.actors import Actor
from appointments.models import AccessLog, AppointmentStatus
from appointments.records import erasure
from clinic.accounts import roles
from tests import make
from tests.patient import Patient

pytestmark = pytest.mark.django_db

FIND = "/admin/appointments/inquiry/find/"


@pytest.fixture
def ann():
    make.clinic()
    return make.front_desk(username="ann")


@pytest.fixture
def desk(client, ann):
    client.force_login(ann)
    return client


def desk_of(inquiry) -> str:
    return f"/admin/appointments/inquiry/{inquiry.pk}/change/"


def rows(answer) -> list[list[str]]:
    """What stands in the cells of each row that was found."""
    table = answer.content.decode().partition('class="waiting found"')[2].partition("</section>")[0]
    cells = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in table.split("<tr>")[1:])
    plain = ([" ".join(html.unescape(re.sub("<[^>]+>", " ", cell)).split()) for cell in row] for row in cells)
    return [row for row in plain if row and row[0] != "Who"]


def found(desk, typed: str):
    return desk.post(FIND, {"typed": typed}, follow=True)


def names(answer) -> list[str]:
    return [row[0].rpartition(" ")[0] for row in rows(answer)]


def said(answer) -> str:
    text = answer.content.decode().partition('class="waiting found"')[2].partition("</p>")[0]
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", text.partition(">")[2])).split())


@pytest.mark.parametrize("typed", ["0119", "3k7q", "8 S E 3, K 7 Q M", "Oshaughnessy", "walter@exam", "example.org"])
def test_enter_on_one_hit_opens_its_desk(desk, ann, typed):
    walter = make.inquiry(
        name="Walter O’Shaughnessy", phone="212 555 0119", reference="8SE3K7QM", email="walter@example.org"
    )
    make.inquiry(name="Mei Ling Chen", phone="212 555 0160", reference="ABCD3XHT")

    answer = desk.post(FIND, {"typed": typed})

    assert answer.headers["Location"] == desk_of(walter)
    assert list(AccessLog.objects.values_list("action", "actor", "inquiry", "hits")) == [("searched", ann.pk, None, 1)]


def test_several_hits_are_a_list_whose_address_has_no_word_of_it(desk, ann):
    make.inquiry(name="Rosa Lind")
    make.inquiry(name="Otis Lind")

    answer = desk.post(FIND, {"typed": "Lind"})

    assert answer.headers["Location"] == f"{FIND}?n=1"
    shown = desk.get(f"{FIND}?n=1")
    assert names(shown) == ["Otis Lind", "Rosa Lind"]
    assert 'value="Lind"' in shown.content.decode()
    assert "<title>Found" in shown.content.decode()
    assert list(AccessLog.objects.values_list("action", "actor", "inquiry", "hits")) == [("searched", ann.pk, None, 2)]


def test_the_list_can_be_loaded_again_and_back_leads_to_the_one_before(desk):
    for name in ("Rosa Lind", "Otis Lind", "Rosa Granger"):
        make.inquiry(name=name)
    for typed in ("lind", "rosa", "rosa"):
        found(desk, typed)

    pages = [names(desk.get(f"{FIND}{n}")) for n in ("?n=1", "?n=1", "?n=2", "")]

    assert pages == [["Otis Lind", "Rosa Lind"]] * 2 + [["Rosa Granger", "Rosa Lind"]] * 2
    assert said(desk.get(f"{FIND}?n=3")) == "What was typed for this search is kept no longer. Type it once more."


def test_only_the_last_searches_are_kept(desk, monkeypatch):
    monkeypatch.setattr("appointments.admin.lists.find.KEPT", 2)
    make.inquiry(name="Rosa Lind")
    make.inquiry(name="Rosa Granger")
    for typed in ("rosa", "nobody at all", "ros"):
        found(desk, typed)

    assert desk.session["searches"] == {"2": "nobody at all", "3": "ros"}
    assert names(desk.get(FIND)) == ["Rosa Granger", "Rosa Lind"]


def test_who_was_found_stands_with_their_visits_those_to_come_first(desk):
    with time_machine.travel("2026-11-26 15:00:00+00:00", tick=False):
        done, soon, later, canceled, missed = (make.inquiry(name=f"{name} Lind") for name in "ABCDE")
        doctor = make.practitioner("Jane Doe, MD")
        make.appointment(done, "2026-11-03 14:00+00:00", status=AppointmentStatus.FULFILLED, practitioner=doctor)
        make.appointment(later, "2026-12-03 13:30+00:00", practitioner=doctor)
        make.appointment(soon, "2026-11-30 13:30+00:00", status=AppointmentStatus.PENDING, practitioner=doctor)
        make.appointment(canceled, "2026-12-04 13:30+00:00", status=AppointmentStatus.CANCELLED, practitioner=doctor)
        make.appointment(missed, "2026-11-02 14:00+00:00", status=AppointmentStatus.NOSHOW, practitioner=doctor)

        shown = rows(found(desk, "Lind"))

    assert [(row[0].split()[0], row[1]) for row in shown] == [
        ("B", "Mon, Nov. 30, 8:30 a.m., Jane Doe, MD: Held, not confirmed yet"),
        ("C", "Thu, Dec. 3, 8:30 a.m., Jane Doe, MD"),
        ("E", "Nov. 2, 2026: Did not come"),
        ("D", "Dec. 4, 2026: Canceled"),
        ("A", "Nov. 3, 2026: Done"),
    ]


def test_closed_ones_and_spam_are_found_and_say_so(desk):
    make.inquiry(name="Rosa Lind", status="closed")
    make.inquiry(name="Otis Lind", screening="spam", screening_reason="staff")

    assert [(row[0].split()[0], row[4]) for row in rows(found(desk, "lind"))] == [("Otis", "Spam"), ("Rosa", "Closed")]


def test_where_nobody_fits_names_nearly_the_same_are_shown_and_none_is_opened_by_itself(desk):
    make.inquiry(name="Agnes Moreau")
    make.inquiry(name="Rosa Lind")

    answer = found(desk, "Moraeu")

    assert said(answer) == "Nobody fits. These names are nearly the same:"
    assert names(answer) == ["Agnes Moreau"]


@pytest.mark.parametrize("typed", ["Zbigniew", "", "( ) -", "\0", "a@\0b", "x" * 5000])
def test_where_nobody_is_near_either_it_says_what_to_type(desk, typed):
    make.inquiry(name="Rosa Lind")

    answer = found(desk, typed)

    assert answer.status_code == 200
    assert rows(answer) == []
    assert said(answer).startswith("Nobody fits. Type less, or another word")


def test_a_long_list_says_how_many_more_fit(desk, monkeypatch):
    monkeypatch.setattr("appointments.admin.lists.find.SHOWN", 2)
    for _ in range(4):
        make.inquiry(name="Rosa Lind")

    answer = found(desk, "lind")

    assert len(rows(answer)) == 2
    assert said(answer) == "2 more fit. Type one more word, or a phone number."


def test_the_box_stands_on_every_page_of_those_who_may_see_inquiries_and_on_no_other(client, ann):
    pages = ["/admin/", "/admin/appointments/inquiry/", "/admin/appointments/calltask/", reverse("admin:own_sign_in")]
    has_box = {}
    for role in (roles.FRONT_DESK, roles.CONTENT_EDITOR):
        client.force_login(make.user(role))
        answers = [client.get(page) for page in pages]
        has_box[role] = [b'id="find-typed"' in answer.content for answer in answers if answer.status_code == 200]
        assert client.post(FIND, {"typed": "lind"}).status_code == (302 if role == roles.FRONT_DESK else 403)

    assert has_box[roles.FRONT_DESK] == [True] * 4
    assert set(has_box[roles.CONTENT_EDITOR]) == {False}
    client.logout()
    assert b"find-typed" not in client.get("/admin/login/").content


def test_what_was_typed_is_forgotten_where_somebody_is_erased(desk, ann):
    rosa = make.inquiry(name="Rosa Lind")
    make.inquiry(name="Otis Lind")
    found(desk, "lind")
    boss = make.user(roles.MANAGER)
    assert desk.session["searches"] == {"1": "lind"}

    other = Patient()
    other.force_login(boss)
    address = f"/admin/appointments/inquiry/{rosa.pk}/erase/"
    other.post(address, {"reason": "Their wish", "reference": rosa.reference, "sure": "on"})

    rosa.refresh_from_db()
    assert rosa.erased_at is not None
    assert "searches" not in desk.session
    assert said(desk.get(FIND)).startswith("What was typed for this search is kept no longer.")


def test_the_list_takes_few_statements_however_many_are_found(desk, django_assert_max_num_queries):
    for _ in range(30):
        make.appointment(make.inquiry(name="Rosa Lind"))
    found(desk, "lind")

    with django_assert_max_num_queries(16):
        assert len(rows(desk.get(FIND))) == 30


def test_erased_people_are_not_found(desk):
    rosa = make.inquiry(name="Rosa Lind")
    erasure.erase(rosa, reason="Their wish", by=Actor.staff(make.user()))

    assert rows(found(desk, "Lind")) == []


def test_a_visit_that_nobody_marked_says_so(desk):
    for _ in range(2):
        begins = timezone.now() - timedelta(days=3)
        make.appointment(make.inquiry(name="Rosa Lind"), begins.isoformat())

    assert [row[1].rpartition(": ")[2] for row in rows(found(desk, "lind"))] == ["not marked"] * 2


@pytest.mark.parametrize(
    "typed",
    ["Nunez", "núñez dolores", "NUÑEZ", "212 555 0133", "(212) 555-0133", "555-0133", "0133", "rosa@example.com",
     "{reference}", "{reference_with_dash}", "Edith"],
)  # fmt: skip
def test_names_references_phones_and_emails_find_even_what_is_closed(desk, typed):
    made = make.inquiry(
        name="Dolores Núñez", phone="(212) 555-0133", email="rosa@example.com", patient_name="Edith", status="closed"
    )
    make.inquiry(name="Somebody Else", phone="646 555 0199")

    answer = desk.post(
        FIND, {"typed": typed.format(reference=made.reference, reference_with_dash=made.shown_reference.lower())}
    )

    assert answer.headers["Location"] == desk_of(made)


@pytest.mark.parametrize("typed", ["%", "_", "\\", "'", '"', "🌷", "--", "1e9", "100%"])
def test_signs_mean_themselves_and_are_no_fault_of_ours(desk, typed):
    make.inquiry(name="Percent")

    answer = found(desk, typed)

    assert (answer.status_code, rows(answer)) == (200, [])
