"""Telling people something once: what was told is not told again, and what was cancelled before it went out is."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from appointments.inquiries.conversation import send_link_again
from appointments.models import CallTask, Email, MailState, NotificationKind
from appointments.notifications import notify, outbox
from tests import make

pytestmark = pytest.mark.django_db
MAIL = {"contact_by": "email", "email": "rosa@example.com"}


def told(inquiry, **due):
    appointment = inquiry.appointments.first() or make.appointment(inquiry)
    return notify.notify(NotificationKind.REMINDER, inquiry, key="day", appointment=appointment, **due)


def cancel(row) -> None:
    """As if its time had changed."""
    notify.cancel_notifications([row.appointment_id], NotificationKind.REMINDER)


@pytest.mark.parametrize("contact", [MAIL, {}])
class TestWhatWasCancelled:
    def test_it_is_told_when_it_is_true_again(self, contact):
        inquiry = make.inquiry(**contact)
        first = told(inquiry, due_at=timezone.now() + timedelta(hours=1))
        cancel(first)
        later = timezone.now() + timedelta(hours=2)

        again = told(inquiry, due_at=later)

        assert (again, again.due_at) == (first, later)
        remaining = [*Email.objects.due(later).filter(inquiry=inquiry, kind="reminder"), *CallTask.objects.open()]
        assert remaining == [first]

    def test_it_is_not_told_again_once_it_was_told(self, contact):
        inquiry = make.inquiry(**contact)
        first = told(inquiry)
        make.two_minutes_pass()
        outbox.send_due()
        notify.complete_calls(inquiry.call_tasks.open(), make.front_desk())
        cancel(first)

        assert told(inquiry) == first

        assert not Email.objects.filter(kind="reminder", state=MailState.WAITING).exists()
        assert not CallTask.objects.open().exists()


def test_what_a_mail_told_is_not_called_out_when_the_address_fails_later():
    inquiry = make.inquiry(**MAIL)
    mail = told(inquiry)
    make.two_minutes_pass()
    outbox.send_due()
    inquiry.emails.exclude(pk=mail.pk).update(state=MailState.BOUNCED, is_refused=True)

    assert told(inquiry) == mail
    assert not inquiry.call_tasks.exists()


def test_what_a_call_told_is_not_mailed_later():
    inquiry = make.inquiry(**MAIL)
    mail = told(inquiry)
    # The mail server was silent for a day: that says nothing against the address.
    Email.objects.filter(pk=mail.pk).update(state=MailState.FAILED)
    notify.complete_calls(CallTask.objects.filter(pk=notify.fall_back_to_call(mail).pk), make.front_desk())
    Email.objects.filter(pk=mail.pk).update(state=MailState.FAILED)

    told(inquiry)

    assert not Email.objects.filter(pk=mail.pk, state=MailState.WAITING).exists()


def test_a_mail_that_is_revived_forgets_how_it_failed():
    inquiry = make.inquiry(**MAIL)
    mail = told(inquiry)
    Email.objects.filter(pk=mail.pk).update(
        state=MailState.CANCELLED, attempts=3, last_error="451", next_try_at=timezone.now() + timedelta(hours=8)
    )

    again = told(inquiry)

    assert (again.state, again.attempts, again.last_error) == (MailState.WAITING, 0, "")
    assert again in Email.objects.due(timezone.now())


@pytest.mark.parametrize("state", [MailState.FAILED, MailState.BOUNCED])
def test_a_link_that_an_address_refused_is_not_mailed_to_it_again_within_the_hour(state):
    inquiry, now = make.inquiry(**MAIL), timezone.now()
    send_link_again(inquiry, now)
    Email.objects.filter(kind=NotificationKind.LINK_AGAIN).update(state=state, attempts=1)

    send_link_again(inquiry, now)

    assert inquiry.emails.get(kind=NotificationKind.LINK_AGAIN).state == state


class TestInsertOnce:
    def test_takes_one_statement_and_says_whether_the_row_is_new(self, django_assert_num_queries):
        row = {"dedupe_key": "a", "kind": "staff_day", "to": "a@example.com", "due_at": timezone.now()}
        row["next_try_at"] = row["due_at"]

        with django_assert_num_queries(1):
            first = Email.objects.insert_once(**row)
        with django_assert_num_queries(1):
            second = Email.objects.insert_once(**row | {"to": "b@example.com"})

        assert (second, first.to) == (None, "a@example.com")
        assert Email.objects.get() == first

    @pytest.mark.parametrize(
        ("model", "more"),
        [(Email, {"kind": NotificationKind.BOOKED, "to": "a@example.com"}), (CallTask, {"kind": "call_back"})],
    )
    def test_the_stored_row_is_the_one_that_is_returned(self, model, more):
        now, given = timezone.now(), make.appointment()
        about = {"inquiry": given.inquiry, "appointment": given, "due_at": now}
        if model is Email:
            about["next_try_at"] = now + timedelta(minutes=1)

        row = model.objects.insert_once(dedupe_key="a", **about, **more)

        stored = model.objects.filter(dedupe_key="a").values().get()
        assert stored == {field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields}
        row.save(force_update=True)

    def test_a_broken_row_is_an_error_and_no_duplicate(self):
        with pytest.raises(IntegrityError, match="inquiry_id"), transaction.atomic():
            CallTask.objects.insert_once(dedupe_key="a", kind="call_back", due_at=timezone.now())
