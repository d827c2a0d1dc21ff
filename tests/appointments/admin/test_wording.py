"""An inquiry in the few words that lists have room for."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from appointments.admin import wording
from appointments.models import Inquiry

NEW_YORK = ZoneInfo("America/New_York")
NOON = datetime(2026, 11, 23, 12, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("due_in", "words"),
    [
        (timedelta(hours=5), "today, 5 p.m."),
        (timedelta(hours=25), "tomorrow, 1 p.m."),
        (timedelta(days=3), "in 3 days"),
        (timedelta(hours=-2), "2\xa0hours late"),
    ],
)
def test_a_promise_says_its_hour_while_hours_matter(due_in, words):
    inquiry = Inquiry(status="open", answer_by=NOON + due_in)

    with timezone.override(NEW_YORK):
        assert wording.promise(inquiry, NOON) == words
