import pytest
from django.contrib.auth.models import Group, Permission

from clinic.accounts import roles

pytestmark = pytest.mark.django_db


def test_every_right_that_a_role_names_exists():
    existing = {f"{p.content_type.app_label}.{p.codename}" for p in Permission.objects.select_related("content_type")}

    for names in roles.ROLES.values():
        assert set(names) <= existing


def test_a_right_taken_from_a_role_is_taken_from_its_group():
    group = Group.objects.get(name=roles.FRONT_DESK)
    group.permissions.add(Permission.objects.get(codename="delete_user"))

    roles.apply()

    assert set(group.permissions.values_list("codename", flat=True)) == {
        name.split(".")[1] for name in roles.ROLES[roles.FRONT_DESK]
    }
