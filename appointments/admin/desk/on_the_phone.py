"""Somebody of the desk speaks with the patient while they give, move, cancel or confirm: what is done is told then."""

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from appointments.actors import Actor
from appointments.admin.base import ADD_CALL
from appointments.models import Inquiry
from appointments.models.own_link import LinkState


class OnThePhone(forms.Form):
    """The tick that says so, and the one for patients who want it in writing, too."""

    is_told = forms.BooleanField(
        label=_("On the phone with them"),
        required=False,
        help_text=_("They hear it from you: no mail goes out, nobody has to call them, and the call is written down."),
    )
    is_mailed = forms.BooleanField(label=_("Mail it to them, too"), required=False)

    def offer_to(self, user: Any, inquiry: Inquiry) -> None:
        """Leave the ticks out for who may not write down calls, and the second where no mail can go out."""
        may_call = user.has_perm(ADD_CALL)
        if not may_call:
            del self.fields["is_told"]
        if not may_call or not inquiry.email or inquiry.link_state != LinkState.WORKS:
            del self.fields["is_mailed"]

    def offer_to_many(self, user: Any) -> None:
        """The same on a page of many patients, where one tick is enough: nobody is told twice."""
        del self.fields["is_mailed"]
        if not user.has_perm(ADD_CALL):
            del self.fields["is_told"]


def as_told(by: Actor, said: dict[str, Any]) -> Actor:
    """Who does it, speaking with the patient where the form (its cleaned data) says so and no mail is wanted."""
    return replace(by, is_speaking=bool(said.get("is_told") and not said.get("is_mailed")))
