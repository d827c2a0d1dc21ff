from procedures import markdown
from procedures.content_files import CONTENT, read
from procedures.sections import added

BENEFITS = read(CONTENT / "kyphoplasty" / "benefits.md").words.body


def test_what_a_clinician_adds_to_the_risks_stands_inside_their_card():
    body = added(BENEFITS, "Other risks", "Cement can leak.\n\n- It is rare.")

    assert markdown.problem(body) is None
    html = markdown.render(body, signed=True)
    card = html.split('<div class="card">')[2].split("</div>\n</div>")[0]
    assert card.endswith(
        "Ask your doctor.</p>\n"
        '<div class="once-signed">\n<h3 id="h-other-risks">Other risks</h3>\n<p>Cement can leak.</p>\n'
        "<ul>\n<li>It is rare.</li>\n</ul>\n"
    )
    assert markdown.render(body) == markdown.render(BENEFITS)


def test_a_section_goes_to_the_end_where_no_block_has_its_heading():
    for body in ("## Risks\n\nSome.\n\n::: note\n\nNote.\n\n:::\n", "::: card\n\n## Benefits\n\nSome.\n\n:::\n"):
        assert added(body, "Other risks", "Pain.") == (f"{body}\n::: once-signed\n\n## Other risks\n\nPain.\n\n:::\n")


def test_what_is_signed_stands_on_the_sheet_also_where_the_rest_is_only_for_the_screen():
    body = added(BENEFITS, "Other risks", "Cement can leak.")

    assert "Cement can leak." in markdown.render(body, signed=True, on_paper=True)
    assert "including" not in markdown.render(body, signed=True, on_paper=True)
