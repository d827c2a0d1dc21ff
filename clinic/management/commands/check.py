from typing import Any

from django.core.management.commands import check


class Command(check.Command):
    """Django's own, which says "no issues" of a deployment although it has not asked the database."""

    def handle(self, *app_labels: Any, **options: Any) -> None:
        super().handle(*app_labels, **options)
        if options["deploy"] and not (options["databases"] or options["tags"] or options["list_tags"]):
            self.stderr.write(
                "The settings alone were looked at, and no phone number, notice, opening hour, page or right in the "
                "database. All of it: manage.py doctor, or manage.py check --deploy --database default"
            )
