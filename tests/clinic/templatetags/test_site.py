"""What all pages say of the practice is drawn once, and again when the practice says something else."""

from datetime import time
from pathlib import Path

import pytest
from django.contrib import admin
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test.utils import override_settings
from django.utils.translation import gettext_lazy

from clinic import practice
from clinic.models import Clinic, LanguageLine, Notice, OpeningHours, SocialLink
from clinic.templatetags import site
from tests import make

pytestmark = pytest.mark.django_db

TEMPLATES = ("_header", "_footer", "_call", "_emergency", "_hours", "_worse")
CHANGES = {
    "name": lambda: Clinic.objects.update(name="Elm Spine Clinic"),
    "phone": lambda: Clinic.objects.update(phone="(646) 555-0199"),
    "after_hours_phone": lambda: Clinic.objects.update(after_hours_phone="(646) 555-0198"),
    "address": lambda: Clinic.objects.update(street="7 Elm Street"),
    "time_zone": lambda: Clinic.objects.update(time_zone="America/Chicago"),
    "hours": lambda: OpeningHours.objects.update(closes=time(16)),
    "links": lambda: SocialLink.objects.create(clinic_id=1, name="Reviews", url="https://example.com/reviews"),
    "lines": lambda: LanguageLine.objects.update(words="Llame", emergency_words="Llame ahora"),
    "notices": lambda: Notice.objects.filter(slug="nondiscrimination").update(body="We treat everybody alike."),
}


def drawn(name: str) -> str:
    words = "{% load site %}{% drawn_once name practice %}"
    return Template(words).render(Context({"name": f"clinic/{name}.html", "practice": practice.current}))


@pytest.fixture(autouse=True)
def a_practice_that_says_much():
    clinic = make.clinic(street="1 Maple Street")
    OpeningHours.objects.update_or_create(clinic=clinic, weekday=0, defaults={"opens": time(8), "closes": time(17)})
    LanguageLine.objects.create(
        clinic=clinic, language="es", words="Llámenos", emergency_words="Llame al 911", translator="Rosa Lind"
    )


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_is_drawn_anew_wherever_it_stands(change):
    before = {name: drawn(name) for name in TEMPLATES}

    CHANGES[change]()

    after = {name: drawn(name) for name in TEMPLATES}
    site._drawn.cache_clear()
    assert after == {name: drawn(name) for name in TEMPLATES}
    assert after != before


def test_what_stays_the_same_is_drawn_once():
    site._drawn.cache_clear()
    drawn("_footer"), drawn("_footer")

    assert (site._drawn.cache_info().misses, site._drawn.cache_info().hits) == (1, 1)


@override_settings(DEBUG=True)
def test_who_works_on_a_template_sees_it_at_once():
    site._drawn.cache_clear()
    drawn("_footer")

    assert site._drawn.cache_info().misses == 0


def test_a_filter_of_a_list_is_drawn_as_django_draws_it():
    choices = [
        {"selected": True, "query_string": "?", "display": gettext_lazy("All")},
        {"selected": False, "query_string": "?a=1&b=%C3%A4", "display": "<b>Ä & O"},
    ]
    said = {"title": "<list>", "choices": choices}
    of_django = Path(admin.__path__[0], "templates/admin/filter.html").read_text()

    ours = render_to_string("admin/filter.html", said)

    assert ours.split() == Template(of_django).render(Context(said)).split()
