"""What a call says, in one sentence, and that it is what the mail would have told."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments, displacement, proposals, statuses
from appointments.inquiries import conversation
from appointments.models import CallTask, Inquiry, NotificationKind
from appointments.notifications import spoken
from tests import make

pytestmark = pytest.mark.django_db

MONDAY, TUESDAY = date(2026, 11, 30), date(2026, 12, 1)


@pytest.fixture(autouse=True)
def clock():
    make.clinic()
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False) as clock, timezone.override("America/New_York"):
        yield clock


@pytest.fixture
def doctor():
    return make.practitioner("Dr. Osei")


@pytest.fixture
def ann() -> Actor:
    return Actor.staff(make.front_desk())


@pytest.fixture
def agnes() -> Inquiry:
    return make.inquiry(name="Agnes Moreau", message="")


@pytest.fixture
def visit(agnes, doctor, ann):
    """Agnes was called about it."""
    given = appointments.give(inquiry=agnes, slot=make.slots(doctor, MONDAY)[0], by=ann)
    conversation.log_call(inquiry=agnes, outcome="reached", by=ann)
    return given


def to_say() -> list[str]:
    calls = CallTask.objects.open().select_related("inquiry", "message", "appointment__practitioner")
    return list(spoken.sentences(list(calls), timezone.now()).values())


def test_of_a_visit_that_was_given(agnes, doctor, ann):
    appointments.give(inquiry=agnes, slot=make.slots(doctor, MONDAY)[0], by=ann)

    assert to_say() == ["Your visit is booked: Mon, Nov. 30, 9 a.m., with Dr. Osei."]


def test_of_a_move_from_the_time_that_they_know_to_the_last_one(agnes, visit, doctor, ann):
    for slot in make.slots(doctor, TUESDAY)[1:3]:
        appointments.reschedule(appointment=agnes.appointments.get(), slot=slot, by=ann)

    assert to_say() == ["Your visit moved from Mon, Nov. 30, 9 a.m. to Tue, Dec. 1, 10 a.m., with Dr. Osei."]


def test_of_a_move_to_somebody_else(agnes, visit, ann):
    other = make.practitioner("John Roe, M.D.", visit=visit.visit_type)
    appointments.reschedule(appointment=visit, slot=make.slots(other, MONDAY)[0], by=ann)

    assert to_say() == [
        "The time of your visit stays, Mon, Nov. 30, 9 a.m.; John Roe, M.D. will see you instead of Dr. Osei."
    ]


def test_of_a_cancellation_at_the_time_that_they_know(agnes, visit, doctor, ann):
    appointments.reschedule(appointment=visit, slot=make.slots(doctor, TUESDAY)[1], by=ann)
    statuses.cancel(appointment=agnes.appointments.get(), by=ann)

    assert to_say() == ["Your visit on Mon, Nov. 30, 9 a.m., with Dr. Osei, is canceled."]


def test_of_times_to_choose_from(agnes, doctor, ann):
    first, second = make.slots(doctor, MONDAY)[:2]
    proposals.propose(inquiry=agnes, slots=[first, second], until=timezone.now() + timedelta(days=1), by=ann)

    assert to_say() == [
        "Which time do you take: Mon, Nov. 30, 9 a.m. with Dr. Osei; or Mon, Nov. 30, 9:30 a.m. with Dr. Osei"
        " (held for you until Tue, Nov. 24, noon)?"
    ]


def test_of_a_time_that_is_gone(agnes, visit, ann):
    with displacement.changing_hours(by=ann):
        visit.practitioner.working_hours.all().delete()
    displacement.tell_displaced(displaced=agnes.appointments.all(), by=ann)

    assert to_say() == [
        "We are sorry: we can’t see you on Mon, Nov. 30, 9 a.m., with Dr. Osei; which other time suits you?"
    ]


def test_of_an_answer_in_writing_all_of_it(agnes, ann):
    words = "No. " + "Bring a list of what you take. " * 9
    conversation.reply(inquiry=agnes, words=words, version=1, by=ann)

    assert to_say() == [f"Our answer to you is: “{words.strip()}”"]


@pytest.mark.parametrize("kind", [kind for kind in NotificationKind if not kind.startswith("staff_")])
@pytest.mark.parametrize("has_visit", [True, False])
def test_every_kind_says_something_whether_it_is_about_a_time_or_not(visit, kind, has_visit):
    CallTask.objects.all().delete()
    about = {"appointment": visit} if has_visit else {}
    made = {"inquiry": visit.inquiry, "kind": kind, "due_at": timezone.now(), "dedupe_key": "1"}
    CallTask.objects.create(**made, **about)

    [said] = to_say()
    assert said[-1] in ".?"
    assert "%(" not in said
    assert ("Nov. 30" in said) is (has_visit and kind in (*spoken.OF_A_TIME, "offered"))


def test_many_take_as_many_statements_as_one(ann, doctor, django_assert_num_queries):
    def moved_and_offered(place: int) -> None:
        first, second = make.inquiry(message=""), make.inquiry(message="")
        given = appointments.give(inquiry=first, slot=make.slots(doctor, MONDAY)[0], by=ann)
        conversation.log_call(inquiry=first, outcome="reached", by=ann)
        appointments.reschedule(appointment=given, slot=make.slots(doctor, TUESDAY)[0], by=ann)
        until = timezone.now() + timedelta(days=1)
        proposals.propose(inquiry=second, slots=make.slots(doctor, MONDAY)[:1], until=until, by=ann)

    for place in range(4):
        moved_and_offered(place)
        calls = CallTask.objects.open().select_related("inquiry", "message", "appointment__practitioner")
        calls = list(calls)
        with django_assert_num_queries(4):
            assert len(spoken.sentences(calls, timezone.now())) == 2 * (place + 1)
