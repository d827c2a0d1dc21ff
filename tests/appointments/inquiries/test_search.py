import pytest

from appointments.inquiries.search import normalize, parse_query


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
