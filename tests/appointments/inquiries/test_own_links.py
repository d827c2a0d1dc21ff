"""Whether digits open an own page, and how often somebody may be wrong."""

import pytest

from appointments.actors import Actor
from appointments.errors import ChangedMeanwhile, NotPossible
from appointments.inquiries import own_links
from appointments.inquiries.own_links import Verdict
from appointments.models import Inquiry
from appointments.records import erasure
from tests import make, racing


@pytest.mark.django_db(transaction=True)
def test_of_those_who_try_at_the_same_moment_five_are_heard():
    inquiry, verdicts = make.inquiry(phone="212 555 0123"), []

    def guess(digits: str) -> None:
        verdicts.append(own_links.try_digits(inquiry=inquiry, digits=digits)[0])

    racing.at_once(*(lambda digits=digits: guess(digits) for digits in [f"{n:04}" for n in range(8)]))
    guess("0123")

    assert sorted(verdict.name for verdict in verdicts) == ["LOCKED"] * 5 + ["WRONG"] * 4
    assert Inquiry.objects.get().wrong_tries == 5


@pytest.mark.django_db
class TestTries:
    def test_a_right_one_is_not_counted_and_gives_none_back(self):
        inquiry = make.inquiry(phone="212 555 0123")

        told = [own_links.try_digits(inquiry=inquiry, digits=digits) for digits in ("9999", "0123", "9999")]

        assert told == [(Verdict.WRONG, 4), (Verdict.RIGHT, 4), (Verdict.WRONG, 3)]

    def test_a_wrong_one_leaves_the_version_that_the_desk_has_before_it(self):
        inquiry = make.inquiry()
        own_links.try_digits(inquiry=inquiry, digits="none")

        assert Inquiry.objects.get().version == inquiry.version

    def test_the_desk_lets_them_try_again_unless_somebody_changed_it_meanwhile(self):
        inquiry, ann = make.inquiry(wrong_tries=5), Actor.staff(make.front_desk())

        with pytest.raises(ChangedMeanwhile):
            own_links.allow_tries(inquiry=inquiry, version=9, by=ann)
        assert own_links.allow_tries(inquiry=inquiry, version=1, by=ann).wrong_tries == 0

    def test_one_that_is_erased_opens_to_nothing(self):
        inquiry = make.inquiry()
        erasure.erase(inquiry, reason="Their wish", by=Actor.staff(make.user()))

        with pytest.raises(NotPossible):
            own_links.try_digits(inquiry=inquiry, digits=inquiry.proof_digits)


@pytest.mark.parametrize(
    ("fields", "digits", "code"),
    [
        ({"phone": "(212) 555-0123 ext. 9"}, "0123", ""),
        ({"phone": "212 555 0123", "patient_phone": "212 555 0164"}, "0123", ""),
        ({"patient_phone": "212-555-0164"}, "0164", ""),
        ({"phone": "+44 20 7946 0958"}, "0958", ""),
        ({"phone": "x 5"}, "4711", "4711"),
        ({}, "4711", "4711"),
    ],
)
def test_the_phone_that_was_given_opens_the_page_and_without_one_the_code(fields, digits, code):
    inquiry = Inquiry(code="4711", **fields)

    assert (inquiry.proof_digits, inquiry.shown_code) == (digits, code)
