import re

import pytest
from django.core.management import call_command
from django.utils import timezone
from django.utils.formats import date_format

from procedures import unsaid
from procedures.models import Page, Words
from tests import make

pytestmark = pytest.mark.django_db

OVERVIEW = "/procedures/kyphoplasty/"


@pytest.fixture(autouse=True)
def _content():
    call_command("load_content", verbosity=0)


def asked(client, path: str = OVERVIEW) -> list[str]:
    card = client.get(path).content.decode().split('aria-labelledby="unsaid-title"')[1].split("</section>")[0]
    return re.findall("<li>(.*?)</li>", card)


def publish(slug: str, heading: str, *, signed: bool) -> None:
    page = Page.objects.get(procedure__slug="kyphoplasty", slug=slug)
    revision = page.publish(page.live_revision().words.with_sections({heading: "Words."}))
    if signed:
        make.sign_off(revision)


def test_the_overview_says_what_it_does_not_say(client):
    assert asked(client) == [
        "what happens if you do not have it",
        "how to prepare",
        "which of your medicines matter",
        "how long it takes",
        "who should not have it",
        "what it costs",
    ]


def test_a_question_goes_when_a_signed_section_of_any_page_answers_it(client):
    publish("overview", "What it costs", signed=True)
    publish("recovery", "Preparation", signed=True)

    assert asked(client) == [
        "what happens if you do not have it",
        "which of your medicines matter",
        "how long it takes",
        "who should not have it",
    ]
    assert "how to prepare" not in asked(client, f"{OVERVIEW}recovery/")


def test_a_question_stays_while_its_answer_is_not_signed(client):
    publish("overview", "What it costs", signed=False)
    overview = Page.objects.get(slug="overview")
    overview.publish(Words("T", "L.", overview.live_revision().body + "\n## How long it takes\n\nAn hour.\n"))

    assert len(asked(client)) == 6


def test_the_risks_that_a_clinician_added_are_no_question_any_longer(client):
    assert asked(client, f"{OVERVIEW}benefits/") == ["which other risks there are", "how long it lasts"]

    publish("benefits", "Other risks", signed=True)

    assert asked(client, f"{OVERVIEW}benefits/") == ["how long it lasts"]


def test_a_card_without_questions_is_not_there(client):
    for heading in ("Other risks", "How long it lasts"):
        publish("benefits", heading, signed=True)

    assert "unsaid-title" not in client.get(f"{OVERVIEW}benefits/").content.decode()


def test_each_question_can_be_answered_under_a_heading_that_a_clinician_is_asked_for():
    for questions in unsaid.QUESTIONS.values():
        for heading, _question in questions:
            assert heading in unsaid.ALL_HEADINGS
    assert len(set(map(str, unsaid.ALL_HEADINGS))) == len(unsaid.ALL_HEADINGS)
    assert list(unsaid.headings("of-ours")) == list(unsaid.ALL_HEADINGS)


@pytest.mark.parametrize("path", [OVERVIEW, f"{OVERVIEW}benefits/", f"{OVERVIEW}recovery/", "/procedures/glossary/"])
def test_the_foot_of_each_page_says_where_its_words_come_from(client, path):
    make.clinic(name="Linden Hill")

    def foot() -> list[str]:
        return re.findall('<p class="reviewed">(.*?)</p>', client.get(path).content.decode())

    clinic, doctor = (f'<span translate="no">{name}</span>' for name in ("Linden Hill", "Jane Doe, MD"))
    today = date_format(timezone.localdate())
    assert foot() == [f"Words of {clinic}, last changed {today}. A clinician has not signed this page yet."]

    for page in Page.objects.all():
        make.sign_off(page.live_revision(), signed_by="Jane Doe, MD")
    assert [each.partition(" Next")[0] for each in foot()] == [f"Reviewed by {doctor} on {today}."]
