"""What is pasted from a word processor, a chat or a web page is understood, or refused with its line."""

import re

import pytest

from procedures.markdown import problem, render
from procedures.raw_marks import in_plain, understood

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "bullet",
    [
        "•\t",
        "• ",
        "•",
        "·\t",
        "▪ ",
        "◦\t",
        "\uf0b7\t",
        "\uf0a7 ",
        "o\t",
        "–\t",
        "-\t",
        "✓ ",
        "•\u00a0",
        "➤ ",
        "❖ ",
        "★ ",
        "●",
        "▪\ufe0f ",
        "✔\ufe0f ",
        "✅ ",
        "→ ",
        "» ",
        "☐ ",
        "– ",
        "— ",
        "− ",
        "\u2010 ",
        "–",
        "-",
        "o ",
        "o\u00a0",
        "\\* ",
        "\\- ",
    ],
)
def test_bullets_of_word_processors_and_chats_make_a_list(bullet):
    body = understood(f"Bring:\n\n{bullet}your list\n{bullet}your pictures\n")

    assert problem(body) is None
    assert render(body) == "<p>Bring:</p>\n<ul>\n<li>your list</li>\n<li>your pictures</li>\n</ul>\n"


@pytest.mark.parametrize(
    ("first", "second"),
    [("(1) ", "(2) "), ("a) ", "b) "), ("(a) ", "(b) "), ("a. ", "b. "), ("A) ", "B) "), ("I. ", "II. "),
     ("1\ufe0f\u20e3 ", "2\ufe0f\u20e3 "), ("i. ", "ii. "), ("I) ", "II) "),
     ("1.", "2."), ("1.) ", "2.) "), ("① ", "② "), ("1\\. ", "2\\. "), ("1)\u00a0", "2)\u00a0")],
)  # fmt: skip
@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_lines_that_are_counted_in_another_way_are_a_list(first, second, between):
    body = understood(f"{first}your list{between}{second}your pictures\n")

    assert problem(body) is None
    assert re.sub("</?p>\n?|\n", "", render(body)) == "<ol><li>your list</li><li>your pictures</li></ol>"


@pytest.mark.parametrize(
    "words",
    ["– and so it was.", "Safe.\n— Rosa Lind", "o positive", "(1) one\n(3) three", "A. Lind\nB. Moreau",
     "E. coli\nF. x", "e) five\nf) six", "2.5 mg\n3.5 mg", "☎ Call us", "-5 degrees\n-6 degrees", "a) alone",
     "10 mm² of bone, 5 m³", "(see b)\n(see c)"],
)  # fmt: skip
def test_one_line_that_only_begins_so_is_no_list(words):
    assert (understood(words), problem(words)) == (words, None)


@pytest.mark.parametrize("line", ["{.cls}", "{% x %}", "[1]: https://example.com", "[^1]: note", "> [a]: /b", "{#id}"])
def test_a_line_that_would_not_be_shown_is_refused(line):
    assert problem(f"First line.\n\n{line}\n").startswith("Line 3: “")


def test_numbers_with_tabs_and_headings_with_hard_spaces_are_understood():
    assert render(understood("1.\tFirst\n2.\tSecond\n")) == "<ol>\n<li>First</li>\n<li>Second</li>\n</ol>\n"
    assert ">Why?</h2>" in render(understood("##\u00a0Why?\n"))


def test_signs_that_nobody_sees_and_odd_line_ends_are_understood():
    assert understood("One\u200b word\u00ad\ufeff.\r\nTwo\u2028three\x0bfour\n") == "One word.\nTwo\nthree\nfour\n"


@pytest.mark.parametrize(
    "words", ["It costs 5 * 3 dollars.", "See https://example.com/a__b|c*d.", "me_too@example.com"]
)
@pytest.mark.parametrize("frame", ["%s\n", "- %s\n"])
def test_what_is_no_mark_passes(words, frame):
    assert problem(frame % words) is None


