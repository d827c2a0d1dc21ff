from typing import Any

from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest


class AccountAdmin(UserAdmin):
    """Django's own page of accounts. One is stopped ("Active" taken off), never deleted: the logs speak of its id."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
