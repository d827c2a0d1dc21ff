"""`manage.py fill`, with few rows: that they could have come about, and where they may be written."""

from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, F
from django.utils import timezone

from appointments.inquiries import search
from appointments.management.commands import fill
from appointments.models import Appointment, AppointmentStatus, Inquiry, InquiryScreening, InquiryStatus
from appointments.records import erasure, history
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def filled():
    make.procedure()
    call_command("fill", inquiries=600, appointments=120, seed=1, verbosity=0)


def test_there_are_as_many_as_were_asked_for_and_they_can_be_told_apart(filled):
    assert (Inquiry.objects.count(), Appointment.objects.count()) == (600, 120)

    call_command("fill", inquiries=20, appointments=2, verbosity=0)

    assert (Inquiry.objects.count(), Appointment.objects.count()) == (620, 122)


def test_most_are_closed_and_the_newest_wait(filled):
    states = dict(Inquiry.objects.values_list("status").annotate(Count("pk")))

    assert set(states) == set(InquiryStatus)
    assert states["closed"] >= 540
    assert Inquiry.objects.order_by("created_at")[500].status == InquiryStatus.CLOSED
    assert Inquiry.objects.order_by("created_at").first().created_at.year < timezone.now().year - 6


def test_rows_say_nothing_that_could_not_have_come_about(filled):
    now = timezone.now()

    assert Inquiry.objects.filter(created_at__gt=now).count() == 0
    assert Inquiry.objects.filter(moved_at__lt=F("created_at")).count() == 0
    assert Inquiry.objects.filter(status="closed", answered_at=None, erased_at=None).count() == 0
    assert Appointment.objects.filter(starts_at__lt=F("inquiry__created_at")).count() == 0
    assert Appointment.objects.exclude(inquiry__kind="appointment", inquiry__screening="passed").count() == 0
    assert Appointment.objects.live().filter(ends_at__lt=now).count() == 0
    assert Appointment.objects.filter(starts_at__gt=now, status=AppointmentStatus.FULFILLED).count() == 0
    # Of all that happens to them, some of each: they repeat after a few dozen.
    for inquiry in Inquiry.objects.filter(erased_at=None).order_by("pk")[::7]:
        assert inquiry.search_words == search.words_of(inquiry)
        assert inquiry.search_trigrams == search.trigrams_of((inquiry.name, inquiry.patient_name), inquiry.email)
        inquiry.full_clean()
    for appointment in Appointment.objects.order_by("pk")[::7]:
        appointment.full_clean()


def test_old_spam_is_erased_as_the_site_does_it(filled):
    spam = Inquiry.objects.filter(screening=InquiryScreening.SPAM)
    erased = spam.exclude(erased_at=None)

    assert spam.exists()
    assert {inquiry.name for inquiry in erased} <= {erasure.ERASED}
    assert [pk for why, rows in erasure.due(timezone.now()) for pk in rows if why == "spam"] == []
    assert erased.filter(events__name__isnull=False).exclude(events__name=erasure.ERASED).count() == 0


def test_each_has_its_history_from_when_it_was_sent(filled):
    inquiry = Inquiry.objects.filter(status="closed", erased_at=None).first()

    told = history.lines(inquiry)

    assert (told[0].at, told[0].what) == (inquiry.created_at, "Sent")
    assert any("State: New → Closed" in line.what for line in told)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM appointments_appointmentevent")
        assert cursor.fetchone() == (120,)


def test_what_comes_after_has_its_history_and_an_id_of_its_own(filled):
    made = make.inquiry()

    assert made.events.count() == 1
    assert made.pk == max(Inquiry.objects.values_list("pk", flat=True))


def test_with_a_seed_the_same_are_drawn_again():
    make.procedure()
    drawn = []
    for seed in (7, 7, 8):
        call_command("fill", inquiries=60, appointments=20, seed=seed, verbosity=0)
        newest = Inquiry.objects.order_by("-pk")[:60]
        drawn.append([(each.name, each.kind, each.status, each.phone) for each in newest])

    assert drawn[0] == drawn[1] != drawn[2]


def test_more_appointments_than_patients_are_refused_in_a_sentence():
    with pytest.raises(CommandError, match="at least twice as many inquiries"):
        call_command("fill", inquiries=10, appointments=6, verbosity=0)


@pytest.mark.parametrize(
    ("host", "address", "is_of_this_machine"),
    [
        ("/run/postgresql", "", True),
        ("@socket", "", True),
        ("localhost", "127.0.0.1", True),
        ("localhost", "::1", True),
        ("database.example", "10.0.0.7", False),
        ("localhost", "192.0.2.1", False),
    ],
)
def test_it_writes_only_where_the_database_is_on_this_machine(monkeypatch, host, address, is_of_this_machine):
    reached = SimpleNamespace(info=SimpleNamespace(host=host, hostaddr=address))
    there = SimpleNamespace(ensure_connection=lambda: None, connection=reached)
    monkeypatch.setattr(fill, "connection", there)
    written = []
    monkeypatch.setattr(fill.many, "fill", lambda **asked: written.append(asked))

    if is_of_this_machine:
        call_command("fill", verbosity=0)
        assert len(written) == 1
    else:
        with pytest.raises(CommandError, match="loopback address or a Unix socket"):
            call_command("fill", verbosity=0)
        assert written == []


def test_it_writes_nothing_where_patients_could_be(settings):
    settings.IS_LOCAL = False

    with pytest.raises(CommandError):
        call_command("fill", verbosity=0)
    assert not Inquiry.objects.exists()
