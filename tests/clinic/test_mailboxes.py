import pytest
from django.core.exceptions import ValidationError

from clinic.mailboxes import mailbox, mailto, typed, validate_mailbox


@pytest.mark.parametrize(
    ("address", "is_the_mailbox"),
    [
        ("Rosa@Example.com", "rosa@example.com"),
        ("rosa+clinic@example.com", "rosa@example.com"),
        ("r.o.s.a+x@googlemail.com", "rosa@gmail.com"),
        ("rosa.lind@example.com", "rosa.lind@example.com"),
        ("+rosa@example.com", "+rosa@example.com"),
    ],
)
def test_addresses_of_one_mailbox_are_one(address, is_the_mailbox):
    assert mailbox(address) == is_the_mailbox


@pytest.mark.parametrize("address", ["rosa@example.com", "r.o'neil+clinic@example.co.uk", "rosa@xn--bcher-kva.example"])
def test_a_mailbox_on_the_internet_is_one(address):
    validate_mailbox(address)


@pytest.mark.parametrize(
    "address",
    [
        "x@[127.0.0.1]",
        "x@[IPv6:::1]",
        "a@localhost",
        '"a b"@example.com',
        '"a@b"@example.com',
        "a@127.0.0.1",
        "a@b",
        "",
    ],
)
def test_what_no_patient_has_is_none(address):
    with pytest.raises(ValidationError, match="correct format"):
        validate_mailbox(address)


def test_a_link_to_a_mailbox_has_no_sign_that_means_something_there():
    assert mailto("a&b?c=d%e#f@example.com") == "mailto:a%26b%3Fc%3Dd%25e%23f@example.com"


@pytest.mark.parametrize("sign", "\u200e\ufeff\u2060\u200b\u200d\u00a0\u3164")
def test_an_address_is_read_without_signs_that_nobody_sees(sign):
    assert typed(f"{sign}rosa@example.com{sign}") == "rosa@example.com"


def test_wide_letters_are_usual_ones_and_another_script_stays():
    assert typed("ｒｏｓａ＠ｅｘａｍｐｌｅ．ｃｏｍ") == "rosa@example.com"
    assert typed("rosa@bücher.example") == "rosa@bücher.example"
