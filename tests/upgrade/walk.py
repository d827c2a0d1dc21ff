"""Opens every admin page of the database that DATABASE_URL names, as a superuser, and says which ones fail."""

import json
import os
from collections.abc import Iterator

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
django.setup()

from django.contrib import admin  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.db.models import QuerySet  # noqa: E402
from django.test import Client  # noqa: E402

from appointments.models import Inquiry  # noqa: E402
from procedures.models import Page  # noqa: E402
from tests import admin_pages  # noqa: E402

# Rows of each model, from the oldest to the newest: some of them are a demo's by the hundred. In the long form more.
ROWS = 50 if "POSTS" in os.environ else 8


def pages() -> Iterator[tuple[str, str]]:
    """Each page of the site under a name; one about a row for each of the rows."""
    for address in ("/", "/about/", "/procedures/kyphoplasty/", "/appointments/", "/appointments/times/"):
        yield address, address
    for inquiry in spread(Inquiry.objects.all()):
        yield "own page", inquiry.own_page_url()
    yield from admin_pages.of_the_site()
    for model, model_admin in admin.site._registry.items():
        for name, address in admin_pages.of_model(model_admin):
            for pk, version in rows(model) if "<" in address else [("", "")]:
                if name:
                    yield name, admin_pages.filled(address, pk, version)


def rows(model: type) -> Iterator[tuple[str, str]]:
    """The ids of some rows; of a page of a procedure, with the versions of it that visitors see or saw."""
    for row in spread(model.objects.all()):
        for version in row.revisions.exclude(published_at=None) if isinstance(row, Page) else [None]:
            yield str(row.pk), str(version.pk) if version else ""


def spread(rows: QuerySet) -> QuerySet:
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    return rows.filter(pk__in=ids[:: -(-len(ids) // ROWS) or 1]).order_by("pk")


def main() -> None:
    """Print as JSON how many pages opened, and which did not: their names by the status."""
    client = Client(headers={"host": "127.0.0.1:8000"}, raise_request_exception=False)
    client.force_login(get_user_model().objects.create_superuser("walker"))
    opened = 0
    others: dict[int, set[str]] = {}
    for name, address in pages():
        status = client.get(address, follow=True).status_code
        opened += status == 200
        if status != 200:
            others.setdefault(status, set()).add(name)
    print(json.dumps({"opened": opened, "others": {status: sorted(names) for status, names in others.items()}}))


if __name__ == "__main__":
    main()
