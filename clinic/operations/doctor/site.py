"""Is the site ready for patients: what Django's checks say, and what somebody has to do once."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import checks
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.accounts import mail_proof, roles
from clinic.accounts.second_factor import SET_UP
from clinic.models import Proof, ProofKind
from clinic.operations.doctor.findings import Finding, Severity, warning

AT_READY = gettext_lazy("A manager does it in the admin, under “Ready for patients?”.")


def deployment_checks(now: datetime) -> Iterator[Finding]:
    """What `manage.py check --deploy --database default` says: placeholders, unsigned pages, encryption, and more."""
    yield from _said_by_checks(include_deployment_checks=True)


def checks_before_the_first_migration(now: datetime) -> Iterator[Finding]:
    """What can be asked of a database that has no table of ours yet."""
    yield from _said_by_checks(tags=[checks.Tags.database])


def _said_by_checks(**which: Any) -> Iterator[Finding]:
    for said in checks.run_checks(databases=["default"], **which):
        if said.is_silenced() or said.level < checks.WARNING:
            continue
        severity = Severity.ERROR if said.is_serious() else Severity.WARNING
        words = said.msg if said.obj is None else f"{said.obj}: {said.msg}"
        yield Finding(severity, words, said.hint or _("Django’s documentation explains %s.") % said.id, said.id or "")


def managers(now: datetime) -> Iterator[Finding]:
    """Somebody who is no superuser and may change the clinic."""
    staff = get_user_model().objects.filter(is_staff=True, is_active=True)
    if not staff.filter(groups__name=roles.MANAGER).exists():
        words = _("Nobody is the manager of the site.")
        yield warning(words, _("Give an account the role Manager in the admin, under Users."))


def second_factor(now: datetime) -> Iterator[Finding]:
    if not settings.SECOND_FACTOR:
        return
    staff = get_user_model().objects.filter(is_staff=True, is_active=True)
    without = staff.exclude(SET_UP).count()
    if without:
        words = ngettext(
            "%d account of the staff has no second step.", "%d accounts of the staff have no second step.", without
        )
        yield warning(words % without, _("They set it up when they sign in next. Stop accounts that nobody needs."))


def mail_comes_back(now: datetime) -> Iterator[Finding]:
    proof = Proof.objects.latest_of(ProofKind.TEST_MAIL).get(ProofKind.TEST_MAIL)
    if proof is None or proof.about != mail_proof.server():
        words = _("No test mail has come back through this mail server.")
        yield warning(words, str(AT_READY))


def sign_off(now: datetime) -> Iterator[Finding]:
    if not Proof.objects.filter(kind=ProofKind.READY).exists():
        yield warning(_("Nobody has said yet that the site is ready for patients."), str(AT_READY))


def any_database(now: datetime) -> Iterator[Finding]:
    if settings.ANY_DATABASE:
        words = _("ANY_DATABASE is set: the site works with a database that may be another site’s.")
        yield warning(words, _("Take it out of the environment: it is for a restore drill alone."))


SLOW = (deployment_checks, any_database, managers, second_factor, mail_comes_back, sign_off)
