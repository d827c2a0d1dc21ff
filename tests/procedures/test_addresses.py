"""A page's address changes: bookmarks go on working, and the pages that link to the old one are named."""

import pytest
from django.urls import reverse

from clinic.accounts import roles
from procedures import addresses, links
from procedures.models import OldAddress, Words
from tests import make

pytestmark = pytest.mark.django_db

OLD, NEW = "/procedures/kyphoplasty/recovery/", "/procedures/kyphoplasty/getting-well/"


@pytest.fixture
def editor(client):
    client.force_login(make.user(roles.CONTENT_EDITOR))
    return client


def rename(editor, page, **to):
    words = page.newest()
    form = {
        "began_with": words.digest, "slug": page.slug, "label": page.label, "position": page.position,
        "title": words.title, "lead": words.lead, "body": words.body, "publish_at_0": "", "publish_at_1": "",
        "_continue": "x", "revisions-TOTAL_FORMS": "0", "revisions-INITIAL_FORMS": "0",
    }  # fmt: skip
    answer = editor.post(reverse("admin:procedures_page_change", args=[page.pk]), form | to, follow=True)
    page.refresh_from_db()
    return answer.content.decode()


def test_the_old_address_of_a_page_leads_to_the_new_one_and_who_links_there_is_named(editor, client):
    procedure = make.procedure()
    benefits = procedure.pages.get(slug="benefits")
    benefits.save_draft(Words("Benefits", "The lead.", f"[There]({OLD}#pain)\n"))

    said = rename(editor, procedure.pages.get(slug="recovery"), slug="getting-well")

    moved = client.get(OLD)
    assert (moved.status_code, moved.headers["Location"], moved.headers["Cache-Control"]) == (301, NEW, "no-store")
    assert client.get(NEW).status_code == 200
    assert f"{OLD} leads to the new address now." in said
    assert f"These pages still link to the old one: {benefits}." in said


def test_it_leads_on_after_a_second_change_and_back_again(editor, client):
    page = make.procedure().pages.get(slug="recovery")
    rename(editor, page, slug="getting-well")
    rename(editor, page, slug="afterward")
    assert [client.get(path).headers["Location"] for path in (OLD, NEW)] == ["/procedures/kyphoplasty/afterward/"] * 2

    rename(editor, page, slug="recovery")

    assert client.get(OLD).status_code == 200
    assert client.get(NEW).headers["Location"] == OLD


def test_two_pages_that_swap_their_addresses_stand_where_they_are_now(editor, client):
    procedure = make.procedure()
    benefits, recovery = (procedure.pages.get(slug=slug) for slug in ("benefits", "recovery"))
    rename(editor, recovery, slug="for-now")
    rename(editor, benefits, slug="recovery")
    rename(editor, recovery, slug="benefits")

    for slug, page in (("recovery", benefits), ("benefits", recovery)):
        assert f"<h1>{page.newest().title}</h1>" in client.get(f"/procedures/kyphoplasty/{slug}/").text
    assert client.get("/procedures/kyphoplasty/for-now/").headers["Location"] == "/procedures/kyphoplasty/benefits/"


@pytest.mark.parametrize(
    "typed", [OLD, OLD.upper().replace("PROCEDURES", "procedures"), NEW.title().replace("P", "p", 1)]
)
@pytest.mark.parametrize("slash", ["/", ""])
def test_it_leads_on_however_it_is_typed(editor, client, typed, slash):
    rename(editor, make.procedure().pages.get(slug="recovery"), slug="getting-well")

    assert client.get(typed.rstrip("/") + slash, follow=True).redirect_chain[-1] == (NEW, 301)


def test_a_page_that_takes_an_old_address_stands_there(editor, client):
    procedure = make.procedure()
    rename(editor, procedure.pages.get(slug="recovery"), slug="getting-well")
    other = procedure.pages.create(slug="recovery", label="Other", position=9)
    other.publish(Words("Another page", "The lead.", "Words.\n"))

    assert "Another page" in client.get(OLD).content.decode()


def test_a_procedure_that_moves_takes_all_its_pages_and_the_sheet_along(editor, client):
    procedure = make.procedure()
    address = reverse("admin:procedures_procedure_change", args=[procedure.pk])

    editor.post(address, {"name": procedure.name, "slug": "vertebroplasty", "position": 0})

    for path in ("", "benefits/", "recovery/", "print/"):
        assert client.get(f"/procedures/kyphoplasty/{path}").headers["Location"] == f"/procedures/vertebroplasty/{path}"


def test_what_visitors_may_not_see_is_not_told_by_its_old_address(editor, client):
    procedure = make.procedure()
    rename(editor, procedure.pages.get(slug="recovery"), slug="getting-well")
    type(procedure).objects.update(is_published=False)

    assert client.get(OLD).status_code == 404
    assert client.get("/procedures/nowhere/").status_code == 404


def test_an_editor_who_writes_the_old_address_reads_the_new_one(editor):
    procedure = make.procedure()
    page = procedure.pages.get(slug="recovery")
    rename(editor, page, slug="getting-well")

    said = f"The link to “{OLD}” leads to a page that has moved: write “{NEW}”."
    assert links.problem(f"[There]({OLD})\n", procedure) == said
    assert links.problem(f"[There]({NEW})\n", procedure) is None


def test_nothing_is_kept_where_the_address_stays(editor):
    page = make.procedure().pages.get(slug="recovery")

    rename(editor, page, label="Getting well")
    addresses.keep_old(page, page.get_absolute_url())

    assert not OldAddress.objects.exists()


def with_headings(page, *headings: str) -> Words:
    return Words(page.label, "The lead.", "".join(f"## {each}\n\nWords.\n\n" for each in headings))


def test_a_link_to_a_heading_of_another_page_leads_to_one_that_is_there():
    procedure = make.procedure()
    page = procedure.pages.get(slug="recovery")
    page.publish(with_headings(page, "The first days"))
    page.save_draft(with_headings(page, "Getting stronger"))

    problems = {at: links.problem(f"[There]({OLD}#{at})\n", procedure) for at in ("the-first-days", "getting-stronger")}
    dead = links.problem(f"[There]({OLD}#risks)\n", procedure)

    assert problems == dict.fromkeys(problems)
    assert links.problem(f"## Risks\n\n[There]({OLD}#risks)\n", procedure) is None
    assert dead == f"The link to “{OLD}#risks” is dead: {page} has no heading with that address."


def test_who_publishes_other_headings_reads_which_pages_led_to_the_old_ones(editor):
    procedure = make.procedure()
    page, benefits = (procedure.pages.get(slug=slug) for slug in ("recovery", "benefits"))
    page.publish(with_headings(page, "The first days", "Later"))
    benefits.publish(Words("Benefits", "The lead.", f"[First]({OLD}#the-first-days), [later]({OLD}#later)\n"))

    said = rename(editor, page, body="## Right after\n\nYou rest.\n\n## Later\n\nYou walk.\n", _publish="x")

    assert f"These pages link to a heading that is not there any longer: {benefits} (#the-first-days)." in said


def test_a_time_to_publish_at_is_not_thrown_away_where_visitors_see_these_words_already(editor):
    page = make.procedure().pages.get(slug="recovery")
    at = {"publish_at_0": "2090-01-02", "publish_at_1": "09:00"}

    said = rename(editor, page, **at, _publish="x")

    assert "Visitors see these words already: empty this, or change the words." in said
    assert "Words" in rename(editor, page, body="Words.\n", **at, _publish="x")
    assert page.planned().published_at.year == 2090
