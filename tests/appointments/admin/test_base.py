"""Permissions are asked at the doors, and named in one place."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission

import appointments
from appointments.admin import base

ROOT = Path(appointments.__file__).parent
NAME = re.compile(r"""["'](?:appointments|clinic|procedures)\.(?:view|add|change|delete|erase|overbook)_?\w*["']""")


def files_with(pattern: re.Pattern[str]) -> set[str]:
    files = (path for path in ROOT.rglob("*.py") if "migrations" not in path.parts)
    return {str(path.relative_to(ROOT)) for path in files if pattern.search(path.read_text())}


def test_every_name_of_a_permission_stands_in_one_module():
    assert files_with(NAME) == {"admin/base.py"}
    templates = (Path(settings.BASE_DIR) / "templates" / "admin").rglob("*.html")
    assert [path.name for path in templates if "perms." in path.read_text()] == []


def test_only_the_doors_ask_for_permissions():
    asking = {path.partition("/")[0] for path in files_with(re.compile(r"has_perms?\("))}

    assert asking == {"admin", "templatetags"}


@pytest.mark.django_db
def test_every_permission_that_is_asked_for_exists():
    asked = {value for name, value in vars(base).items() if name.isupper() and isinstance(value, str)}
    existing = {
        f"{each.content_type.app_label}.{each.codename}" for each in Permission.objects.select_related("content_type")
    }

    assert asked - existing == set()
    assert "appointments.change_appointment" in asked
