from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from clinic.models import Clinic


@register(Tags.database, deploy=True)
def no_placeholder_is_left(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Asked with `manage.py check --deploy --database default`: patients would call a number of fiction."""
    if not databases:
        return []
    return [
        Error(
            f"The clinic's {name.replace('_', ' ')} is still the placeholder that the site was shipped with.",
            hint="Enter the real one in the admin, under The clinic.",
            id=f"clinic.E00{number}",
        )
        for number, name in enumerate(Clinic.PLACEHOLDERS, start=1)
        if name in Clinic.current().placeholders()
    ]
