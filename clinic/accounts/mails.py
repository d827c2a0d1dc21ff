"""Mails to staff about their accounts, sent at once: whoever asked for one hears when it did not go out."""

import logging
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from clinic.mail_headers import Mail
from clinic.models import Clinic

logger = logging.getLogger(__name__)


def send(user: Any, subject: str, *lines: str, to: str = "") -> bool:
    """
    Mail these lines to one of the staff, after the caller's transaction; return whether the mail server took it.

    `to` is another address than the account's: one that was theirs, or is to be.
    """
    if not (to or user.email):
        logger.error("User %s was not mailed: there is no address", user.pk)
        return False
    clinic = Clinic.current()
    text = "\n\n".join([_("Hello,"), *lines, clinic.name])
    try:
        Mail(subject, text, clinic.sender, [to or user.email]).send()
    except Exception as error:  # Whatever the mail server does: the caller says it to somebody.
        logger.error("User %s was not mailed: %s", user.pk, type(error).__name__)
        return False
    return True


def if_it_was_not_you() -> str:
    return _("If this was not you, tell your manager now: somebody else may be using your account.")


def link_for_a_new_password(path: str) -> list[str]:
    return [
        _("Somebody said at the clinic’s site that they forgot the password of your account."),
        _("If that was you, open this link to choose a new one. It is good for one hour and one time:"),
        settings.SITE_URL + path,
        _("Signing in asks for your second step after it, as always. If it was not you, do nothing."),
    ]


def say_that_the_factor_was_reset(user: Any, path: str) -> bool:
    """Mail the link that sets a new second step up."""
    return send(
        user,
        _("Your second step at sign-in was reset"),
        _("The codes of your authenticator app and your printed backup codes no longer work for the clinic’s site."),
        _("Sign in with your password, then open this link to set up a new one. It is good for 72 hours and one time:"),
        settings.SITE_URL + path,
        _("If you did not ask for this, tell your manager now: somebody may know your password."),
    )


def say_that_glass_was_broken(manager: Any, name: str, until: str) -> bool:
    """Tell a manager of an emergency access. Why it was given stays on the site: it may be about a patient."""
    return send(
        manager,
        _("Emergency access was given"),
        _("Until %(until)s, %(name)s may read everything on the clinic’s site. It ends by itself.")
        % {"name": name, "until": until},
        _("If you know of no emergency, ask whoever runs the site now: it was given there, with a reason."),
    )


def ask_to_confirm(user: Any, address: str, path: str) -> bool:
    """Mail a link to an address that is to become the account's."""
    return send(
        user,
        _("Confirm your email address"),
        _("Open this link in the browser where you are signed in at the clinic’s site. It is good for one hour:"),
        settings.SITE_URL + path,
        _("Until then your account keeps its old address. If you did not ask for this, do nothing."),
        to=address,
    )


def say_that_the_address_changed(user: Any, before: str) -> None:
    """Tell both addresses."""
    for address in filter(None, (before, user.email)):
        send(
            user,
            _("Your email address was changed"),
            _("Mails about your account on the clinic’s site now go to another address."),
            if_it_was_not_you(),
            to=address,
        )


def invite(user: Any, path: str) -> bool:
    """Mail the link by which somebody new chooses a password. Their name to sign in with is no secret."""
    return send(
        user,
        _("Your account at the clinic’s site"),
        _("You have an account at the clinic’s site. You sign in there as: %(name)s") % {"name": user.get_username()},
        _("Open this link to choose your password. It is good for 72 hours and one time:"),
        settings.SITE_URL + path,
        _("If you did not expect this, do nothing."),
    )
