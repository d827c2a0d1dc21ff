"""
The front desk's day in any order, with what patients and the worker do meanwhile: nobody is ever lost from sight.

EXAMPLES=200 makes it long (make faults); alone it is the short form that runs with every test.
"""

from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from appointments.bookings import undoing, waiting_list
from appointments.bookings.undoing import Press
from appointments.errors import ChangedMeanwhile
from appointments.inquiries import answers, conversation, lifecycle, taking_back
from appointments.models import CallTask, Email, InquiryStatus, MailState
from appointments.models.log import Outcome
from appointments.notifications import corrections, outdated, reminders
from tests.appointments.bookings.test_state_machine import (
    EXAMPLES,
    MONDAY_MORNING,
    REFUSED,
    VISITOR,
    Desk,
    proposals,
    which,
    world,
)

# Who has something open and no next step of anybody: neither ours, nor a time, nor an offer, nor a call or a mail that
# is to tell them, and of who waits for the patient also no word of ours. Knows nothing of our own code. A visit whose
# time has passed is marked, or counted as not marked.
FORGOTTEN = """
    SELECT i.id, i.status, i.answered_at FROM appointments_inquiry i
    WHERE i.screening = 'passed' AND (i.status = 'closed' AND i.answered_at IS NULL
        OR i.status = 'waiting_for_patient'
        AND NOT EXISTS (SELECT FROM appointments_message m WHERE m.inquiry_id = i.id AND NOT m.from_patient)
        AND NOT EXISTS (
            SELECT FROM appointments_call c WHERE c.inquiry_id = i.id AND c.outcome IN ('reached', 'voicemail')
            AND c.taken_back_at IS NULL
        )
    )
    AND NOT EXISTS (
        SELECT FROM appointments_appointment a WHERE a.inquiry_id = i.id AND (
            a.status IN ('pending', 'booked', 'arrived', 'fulfilled', 'noshow')
            OR (a.status = 'proposed' AND a.held_until > %(now)s)
        )
    )
    AND NOT EXISTS (SELECT FROM appointments_calltask c WHERE c.inquiry_id = i.id AND c.state = 'waiting')
    AND NOT EXISTS (SELECT FROM appointments_email e WHERE e.inquiry_id = i.id AND e.state = 'waiting')
"""
# Whose next step is ours, and who are in no list of ours: each of the lists has its hour.
UNLISTED = """
    SELECT i.id FROM appointments_inquiry i WHERE i.status IN ('new', 'open') AND i.answer_by IS NULL
    UNION SELECT c.inquiry_id FROM appointments_calltask c WHERE c.state = 'waiting' AND c.due_at IS NULL
    UNION SELECT a.inquiry_id FROM appointments_appointment a JOIN appointments_inquiry i ON i.id = a.inquiry_id
    WHERE a.status = 'pending' AND a.starts_at > %(now)s AND a.displaced_at IS NULL AND i.status NOT IN ('new', 'open')
"""


