"""What people type, and what files hold that they made: which signs a text may have."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Signs that turn the direction of what follows, also of what we write after them: for str.translate, to remove them.
BIDI_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
# Signs that Unicode calls letters, and that show nothing.
INVISIBLE_LETTERS = "\u115f\u1160\u3164\uffa0"


# What ends a line although it looks like nothing. Source: Unicode Standard Annex 14, class BK.
_LINE_ENDS = re.compile("[\n\r\x0b\x0c\x85\u2028\u2029]+")


def one_line(words: str) -> str:
    """The words in one line: what ends a line, seen or unseen, is a space. Headers of mails and lists are lines."""
    return _LINE_ENDS.sub(" ", words)


def validate_readable(words: str) -> None:
    """Refuse what stands for bytes that were no UTF-8, and control signs: kept as they are, a word is lost."""
    if any(c == "\ufffd" or (unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t\0") for c in words):
        raise ValidationError(_("This has a sign that we could not read. Please type it again."))


def validate_visible(words: str) -> None:
    """Refuse a text in which there is nothing to read."""
    if not any(c.isalnum() and c not in INVISIBLE_LETTERS for c in words):
        raise ValidationError(_("This has no letters or digits. Please type it again."))
