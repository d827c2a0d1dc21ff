"""
What a mail server means by refusing: whose fault it is, and for how long.

Source: RFC 3463 and the registry of enhanced status codes that it began (RFC 5248), RFC 5321, 4.2, for replies that
have none.
"""

import re
import unicodedata
from enum import StrEnum


class Fault(StrEnum):
    """What a mail was refused for. Only ADDRESS lasts: nothing reaches it before somebody corrects it."""

    ADDRESS = "address"  # There is no such mailbox or domain, or it belongs to somebody else now.
    MAILBOX = "mailbox"  # It is full, or takes nothing so large or so often: the next mail may arrive.
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
# In front, after the basic code said twice, or marked as one anywhere: "#5.1.1", "(5.1.1)". Four numbers are an address
# of the network.
_ENHANCED = re.compile(r"(?:^[ \t]*(?:5\d\d[ -])?|[#(\[])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)", re.MULTILINE)
# Without an enhanced code, said of a recipient: not here, no such name, a domain without mail. The reply 550 stands for
# no such mailbox, and for what is refused for a reason of policy: its words decide.
_NO_SUCH_MAILBOX = (521, 551, 553, 556)
_QUOTED = re.compile(r"<[^<>]*>")
_POLICY = re.compile(
    r"\b(?:spam|junk|polic|block|black ?list|deny|denied|relay(?! recipient)|auth|reputation|banned|prohibit|spf|dkim"
    r"|dmarc)"
)
_OF_SENDER = re.compile(r"\b(?:sender|mail ?from|from address|envelope)\b")
_FULL = re.compile(r"\b(?:full|quota|over ?quota|storage|too (?:large|big|many|quickly|fast)|rate|exceed\w*)\b")
_FOR_NOW = re.compile(r"\b(?:gr[ae]y ?-?list\w*|try again|try later|later|temporar\w+)\b")
_NOBODY = re.compile(
    r"\b(?:no such|unknown|not found|does ?n['’]t exist|does not exist|does ?n['’]t have|no (?:mailbox|account|user)"
    r"|invalid|not (?:a )?(?:local|valid)|not (?:here|known|exist)|unavailable|disabled|suspended|inactive|deactivated"
    r"|closed|address rejected|recipient rejected|unroute?able|undeliverable|non[- ]?exist\w+|not available"
    r"|no(?:body| one) (?:here|at)|no valid recipients?|bad destination"
    # As servers of other countries say it.
    r"|unbekannt|existiert nicht|inconnue?|n['’]existe pas|desconocid[oa]|no existe|sconosciut[oa]|non esiste)\b"
)  # fmt: skip
# Where the code says no more than its subject: Outlook.com's 5.5.0, and 5.7.1 of some, for a mailbox that is not there.
_NO_SUCH_USER = re.compile(
    r"\b(?:(?:no such|unknown) (?:user|recipient|mailbox|address|account)"
    r"|(?:user|recipient|mailbox|address|account) (?:is )?(?:unknown|not found|unavailable))\b"
)
# Of a code that says nothing more: Exchange's for a mailbox that is not there, and a domain that is not.
_NOT_THERE = re.compile(r"recipient address rejected: access denied|domain (?:name )?(?:does not exist|not found)")
_READ = 4_000


def words_of(said: bytes | str) -> str:
    """A reply as text that can be kept; many servers speak UTF-8, and some whatever they like."""
    words = said if isinstance(said, str) else said.decode("utf-8", "replace")
    return "".join(sign for sign in words if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs"))


def fault(code: int, words: str, *, of_recipient: bool, address: str = "") -> Fault:
    """
    Whose fault a reply names: its basic code, its words, and whether it answers RCPT rather than the mail itself.

    Its enhanced code decides first. Of its words those of `address` say nothing. Nothing lasts of which one of both
    codes says that it passes.
    """
    words = words[:_READ]
    code_found = _ENHANCED.search(words)
    said = _without_names(words, address)
    found = _by_enhanced(int(code_found[2]), int(code_found[3]), said) if code_found else None
    if found is None:
        found = _by_words(code, said, of_recipient=of_recipient)
    passes = code < 500 or (code_found is not None and code_found[1] == "4")
    return Fault.MAILBOX if passes and found == Fault.ADDRESS else found


def _by_enhanced(subject: int, detail: int, said: str) -> Fault | None:
    match subject, detail:
        case 0, _:
            return None
        case 1, 0 if _OF_SENDER.search(said) or _POLICY.search(said):
            return Fault.SENDER
        case 2, 1 if _FULL.search(said) or _FOR_NOW.search(said):
            return Fault.MAILBOX
        case 4, _ if _NOT_THERE.search(said):
            return Fault.ADDRESS
        case ((3 | 4 | 5 | 7), 0) | (7, 1) if _NO_SUCH_USER.search(said) and not _POLICY.search(said):
            return Fault.ADDRESS
    return _DETAILS.get((subject, detail)) or _SUBJECTS.get(subject, Fault.UNKNOWN)


def _by_words(code: int, said: str, *, of_recipient: bool) -> Fault:
    if _POLICY.search(said) or _OF_SENDER.search(said):
        return Fault.SENDER if of_recipient else Fault.UNKNOWN
    if code == 552 or _FULL.search(said):
        return Fault.MAILBOX
    if _FOR_NOW.search(said):
        return Fault.SYSTEM
    if of_recipient and (code in _NO_SUCH_MAILBOX or _NOBODY.search(said) or (code == 550 and not said)):
        return Fault.ADDRESS
    return Fault.UNKNOWN


def _without_names(words: str, address: str) -> str:
    """The words in lower case, without mailboxes, hosts and links: letters of a name say nothing of a fault."""
    mailbox, _, host = address.casefold().partition("@")
    kept = (
        word
        for word in _QUOTED.sub(" ", words.casefold()).split()
        if "@" not in word
        and "." not in word.strip(".,;:()[]'\"!?")
        and word.strip(".,;:()[]'\"!?=") not in ({mailbox, host} - {""})
    )
    return " ".join(kept)
