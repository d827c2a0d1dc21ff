"""What a member of staff may do, read with one statement: Django asks for the user's own and for the groups' apart."""

from typing import Any

from django.db import connection

_STATEMENT = """
SELECT array_agg(of_app.app_label || '.' || permission.codename)
FROM auth_permission permission JOIN django_content_type of_app ON of_app.id = permission.content_type_id
WHERE permission.id IN (
    SELECT permission_id FROM auth_user_user_permissions WHERE user_id = %(user)s
    UNION ALL
    SELECT of_group.permission_id FROM auth_group_permissions of_group
    JOIN auth_user_groups member ON member.group_id = of_group.group_id WHERE member.user_id = %(user)s
)
"""


def of(user: Any) -> set[str]:
    """The names of all permissions that the user has, or one of the user's groups: "clinic.change_clinic"."""
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, {"user": user.pk})
        [names] = cursor.fetchone()
    return set(names or ())
