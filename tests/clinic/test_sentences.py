from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from clinic.sentences import ended, how_long, unbroken, untranslated


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("It begins at 9:30 a.m.", "It begins at 9:30 a.m."),
        ("It begins at noon", "It begins at noon."),
        ("With John Roe, M.D.", "With John Roe, M.D."),
        ("With Jane Doe, MD", "With Jane Doe, MD."),
        ("Who comes?", "Who comes?"),
        ("We wrote: “Bring a list.”", "We wrote: “Bring a list.”"),
        ("We wrote: “A list”", "We wrote: “A list”."),
        ("", ""),
    ],
)
def test_a_sentence_ends_with_one_full_stop(words, sentence):
    assert ended(words) == sentence


def test_html_stays_html_and_text_stays_text():
    html = ended(format_html("<strong>{}</strong>", "<Roe>"))

    assert (html, type(html)) == ("<strong>&lt;Roe&gt;</strong>.", SafeString)
    assert type(ended("<Roe>")) is str


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        ("Monday, November 30, 8:30 a.m.", "Monday, November~30, 8:30~a.m."),
        ("8 a.m. to 12:30 p.m. and 1 p.m. to 6 p.m.", "8~a.m. to 12:30~p.m. and 1~p.m. to 6~p.m."),
        ("Tue, May 1, noon", "Tue, May~1, noon"),
        ("May I come at 5?", "May I come at 5?"),
    ],
)
def test_a_line_ends_within_no_time_and_no_date(words, sent):
    assert unbroken(words).replace("\N{NO-BREAK SPACE}", "~") == sent


@pytest.mark.parametrize("code", ["(212) 555-0100", "AJE7-ES35", "ABCD-EFGH", "0123", "+1 212 555 0100"])
def test_a_number_or_a_reference_stays_on_one_line(code):
    assert untranslated(code) == f'<span class="nb" translate="no">{code}</span>'


@pytest.mark.parametrize("name", ["Jane Doe, MD", "<Roe>"])
def test_a_name_may_break(name):
    assert untranslated(name).startswith('<span translate="no">')


@pytest.mark.parametrize("language", ["en-us", "es"])
def test_how_long_it_is_is_said_as_django_says_it(language):
    now = datetime(2026, 3, 3, 9, tzinfo=UTC)
    # Months of all lengths, to the minute, and around a year and two.
    days = (*range(27, 70), *range(360, 370), *range(725, 735))
    months = [timedelta(days=number, minutes=minutes) for number in days for minutes in (-1, 0, 1)]
    lengths = months + [
        timedelta(**{unit: number}) + aside
        for unit in ("seconds", "minutes", "hours", "days", "weeks") for number in (-1, 0, 1, 2, 3, 4, 23, 59, 60, 400)
        for aside in (timedelta(0), timedelta(microseconds=-1), timedelta(seconds=59))
    ]  # fmt: skip
    with translation.override(language):
        said = {each: how_long(now - each, now) for each in lengths}
        assert said == {each: timesince(now - each, now, depth=1) for each in lengths}
