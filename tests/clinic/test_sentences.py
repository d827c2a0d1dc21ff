import pytest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clinic.sentences import ended


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
