"""What is left after a test with real transactions."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command

from appointments.models import AccessLog, Inquiry
from clinic.accounts import roles
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


def made() -> dict[str, list]:
    groups = Group.permissions.through.objects.order_by("group_id", "permission_id")
    return {
        "types": list(ContentType.objects.order_by("pk").values()),
        "permissions": list(Permission.objects.order_by("pk").values()),
        "groups": list(Group.objects.order_by("pk").values()),
        "rights": list(groups.values_list("group_id", "permission_id")),
    }


def test_no_row_of_a_test_is_left_and_each_of_the_roles_is_as_it_was():
    before = made()
    inquiry = make.inquiry()
    AccessLog.objects.create(action="read", actor=make.front_desk(), inquiry=inquiry)
    group = Group.objects.get(name=roles.FRONT_DESK)
    group.permissions.clear()
    Group.objects.exclude(pk=group.pk).delete()
    Group.objects.create(name="Another's").permissions.add(Permission.objects.first())

    call_command("flush", interactive=False, verbosity=0)

    assert made() == before
    assert not Inquiry.objects.exists()
    assert not Inquiry.events.rel.related_model.objects.exists()
    assert not AccessLog.objects.exists()
