"""Email addresses: which a mail can go to, and which mailbox one leads to, however it is written."""

import re
from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from clinic.typed_text import plain, seen

# Gmail's mailboxes have no dots, and two names. Source: Google's help, "Dots don't matter in Gmail addresses".
_GMAIL = ("gmail.com", "googlemail.com")


# A name that somebody quoted, or a number in place of a domain: such an address is typed to reach what no patient has.
_ODD = re.compile(r'["\\\[\]\s]')
_validate = EmailValidator(_("Enter an email address in the correct format, like name@example.com"), allowlist=[])


def validate_mailbox(address: str) -> None:
    """Refuse what is no address of a mailbox on the internet: quoted names, numbers as domains, localhost."""
    _validate(address)
    if _ODD.search(address):
        raise ValidationError(_validate.message, code=_validate.code)


def typed(address: str) -> str:
    """
    An address as it was typed or copied, without what cannot be seen in it.

    Wide letters become usual ones where all of it is ASCII then: a name in another script stays as it was written.
    """
    usual = plain(address)
    return usual if usual.isascii() else seen(address).strip()


def mailto(address: str) -> str:
    """A link that begins a mail to this address, whatever signs it has. Source: RFC 6068."""
    return f"mailto:{quote(address, safe='@')}"


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