@pytest.mark.parametrize(
    "words", ["a snake_case word", "**bold**, *slanted* and `code`", "AT&T; 5 < 6", "[note]", "#1"]
)
def test_what_shows_as_meant_passes(words):
    assert problem(f"{words}\n") is None


@pytest.mark.parametrize(
    ("words", "sign"),
    [
        ("It is ** very ** safe.", "**"),
        ("It is **safe.", "**"),
        ("A word* with a note.", "*"),
        ("It is ~~not~~ safe.", "~~"),
        ("It is ~not~ safe.", "~not~"),
        ("It is __ safe.", "__"),
        ("It is _safe.", "_"),
        ("It is ==safe==.", "=="),
        ("It is <b>safe</b>.", "<b>"),
        ("It is<br>safe.", "<br>"),
        ("<!--StartFragment-->It is safe.", "<!--"),
        ("<o:p></o:p>It is safe.", "<o:p>"),
        ("It is safe&nbsp", None),
        ("It is safe&foo;", "&foo;"),
        ("It is safe.[1]", "[1]"),
        ("It is safe.[^1]", "[^1]"[:2]),
        ("[ ] It is safe.", "[ ]"),
        ("[safe] (/x) is [safe](", "]("),
        ("It is `safe.", "`"),
        ("It is safe :smile:", ":smile:"),
        ("#Heading", "#"),
        ("It is [[safe.", "[["),
        ("{#safe} It is.", "{#safe}"),
        ("Safe | or not", "|"),
        ("It is safe\\ now", "\\"),
        ("It is safe \uf0e0 now", "\uf0e0"),
        ("It is [1, 2] safe", "[1, 2]"),
        ("It is safe.[2–4]", "[2–4]"),
        ("It is safe.[note 1]", "[note 1]"),
        ("It is safe[citation needed]", "[citation needed]"),
        ("Safety [ edit ]", "[ edit ]"),
        ("[10:22, 11/28/2026] Ann: It is safe", "[10:22"),
        ("[b]It is safe[/b]", "[b]"),
        ("[url=x]It is safe[/url]", "[url"),
        ("[cid:image001.png@01D] It is safe", "[cid:"),
        ("It is safe† now", "†"),
        ("It is safe¹ now", "¹"),
        ("It is safe.² Now", "²"),
        ("<![if !supportLists]>It is safe", "<!"),
        ("td {mso-padding-alt:0in} It is safe", "{mso-padding-alt:0in}"),
        ("It is {{ safe }}", "{{ safe }"),
        ("It is {safe", "{safe"),
        ("It is %safe%", "%safe%"),
        ("H~2~O", "~2~"),
        ("x^2^", "^"),
        ("++It is safe++", "++"),
        ("''It is safe''", "''"),
        ("== It is safe ==", "=="),
        ("h2. It is safe", "h2."),
        ("@ann It is safe", "@ann"),
        ("It is\x07 safe", "\x07"),
    ],
)
def test_a_mark_that_would_show_is_refused_with_its_line(words, sign):
    said = problem(f"First line.\n{words}\n")

    if sign is None:
        assert said is None
    else:
        assert said == f"Line 2: “{sign}” would show as it is. See “How to write”, or take it away."


def test_a_mark_in_a_table_a_question_or_a_list_is_found_in_its_line():
    assert problem("| A | B |\n|---|---|\n| a | **b |\n").startswith("Line 3: “**”")
    assert problem("::: question Is it **safe?\nYes.\n:::\n").startswith("Line 1: “**”")
    assert problem("- a\n- b\n\n  It is ~~c~~.\n").startswith("Line 4: “~~”")


def test_columns_that_were_parted_by_tabs_are_refused_as_such():
    assert (
        problem("First.\n\nDay\tWalk\tRest\n") == "Line 3 has columns with tabs between them. Write a table, or a list."
    )


@pytest.mark.parametrize("words", ["**Recovery**", "# Recovery", "<b>Recovery</b>", "• Recovery", "[Recovery](/x)"])
def test_a_title_is_plain_words(words):
    assert in_plain(words).endswith("would show as it is: these are plain words.")
    assert in_plain("Recovery & rest: weeks 1–6") is None
