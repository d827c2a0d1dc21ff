import pytest

from clinic.mailboxes import mailbox


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
