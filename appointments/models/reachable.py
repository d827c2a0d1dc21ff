"""What the front desk has learned about the ways to reach the people of an inquiry, beside what was typed."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from appointments.models.own_link import LinkState


class NoContact(models.TextChoices):
    """Why nobody may be mailed or called about an inquiry any longer."""

    NEVER = "never", _("never contact them")
    DECEASED = "deceased", _("has died")


class Reachable(models.Model):
    """
    Which of an inquiry's numbers and addresses lead to nobody, and whether its people may be told anything.

    What was typed stays where it is until somebody corrects it: it is shown struck through, and is not used.
    """

    # The defaults of the database are for processes of the release before, which know no such column.
    phone_is_wrong = models.BooleanField(_("phone is wrong"), default=False, db_default=False)
    patient_phone_is_wrong = models.BooleanField(_("patient’s phone is wrong"), default=False, db_default=False)
    email_is_dead = models.BooleanField(_("email is dead"), default=False, db_default=False)
    no_contact = models.CharField(
        _("no contact"), max_length=8, choices=NoContact, default="", db_default="", blank=True
    )

    # Fields of the inquiry.
    phone: Any
    patient_phone: Any
    email: Any
    link_state: Any
    erased_at: Any

    class Meta:
        abstract = True

    @property
    def may_be_told(self) -> bool:
        """Whether its people may be mailed or called at all."""
        return not (self.erased_at or self.no_contact)

    @property
    def takes_mail(self) -> bool:
        """Whether anything may be mailed: there is an address that works, and a link that mails may carry."""
        has_address = bool(self.email) and not self.email_is_dead
        return has_address and self.may_be_told and self.link_state == LinkState.WORKS

    @property
    def dialed(self) -> list[str]:
        """The fields of the phone numbers that may be called and are not known to be wrong, the writer's first."""
        if not self.may_be_told:
            return []
        given = {"phone": self.phone_is_wrong, "patient_phone": self.patient_phone_is_wrong}
        return [name for name, is_wrong in given.items() if getattr(self, name) and not is_wrong]
