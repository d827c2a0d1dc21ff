import pytest

from clinic import phones


@pytest.mark.parametrize(
    "typed",
    ["2125550123", "212 555 0123", "(212) 555-0123", "212.555.0123", "1-212-555-0123", "+1 212 555 0123",
     "212 555 0123 ext. 4", "212-555-0123 x4", "212 555 0123 (cell)", "(212) 555-0123 after 5 pm", "cell: 212 555 0123",
     "212 555 0123 9am-5pm", "212 555 0123 or 917 555 0188", "212-555-0123/917-555-0188", "212 555 0123 917 555 0188",
     "\u202a+1 (212) 555\u20110123\u202c", "212\u200b555\u20600123", "２１２ ５５５ ０１２３",
     "1 (212) 555-0123, my daughter's", "since 2019 212 555 0123", "room 2204 212 555 0123", "212 555 0123 4455"],
)  # fmt: skip
def test_a_number_is_understood_however_it_is_typed(typed):
    assert phones.e164(typed) == "+12125550123"


@pytest.mark.parametrize(
    "typed",
    [
        "555 0123",
        "",
        "hello",
        "12",
        "0",
        "+",
        "2125550123" * 3,
        "☎",
        "212 555 012",
        "212 555 01234",
        "call me maybe",
        "112 555 0123",
        "012 555 0123",
        "911 555 0123",
        "212 155 0123",
        "+1 112 555 0123",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "555 2123 917 555 0188",
        "112 555 0123 (cell)",
    ],
)
def test_a_number_without_area_code_or_sense_is_not(typed):
    assert phones.parse(typed) is None


@pytest.mark.parametrize(
    ("typed", "dialed"),
    [
        ("+44 20 7946 0958", "+442079460958"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("0044 20 7946 0958", "+442079460958"),
        ("00 44 20 7946 0958 (office)", "+442079460958"),
        ("011 44 20 7946 0958", "+442079460958"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("+52 1 55 1234 5678", "+525512345678"),
        ("0052 1 55 1234 5678", "+525512345678"),
        ("+52 55 1234 5678", "+525512345678"),
        ("00 1 212 555 0123", "+12125550123"),
    ],
)
def test_a_number_from_abroad_is_fine(typed, dialed):
    assert phones.e164(typed) == dialed


def test_each_of_two_numbers_is_one_and_the_first_is_dialed():
    typed = "212 555 0123 (home), +44 20 7946 0958 in summer"

    assert phones.all_in(typed) == ["+12125550123", "+442079460958"]
    assert (phones.link(typed), phones.last_four(typed)) == ("+12125550123", "0123")
    assert phones.all_in("no number") == []


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
