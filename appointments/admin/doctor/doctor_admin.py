from typing import Any

from django.http import HttpRequest, HttpResponse

from appointments.admin.base import WorkedOnly, route
from appointments.admin.doctor import away, own_day, question_page


class DoctorQuestionAdmin(WorkedOnly):
    """A practitioner's own pages: their day stands where others have a list, a question where they have a form."""

    actions = None

    def get_urls(self) -> list[Any]:
        return [route(self, "away/", away.view), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return own_day.view(request, self)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return question_page.view(request, self, object_id)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        return question_page.view(request, self, object_id)
