"""Where the reports stand: beside the inquiries, whose list knows nothing of them."""

from typing import Any

from appointments.admin.base import route
from appointments.admin.lists.inbox import InquiryAdmin
from appointments.admin.reports import listed, page


class InquiryWithReportsAdmin(InquiryAdmin):
    """The inquiries, and the numbers that are counted among them."""

    def get_urls(self) -> list[Any]:
        own = [
            route(self, "reports/", page.view),
            route(self, "reports-csv/", page.as_csv),
            route(self, "reports-rows/", listed.view),
        ]
        return [*own, *super().get_urls()]
