"""One person wrote twice: one inquiry is closed as the other one's, and nothing is merged."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from appointments.actors import Actor
from appointments.errors import ChangedMeanwhile, NotPossible
from appointments.inquiries import same_person
from appointments.models import Inquiry, InquiryStatus
from tests import make

pytestmark = pytest.mark.django_db


def press(inquiry, other, **fields):
    now = Inquiry.objects.get(pk=inquiry.pk)
    about = {"version": now.version, "by": Actor.staff(make.front_desk())} | fields
    return same_person.same_as(inquiry=now, other=Inquiry.objects.get(pk=other.pk), **about)


def test_one_is_closed_and_says_whose_it_is_and_the_other_stays_as_it_was():
    one, other = make.inquiry(name="Rosa Lind"), make.inquiry(name="R. Lind")
    before = Inquiry.objects.values().get(pk=other.pk)

    row = press(one, other)

    row.refresh_from_db()
    assert (row.status, row.same_as) == (InquiryStatus.CLOSED, other)
    assert (row.name, row.phone, row.key) == (one.name, one.phone, one.key)
    assert Inquiry.objects.values().get(pk=other.pk) == before


def test_a_third_one_is_the_same_as_the_one_that_goes_on():
    goes_on, second, third = make.inquiry(), make.inquiry(), make.inquiry()
    press(second, goes_on)

    assert press(third, second).same_as == goes_on
    with pytest.raises(NotPossible):
        press(goes_on, second)


def test_nothing_is_the_same_as_itself_or_as_what_is_erased():
    one, erased = make.inquiry(), make.inquiry()
    Inquiry.objects.filter(pk=erased.pk).update(erased_at=timezone.now())

    for other in (one, erased):
        with pytest.raises(NotPossible):
            press(one, other)
    with pytest.raises(IntegrityError), transaction.atomic():
        Inquiry.objects.filter(pk=one.pk).update(same_as=one)


def test_a_decision_on_an_older_version_is_refused():
    one, other = make.inquiry(), make.inquiry()

    with pytest.raises(ChangedMeanwhile):
        press(one, other, version=7)
    assert Inquiry.objects.get(pk=one.pk).same_as is None


def test_a_closed_one_only_gets_the_link_and_loses_it_again():
    one, other = make.inquiry(status="closed"), make.inquiry()
    moved_at = Inquiry.objects.get(pk=one.pk).moved_at
    press(one, other)

    row = Inquiry.objects.get(pk=one.pk)
    assert (row.same_as, row.moved_at) == (other, moved_at)
    same_person.not_the_same(inquiry=row, version=row.version, by=Actor.staff(make.front_desk()))
    row.refresh_from_db()
    assert (row.same_as, row.status) == (None, InquiryStatus.CLOSED)


def test_a_time_that_is_held_to_be_checked_is_freed_and_a_booked_one_stays():
    held, booked, other = make.inquiry(), make.inquiry(), make.inquiry()
    until = timezone.now() + timedelta(hours=3)
    made = make.appointment(held, status="pending", held_until=until), make.appointment(booked)

    press(held, other)
    press(booked, other)

    for row in made:
        row.refresh_from_db()
    assert [row.status for row in made] == ["cancelled", "booked"]
