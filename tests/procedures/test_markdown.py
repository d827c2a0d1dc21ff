import re

import pytest
from django.utils.text import slugify
from hypothesis import given
from hypothesis import strategies as st

from procedures import markdown
from procedures.markdown import contents, problem, render, statements
from procedures.models import Words
from tests import make

# A drawing that is no file of ours may be one that was uploaded.
pytestmark = pytest.mark.django_db


def test_blocks_and_facts_become_html():
    body = '::: card\n\n## Risks\n\n{fact="R8"}\nLike any *surgery*.\n\n:::\n'

    assert render(body) == (
        '<div class="card">\n<h2 id="h-risks">Risks</h2>\n<p data-fact="R8">Like any <em>surgery</em>.</p>\n</div>\n'
    )


def test_a_question_opens_and_tells_its_fact():
    body = '{fact="R5"}\n::: question When can I go <home>?\nThe same day.\n:::\n'

    assert render(body) == (
        '<details data-fact="R5">\n<summary>When can I go &lt;home&gt;?</summary>\n<p>The same day.</p>\n</details>\n'
    )


def test_a_drawing_stands_with_its_caption_and_a_missing_one_breaks_nothing():
    html = render("::: drawing kyphoplasty-1\nA *broken* bone.\n:::\n")

    assert html.startswith('<figure class="drawing"><svg viewBox="24 24 292 220" width="292" height="220" aria-hidden')
    assert html.endswith(
        '</svg>\n<p class="sides" aria-hidden="true"><span>Front of the body</span> <span>Your back</span></p>\n'
        "<p>A <em>broken</em> bone.</p>\n</figure>\n"
    )
    assert render("::: drawing ../secret\nWords.\n:::\n") == '<figure class="drawing">\n<p>Words.</p>\n</figure>\n'


def test_the_bones_are_described_once_on_a_page_and_a_drawing_is_one_without_styles_too():
    html = render("::: drawing kyphoplasty-1\n:::\n\n::: drawing kyphoplasty-4\n:::\n")

    assert [len(re.findall(each, html)) for each in ("<svg", '<symbol id="arch"', '<symbol id="body"')] == [2, 1, 1]
    assert len(re.findall('<use href="#(?:arch|body)"', html)) == 10
    for shape in re.findall("<path[^>]*>", html):
        assert "style=" not in shape
    assert len(re.findall('fill="none" stroke="CanvasText"', html)) == 2


def test_a_drawing_without_words_of_its_own_is_no_figure_to_those_who_listen():
    hidden = [" aria-hidden" in render(f"::: drawing kyphoplasty-2\n{words}:::\n")[:40] for words in ("", "A tube.\n")]

    assert hidden == [True, False]


def test_a_mark_is_no_picture_with_sides():
    mark = '<figure class="mark" aria-hidden="true"><svg viewBox="0 0 24 24"'
    assert render("::: drawing mark-house\n:::\n").startswith(mark)
    assert "Your back" not in render("::: drawing mark-house\n:::\n")


def test_a_word_is_marked_where_it_is_explained():
    assert render("A tube, called a [[trocar]]. [[x] [y](/)") == (
        '<p>A tube, called a <dfn>trocar</dfn>. [[x] <a href="/">y</a></p>\n'
    )
    assert statements("A [[trocar]].") == [("", "A trocar.")]


def test_what_is_for_the_screen_or_for_paper_leaves_no_trace_of_its_block():
    body = "A.\n\n::: on-screen\n\nB.\n\n:::\n\n::: on-paper\n\nC.\n\n:::\n"

    assert render(body) == "<p>A.</p>\n<p>B.</p>\n"
    assert render(body, on_paper=True) == "<p>A.</p>\n<p>C.</p>\n"


def test_headings_make_the_contents_and_can_be_lowered():
    body = "## Why *this*?\n\n### Detail\n\n## Why *this*?\n"

    assert contents(body) == (("h-why-this", "Why this?"), ("h-why-this-1", "Why this?"))
    assert "<h3>Why <em>this</em>?</h3>" in render(body, on_paper=True)


def test_a_table_stands_in_a_region_that_is_moved_and_named_by_its_columns():
    html = render('{fact="R8"}\n| Day | Walk <b> |\n|---|---|\n| 1 | 5 min |\n')

    assert html.startswith(
        '<div class="wide" role="region" tabindex="0" aria-label="Table: Day, Walk &lt;b&gt;" data-fact="R8">\n'
        "<table>\n<thead>\n<tr>\n<th>Day</th>"
    )
    assert html.endswith("</tbody>\n</table>\n</div>\n")


