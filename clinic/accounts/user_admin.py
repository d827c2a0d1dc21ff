from typing import Any

from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator

from clinic.accounts import step_up


@method_decorator(step_up.asks_again, name="add_view")
@method_decorator(step_up.asks_again, name="user_change_password")
class AccountAdmin(UserAdmin):
    """Django's own page of accounts. One is stopped ("Active" taken off), never deleted: the logs speak of its id."""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for password and code again, but not of who may only look."""
        change = super().change_view
        if self.has_change_permission(request):
            change = step_up.asks_again(change)
        return change(request, object_id, form_url, extra_context)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
