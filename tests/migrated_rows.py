"""
Rows that the migrations make, and that Django's flush after a test with real transactions takes away.

Tests in one transaction run before those; but a worker that has run its last ones may take over plain ones of another.
"""

from django.apps import apps
from django.core import serializers

OURS = ("clinic", "procedures", "appointments")


def read() -> str:
    """Those that there are before any test has run."""
    models = (model for app in OURS for model in apps.get_app_config(app).get_models() if not hasattr(model, "pgh_obj"))
    return serializers.serialize("json", [row for model in models for row in model._base_manager.all()])


def put_back(rows: str) -> None:
    for row in serializers.deserialize("json", rows):
        row.save()
