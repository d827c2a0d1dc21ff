import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission

from clinic.accounts import roles
from tests import make

pytestmark = pytest.mark.django_db


def right(name: str) -> Permission:
    return Permission.objects.get(codename=name)


def test_a_users_own_rights_and_those_of_all_groups_are_read_with_one_statement(django_assert_num_queries):
    user, other = make.front_desk(), make.user(roles.CONTENT_EDITOR)
    user.user_permissions.add(right("delete_user"), right("view_inquiry"))
    user.groups.add(Group.objects.create(name="Odd"))
    other.user_permissions.add(right("delete_session"))
    djangos = ModelBackend().get_all_permissions(type(user).objects.get(pk=user.pk))

    with django_assert_num_queries(1):
        assert user.has_perm("auth.delete_user")
        assert not user.has_perm("sessions.delete_session")
    assert user.get_all_permissions() == djangos
    assert djangos > {"auth.delete_user", "appointments.view_inquiry", "appointments.add_call"}


def test_who_has_no_right_may_do_nothing_and_a_superuser_everything():
    nobody, stopped, everybody = make.user(), make.front_desk(), make.user(is_superuser=True)
    stopped.is_active = False

    assert [each.get_all_permissions() for each in (nobody, stopped)] == [set(), set()]
    assert len(everybody.get_all_permissions()) == Permission.objects.count()