@pytest.mark.parametrize("heading", ["Contact form", "Contact", "Main", "Contents title", "Error summary", "…"])
def test_no_heading_takes_an_id_of_the_page_around_it(client, heading):
    page = make.procedure().pages.get(slug="recovery")
    page.publish(Words("Recovery", "The lead.", f"## {heading}\n\nWords.\n"))

    ids = re.findall(r'\bid="([^"]*)"', client.get(page.get_absolute_url()).content.decode())

    assert sorted(ids) == sorted(set(ids))
    assert [each for each in ids if each.startswith("h-")] == [f"h-{slugify(heading)}"]


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        ("#risks", "#h-risks"),
        ("#h-risks", "#h-risks"),
        ("#contact", "#contact"),
        ("#elsewhere", "#elsewhere"),
        ("/procedures/kyphoplasty/#risks", "/procedures/kyphoplasty/#h-risks"),
        ("/procedures/kyphoplasty/recovery/#risks", "/procedures/kyphoplasty/recovery/#h-risks"),
        ("/procedures/kyphoplasty/#contact", "/procedures/kyphoplasty/#contact"),
        ("/about/#risks", "/about/#risks"),
        ("https://example.com/procedures/x/#risks", "https://example.com/procedures/x/#risks"),
    ],
)
def test_a_link_to_a_heading_by_its_words_leads_there(link, leads_to):
    assert f'<a href="{leads_to}">' in render(f"## Risks\n\n[There]({link})\n")


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,hi)",
        '{onclick="alert(1)"}\nwords',
        '{style="color: red"}\nwords',
        "![x](https://evil.example/track.gif)",
        "<https://evil.example/><iframe src=x>",
    ],
)
def test_nothing_active_survives(evil):
    html = render(evil)

    for sign in ("<script", "<img", "<iframe", 'href="javascript', 'href="data', ' onclick="', ' style="'):
        assert sign not in html.replace("&lt;", "")


def test_links_inside_the_site_and_to_https_stay():
    html = render("[a](/procedures/) [b](https://example.com/) [c](tel:911) [d](http://example.com/)")

    assert 'href="/procedures/"' in html
    assert 'href="https://example.com/"' in html
    assert 'href="tel:911"' in html
    assert "http://example.com" not in html


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("::: card\nwords\n:::\n", None),
        (":::: cards\n::: card\nwords\n:::\n::::\n", None),
        ("::: card\nwords\n", "A block is not closed: it ends with a line of as many colons as it began with."),
        ("words\n:::\n", "Line 2 closes a block that is not open."),
        (
            "::: crad\n:::\n",
            "Line 1: there is no block called “crad”. There are: key-facts, steps, cards, card, timeline, note, apart, "
            "ask, words, once-signed, on-screen, on-paper, question, drawing.",
        ),
        ("::: question\n:::\n", "Line 1: the question is missing behind the word."),
        (
            "::: drawing moon\n:::\n",
            "Line 1: there is no drawing called “moon”. There are: kyphoplasty-1, kyphoplasty-2, kyphoplasty-3, "
            "kyphoplasty-4, mark-bed, mark-brace, mark-house, mark-walking, mark-weight.",
        ),
        ("1. Step\n\n   ::: drawing kyphoplasty-1\n   Words.\n   :::\n", None),
        ("::: cards\n::: card\n:::\n:::\n", "Line 2: a block inside another has fewer colons than the outer one."),
    ],
)
def test_a_block_that_would_not_show_as_meant_is_a_sentence(body, sentence):
    assert problem(body) == sentence


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("- a\n\n  ::: once-signed\nSecret.\n  :::\n", "The block that ends in line 5 is indented"),
        ("    ::: once-signed\n    Secret.\n    :::\n", "The block that ends in line 3 is indented"),
        ("::: once-signed:\nSecret.\n:::\n", "The block that ends in line 3 is indented"),
        ("```\n::: once-signed\nSecret.\n:::\n", "The block that ends in line 4 is indented"),
        ("words\n\n    Kyphoplasty heals everybody.\n", "Line 3 would show as a program's code"),
        ("![x](https://example.com/x.png)\n", "Line 1: pictures are not shown"),
        ("# Big\n", "Line 1: a heading begins with ##"),
    ],
)
def test_nothing_is_shown_otherwise_than_it_was_written(body, sentence):
    assert problem(body).startswith(sentence)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_any_text_renders_without_active_content(body):
    problem(body)

    assert "<script" not in render(body)


def test_words_are_rendered_once_for_each_way_of_showing_them():
    markdown._clean.cache_clear()
    body = "## Why\n\n::: once-signed\n\nOnly signed.\n\n:::\n"

    shown = [
        render(body),
        render(body, signed=True),
        render(body, on_paper=True),
        render(body),
        render(body + "More.\n"),
    ]

    assert len(set(shown)) == 4
    assert markdown._clean.cache_info().misses == 4


def test_a_line_or_headings_without_end_are_refused_before_anything_reads_them():
    longest = "word " * 800
    assert problem(longest) is None
    for body in (" " * 49_000 + "x", "Words.\n" + "a" * 4_001):
        said = problem(body)
        assert said is not None
        assert "A line has 4000 at most" in said
    assert problem("## Pain\n\n" * 100) is None
    for heading in ("## Pain\n\n", "> ## Pain\n\n", "Pain\n-\n\n"):
        assert problem(heading * 101) == "A page has 100 headings at most."


def test_the_list_of_contents_names_no_heading_that_is_only_on_paper():
    body = "::: on-paper\n\n## Words\n\n:::\n\n## Who is it for?\n\nYou.\n"

    assert markdown.contents(body) == (("h-who-is-it-for", "Who is it for?"),)
    assert markdown.heading_ids(body) == {"h-who-is-it-for"}
