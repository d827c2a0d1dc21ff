from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connection

from clinic.models import Clinic, Notice
from clinic.operations import database_roles


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
    written = set(Notice.objects.exclude(body="").values_list("slug", flat=True))
    for slug in Notice.Slug:
        if slug not in written:
            words = f"The legal notice “{slug.label}” is not written yet."
            found.append(Error(words, hint="Enter the clinic's own text in the admin.", id="clinic.E003"))
    return found


@register(Tags.database)
def what_patients_type_is_in_no_log_of_postgres(
    app_configs: Any, databases: Any = None, **kwargs: Any
) -> list[CheckMessage]:
    """Asked with `manage.py check --database default`, and by migrate: the server's owner alone can change it."""
    if not databases:
        return []
    found: list[CheckMessage] = []
    with connection.cursor() as cursor:
        for name, wanted in {"log_min_error_statement": "panic", "log_error_verbosity": "terse"}.items():
            cursor.execute("SELECT current_setting(%s)", [name])
            if (value := cursor.fetchone()[0]) != wanted:
                words = f"Postgres may write what patients typed into its log: {name} is {value}."
                found.append(Warning(words, hint=f"Set it to {wanted} in postgresql.conf.", id="clinic.W001"))
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
