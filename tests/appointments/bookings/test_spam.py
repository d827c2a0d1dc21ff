"""What is marked as spam keeps no time, and its writer hears nothing of it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments, proposals
from appointments.bookings.follow_up import mark_as_spam, mark_sender_as_spam
from appointments.models import Appointment, CallTask, Email, Inquiry, InquiryScreening
from appointments.notifications import outbox, outdated
from tests import make

pytestmark = pytest.mark.django_db
SPAM = InquiryScreening.SPAM


@pytest.fixture
def ann():
    make.clinic()
    return Actor.staff(make.front_desk())


@pytest.fixture
def slots():
    return make.slots(make.practitioner(), timezone.localdate() + timedelta(days=3))


def booked(slot, **fields) -> Inquiry:
    inquiry = make.inquiry(**fields)
    appointments.book(inquiry=inquiry, slot=slot, by=Actor.visitor())
    inquiry.refresh_from_db()
    return inquiry


def spam() -> list[Inquiry]:
    return list(Inquiry.objects.filter(screening=SPAM).order_by("pk"))


def test_its_time_is_free_and_nobody_is_told(ann, slots):
    by_mail = booked(slots[0], contact_by="email", phone="", email="rosa@example.com")
    by_phone = booked(slots[1])

    for inquiry in (by_mail, by_phone):
        mark_as_spam(inquiry=inquiry, version=inquiry.version, by=ann)
    make.two_minutes_pass()
    outbox.send_due()
    outdated.cancel_outdated_calls()

    assert set(Appointment.objects.values_list("status", flat=True)) == {"cancelled"}
    assert not Email.objects.filter(inquiry=by_mail, kind__in=("booked", "cancelled"), state="sent").exists()
    assert not CallTask.objects.open().exists()


def test_a_visit_that_was_is_kept(ann):
    was = make.appointment(starts_at=(timezone.now() - timedelta(days=2)).isoformat(), status="arrived")

    mark_as_spam(inquiry=was.inquiry, version=was.inquiry.version, by=ann)

    was.refresh_from_db()
    assert was.status == "arrived"


def test_with_all_from_this_sender_goes_what_has_the_same_phone_or_email(ann, slots):
    first = booked(slots[0], phone="212 555 0123", email="Rosa@example.com")
    same_phone = booked(slots[1], phone="(212) 555-0123")
    same_email = make.inquiry(email="rosa@EXAMPLE.com", phone="", contact_by="email")
    proposals.propose(inquiry=same_email, slots=[slots[2]], until=timezone.now() + timedelta(hours=2), by=ann)
    other = booked(slots[3])

    mark_sender_as_spam(inquiry=first, version=first.version, by=ann)

    assert spam() == [first, same_phone, same_email]
    assert list(Appointment.objects.taking_time(timezone.now())) == [other.appointments.get()]


def test_somebody_without_an_email_takes_no_others_along(ann):
    first, other = make.inquiry(), make.inquiry()

    mark_sender_as_spam(inquiry=first, version=first.version, by=ann)

    assert (spam(), other.screening) == ([first], "passed")


def test_the_desk_has_a_button_for_it(client, ann, slots):
    first, second = booked(slots[0], phone="212 555 0123"), booked(slots[1], phone="212 555 0123")
    client.force_login(ann.user)
    page = f"/admin/appointments/inquiry/{first.pk}/change/"
    html = client.get(page).content.decode()
    assert "Mark as spam, with all from this sender" in html

    client.post(page, {"do": "spam_all", "sure": "spam_all", "version": first.version, "idempotency_key": str(uuid4())})

    assert spam() == [first, second]
