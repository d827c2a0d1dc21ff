"""
Mails whose headers say what they were given.

Python folds a header that is longer than a line, and loses the quotes of a name with a comma: one sender becomes
several. An address without spaces, as in List-Unsubscribe, becomes an encoded word, which nobody reads as an address.
"""

from email import message_from_bytes
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage as BuiltMessage
from email.policy import EmailPolicy
from email.policy import default as default_policy
from functools import lru_cache
from typing import Any

from django.core.mail import EmailMultiAlternatives

# Source: RFC 5322, 2.1.1.
_LONGEST_LINE = 998


# What all mails of a clinic say alike, word for word: who sends them, and how they are written down.
_ALIKE = frozenset({
    "from", "reply-to", "auto-submitted", "mime-version", "content-type", "content-transfer-encoding",
    "content-disposition",
})  # fmt: skip


class _Headers(HeaderRegistry):
    """
    Python's, which makes a new class for each header that it writes or reads, thirty of them for a mail.

    A header is never changed. So those that all mails say alike are made once, the last few of them.
    """

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[type, type] = {}
        self._once = lru_cache(64)(super().__call__)

    def __call__(self, name: str, value: Any) -> Any:
        return self._once(name, value) if name.lower() in _ALIKE else super().__call__(name, value)

    def __getitem__(self, name: str) -> type:
        kind = self.registry.get(name.lower(), self.default_class)
        if kind not in self._made:
            self._made[kind] = super().__getitem__(name)
        return self._made[kind]


_headers = _Headers()


class _Unfolded(EmailPolicy):
    """Headers of ASCII signs are one line each; others are encoded words, as Python makes them."""

    def fold(self, name: str, value: Any) -> str:
        line = f"{name}: {value}"
        if line.isascii() and len(line) <= _LONGEST_LINE and len(line.splitlines()) == 1:
            return line + self.linesep
        return super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("ascii", "surrogateescape")


class Mail(EmailMultiAlternatives):
    """A mail from exactly one sender. Raises ValueError when it is built from what is none, or several."""

    def message(self, *, policy: Any = default_policy) -> BuiltMessage:
        built = super().message(policy=policy.clone(header_factory=_headers))
        built.policy = _Unfolded(
            linesep=policy.linesep, max_line_length=policy.max_line_length, header_factory=_headers
        )
        read = _addresses(built.policy.fold_binary("From", built["From"]))
        if len(read) != 1 or not (read[0].username and read[0].domain):
            raise ValueError(f"the sender would be read as {[each.addr_spec for each in read]}")
        return built


def is_one_sender(sender: str) -> bool:
    """Whether a mailbox reads this sender, as it stands in a mail, as one address."""
    try:
        Mail(from_email=sender, to=["somebody@example.com"]).message()
    except (ValueError, LookupError, TypeError):
        return False
    return True


# The clinic's and the site's own, in all mails.
@lru_cache(8)
def _addresses(line: bytes) -> tuple[Address, ...]:
    return tuple(message_from_bytes(line, policy=default_policy)["From"].addresses)
