"""
Four roles of the database: the owner, who migrates, and three that own nothing.

The web and the worker read and write rows, change no table, and neither change nor delete what a trigger keeps as it
was written. No job makes an account, a session or a factor; no page gives emergency access or seals a day of the access
log. The backup reads. Which tables are kept is read from their triggers, so that a new log needs no line here.
"""

import re
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db import connection

WEB, WORKER, BACKUP = "web", "worker", "backup"
PREFIX = "clinic"

# What the triggers call that keep rows as they were written. Source of the bits: PostgreSQL, catalog/pg_trigger.h.
_KEPT = """
SELECT t.tgrelid::regclass::text, bool_or(t.tgtype & 16 > 0) AS keeps_from_update, bool_or(t.tgtype & 8 > 0)
FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
WHERE p.proname IN ('stays_as_written', 'history_stays', 'an_account_stays', 'an_emergency_access_stays')
    AND t.tgqual IS NULL
GROUP BY 1 ORDER BY 1
"""
_TABLES = "SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
# Who signs in with what, and what staff typed: jobs read it, and delete of some what is over.
_OF_ACCOUNTS = re.compile(r"auth_\w+|clinic_(backupcode|clinicaccount|secondfactor)|django_otp_webauthn_\w+")
_OVER_ONE_DAY = ("clinic_keptpost", "clinic_staffsession", "clinic_wrongpasswords")
# Whose database it is says the owner alone.
_IDENTITY = "clinic_siteidentity"
# The backup and the drill write down when they were proved.
_PROOFS, _PROOF_KEYS = "clinic_proof", "clinic_proof_id_seq"
_EMERGENCIES, _DAYS = "clinic_emergencyaccess", "appointments_accesslogday"
# Functions of the owner's that no other role may call unless it is given to them.
_FOR_SITE = "SELECT oid::regprocedure::text FROM pg_proc WHERE proname = 'erase_words_of_history'"


def names(prefix: str = PREFIX) -> dict[str, str]:
    return {kind: f"{prefix}_{kind}" for kind in (WEB, WORKER, BACKUP)}


def existing(prefix: str = PREFIX) -> set[str]:
    return {
        name for (name,) in _all("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [[*names(prefix).values()]])
    }


def create(prefix: str = PREFIX) -> list[str]:
    """Create the roles that are not there, without a password: nobody can sign in with one over the network."""
    missing = sorted(set(names(prefix).values()) - existing(prefix))
    for name in missing:
        _run(f"CREATE ROLE {_quoted(name)} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
    _run(f"ALTER ROLE {_quoted(names(prefix)[BACKUP])} SET default_transaction_read_only = on")
    return missing


def grant(prefix: str = PREFIX) -> None:
    """Give each role exactly what it needs, whatever it was given before; needs to be the owner of the tables."""
    by_kind = {kind: _quoted(name) for kind, name in names(prefix).items()}
    web, worker, everybody = by_kind[WEB], by_kind[WORKER], ", ".join(by_kind.values())
    site = f"{web}, {worker}"
    _run("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    for statement in (
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {all}",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {all}",
        "GRANT USAGE ON SCHEMA public TO {all}",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {all}",
        "GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {all}",
        "GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {site}",
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {site}",
        # What a migration makes between two runs of this: no rights to change it before its triggers are known.
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {all}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON SEQUENCES TO {all}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT INSERT ON TABLES TO {site}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {site}",
    ):
        _run(statement.format(all=everybody, site=site))
    for table, keeps_from_update, keeps_from_delete in _all(_KEPT):
        for verb, is_kept in (("UPDATE", keeps_from_update), ("DELETE", keeps_from_delete)):
            if is_kept:
                _run(f"REVOKE {verb} ON {table} FROM {site}")
    for (table,) in _all(_TABLES):
        if table in ("django_migrations", _IDENTITY):
            _run(f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {site}")
        elif _OF_ACCOUNTS.fullmatch(table):
            _run(f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {worker}")
        elif table in _OVER_ONE_DAY:
            _run(f"REVOKE INSERT, UPDATE ON {table} FROM {worker}")
        elif table == _EMERGENCIES:  # The operator's command gives it; erasing blanks a reason that names somebody.
            _run(f"REVOKE INSERT ON {table} FROM {site}")
            _run(f"GRANT UPDATE (why) ON {table} TO {site}")
        elif table == _DAYS:
            _run(f"REVOKE INSERT ON {table} FROM {web}")
        elif table == _PROOFS:  # Rows are only added.
            _run(f"REVOKE UPDATE, DELETE ON {table} FROM {site}")
            _run(f"GRANT INSERT ON {table} TO {by_kind[BACKUP]}")
            _run(f"GRANT USAGE ON SEQUENCE {_PROOF_KEYS} TO {by_kind[BACKUP]}")
    for (function,) in _all(_FOR_SITE):
        _run(f"GRANT EXECUTE ON FUNCTION {function} TO {site}")


def grant_after_the_last_app(sender: AppConfig, **kwargs: Any) -> None:
    """After each migrate: what it made is granted, too, where the roles are there and we may give them rights."""
    is_last = sender.name == settings.INSTALLED_APPS[-1]
    if is_last and len(existing(PREFIX)) == len(names(PREFIX)) and is_owner():
        grant(PREFIX)


def is_owner() -> bool:
    """Whether this connection may change tables, and take away what keeps the logs as they were written."""
    [(may,)] = _all(
        "SELECT coalesce(bool_or(pg_has_role(current_user, tableowner, 'USAGE')), false)"
        " FROM pg_tables WHERE schemaname = 'public' AND tablename = 'auth_user'"
    )
    return may


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _all(query: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
