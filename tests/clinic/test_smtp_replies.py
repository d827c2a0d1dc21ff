"""Replies as mail servers send them, and whose fault each names."""

import pytest

from clinic.smtp_replies import Fault, fault


@pytest.mark.parametrize(
    ("code", "words", "whose"),
    [
        (550, "5.1.1 <gone@example.com>: Recipient address rejected: User unknown", Fault.ADDRESS),
        (550, "5.1.2 no such domain", Fault.ADDRESS),
        (553, "5.1.3 bad address syntax", Fault.ADDRESS),
        (556, "5.1.10 Recipient domain has a null MX", Fault.ADDRESS),
        (550, "5.2.1 The account is disabled", Fault.ADDRESS),
        (551, "5.7.17 mailbox owner has changed", Fault.ADDRESS),
        (550, "5.1.7 bad sender address", Fault.SENDER),
        (550, "5.1.8 sender's domain does not exist", Fault.SENDER),
        (552, "5.2.2 Mailbox full", Fault.MAILBOX),
        (552, "5.2.3 too long for this mailbox", Fault.MAILBOX),
        (554, "5.3.0 rewrite: loop", Fault.SYSTEM),
        (550, "5.3.2 not accepting messages", Fault.SYSTEM),
        (552, "5.3.4 message too big", Fault.MAIL),
        (550, "5.4.1 no answer from host", Fault.SYSTEM),
        (550, "5.5.1 invalid command", Fault.SENDER),
        (550, "5.6.0 Lone CR or LF in body", Fault.MAIL),
        (550, "5.7.1 Service unavailable, client host blocked", Fault.SENDER),
        (550, "5.7.26 This mail has been blocked: unauthenticated", Fault.SENDER),
        (550, "Our policy says:\n5.1.1 no such user", Fault.ADDRESS),
        (550, "5.0.0 no such user", Fault.ADDRESS),
        (550, "no such mailbox", Fault.ADDRESS),
        (551, "user not local", Fault.ADDRESS),
        (550, "relaying denied", Fault.SENDER),
        (550, "blocked using zen.example", Fault.SENDER),
        (552, "exceeded storage", Fault.MAILBOX),
        (554, "transaction failed", Fault.UNKNOWN),
        (550, "5.9.9 something new", Fault.UNKNOWN),
    ],
)
def test_who_is_at_fault_where_a_recipient_is_refused(code, words, whose):
    assert fault(code, words, of_recipient=True) == whose


@pytest.mark.parametrize(
    ("code", "words", "whose"),
    [
        (550, "no thanks", Fault.UNKNOWN),
        (554, "looks like spam", Fault.UNKNOWN),
        (554, "5.7.1 looks like spam", Fault.SENDER),
        (550, "5.1.1 no such user", Fault.ADDRESS),
    ],
)
def test_what_is_said_of_a_whole_mail_is_of_its_address_only_where_the_code_says_so(code, words, whose):
    assert fault(code, words, of_recipient=False) == whose
