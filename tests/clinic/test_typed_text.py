import pytest
from django.core.exceptions import ValidationError

from clinic.typed_text import BIDI_CONTROLS, isolated, one_line, plain, validate_readable, validate_visible


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


# Left-to-right and right-to-left marks, a byte order mark, a word joiner, a space without a width, a soft hyphen, the
# embeddings that phones copy with a number.
UNSEEN = "\u200e\u200f\ufeff\u2060\u200b\u00ad\u202a\u202c\u2066\u2069\u061c"


@pytest.mark.parametrize("sign", UNSEEN)
def test_signs_without_a_look_are_taken_from_one_line_and_from_what_a_machine_reads(sign):
    assert one_line(f"{sign}Ro{sign}sa Lind{sign}") == "Rosa Lind"
    assert plain(f"{sign}ro{sign}sa@example.com{sign}") == "rosa@example.com"


@pytest.mark.parametrize("name", ["علی\u200cرضا", "क\u200dष", "👩\u200d⚕️ Rosa"])
def test_what_joins_or_parts_the_letters_of_a_name_stays(name):
    assert one_line(name) == name


def test_a_joiner_that_joins_nothing_goes():
    assert one_line("\u200dRosa\u200c Lind\u200d") == "Rosa Lind"
    assert plain("1\u200d6") == "16"


def test_wide_letters_and_keycaps_are_read_as_usual_ones():
    assert plain("ｒｏｓａ＠ｅｘａｍｐｌｅ．ｃｏｍ") == "rosa@example.com"
    assert plain("1\ufe0f\u20e36\ufe0f\u20e3") == "16"


@pytest.mark.parametrize("name", ["رزا ليند", "רוזה לינד", "Rosa رزا"])
def test_a_name_that_runs_right_to_left_is_isolated_in_our_sentences(name):
    assert isolated(name) == f"\u2068{name}\u2069"
    assert one_line(isolated(name)) == name


def test_other_names_stay_as_they_are():
    assert [isolated(name) for name in ("Núñez", "Łukasz", "李小龙", "")] == ["Núñez", "Łukasz", "李小龙", ""]
