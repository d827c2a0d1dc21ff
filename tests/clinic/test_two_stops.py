"""What looks at every page of the tests finds what it looks for."""

import pytest
from django.http import HttpResponse

from tests.two_stops import refused


@pytest.mark.parametrize(
    "words",
    [
        "on Tuesday, 9:30 a.m..",
        "We hold it until noon p.m..",
        "with Jane Doe, M.D..",
        "on <strong>Tuesday, 9:30 a.m.</strong>.",
        'by <strong><time datetime="x">Tuesday, 9:30 a.m.</time></strong>. We',
        'with <span translate="no">John Roe Jr.</span>.',
    ],
)
def test_two_full_stops_are_found(rf, words):
    with pytest.raises(AssertionError, match="two full stops at /x/"):
        refused(lambda request: HttpResponse(words))(rf.get("/x/"))


@pytest.mark.parametrize(
    "words",
    ["on Tuesday, 9:30 a.m.", "9:30 a.m.…", "and so on...", "a.m.; b", "<p>9:30 a.m.</p>. b", "<b>9:30 a.m.</b> b."],
)
def test_one_is_fine(rf, words):
    assert refused(lambda request: HttpResponse(words))(rf.get("/x/")).content == words.encode()
