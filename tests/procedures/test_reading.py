from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from appointments.models import Schedule
from clinic.models import Clinic
from clinic.templatetags import site
from procedures import reading
from procedures.models import Drawing, Page, Procedure, Revision, Words
from tests import make

pytestmark = pytest.mark.django_db


def told(revision: Revision) -> tuple[object, ...]:
    """All that a page shows of a revision."""
    page, signed = revision.page, revision.sign_off
    return (
        revision, revision.words,
        page, page.slug, page.label, page.language, page.get_absolute_url(),
        page.procedure, page.procedure.name,
        signed, signed and (signed.signed_by, signed.signed_on, signed.next_review),
    )  # fmt: skip


def from_querysets(procedure: str, language: str = "en") -> list[tuple[object, ...]]:
    pages = Page.objects.public().filter(procedure__slug=procedure, language=language)
    return [told(page.live_revision()) for page in pages]


def read(procedure: str, language: str = "en") -> list[tuple[object, ...]]:
    return [told(revision) for revision in reading.live_revisions(procedure, language)]


@pytest.fixture
def kyphoplasty() -> Procedure:
    make.procedure("Discectomy")
    return make.procedure("Kyphoplasty")


def test_all_that_a_page_shows_is_what_the_querysets_say(kyphoplasty):
    overview, benefits, recovery = kyphoplasty.pages.order_by("position")
    for page in (overview, benefits):
        make.sign_off(page.live_revision())
    make.sign_off(overview.live_revision(), signed_by="Ann Roe, MD", signed_on=date(2026, 1, 2))

    said = read("kyphoplasty")

    assert said == from_querysets("kyphoplasty")
    assert [(revision.page, bool(revision.sign_off)) for revision in reading.live_revisions("kyphoplasty")] == [
        (overview, True), (benefits, True), (recovery, False),
    ]  # fmt: skip


def test_the_newest_of_the_published_words_are_read_with_their_own_sign_off(kyphoplasty):
    page = kyphoplasty.pages.get(slug="recovery")
    make.sign_off(page.live_revision())
    live = page.publish(Words("Newer", "Lead.", "Words.\n"))
    page.save_draft(Words("Draft", "Lead.", "Words.\n"))
    later = page.publish(Words("Later", "Lead.", "Words.\n"))
    Revision.objects.filter(pk=later.pk).update(published_at=timezone.now() + timedelta(hours=1))

    revision = reading.live_revisions("kyphoplasty")[-1]

    assert (revision, revision.sign_off) == (live, None)
    assert read("kyphoplasty") == from_querysets("kyphoplasty")


def test_of_words_published_at_one_moment_the_last_are_read(kyphoplasty):
    page = kyphoplasty.pages.get(slug="recovery")
    last = page.publish(Words("Last", "Lead.", "Words.\n"))
    page.revisions.update(published_at=timezone.now())

    assert reading.live_revisions("kyphoplasty")[-1] == last == page.live_revision()


def test_of_two_sign_offs_of_one_day_the_last_is_read(kyphoplasty):
    live = kyphoplasty.pages.get(slug="recovery").live_revision()
    make.sign_off(live, signed_by="Ann Roe, MD")
    last = make.sign_off(live, signed_by="Jane Doe, MD")

    assert reading.live_revisions("kyphoplasty")[-1].sign_off == last
    assert read("kyphoplasty") == from_querysets("kyphoplasty")


def test_a_sign_off_holds_for_no_other_words(kyphoplasty):
    page = kyphoplasty.pages.get(slug="recovery")
    make.sign_off(page.live_revision())
    page.revisions.update(body="Changed past everybody.\n")

    assert reading.live_revisions("kyphoplasty")[-1].sign_off is None
    assert read("kyphoplasty") == from_querysets("kyphoplasty")


def test_pages_in_another_language_without_words_or_of_a_hidden_procedure_are_not_read(kyphoplasty):
    spanish = make.page(kyphoplasty, "recovery", language="es")
    kyphoplasty.pages.create(slug="unwritten", label="Unwritten").save_draft(Words("Draft", "Lead.", "Words.\n"))
    make.procedure("Hidden", is_published=False)

    assert [revision.page.slug for revision in reading.live_revisions("kyphoplasty")] == [
        "overview", "benefits", "recovery",
    ]  # fmt: skip
    assert [revision.page for revision in reading.live_revisions("kyphoplasty", "es")] == [spanish]
    assert (read("hidden"), read("nowhere")) == ([], [])
    for asked in (("kyphoplasty", "en"), ("kyphoplasty", "es"), ("hidden", "en")):
        assert read(*asked) == from_querysets(*asked)


def test_all_is_read_with_one_statement(kyphoplasty, django_assert_num_queries):
    make.sign_off(kyphoplasty.pages.get(slug="overview").live_revision())

    with django_assert_num_queries(1):
        assert len(read("kyphoplasty")) == 3


def _words(**changed: object) -> None:
    Revision.objects.filter(page__slug="overview").update(**changed)


# Each with whether the home page says it, too.
CHANGES = {
    "words": (lambda: _words(body="Others.\n"), True),
    "title": (lambda: _words(title="Another"), False),
    "name": (lambda: Procedure.objects.update(name="Vertebral augmentation"), True),
    "kind": (lambda: Procedure.objects.update(is_surgery=True), False),
    "tab": (lambda: Page.objects.filter(slug="recovery").update(label="Afterwards"), True),
    "sign-off": (lambda: make.sign_off(Revision.objects.get(page__slug="overview")), False),
    "drawing": (lambda: Drawing.objects.update(alt="Another spine"), True),
    "times": (lambda: Schedule.objects.update(is_online=False), True),
    "clinic": (lambda: Clinic.objects.update(name="Elm Spine Clinic"), True),
}


@time_machine.travel(datetime(2026, 11, 24, 15, tzinfo=UTC), tick=False)  # The sum changes with the minute.
@pytest.mark.parametrize(("change", "at_home"), CHANGES.values(), ids=CHANGES)
def test_what_changes_of_a_page_is_drawn_anew(client, change, at_home):
    def pages() -> list[bytes]:
        return [client.get(path).content for path in ("/procedures/kyphoplasty/", "/")]

    make.clinic(), make.practitioner(), make.procedure("Kyphoplasty")
    Drawing.objects.create(slug="ours", alt="A spine", svg="<svg/>", width=1, height=1)
    _words(body="::: drawing ours\n:::\n")
    before = pages()

    change()

    after = pages()
    site._drawn.cache_clear()
    assert after == pages()
    assert [said != then for said, then in zip(after, before, strict=True)] == [True, at_home]
