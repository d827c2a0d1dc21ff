import pytest

from appointments import phones
from appointments.inquiries.search import normalize, parse_query


@pytest.mark.parametrize(
    "typed",
    ["2125550123", "212 555 0123", "(212) 555-0123", "212.555.0123", "1-212-555-0123", "+1 212 555 0123",
     "212 555 0123 ext. 4", "212-555-0123 x4"],
)  # fmt: skip
def test_a_number_is_understood_however_it_is_typed(typed):
    assert phones.e164(typed) == "+12125550123"


@pytest.mark.parametrize("typed", ["555 0123", "", "hello", "12", "0", "+", "2125550123" * 3, "☎", "212 555 012"])
def test_a_number_without_area_code_or_sense_is_not(typed):
    assert phones.parse(typed) is None


def test_a_number_from_abroad_is_fine():
    assert phones.e164("+44 20 7946 0958") == "+442079460958"


@pytest.mark.parametrize(
    ("words", "folded"),
    [
        ("Dolores Núñez", "dolores nunez"),
        ("O’Shaughnessy, Walter", "o shaughnessy walter"),
        ("STRAẞE", "strasse"),
        ("فاطمة", "فاطمة"),
        ("rosa@example.com", "rosa@example.com"),
    ],
)
def test_names_fold(words, folded):
    assert normalize(words) == folded


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("nunez dolores", ["nunez", "dolores"]),
        ("(212) 555-0123", ["2125550123"]),
        ("555 0123", ["5550123"]),
        ("K7QM-3XHT", ["k7qm3xht"]),
        ("k7qm3xht", ["k7qm3xht"]),
        ("", []),
        ("( ) - .", []),
    ],
)
def test_a_search_is_folded_likewise(typed, words):
    assert parse_query(typed) == words
