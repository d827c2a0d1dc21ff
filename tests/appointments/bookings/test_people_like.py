"""Who may be on the phone."""

import pytest
from django.utils import timezone

from appointments.bookings.people_like import people_like
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
