"""Who may be on the phone."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.bookings import people_like as module
from appointments.bookings.people_like import alike, people_like
from appointments.models import AppointmentStatus, Inquiry
from tests import make

pytestmark = pytest.mark.django_db


def names(**typed: str) -> list[tuple[str, bool]]:
    found = people_like(**{"name": "", "phone": "", "email": ""} | typed, now=timezone.now())
    return [(each.inquiry.name, each.is_certain) for each in found]


def test_who_shares_the_phone_or_the_email_comes_first_and_is_certain_with_the_name():
    make.inquiry(name="Agnes Moreau", phone="212 555 0199")
    make.inquiry(name="Sam Moreau", phone="212 555 0199")
    make.inquiry(name="Agnes Moreau", phone="212 555 0777", email="agnes@example.com")

    assert names(name="agnes moreau", phone="(212) 555-0199") == [
        ("Sam Moreau", False), ("Agnes Moreau", True), ("Agnes Moreau", False),
    ]  # fmt: skip
    assert names(name="Agnes", email="AGNES@example.com")[0] == ("Agnes Moreau", False)


def test_nobody_is_like_nothing_and_five_are_shown():
    for number in range(7):
        make.inquiry(name=f"Agnes M{number}")

    assert names() == []
    assert [name for name, _certain in names(name="agnes")] == [f"Agnes M{number}" for number in (6, 5, 4, 3, 2)]


def test_what_was_erased_is_nobody():
    make.inquiry(name="Agnes Moreau", phone="212 555 0199", erased_at=timezone.now())

    assert names(name="Agnes Moreau", phone="212 555 0199") == []


def same(inquiry) -> list[tuple[str, str]]:
    """The names of those who are like somebody, each with the first letters of what is the same."""
    found = alike(inquiry, timezone.now())
    letters = ({"p": each.has_same_phone, "e": each.has_same_email, "n": each.has_same_name} for each in found)
    return [
        (each.inquiry.name, "".join(letter for letter, is_same in of_it.items() if is_same))
        for each, of_it in zip(found, letters, strict=True)
    ]


def test_others_with_the_same_phone_email_or_name_are_alike():
    agnes = make.inquiry(name="Agnes Moreau", phone="212 555 0199", email="agnes@example.com")
    make.inquiry(name="A. M.", phone="(212) 555-0199")
    make.inquiry(name="A. Moreau", contact_by="email", email="AGNES@example.com", phone="")
    make.inquiry(name="Moreau, Agnès", phone="646 555 0160")
    make.inquiry(name="Petra Lang", patient_name="Agnes Moreau", phone="646 555 0161")
    make.inquiry(name="Agnes Moreau", patient_name="Cleo Frost", phone="646 555 0162")
    make.inquiry(name="Agnes Moreaux", phone="646 555 0163")

    assert same(agnes) == [("Petra Lang", "n"), ("Moreau, Agnès", "n"), ("A. Moreau", "e"), ("A. M.", "p")]


def test_a_name_of_the_same_letters_is_another_name():
    anna = make.inquiry(name="Anna Nana")
    make.inquiry(name="Nana Anna Nana")
    make.inquiry(name="Annana")

    assert same(anna) == []


def test_spam_and_what_was_erased_is_like_nobody_and_nobody_is_like_it():
    erased = make.inquiry(name="Agnes Moreau", phone="212 555 0199")
    Inquiry.objects.filter(pk=erased.pk).update(erased_at=timezone.now())
    erased.refresh_from_db()
    make.inquiry(name="Agnes Moreau", phone="212 555 0199", screening="spam", screening_reason="staff")
    agnes = make.inquiry(name="Agnes Moreau", phone="212 555 0199")

    assert (same(agnes), same(erased)) == ([], [])


def test_nothing_in_common_but_an_empty_phone_and_email_is_nothing():
    one = make.inquiry(name="-", phone="555 0123")
    make.inquiry(name="–", phone="555 0124")

    assert same(one) == []


def test_those_of_the_same_person_come_first_then_those_with_a_visit_to_come_each_with_their_visits():
    agnes = make.inquiry(name="Agnes Moreau", phone="212 555 0199")
    linked, coming, done = (make.inquiry(name="Agnes Moreau", phone=f"646 555 {n}") for n in ("0160", "0161", "0162"))
    Inquiry.objects.filter(pk=linked.pk).update(same_as=agnes)
    make.appointment(coming)
    make.appointment(done, "2020-11-24T15:00:00+00:00", status=AppointmentStatus.FULFILLED)
    missed = make.appointment(linked, "2020-11-25T15:00:00+00:00", status=AppointmentStatus.NOSHOW)

    found = alike(agnes, timezone.now())

    assert [(each.inquiry.pk, each.is_linked) for each in found] == [
        (linked.pk, True), (coming.pk, False), (done.pk, False),
    ]  # fmt: skip
    assert [len(each.visits.to_come) for each in found] == [0, 1, 0]
    assert [each.visits.no_shows for each in found] == [1, 0, 0]
    assert (found[0].visits.last, found[2].visits.last_done.inquiry) == (missed, done)


def test_all_that_are_said_to_be_the_same_know_of_each_other():
    goes_on, first, second = (make.inquiry(name=name) for name in ("Agnes Moreau", "A. M.", "Moreau"))
    Inquiry.objects.filter(pk__in=[first.pk, second.pk]).update(same_as=goes_on)
    for row in (first, second):
        row.refresh_from_db()

    assert [{name for name, _ in same(row)} for row in (goes_on, first, second)] == [
        {"A. M.", "Moreau"}, {"Agnes Moreau", "Moreau"}, {"Agnes Moreau", "A. M."},
    ]  # fmt: skip


def test_many_of_one_name_leave_a_place_for_who_has_the_same_phone(monkeypatch):
    monkeypatch.setattr(module, "READ_ALIKE", 2)
    of_phone = make.inquiry(name="A. M.", phone="212 555 0199")
    for _ in range(4):
        make.inquiry(name="Agnes Moreau")
    make.appointment(of_phone)

    assert same(make.inquiry(name="Agnes Moreau", phone="212 555 0199"))[0] == ("A. M.", "p")


def test_those_who_are_alike_are_found_by_indexes_alone():
    agnes = make.inquiry(name="Agnes Moreau", phone="212 555 0199", email="agnes@example.com")
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as asked:
        cursor.execute("SET LOCAL enable_seqscan = off")
        alike(agnes, timezone.now())
        cursor.execute(f"EXPLAIN {asked.captured_queries[-1]['sql']}")
        plan = "\n".join(line for [line] in cursor.fetchall())

    indexes = ("of_the_same_person", "inquiries_by_phone", "inquiries_by_email", "inquiries_by_their_trigrams")
    assert [index in plan for index in indexes] == [True] * 4
    assert "Seq Scan" not in plan
