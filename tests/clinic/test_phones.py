import pytest

from clinic import phones


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
    ("written", "number"),
    [
        ("(212) 555-0100", "+12125550100"),
        ("1-212-555-0100", "+12125550100"),
        ("212.555.0100 ext. 3", "+12125550100;ext=3"),
        ("212 555 0100 x44", "+12125550100;ext=44"),
        ("+44 20 7946 0958", "+442079460958"),
        ("+1 (212) 555-0100", "+12125550100"),
        ("12125550100", "+12125550100"),
        ("+44 20 7946 0958 ext 12", "+442079460958;ext=12"),
        ("1-800-FLOWERS", "+18003569377"),
        ("555-0100", "5550100"),
        ("911", "911"),
        ("", ""),
    ],
)
def test_a_link_to_the_clinic_dials_its_number(written, number):
    assert phones.dialed(written) == number
