from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format

from appointments.inquiries import canned_replies
from appointments.models import CannedReply
from tests import make

pytestmark = pytest.mark.django_db


def words_of(inquiry) -> list[str]:
    return [reply.words for reply in canned_replies.filled(inquiry)]


def test_words_in_braces_are_filled_in_for_the_inquiry():
    clinic = make.clinic(phone="(646) 555-0111")
    CannedReply.objects.create(
        title="Where", words="Hello {first name}, {name}: {time} with {practitioner}. {clinic}, {clinic phone}."
    )
    given = make.appointment(make.inquiry(name="Rosa Lind"))

    when = date_format(timezone.localtime(given.starts_at, clinic.zone), "l, F j, P")
    said = f"Hello Rosa, Rosa Lind: {when} with {given.practitioner.name}. Maple Spine Clinic, (646) 555-0111."
    assert words_of(given.inquiry) == [said]


@pytest.mark.parametrize(
    "fields",
    [{"status": "cancelled"}, {"status": "proposed", "held_until": "+"}, {"status": "pending", "held_until": "+"},
     {"displaced_at": "+"}],
)  # fmt: skip
def test_no_time_is_put_in_that_is_not_theirs(fields):
    CannedReply.objects.create(title="When", words="{time}")
    at = timezone.now() + timedelta(hours=1)
    given = make.appointment(**{name: at if value == "+" else value for name, value in fields.items()})

    assert words_of(given.inquiry) == ["{time}"]


def test_what_somebody_is_called_is_never_read_as_a_placeholder():
    CannedReply.objects.create(title="Hello", words="Hello {name}")

    assert words_of(make.inquiry(name="{clinic phone}")) == ["Hello {clinic phone}"]


def test_replies_take_two_statements_beside_the_clinic_and_one_where_there_are_none():
    inquiry = make.inquiry()
    counts = []
    for number in (0, 1, 20):
        for each in range(number):
            CannedReply.objects.create(title=f"{number} {each}", words="{time}")
        with CaptureQueriesContext(connection) as asked:
            list(canned_replies.filled(inquiry))
        counts.append(len([each for each in asked if "clinic_clinic" not in each["sql"]]))

    assert counts == [1, 2, 2]
