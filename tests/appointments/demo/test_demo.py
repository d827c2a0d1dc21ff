from datetime import time

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.utils import timezone

from appointments.demo import fictional_clinic
from appointments.models import Inquiry, InquiryKind, InquiryScreening, InquiryStatus, Practitioner
from clinic.models import Clinic
from tests import make

pytestmark = pytest.mark.django_db


def demo() -> None:
    call_command("demo", verbosity=0)


def test_a_working_day_has_every_kind_and_state():
    call_command("load_content", verbosity=0)
    demo()

    assert set(Inquiry.objects.values_list("kind", flat=True)) == set(InquiryKind)
    assert set(Inquiry.objects.values_list("status", flat=True)) == set(InquiryStatus)
    assert set(Inquiry.objects.values_list("screening", flat=True)) == set(InquiryScreening)
    assert Inquiry.objects.exclude(procedure=None).exists()
    assert any(inquiry.is_late(timezone.now()) for inquiry in Inquiry.objects.waiting_for_us())


def test_a_second_run_changes_nothing():
    demo()
    before = list(Inquiry.objects.order_by("pk").values())

    demo()

    assert list(Inquiry.objects.order_by("pk").values()) == before


def test_nobody_in_it_is_real():
    demo()

    for inquiry in Inquiry.objects.all():
        assert not inquiry.phone or "555 01" in inquiry.phone.replace("-", " ").replace(".", " ").replace(")", "")
        assert not inquiry.email or inquiry.email.endswith(("@example.com", "@example.net"))


def test_its_clinic_has_a_whole_address():
    demo()

    assert Clinic.current().address == "4 Linden Hill Road\nNew York, NY 10099"


def test_what_somebody_entered_is_left_alone():
    clinic = make.clinic(name="Maple Spine Clinic", phone="(212) 555-0100", street="7 Maple Street")
    clinic.opening_hours.create(weekday=2, opens=time(10), closes=time(12))

    demo()

    clinic.refresh_from_db()
    assert (clinic.name, clinic.address) == ("Maple Spine Clinic", "7 Maple Street\nNew York, NY 10001")
    assert clinic.phone == "(212) 555-0142"  # Fiction in the place of fiction.
    assert clinic.opening_hours.count() == 1


@pytest.mark.parametrize("command", ["demo", "local_accounts"])
def test_it_is_refused_where_patients_could_be(settings, command):
    settings.IS_LOCAL = False

    with pytest.raises(CommandError):
        call_command(command)
    assert not Inquiry.objects.exists()
    assert not get_user_model().objects.exists()


def test_the_clinicians_account_is_the_first_doctors_unless_somebody_elses_is():
    account = make.user(username="clinician")
    fictional_clinic.enter_clinic()
    doctor = Practitioner.objects.get(name="Amara Osei, MD")
    assert doctor.account == account

    Practitioner.objects.filter(pk=doctor.pk).update(account=make.user())
    fictional_clinic.enter_doctors_account()
    doctor.refresh_from_db()
    assert doctor.account != account
