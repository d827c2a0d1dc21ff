"""
Which passwords nobody may choose, beside those that are short or like one's own name.

Without asking another host: the list is Django's, some 20,000 passwords that were stolen most often. It is small, and
only 190 of them have 12 signs. So what is compared is the word inside: without signs at its ends, in small letters,
with letters for the signs that stand for them, once where it is repeated.
"""

import re
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.models import Clinic

# What an attacker of a spine clinic tries first; the words of the clinic's own name are added.
OUR_WORDS = (
    "kyphoplasty vertebroplasty vertebrae vertebral vertebra spinal spine osteoporosis fracture cement balloon "
    "frontdesk front desk reception manager clinician clinic doctor patient hospital appointment password welcome"
).split()
# Letters and digits that must be left beside such words.
OF_ONES_OWN = 8
_STANDS_FOR = str.maketrans("01345@$!7", "oieasasit")
_LETTER = re.compile(r"[^\W\d_]")


def word_inside(password: str) -> str:
    """The password as attackers vary words: "Sp1ne!!" and "spine2026" are "spine"."""
    folded = password.casefold()
    letters = [place for place, sign in enumerate(folded) if _LETTER.match(sign)]
    core = folded[letters[0] : letters[-1] + 1] if letters else ""
    return re.sub(r"[\W_]+", "", core.translate(_STANDS_FOR))


def said_once(word: str) -> str:
    """The word that "spinespine" repeats; the word itself where it repeats none."""
    # A word that begins anew within itself written twice, before its own end, is a repeated one.
    return word[: (word + word).find(word, 1)] if word else ""


class NoKnownWord:
    """Refuses a stolen password with signs around it, and one that is little but our own words."""

    def __init__(self) -> None:
        self.stolen = CommonPasswordValidator().passwords

    def validate(self, password: str, user: Any = None) -> None:
        inside = word_inside(password)
        if not {inside, said_once(inside)}.isdisjoint(self.stolen):
            raise ValidationError(_("This is a password that many people use, with a few signs more."), "stolen")
        names = [word for word in re.findall(r"\w+", Clinic.current().name.casefold()) if len(word) > 3]
        left = inside
        for word in sorted({*OUR_WORDS, *names}, key=len, reverse=True):
            left = left.replace(word, "")
        if left != inside and len(left) < OF_ONES_OWN:
            raise ValidationError(_("This is little more than words that anybody would try at this clinic."), "ours")

    def get_help_text(self) -> str:
        return gettext("Four words that have nothing to do with the clinic or with you make a good password.")
