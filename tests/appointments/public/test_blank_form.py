"""The form before anybody typed anything: drawn once a minute, and never another form than the one of now."""

import re
from datetime import timedelta

import pytest
import time_machine
from crispy_forms.utils import render_crispy_form
from django.core.management import call_command
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


class TestKind:
    def test_a_link_that_says_the_kind_leads_to_the_form_with_it_selected(self, client):
        for kind, title in (("question", "Ask a question"), ("appointment", "Ask for an appointment")):
            html = client.get("/appointments/", {"kind": kind}).content.decode()

            assert f"<h1>{title}</h1>" in html
            assert f"<title>{title} –" in html
            assert re.findall(r'name="kind" value="(\w+)"[^>]* checked', html) == [kind]

    def test_the_form_without_a_kind_has_none_selected_whoever_asked_before(self, client):
        client.get("/appointments/", {"kind": "question"})

        plain = client.get("/appointments/").content

        for unknown in ("", "x", "<b>", "question "):
            assert client.get("/appointments/", {"kind": unknown}).content == plain
        assert b"<h1>Appointments and questions</h1>" in plain
        assert re.findall(rb'name="kind" value="(\w+)"[^>]* checked', plain) == []

    def test_the_links_say_the_kind(self, client):
        call_command("load_content", verbosity=0)

        home = client.get("/").content.decode()
        overview = client.get("/procedures/kyphoplasty/").content.decode()

        assert re.findall(r'href="([^"]*)">Ask a question<', home) == ["/appointments/?kind=question"]
        assert re.findall(r'href="([^"]*)">Ask for an appointment<', home) == ["/appointments/?kind=appointment"]
        assert re.findall(r'href="([^"]*)">Ask us<', overview) == ["/appointments/?kind=question"]

    def test_what_is_posted_to_such_an_address_is_not_preselected(self, client):
        html = client.post("/appointments/?kind=question", make.form_data(kind="", name="")).content.decode()

        assert re.findall(r'name="kind" value="(\w+)"[^>]* checked', html) == []
