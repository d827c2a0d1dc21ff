"""Who sees patients here: what pages say of them hangs on what the database says, and on nothing older."""

import pytest

from appointments.models import Practitioner, Schedule
from appointments.public import people
from clinic import practice
from clinic.templatetags import site
from tests import make

CHANGES = {
    "name": lambda: Practitioner.objects.update(name="Sam Poe, MD"),
    "title": lambda: Practitioner.objects.update(title="Surgeon"),
    "languages": lambda: Practitioner.objects.update(languages="Twi"),
    "about": lambda: Practitioner.objects.update(about="Listens."),
    "online": lambda: Schedule.objects.update(is_online=False),
    "gone": lambda: Practitioner.objects.update(is_active=False),
}


def drawn() -> str:
    return site.drawn_once("appointments/_practitioners.html", practice.current(), people=people.shown())


@pytest.mark.django_db
@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_is_drawn_anew(change):
    make.practitioner("Jane Doe, MD")
    before = drawn()

    CHANGES[change]()

    after = drawn()
    site._drawn.cache_clear()
    assert after == drawn() != before
