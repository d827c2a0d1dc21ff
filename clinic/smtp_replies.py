"""
What a mail server means by refusing: whose fault it is, and for how long.

Source: RFC 3463 and the registry of enhanced status codes that it began (RFC 5248), RFC 5321, 4.2, for replies that
have none.
"""

import re
from enum import StrEnum


class Fault(StrEnum):
    """What a mail was refused for. Only ADDRESS lasts: nothing reaches it before somebody corrects it."""

    ADDRESS = "address"  # There is no such mailbox or domain, or it belongs to somebody else now.
    MAILBOX = "mailbox"  # It is full, or takes nothing so large: the next mail may arrive.
    SYSTEM = "system"  # Their mail server, or the way to it.
    SENDER = "sender"  # Our address, our server or what it may do.
    MAIL = "mail"  # This one: what it says, or how it is written.
    UNKNOWN = "unknown"


# By subject and detail; a detail that is not here is read as its subject.
_DETAILS = {
    (1, 7): Fault.SENDER, (1, 8): Fault.SENDER, (1, 5): Fault.UNKNOWN, (1, 9): Fault.SYSTEM,
    (2, 1): Fault.ADDRESS, (3, 4): Fault.MAIL,
    # RFC 7293: whoever has the mailbox or the domain today is somebody else.
    (7, 17): Fault.ADDRESS, (7, 18): Fault.ADDRESS,
}  # fmt: skip
_SUBJECTS = {
    1: Fault.ADDRESS, 2: Fault.MAILBOX, 3: Fault.SYSTEM, 4: Fault.SYSTEM, 5: Fault.SENDER, 6: Fault.MAIL,
    7: Fault.SENDER,
}  # fmt: skip
# Without an enhanced code, said of a recipient: no such mailbox, not here, no such name, a domain without mail.
_NO_SUCH_MAILBOX = (521, 550, 551, 553, 556)
_ENHANCED = re.compile(r"^\s*[245]\.(\d{1,3})\.(\d{1,3})\b", re.MULTILINE)
# The reply 550 stands for both, as RFC 5321 says: no such mailbox, and refused for a reason of policy.
_POLICY = re.compile(r"\b(spam|polic|block|black ?list|deny|denied|relay|auth|reputation|banned|spf|dkim|dmarc)", re.I)


def fault(code: int, words: str, *, of_recipient: bool) -> Fault:
    """Whose fault a reply names: its basic code, its words, and whether it answers RCPT rather than the mail itself."""
    if found := _ENHANCED.search(words):
        subject, detail = int(found[1]), int(found[2])
        if subject:
            return _DETAILS.get((subject, detail)) or _SUBJECTS.get(subject, Fault.UNKNOWN)
    if code == 552:
        return Fault.MAILBOX
    if of_recipient and code in _NO_SUCH_MAILBOX:
        return Fault.SENDER if _POLICY.search(words) else Fault.ADDRESS
    return Fault.UNKNOWN
