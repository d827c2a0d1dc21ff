import pytest
from django.core.exceptions import ValidationError

from clinic.typed_text import BIDI_CONTROLS, one_line, validate_readable, validate_visible


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
