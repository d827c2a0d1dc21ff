from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connection

from clinic import mail_headers, security_txt, site_url
from clinic.models import Clinic, Notice
from clinic.operations import database_roles

# Migration 0035 of appointments asks "IS JSON", which 15 does not know.
OLDEST_POSTGRES = 16

# Of libpq: with any other mode a connection may go on unencrypted.
_ENCRYPTED = ("require", "verify-ca", "verify-full")

# Statements hold what patients typed, since psycopg puts the values into them. Each setting that may bring one into
# Postgres' log: the values that bring none, and what to set. Source: PostgreSQL 18, 19.8 "Error Reporting and Logging",
# and F.3 "auto_explain".
_QUIET = {
    "log_min_error_statement": (("panic",), "panic"),
    "log_error_verbosity": (("terse",), "terse"),
    "log_statement": (("none",), "none"),
    "log_min_duration_statement": (("-1",), "-1"),
    "log_min_duration_sample": (("-1",), "-1"),
    "log_transaction_sample_rate": (("0",), "0"),
    "log_parameter_max_length_on_error": (("0",), "0"),
    "debug_print_parse": (("off",), "off"),
    "debug_print_rewritten": (("off",), "off"),
    "debug_print_plan": (("off",), "off"),
    "auto_explain.log_min_duration": (("-1",), "-1"),
}


@register(Tags.database, deploy=True)
def no_placeholder_is_left(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Asked with `manage.py check --deploy --database default`: patients would call a number of fiction."""
    if not databases:
        return []
    clinic, hint = Clinic.current(), "Enter the real one in the admin, under The clinic."
    found: list[CheckMessage] = [
        Error(f"The clinic's {name.replace('_', ' ')} is still a placeholder.", hint=hint, id="clinic.E001")
        for name in clinic.placeholders()
    ]
    if not clinic.opening_hours.exists():
        found.append(Error("The clinic has no opening hours.", hint=hint, id="clinic.E002"))
    if not clinic.time_zone_confirmed:
        words = f"Nobody has confirmed that the clinic's time zone is {clinic.time_zone}."
        found.append(Error(words, hint="Tick it in the admin, under The clinic.", id="clinic.E004"))
    if not mail_headers.is_one_sender(clinic.sender):
        words = "The clinic's name and email address make no sender that mailboxes read as one."
        found.append(Error(words, hint=hint, id="clinic.E008"))
    written = set(Notice.objects.exclude(body="").values_list("slug", flat=True))
    for slug in Notice.Slug:
        if slug not in written:
            words = f"The legal notice “{slug.label}” is not written yet."
            found.append(Error(words, hint="Enter the clinic's own text in the admin.", id="clinic.E003"))
    return found


@register(Tags.database)
def postgres_is_new_enough(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Asked by migrate before it changes anything: an older one would end it half way, at a word that it can't read."""
    if not databases:
        return []
    version: int = connection.pg_version // 10_000  # type: ignore[attr-defined]  # Of Django's wrapper of Postgres.
    if version >= OLDEST_POSTGRES:
        return []
    words = f"This is Postgres {version}: the site needs {OLDEST_POSTGRES} or newer."
    return [Error(words, hint="Let DATABASE_URL name a newer server: docs/operating.md, Versions.", id="clinic.E007")]


@register(Tags.database)
def what_patients_type_is_in_no_log_of_postgres(
    app_configs: Any, databases: Any = None, **kwargs: Any
) -> list[CheckMessage]:
    """Asked with `manage.py check --database default`, and by migrate: the server's owner alone can change it."""
    if not databases:
        return []
    found: list[CheckMessage] = []
    with connection.cursor() as cursor:
        for name, (harmless, advice) in _QUIET.items():
            cursor.execute("SELECT current_setting(%s, true)", [name])
            value = cursor.fetchone()[0]
            if value is not None and value not in harmless:  # A module that is not loaded has no settings.
                words = f"Postgres may write what patients typed into its log: {name} is {value}."
                found.append(Warning(words, hint=f"Set it to {advice} in postgresql.conf.", id="clinic.W001"))
    return found


@register(Tags.database, deploy=True)
def the_site_does_not_own_its_tables(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """
    Asked with `manage.py check --deploy --database default`, by the role that the site runs as.

    A site for this machine alone holds nobody's data.
    """
    if not databases or settings.IS_LOCAL or not database_roles.is_owner():
        return []
    words = "This role of the database owns the tables: a site that runs as it could rewrite the logs."
    hint = "Give the site a role of its own: docs/operating.md."
    return [Warning(words, hint=hint, id="clinic.W002")]


@register(Tags.security, deploy=True)
def what_leaves_this_machine_is_encrypted(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """
    Asked where SITE_URL is https: patients' words go to the database and the mail server, and may not be read there.

    Source: 45 CFR 164.312(e); libpq, "SSL Support".
    """
    found: list[CheckMessage] = []
    if not settings.HTTPS:
        return found
    database, mailer = settings.DATABASES["default"], settings.MAILERS["default"].get("OPTIONS", {})
    options = database.get("OPTIONS", {})
    # Django prefers the host before the slash; libpq prefers hostaddr.
    hosts = str(options.get("hostaddr") or database.get("HOST") or options.get("host", "")).split(",")
    if not all(map(_is_here, hosts)) and options.get("sslmode") not in _ENCRYPTED:
        hint = "Add sslmode=verify-full (or at least require) to DATABASE_URL: postgresql://…/name?sslmode=verify-full"
        found.append(Error("The way to the database is not encrypted.", hint=hint, id="clinic.E005"))
    if not _is_here(mailer.get("host", "")) and not (mailer.get("use_tls") or mailer.get("use_ssl")):
        hint = "EMAIL_URL must begin with smtp+tls:// or smtp+ssl://."
        found.append(Error("The way to the mail server is not encrypted.", hint=hint, id="clinic.E006"))
    return found


def _is_here(host: str) -> bool:
    """Whether the host is this machine: a loopback address, a socket's folder, or none at all."""
    return not host or host.startswith(("/", "@")) or host == "::1" or host in site_url.LOOPBACK


@register(Tags.security, deploy=True)
def somebody_stands_for_security_txt(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    hint = "SECURITY_EXPIRES is a day, at most a year ahead: README.md."
    return [Warning(words, hint=hint, id="clinic.W003") for words in security_txt.problems() if settings.HTTPS]