class FrontDesk(Desk):
    """Beside what happens to times: calls, answers, mails that come back, presses that are taken back."""

    def __init__(self):
        super().__init__()
        self.last: list[Press] = []

    def attempt(self, act, **what):
        """One press of the staff's, which can be taken back as the desk's Undo does it."""
        inquiries = self.world.inquiries
        before = [(undoing.versions(each), taking_back.told(each)) for each in inquiries]
        with suppress(*REFUSED, ChangedMeanwhile):
            act(**what)
        by = what.get("by")
        if by is None or by.user is None:
            return
        presses = []
        for each, (versions, told) in zip(inquiries, before, strict=True):
            after, now_told = undoing.versions(each), taking_back.told(each)
            if after != versions or now_told != told:
                presses.append(Press(each.pk, versions, after, taking_back.deeds(told, now_told)))
        self.last = presses if all(map(undoing.can_be_taken_back, presses)) else []

    @precondition(lambda self: self.last)
    @rule()
    def staff_take_the_last_press_back(self):
        presses, self.last = self.last, []
        with suppress(*REFUSED, ChangedMeanwhile):
            undoing.take_back(presses, self.world.ann)

    @rule(which=which, outcome=st.sampled_from(list(Outcome)), in_hours=st.integers(1, 30))
    def staff_call(self, which, outcome, in_hours):
        back = timezone.now() + timedelta(hours=in_hours) if outcome == Outcome.CALL_BACK else None
        self.attempt(
            conversation.log_call, inquiry=self.inquiry(which), outcome=outcome, call_back_at=back, by=self.world.ann
        )

    @rule(which=which)
    def staff_answer_in_writing(self, which):
        row = self.inquiry(which)
        row.refresh_from_db()
        self.attempt(conversation.reply, inquiry=row, words="Yes.", version=row.version, by=self.world.ann)

    @rule(which=which)
    def staff_take_it(self, which):
        row = self.inquiry(which)
        row.refresh_from_db()
        self.attempt(lifecycle.take, inquiry=row, version=row.version, by=self.world.ann)

    @rule(
        which=which, to=st.sampled_from([InquiryStatus.WAITING_FOR_PATIENT, InquiryStatus.CLOSED, InquiryStatus.OPEN])
    )
    def staff_say_whose_turn_it_is(self, which, to):
        """To close or to wait where nobody has answered is asked first: it is their decision, and no accident."""
        row = self.inquiry(which)
        row.refresh_from_db()
        has_spoken = row.messages.filter(from_patient=False).exists() or row.calls.standing().filter(
            outcome__in=Outcome.answering()
        )
        if has_spoken or to == InquiryStatus.OPEN:
            self.attempt(lifecycle.transition, inquiry=row, to=to, version=row.version, by=self.world.ann)

    @rule(which=which)
    def a_patient_writes_back(self, which):
        conversation.write_back(inquiry=self.inquiry(which), words="One more thing.")

    @rule(which=which)
    def a_patient_asks_for_a_time(self, which):
        self.attempt(waiting_list.ask_for_time, inquiry=self.inquiry(which), by=VISITOR)

    @precondition(lambda self: Email.objects.filter(state=MailState.WAITING).exists())
    @rule(fails=st.booleans())
    def mails_go_out_or_fail(self, fails):
        """As the worker does it: what is due is sent, or fails for good; then it keeps what was heard."""
        for mail in Email.objects.filter(state=MailState.WAITING, due_at__lte=timezone.now()).select_related("inquiry"):
            if outdated.is_outdated(mail):
                Email.objects.filter(pk=mail.pk).update(state=MailState.CANCELLED)
            else:
                Email.objects.filter(pk=mail.pk).update(state=MailState.SENT, sent_at=timezone.now())
                if fails:
                    mail.refresh_from_db()
                    corrections.bounced(mail, by=self.world.ann)
        answers.keep_what_was_heard()

    @precondition(lambda self: CallTask.objects.open().exists())
    @rule(which=which)
    def somebody_is_reached_by_a_call_that_was_to_be_made(self, which):
        tasks = list(CallTask.objects.open().order_by("pk"))
        task = tasks[which % len(tasks)]
        self.attempt(conversation.log_call, inquiry=task.inquiry, outcome=Outcome.REACHED, by=self.world.ann)

    @rule()
    def the_worker_does_what_it_does_each_minute(self):
        proposals.expire_due()
        outdated.cancel_outdated_calls()
        reminders.plan(timezone.now())
        answers.keep_what_was_heard()

    @rule()
    def the_worker_does_what_it_does_at_night(self):
        lifecycle.auto_close_due()

    def after_the_minute(self, sql: str) -> list[tuple]:
        """What the tables say once the worker has had its minute; all that it did is undone."""
        with transaction.atomic():
            self.the_worker_does_what_it_does_each_minute()
            found = self.ask(sql)
            transaction.set_rollback(True)
        return found

    @invariant()
    def everybody_with_something_open_has_a_next_step(self):
        assert self.after_the_minute(FORGOTTEN) == []

    @invariant()
    def what_is_ours_stands_in_a_list_with_an_hour(self):
        assert self.after_the_minute(UNLISTED) == []


@pytest.mark.own_moment
@pytest.mark.django_db
def test_whatever_happens_in_whatever_order_nobody_is_forgotten():
    # Hypothesis thinks in the test's transaction, at first about all the code that there is.
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    with time_machine.travel(MONDAY_MORNING, tick=False):
        there = world()
        for each in there.inquiries[::2]:  # Some can be mailed, some must be called.
            each.email, each.contact_by = f"patient{each.pk}@example.com", "email"
            each.save()
        machine = type("FrontDesk", (FrontDesk,), {"world": there})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(EXAMPLES // 2, 3),  # Each step does more than those of the other machine.
            stateful_step_count=20 if EXAMPLES <= 20 else 50,
            deadline=None,
            derandomize=False,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
