"""
Rows that the migrations make, and that Django's flush after a test with real transactions takes away.

Several workers run the longest tests first (tests/order.py), and most of these have real transactions.
"""

from django.apps import apps
from django.core import serializers
from django.db import transaction

OURS = ("clinic", "procedures", "appointments")


def read() -> str:
    """Those that there are before any test has run."""
    models = (model for app in OURS for model in apps.get_app_config(app).get_models() if not hasattr(model, "pgh_obj"))
    return serializers.serialize("json", [row for model in models for row in model._base_manager.all()])


@transaction.atomic
def put_back(rows: str) -> None:
    for row in serializers.deserialize("json", rows):
        row.save()
