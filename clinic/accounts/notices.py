"""
Mails that tell staff what changed in their sign-in. A worker sends them, and tries again: no page waits for the mail.

A job has the account's id and one word of those below; the mail is written when it goes out.
"""

import json
from enum import StrEnum
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.utils.translation import gettext as _

from clinic.accounts import links, mail_proof, mails

# appointments/tasks.py registers it under this name.
MAIL_STAFF = "appointments.tasks.mail_staff"


class NotSent(Exception):
    """The mail server did not take it: the job tries again."""


class Notice(StrEnum):
    PASSWORD_FORGOTTEN = "password_forgotten"  # noqa: S105  (the name of a mail)
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  (the name of a mail)
    FACTOR_SET_UP = "factor_set_up"
    APP_CHANGED = "app_changed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    CODES_PRINTED = "codes_printed"
    TEST_MAIL = "test_mail"


def later(user_id: int | None, notice: Notice) -> None:
    """Have a worker mail this, once the caller's transaction is committed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('default', %s, %s::jsonb)",
            [MAIL_STAFF, json.dumps({"user": user_id, "notice": notice})],
        )


def send(user_id: int, notice: Notice) -> None:
    """Mail this now. Who was stopped meanwhile, or has no address, gets none. Raises NotSent."""
    user = get_user_model().objects.filter(pk=user_id, is_active=True, is_staff=True).exclude(email="").first()
    if user and not mails.send(user, _SUBJECTS[notice](), *_lines(user, notice)):
        raise NotSent


# Read when a mail is written, in its language.
_SUBJECTS: dict[Notice, Any] = {
    Notice.PASSWORD_FORGOTTEN: lambda: _("Choose a new password"),
    Notice.PASSWORD_CHANGED: lambda: _("Your password was changed"),
    Notice.FACTOR_SET_UP: lambda: _("Your second step at sign-in is set up"),
    Notice.APP_CHANGED: lambda: _("Your authenticator app was changed"),
    Notice.PASSKEY_ADDED: lambda: _("A passkey was added to your account"),
    Notice.PASSKEY_REMOVED: lambda: _("A passkey was removed from your account"),
    Notice.CODES_PRINTED: lambda: _("You have new backup codes"),
    Notice.TEST_MAIL: lambda: _("A test mail of the clinic’s site"),
}


def _lines(user: Any, notice: Notice) -> list[str]:
    if notice is Notice.PASSWORD_FORGOTTEN:
        return mails.link_for_a_new_password(links.path(links.Purpose.NEW_PASSWORD, user, "admin:new_password"))
    if notice is Notice.TEST_MAIL:
        return [
            _("This mail went the way that mails to patients go. Type this code on the page that sent it:"),
            mail_proof.code(user),
        ]
    what = {
        Notice.PASSWORD_CHANGED: _("Your password for the clinic’s site was changed just now."),
        Notice.FACTOR_SET_UP: _(
            "From now on, signing in at the clinic’s site asks for your password and a second step."
        ),
        Notice.APP_CHANGED: _("Codes for the clinic’s site now come from the app that you set up just now."),
        Notice.PASSKEY_ADDED: _("A new passkey now opens your account on the clinic’s site, with your password."),
        Notice.PASSKEY_REMOVED: _("One of your passkeys no longer opens your account on the clinic’s site."),
        Notice.CODES_PRINTED: _(
            "Your backup codes for the clinic’s site are new. Those you printed before have ended."
        ),
    }[notice]
    return [what, mails.if_it_was_not_you()]
