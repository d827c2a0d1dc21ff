from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointments.public import captcha

NOW = datetime(2026, 11, 23, 10, 0, 30, tzinfo=UTC)


def answer_to(asked: captcha.Sum) -> str:
    return str(asked.first + asked.second)


def test_a_minute_has_one_sum_everywhere():
    assert captcha.ask(NOW) == captcha.ask(NOW + timedelta(seconds=29))
    assert captcha.ask(NOW).token != captcha.ask(NOW + timedelta(seconds=30)).token


def test_sums_are_easy_and_differ():
    sums = {captcha.ask(NOW + timedelta(minutes=n))[:2] for n in range(500)}

    assert all(11 <= first <= 19 and 2 <= second <= 9 for first, second in sums)
    assert len(sums) > 60


@pytest.mark.parametrize(
    ("age", "is_good"),
    [
        (timedelta(0), True),
        (timedelta(hours=23, minutes=59), True),
        (timedelta(hours=24, minutes=1), False),
        (timedelta(minutes=-1), True),
        (timedelta(minutes=-5), False),
    ],
)
def test_a_token_is_good_for_a_day(age, is_good):
    asked = captcha.ask(NOW)

    assert captcha.recall(asked.token, NOW + age) == (asked if is_good else None)


def test_a_wrong_answer_is_wrong():
    asked = captcha.ask(NOW)

    assert asked.is_answered_by(answer_to(asked))
    assert not asked.is_answered_by(str(asked.first + asked.second + 1))
    assert not asked.is_answered_by("")


def test_a_token_of_another_minute_does_not_fit():
    asked, later = captcha.ask(NOW), captcha.ask(NOW + timedelta(minutes=1))
    mixed = f"{later.token.split('.')[0]}.{asked.token.split('.')[1]}"

    assert captcha.recall(later.token, NOW) == later
    assert captcha.recall(mixed, NOW) is None


def test_another_secret_makes_other_tokens(settings):
    asked = captcha.ask(NOW)
    settings.SECRET_KEY = "another"

    assert captcha.recall(asked.token, NOW) is None


@pytest.mark.parametrize("token", ["", ".", "1", "1.", "x.y", "9" * 30 + ".00", "-1.00", "１２.00", "\ud800", "\x00"])
def test_what_was_never_a_token_has_expired(token):
    assert captcha.recall(token, NOW) is None


@given(st.text())
def test_no_text_is_a_token_by_chance(token):
    assert captcha.recall(token, NOW) is None


@pytest.mark.parametrize(
    "typed",
    [
        "24",
        " 24 ",
        "24.",
        "24 .",
        "２４",
        "٢٤",
        "۲۴",
        "twenty-four",
        "Twenty Four",
        "twentyfour",
        "TWENTY-FOUR.",
        "veinticuatro",
        "Veinticuatro.",
        "veinte y cuatro",
        "2 4",
        "24.0",
        "24,0",
        "24.00",
        "= 24",
        "24!",
        "\u211624",
        "N\u00ba 24",
        "no. 24",
        "15 + 9 => 24",
        "15+9->24",
        "15 + 9 \u2192 24",
        "15 + 9 = 24",
        "15+9=24",
        "24 = 15 + 9",
        "15 más 9 es 24",
        "fifteen plus nine is twenty-four",
        "it is 24",
        "It’s 24.",
        "The answer is: 24",
        "answer 24",
        "(24)",
        "“24”",
        "¡24!",
        "24 :)",
        "2\u200b4",
        "\ufeff24\u200e",
        "\u206024",
        "2\ufe0f\u20e34\ufe0f\u20e3",
        "24 (twenty-four)",
        "twenty-four (24)",
        "15+9: 24",
        "15 + 9 is 24",
        "15 and 9 is 24",
        "I got 24",
        "I think it’s 24",
        "24 ok",
        "24, I think?",
        "My answer - 24",
        "24 twenty four",
        "24 24",
        "+24",
        "024",
        "24,00",
        "'24'",
        "«24»",
        "*24*",
        "_24_",
        "#24",
        *(f"twenty{dash}four" for dash in "\u2010\u2011\u2013\u2212"),
        "twenty – four",
        "15 y 9 son veinte y cuatro",
        "quince más nueve son veinticuatro",
    ],
)
def test_an_answer_counts_however_it_is_written(typed):
    assert captcha.number(typed) == 24


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "x",
        "24a",
        "²⁴a",
        "forty-two",
        "2.4",
        "-24",
        "−24",
        "9" * 5000,
        "\ud800",
        "15 + 9",
        "no 24",
        "<b>24</b>",
        "=> {24}",
        "24.5",
        "=",
        "24 = 25",
        "2 4 5",
        "is",
        "15 + 9 =",
        "15 or 24",
        "23 or 24",
        "24 or 25",
        "ocho o veinticuatro",
        "24, 25",
        "24/25",
        "24 * 24",
        "24-25",
        "23 24",
        "15 9",
        "15 and 9",
        "15 + 9 = 25 or 24",
        "10 + 9 = 24",
        "- 24",
        "it is -24",
        "minus twenty-four",
        "not 24",
        "hundred twenty-four",
        "twenty-four hundred",
        "24,5",
        "1,024",
        ".24",
        "2.40",
        "24th",
        "24 " + "a " * 200,
        "24" + " " * 300 + "25",
    ],
)
def test_what_is_not_the_number_is_not(typed):
    assert captcha.number(typed) != 24


@given(st.integers(0, 29))
def test_every_sum_can_be_spelled(n):
    words = [word for word, value in captcha._NUMBER_WORDS.items() if value == n]

    assert {captcha.number(word) for word in words} == {n}


def test_every_sum_that_is_asked_can_be_answered_in_spanish():
    words = (
        "trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés "
        "veinticuatro veinticinco veintiséis veintisiete veintiocho"
    ).split()

    assert [captcha.number(word) for word in words] == list(range(13, 29))
