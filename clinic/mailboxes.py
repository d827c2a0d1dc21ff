"""Which mailbox an email address leads to, however it is written."""

# Gmail's mailboxes have no dots, and two names. Source: Google's help, "Dots don't matter in Gmail addresses".
_GMAIL = ("gmail.com", "googlemail.com")


def mailbox(address: str) -> str:
    """
    The mailbox in one way of writing, to compare and to count by; never to send to.

    Big letters, what follows a plus, and Gmail's dots make other addresses of one mailbox. Two mailboxes that differ
    in these alone are counted as one.
    """
    local, _at, domain = address.strip().casefold().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _GMAIL:
        local, domain = local.replace(".", ""), _GMAIL[0]
    return f"{local}@{domain}"
