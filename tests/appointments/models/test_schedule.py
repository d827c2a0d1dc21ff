"""Whether patients may choose times at all, asked by a statement that a process makes once."""

import pytest

from appointments.models import Schedule
from tests import make

pytestmark = pytest.mark.django_db


def test_it_is_so_while_anybody_can_be_chosen():
    make.clinic()
    nobody = Schedule.any_online()
    schedule = make.practitioner().schedules.get()

    assert (nobody, Schedule.any_online()) == (False, True)
    assert schedule in Schedule.objects.online()


@pytest.mark.parametrize(
    ("what", "field"),
    [
        ("schedule", {"is_online": False}),
        ("practitioner", {"is_active": False}),
        ("visit_type", {"is_active": False}),
        ("visit_type", {"patients_may_choose": False}),
        ("clinic", {"is_choosing_paused": True}),
    ],
)
def test_each_thing_that_ends_it_ends_it(what, field):
    clinic = make.clinic()
    schedule = make.practitioner().schedules.get()
    before = Schedule.any_online()

    row = {"schedule": schedule, "clinic": clinic}.get(what) or getattr(schedule, what)
    type(row).objects.filter(pk=row.pk).update(**field)

    assert (before, Schedule.any_online()) == (True, False)
    assert not Schedule.objects.online().exists()
