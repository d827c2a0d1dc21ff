import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings.follow_up import mark_as_spam
from appointments.errors import ChangedMeanwhile, NotPossible
from appointments.inquiries import conversation, lifecycle, promises
from appointments.models import Inquiry, InquiryScreening, InquiryStatus
from appointments.models.log import Outcome
from tests import make
from tests.racing import held, limits_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return Actor.staff(make.front_desk(first_name="Ann", last_name="Reyes"))


def test_taking_opens_what_is_new(ann):
    inquiry = lifecycle.take(inquiry=make.inquiry(), version=1, by=ann)

    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.assigned_to, inquiry.version) == (InquiryStatus.OPEN, ann.user, 2)


@pytest.mark.parametrize("status", [InquiryStatus.CLOSED, InquiryStatus.WAITING_FOR_PATIENT])
@pytest.mark.parametrize("is_answered", [True, False])
def test_what_is_opened_again_is_promised_anew_as_if_it_were_asked_now(ann, status, is_answered):
    make.clinic()
    answered_at = timezone.now() - timedelta(days=8) if is_answered else None
    inquiry = make.inquiry(sent=timedelta(days=9), status=status, answered_at=answered_at)

    lifecycle.transition(inquiry=inquiry, to=InquiryStatus.OPEN, version=1, by=ann)

    inquiry.refresh_from_db()
    now = timezone.now()
    assert (inquiry.status, inquiry.answered_at) == (InquiryStatus.OPEN, None)
    assert inquiry.answer_by in (promises.next_answer_by(now), promises.next_answer_by(now - timedelta(minutes=1)))
    assert (inquiry.is_promised, inquiry.is_late(now)) == (True, False)


def test_whoever_looked_before_a_colleague_changed_it_changes_nothing(ann):
    inquiry = make.inquiry()
    lifecycle.take(inquiry=inquiry, version=1, by=ann)

    with pytest.raises(ChangedMeanwhile):
        lifecycle.transition(inquiry=inquiry, to=InquiryStatus.CLOSED, version=1, by=Actor.staff(make.front_desk()))

    inquiry.refresh_from_db()
    assert inquiry.status == InquiryStatus.OPEN


@pytest.mark.parametrize("status", InquiryStatus)
@pytest.mark.parametrize("to", InquiryStatus)
def test_only_the_allowed_moves_are_possible(ann, status, to):
    inquiry = make.inquiry(status=status)
    if to in lifecycle.TRANSITIONS[status]:
        assert lifecycle.transition(inquiry=inquiry, to=to, version=1, by=ann).status == to
    else:
        with pytest.raises(NotPossible):
            lifecycle.transition(inquiry=inquiry, to=to, version=1, by=ann)


@pytest.mark.parametrize("outcome", Outcome)
def test_a_call_that_reached_somebody_keeps_the_promise(ann, outcome):
    inquiry = make.inquiry()

    conversation.log_call(inquiry=inquiry, outcome=outcome, words="At noon.", by=ann)

    inquiry.refresh_from_db()
    assert (inquiry.answered_at is not None) == (outcome in ("reached", "voicemail"))
    assert inquiry.status == InquiryStatus.OPEN
    assert inquiry.calls.get().created_by == ann.user


def test_spam_leaves_the_inbox_and_comes_back(ann):
    inquiry = make.inquiry()

    mark_as_spam(inquiry=inquiry, version=1, by=ann)
    assert (list(Inquiry.objects.waiting_for_us()), list(Inquiry.objects.spam())) == ([], [inquiry])

    lifecycle.release(inquiry=inquiry, version=2, by=ann)
    assert (list(Inquiry.objects.waiting_for_us()), list(Inquiry.objects.spam())) == ([inquiry], [])


def test_the_inbox_holds_what_waits_for_us_oldest_promise_first():
    younger, older = make.inquiry(), make.inquiry(sent=timedelta(days=9))
    make.inquiry(status=InquiryStatus.CLOSED)
    make.inquiry(status=InquiryStatus.WAITING_FOR_PATIENT)
    by_hand = make.inquiry(screening=InquiryScreening.BY_HAND, screening_reason="asked")

    assert list(Inquiry.objects.waiting_for_us()) == [older, younger]
    assert list(Inquiry.objects.to_check_by_hand()) == [by_hand]


@pytest.mark.django_db(transaction=True)
def test_of_eight_people_at_once_one_wins_and_the_others_hear_of_it():
    inquiry, people = make.inquiry(), [Actor.staff(make.front_desk()) for _ in range(8)]

    def take(by: Actor) -> str:
        try:
            lifecycle.take(inquiry=inquiry, version=1, by=by)
            return "taken"
        except ChangedMeanwhile:
            return "changed meanwhile"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(people)) as threads:
        with transaction.atomic():  # Holds the row until all eight have come to it.
            Inquiry.objects.select_for_update().get()
            said = [threads.submit(take, by) for by in people]
            wait_for_blocked(len(people))
        outcomes = sorted(future.result() for future in said)

    assert outcomes == ["changed meanwhile"] * 7 + ["taken"]
    assert Inquiry.objects.get().version == 2


def wait_for_blocked(number: int) -> None:
    """Until so many other connections wait for a lock of ours; raises when they never do."""
    deadline = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT pg_stat_clear_snapshot(), count(*) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if cursor.fetchone()[1] == number:
                return
    raise AssertionError(f"{number} connections never waited for the row")


def test_that_somebody_was_erased_does_not_keep_others_open(monkeypatch):
    inquiries = [make.inquiry() for _ in range(2)]
    Inquiry.objects.update(status=InquiryStatus.WAITING_FOR_PATIENT, moved_at=timezone.now() - timedelta(days=15))
    close = lifecycle.auto_close

    def erased_at_this_moment(*, inquiry, by):
        Inquiry.objects.filter(pk=inquiries[0].pk).update(erased_at=timezone.now())
        close(inquiry=inquiry, by=by)

    monkeypatch.setattr(lifecycle, "auto_close", erased_at_this_moment)
    lifecycle.auto_close_due()

    assert Inquiry.objects.get(pk=inquiries[1].pk).status == InquiryStatus.CLOSED


@pytest.mark.django_db(transaction=True)
def test_a_request_is_stored_with_its_wish_while_somebody_holds_the_practitioner():
    doctor = make.practitioner()
    slot = make.slots(doctor, timezone.localdate() + timedelta(days=3))[0]
    sent = Inquiry(
        submission_id="rosa", kind="appointment", name="Rosa Lind", contact_by="phone", phone="(212) 555-0123"
    )
    sent.set_wish(slot)

    with limits_of(lock_timeout="40ms"), held(doctor), held(doctor.schedules.get().visit_type):
        lifecycle.submit(inquiry=sent, by=Actor.visitor())

    assert Inquiry.objects.get().wish == slot


def test_what_nobody_checks_by_hand_for_ninety_days_ends():
    old, young = (make.inquiry(screening="by_hand", screening_reason="trap", sent=timedelta(days=91)) for _ in range(2))
    Inquiry.objects.filter(pk=old.pk).update(moved_at=timezone.now() - timedelta(days=90, minutes=1))
    Inquiry.objects.filter(pk=young.pk).update(moved_at=timezone.now() - timedelta(days=89))

    lifecycle.auto_close_due()

    old.refresh_from_db()
    assert (old.status, list(Inquiry.objects.to_check_by_hand())) == (InquiryStatus.CLOSED, [young])
