"""The link to an inquiry's own page, and what its visitor proves that they know: no mail says it."""

import secrets
from functools import lru_cache

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from appointments import limits
from clinic import phones


def new_key() -> str:
    """128 random bits for an address that nobody guesses, as 22 signs."""
    return secrets.token_urlsafe(16)


def new_code() -> str:
    return f"{secrets.randbelow(10_000):04}"


# What is sent is answered with it twice, and a mail says it twice.
@lru_cache(maxsize=16)
def _address(key: str) -> str:
    return reverse("inquiry", args=[key])


class LinkState(models.TextChoices):
    WORKS = "works", _("works")
    NOT_THEIRS = "not_theirs", _("ended: “This is not for me”")
    REVOKED = "revoked", _("ended by us")


class OwnLink(models.Model):
    """What an inquiry has for its own page. Who has the link alone sees nothing of what was sent or said."""

    key = models.CharField(max_length=22, unique=True, default=new_key)
    # For who gave no phone number: shown on the page after sending and on its print.
    code = models.CharField(max_length=4, default=new_code)
    wrong_tries = models.PositiveSmallIntegerField(_("wrong tries at their page"), default=0)

    link_state = models.CharField(_("link to their page"), max_length=10, choices=LinkState, default=LinkState.WORKS)
    # When the front desk sent another link than the first one.
    link_made_at = models.DateTimeField(_("new link"), null=True, blank=True)

    # The numbers that were given, the writer's first: fields of the inquiry.
    phone: str
    patient_phone: str

    class Meta:
        abstract = True

    def own_page_url(self) -> str:
        """The address of the patient’s page, which asks for a proof. Not get_absolute_url: the admin links to that."""
        return _address(self.key)

    @property
    def phone_digits(self) -> str:
        """The last four digits of the phone number that was given; empty where none was."""
        return phones.last_four(self.phone or self.patient_phone)

    @property
    def proof_digits(self) -> str:
        """The four digits that open the page."""
        return self.phone_digits or self.code

    @property
    def shown_code(self) -> str:
        """The code where it opens the page; empty where the phone number does."""
        return "" if self.phone_digits else self.code

    @property
    def tries_left(self) -> int:
        return max(0, limits.WRONG_TRIES - self.wrong_tries)

    @property
    def is_locked(self) -> bool:
        """Nobody may try again to open the page before the front desk lets them."""
        return not self.tries_left
