"""Is this machine as the site needs it: its disk, its collected files, its certificate, its backups."""

import shutil
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic import collected_files
from clinic.models import Proof, ProofKind
from clinic.operations.doctor.findings import Finding, error, warning

MEGABYTE = 1_000_000
# Of the disk that our folder is on. Postgres says 53100 when its own is full.
LITTLE, TOO_LITTLE = 2_000 * MEGABYTE, 300 * MEGABYTE
CERTIFICATE_SOON, CERTIFICATE_NOW = timedelta(days=14), timedelta(days=3)
BACKUP_LATE, BACKUP_TOO_LATE = timedelta(hours=26), timedelta(days=3)
DRILL_LATE = timedelta(days=100)


def disk(now: datetime) -> Iterator[Finding]:
    free = shutil.disk_usage(settings.BASE_DIR).free
    if free < LITTLE:
        words = _("This machine’s disk has only %(free)d MB left.") % {"free": free // MEGABYTE}
        to_do = _("Make room: old logs and old releases first. A full disk refuses every request.")
        yield error(words, to_do) if free < TOO_LITTLE else warning(words, to_do)


def missing_static_files(now: datetime) -> Iterator[Finding]:
    """What collectstatic should have made: without it, every page is an error or has no style."""
    to_do = _("Run: manage.py collectstatic --noinput")
    try:
        missing = len(collected_files.missing())
    except collected_files.NotCollected:
        yield error(_("The static files were not collected: no page can be shown."), to_do)
        return
    if missing:
        words = ngettext("%d static file is missing.", "%d static files are missing.", missing)
        yield error(words % missing, to_do)


def certificate(now: datetime) -> Iterator[Finding]:
    """As a visitor meets it at SITE_URL, from this machine."""
    if not settings.HTTPS:
        return
    site = urlsplit(settings.SITE_URL)
    host, to_do = site.hostname or "", _("Renew it. What renews it by itself, like certbot, says in its log why not.")
    try:
        with (
            socket.create_connection((host, site.port or 443), timeout=3) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as encrypted,
        ):
            ends = (encrypted.getpeercert() or {})["notAfter"]
    except ssl.SSLCertVerificationError as problem:
        words = _("Browsers refuse the site’s certificate: %(why)s.") % {"why": problem.verify_message}
        yield error(words, to_do)
        return
    except OSError:
        words = _("%(site)s could not be asked for its certificate from here.") % {"site": settings.SITE_URL}
        yield warning(
            words, _("Look at it in a browser. Let this machine reach its own address, so that it is watched.")
        )
        return
    left = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends)), UTC) - now
    if left < CERTIFICATE_SOON:
        words = ngettext("The site’s certificate ends in %d day.", "The site’s certificate ends in %d days.", left.days)
        words %= left.days
        yield error(words, to_do) if left < CERTIFICATE_NOW else warning(words, to_do)


def backup(now: datetime) -> Iterator[Finding]:
    """The newest row of clinic_proof with the kind "backup": written once a dump was restored and compared."""
    to_do = _("docs/operating.md says how to back up.")
    last = Proof.objects.latest_of(ProofKind.BACKUP).get(ProofKind.BACKUP)
    if last is None:
        yield warning(_("No backup was ever proved."), to_do)
    elif (age := now - last.proved_at) > BACKUP_LATE:
        words = _("The last proved backup is from %(day)s.") % {"day": date_format(last.proved_at, "N j, Y")}
        yield error(words, to_do) if age > BACKUP_TOO_LATE else warning(words, to_do)


def restore_drill(now: datetime) -> Iterator[Finding]:
    """The newest row of clinic_proof with the kind "restore_drill"."""
    to_do = _("Restore the newest backup into a new server, and look at it: docs/operating.md.")
    last = Proof.objects.latest_of(ProofKind.RESTORE_DRILL).get(ProofKind.RESTORE_DRILL)
    if last is None:
        yield warning(_("Nobody has ever restored a backup for practice."), to_do)
    elif now - last.proved_at > DRILL_LATE:
        words = _("The last restore for practice was on %(day)s.") % {"day": date_format(last.proved_at, "N j, Y")}
        yield warning(words, to_do)


QUICK = (disk, missing_static_files, backup)
SLOW = (certificate, restore_drill)
