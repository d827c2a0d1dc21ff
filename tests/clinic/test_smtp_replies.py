"""Replies as mail servers send them, and whose fault each names."""

import pytest

from clinic.smtp_replies import Fault, fault, words_of


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
        # What an address or a host is called says nothing.
        (550, "<spamaway@example.com>: no such user", Fault.ADDRESS),
        (550, "no such user: spamaway@blocked.example", Fault.ADDRESS),
        (550, "no such user here (fullbox@example.com)", Fault.ADDRESS),
        (550, "mx.relay-spam.example says: user unknown", Fault.ADDRESS),
        (550, "'gone' is unknown here", Fault.ADDRESS),
        (550, "gone: mailbox full", Fault.MAILBOX),
        # Where a code says little, its words do; a mailbox that is only said to be not for us lasts.
        (550, "5.1.0 <us@example.com>: Sender address rejected", Fault.SENDER),
        (550, "#5.1.0 Address rejected gone@example.com", Fault.ADDRESS),
        (550, "5.1.6 mailbox has moved, no forwarding address", Fault.ADDRESS),
        (550, "5.2.1 The user is receiving mail at a rate that prevents more", Fault.MAILBOX),
        (550, "5.4.1 [gone@example.com]: Recipient address rejected: Access denied. AS(201)", Fault.ADDRESS),
        (550, "5.4.310 DNS domain gone.example does not exist", Fault.ADDRESS),
        (550, "5.4.6 routing loop", Fault.SYSTEM),
        (553, "5.3.0 <gone@example.com>... No such user here", Fault.ADDRESS),
        (550, "5.3.0 service unavailable", Fault.SYSTEM),
        (550, "5.5.0 Requested action not taken: mailbox unavailable", Fault.ADDRESS),
        (553, "sorry, that host is not in my list (#5.7.1)", Fault.SENDER),
        (550, "5.7.1 no such user, or relaying denied", Fault.SENDER),
        # The reply's own code twice, several lines, an address of the network that looks like a code.
        (550, "550 5.1.1 no such user", Fault.ADDRESS),
        (550, "5.7.26 unauthenticated\n5.7.26 see https://example.com/5.1.1", Fault.SENDER),
        (550, "5.1.1.9 is on a block list", Fault.SENDER),
        (550, "client [5.1.1.9] is refused", Fault.UNKNOWN),
        # Codes that contradict each other: what passes in one of them passes.
        (550, "4.1.1 no such user", Fault.MAILBOX),
        (550, "4.2.1 disabled", Fault.MAILBOX),
        (450, "5.1.1 no such user", Fault.MAILBOX),
        (550, "4.4.7 not delivered in time", Fault.SYSTEM),
        (550, "2.0.0 no such user", Fault.ADDRESS),
        # Without a code.
        (550, "", Fault.ADDRESS),
        (550, "Requested action not taken: mailbox unavailable", Fault.ADDRESS),
        (550, "mailbox is full", Fault.MAILBOX),
        (550, "account has been suspended", Fault.ADDRESS),
        (550, "greylisted, try again in five minutes", Fault.SYSTEM),
        (550, "User unknown in relay recipient table", Fault.ADDRESS),
        (550, "Administrative prohibition", Fault.SENDER),
        (550, "see https://example.com/refused", Fault.UNKNOWN),
        (550, "No queremos esto", Fault.UNKNOWN),
        (553, "your envelope sender is not welcome", Fault.SENDER),
        (554, "delivery error: this user doesn't have an account", Fault.ADDRESS),
        (521, "does not take mail", Fault.ADDRESS),
        (550, "5.7.1 Recipient not found", Fault.ADDRESS),
        (550, "5.7.1 <gone@example.com>: Recipient address rejected: user unknown", Fault.ADDRESS),
        (550, "5.7.1 recipient unknown, or blocked by policy", Fault.SENDER),
        (550, "Non-existent user", Fault.ADDRESS),
        (550, "Account not available", Fault.ADDRESS),
        (550, "unroutable address", Fault.ADDRESS),
        (550, "Nobody here by that name", Fault.ADDRESS),
        (550, "Empfänger unbekannt", Fault.ADDRESS),
        (550, "Utilisateur inconnu", Fault.ADDRESS),
        (550, "El buzón no existe", Fault.ADDRESS),
        (550, "JunkMail rejected", Fault.SENDER),
    ],
)
def test_who_is_at_fault_where_a_recipient_is_refused(code, words, whose):
    assert fault(code, words, of_recipient=True, address="gone@example.com") == whose


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


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"5.1.1 unbekannt: M\xc3\xbcller", "5.1.1 unbekannt: Müller"),
        (b"5.1.1 M\xfcller\x00\x1b[1m", "5.1.1 M\ufffdller[1m"),
        ("one\ntwo", "one\ntwo"),
    ],
)
def test_a_reply_of_any_bytes_can_be_kept(said, words):
    assert words_of(said) == words
