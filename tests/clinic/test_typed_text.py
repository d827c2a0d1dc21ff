import re
import unicodedata
from collections.abc import Iterator
from unicodedata import name

import pytest
from django.core.exceptions import ValidationError

from clinic.typed_text import BIDI_CONTROLS, isolated, one_line, plain, seen, validate_readable, validate_visible


@pytest.mark.parametrize("words", ["Núñez", "فاطمة", "two\nlines\tand a tab", "🦴"])
def test_words_of_any_script_are_readable(words):
    validate_readable(words)


@pytest.mark.parametrize("words", ["Ro\ufffdsa", "Ro\x1bsa", "Ro\x7fsa", f"Ro{chr(0xD800)}sa"])
def test_bytes_that_were_no_text_and_control_signs_are_not(words):
    with pytest.raises(ValidationError, match="could not read"):
        validate_readable(words)


@pytest.mark.parametrize("words", ["", " ", "…", "\u200b", "\u3164", "\u115f\uffa0"])
def test_a_text_of_signs_that_show_nothing_is_refused(words):
    with pytest.raises(ValidationError, match="no letters or digits"):
        validate_visible(words)


def test_signs_that_turn_the_direction_are_taken_out():
    assert "Rosa \u202eLind\u202c \u2066MD\u2069".translate(BIDI_CONTROLS) == "Rosa Lind MD"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\u2028\u2029"])
def test_what_ends_a_line_is_a_space_in_one_line(end):
    assert one_line(f"Rosa{end}Lind") == "Rosa Lind"


# Default_Ignorable_Code_Point of Unicode 17, DerivedCoreProperties.txt.
IGNORABLE = (
    "00AD 034F 061C 115F-1160 17B4-17B5 180B-180F 200B-200F 202A-202E 2060-206F 3164 FE00-FE0F FEFF FFA0 FFF0-FFF8"
    " 1BCA0-1BCA3 1D173-1D17A E0000-E0FFF"
)
JOINERS = "\u200c\u200d"


def signs_without_a_look() -> Iterator[str]:
    for each in IGNORABLE.split():
        first, _, last = each.partition("-")
        yield from map(chr, range(int(first, 16), int(last or first, 16) + 1))
    # Those of Unicode's formats that show nothing: not the signs of Arabic, Syriac and Kaithi that enclose a number,
    # nor those that lay out hieroglyphs.
    for each in map(chr, range(0x110000)):
        if unicodedata.category(each) == "Cf" and not re.match(
            r"ARABIC (?!LETTER)|SYRIAC|KAITHI|EGYPT", name(each, "")
        ):
            yield each


def test_no_sign_without_a_look_stays_in_one_line_nor_in_what_a_machine_reads():
    signs = set(signs_without_a_look())

    assert len(signs) > 4_000
    assert {each for each in signs if one_line(f"{each}Ro{each}sa Lind{each}") != "Rosa Lind"} == set(JOINERS)
    assert {each for each in signs if plain(f"{each}ro{each}sa@example.com{each}") != "rosa@example.com"} == set()
    assert {each for each in signs if seen(f"\u200b{each}{each}")} == set(JOINERS)


def test_what_looks_like_a_space_is_one():
    assert (one_line("Rosa\u2800Lind"), plain("\u280016\u2800")) == ("Rosa Lind", "16")


@pytest.mark.parametrize("name", ["علی\u200cرضا", "क\u200dष", "👩\u200d⚕️ Rosa", "辻\U000e0100 花", "ᠠ\u180b"])
def test_what_belongs_to_the_letters_of_a_name_stays(name):
    assert one_line(name) == name


def test_a_joiner_that_joins_nothing_goes():
    assert one_line("\u200dRosa\u200c Lind\u200d") == "Rosa Lind"
    assert plain("1\u200d6") == "16"


def test_wide_letters_and_keycaps_are_read_as_usual_ones():
    assert plain("ｒｏｓａ＠ｅｘａｍｐｌｅ．ｃｏｍ") == "rosa@example.com"
    assert plain("1\ufe0f\u20e36\ufe0f\u20e3") == "16"


@pytest.mark.parametrize("name", ["رزا ليند", "רוזה לינד", "Rosa رزا", "Rosa \u202eLind"])
def test_a_name_that_runs_right_to_left_is_isolated_in_our_sentences(name):
    assert isolated(name) == f"\u2068{name}\u2069"
    assert one_line(isolated(name)) == one_line(name)


def test_each_line_is_isolated_by_itself_and_nothing_twice():
    assert isolated("رزا\n\nMain Street") == "\u2068رزا\u2069\n\nMain Street"
    assert isolated("\u2068رزا\u2069 (through Petra)") == "\u2068رزا\u2069 (through Petra)"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("\u2068رزا", "\u2068\u2068رزا\u2069\u2069"),
        ("رزا\u2069 Lind", "\u2068رزا Lind\u2069"),
        ("\u2067Rosa", "\u2068\u2067Rosa\u2069\u2069"),
        ("Rosa\u2069", "\u2068Rosa\u2069"),
        ("\u2068Rosa\u2069 \u2068رزا", "\u2068\u2068Rosa\u2069 \u2068رزا\u2069\u2069"),
        ("\u2066\u2068رزا\u2069\u2069", "\u2066\u2068رزا\u2069\u2069"),
        ("رزا\u2029Lind \u2066x", "\u2068رزا\u2069\u2029\u2068Lind \u2066x\u2069\u2069"),
    ],
)
def test_half_an_isolate_that_somebody_typed_is_no_half_of_what_stands_beside_it(typed, shown):
    assert isolated(typed) == shown
    assert isolated(shown) == shown


def test_other_names_stay_as_they_are():
    assert [isolated(name) for name in ("Núñez", "Łukasz", "李小龙", "")] == ["Núñez", "Łukasz", "李小龙", ""]
