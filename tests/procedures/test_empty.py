import pytest

from procedures import content_files, empty


def parts(body: str) -> list[str]:
    return empty.sentences(body)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("## Why\n\nBecause.\n", []),
        ("## Why\n", ["Line 1: nothing stands under “Why” yet."]),
        ("## Why\n\n## How\n\nSo.\n", ["Line 1: nothing stands under “Why” yet."]),
        ("## Why\n\n### How\n\nSo.\n", []),
        ("## Why\n\n### How\n\n## Who\n\nYou.\n", ["Line 3: nothing stands under “How” yet."]),
        ("::: card\n:::\n", ["Line 1: nothing stands under “card” yet."]),
        ("::: card\n\n## Risks\n\n:::\n\nWords.\n", ["Line 3: nothing stands under “Risks” yet."]),
        ("::: card\n\n## Risks\n\n- one\n\n:::\n", []),
        ("## Why\n\n::: note\nWords.\n:::\n", []),
        ("::: question Will it hurt?\n:::\n", ["Line 1: nothing stands under “Will it hurt?” yet."]),
        ("Risks\n: …\n\nActivity\n: Rest.\n", ["Line 2: nothing stands under “Risks” yet."]),
        ("## Why\n\n- ...\n", ["Line 3: nothing stands under “Why” yet."]),
        ("…\n", ["Line 1: nothing stands under “…” yet."]),
        ("1. ### One\n\n   Words.\n\n2. ### Two\n", ["Line 5: nothing stands under “Two” yet."]),
        ("::: drawing mark-bed\n:::\n", []),
        ("Words … and more.\n", []),
        ("::: once-signed\n\n## Costs\n\n:::\n", ["Line 3: nothing stands under “Costs” yet."]),
        ("", []),
    ],
)
def test_what_waits_for_words_is_said_with_its_line(body, expected):
    assert parts(body) == expected


@pytest.mark.parametrize("file", sorted(content_files.CONTENT.rglob("*.md")), ids=lambda file: file.stem)
def test_nothing_is_empty_on_the_pages_that_come_with_the_site(file):
    assert parts(content_files.read(file).words.body) == []


def test_a_new_procedures_pages_wait_for_all_their_words():
    waiting = {
        file.stem: len(parts(content_files.read(file).words.body)) for file in content_files.SKELETON.glob("*.md")
    }

    assert waiting == {"overview": 11, "benefits": 3, "recovery": 5}
