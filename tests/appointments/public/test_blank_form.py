"""The form before anybody typed anything: drawn once a minute, and never another form than the one of now."""

from datetime import timedelta

import pytest
import time_machine
from crispy_forms.utils import render_crispy_form
from django.utils import timezone

from appointments.public import blank_form
from appointments.public.forms import InquiryForm
from procedures.models import Procedure
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    blank_form._drawn.cache_clear()
    with time_machine.travel("2026-11-23T10:00:30Z", tick=False) as traveller:
        yield traveller


@pytest.mark.parametrize("procedure", ["", "kyphoplasty"])
def test_is_the_form_that_is_drawn_each_time(procedure):
    make.procedure()

    drawn = render_crispy_form(InquiryForm(now=timezone.now(), procedure=procedure))
    for _ in range(2):
        assert blank_form.html(timezone.now(), procedure) == drawn


def test_is_drawn_once_a_minute_and_takes_one_statement(django_assert_num_queries, clock):
    make.procedure()
    for _ in range(3):
        with django_assert_num_queries(1):
            blank_form.html(timezone.now(), "kyphoplasty")
    clock.shift(timedelta(minutes=1))
    blank_form.html(timezone.now(), "kyphoplasty")

    drawn = blank_form._drawn.cache_info()
    assert (drawn.hits, drawn.misses) == (2, 2)


def test_offers_the_procedures_of_now(clock):
    procedure = make.procedure()
    assert "Kyphoplasty" in blank_form.html(timezone.now())

    Procedure.objects.update(name="Balloon kyphoplasty")
    assert "Balloon kyphoplasty" in blank_form.html(timezone.now())

    Procedure.objects.filter(pk=procedure.pk).update(is_published=False)
    assert "yphoplasty" not in blank_form.html(timezone.now())


def test_each_page_has_its_own_procedure_selected():
    make.procedure()
    make.procedure("Vertebroplasty")
    forms = {slug: blank_form.html(timezone.now(), slug) for slug in ("kyphoplasty", "vertebroplasty", "")}

    for slug, form in forms.items():
        assert f'<option value="{slug}" selected>' in form
        assert form.split('name="procedure"')[1].count(" selected>") == 1
