"""The list of what waits, oldest promise first."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments.admin import wording
from appointments.admin.base import WorkedOnly, route
from appointments.admin.desk import (
    contact_data,
    giving,
    inquiry_page,
    new_caller,
    own_link,
    personal_data,
    said,
    waiting,
)
from appointments.admin.lists import find, spam
from appointments.admin.lists.csv_file import TakenAlong, when
from appointments.admin.lists.why_waiting import waits_cell, why_waiting
from appointments.inquiries import contacts
from appointments.inquiries.lifecycle import UNCHECKED_ENDS_AFTER
from appointments.models import Inquiry, InquiryScreening
from appointments.models.counting import CountedAgain
from appointments.models.inquiry_queryset import OLDEST_PROMISE
from clinic.made_once import Fields, Rows
from clinic.models import Clinic

WAITING, ASKED, INBOX, BY_HAND, SPAM, ALL = "waiting", "asked", "inbox", "by_hand", "spam", "all"
MINE, NOBODYS, OTHERS = "mine", "nobody", "others"


def chosen_list(request: HttpRequest) -> str:
    """
    The list that is shown: what waits, unless somebody chose another.

    A filter by state shows the whole inbox, closed inquiries too.
    """
    if (chosen := request.GET.get("list")) in (WAITING, ASKED, INBOX, BY_HAND, SPAM, ALL):
        return chosen
    return INBOX if request.GET.get("status__exact") else WAITING


_count = CountedAgain(
    lambda: {
        WAITING: Inquiry.objects.waiting_for_us(),
        ASKED: Inquiry.objects.with_a_doctor(),
        BY_HAND: Inquiry.objects.to_check_by_hand(),
        SPAM: Inquiry.objects.spam(),
    }
)


def _numbers() -> dict[str, int]:
    """How many stand in the lists that stay short: asked once for a page."""
    return Clinic.once("numbers of the inbox", _count)


_SHOWN = Fields(Inquiry, (*wording.FIELDS, "reference", "version"), wording.FIELDS_BESIDE)
# The oldest promises: what comes after is seen once these are worked.
_AT_ONCE = 25
# As the inbox opens, without a filter.
_oldest = Rows(_SHOWN, lambda: Inquiry.objects.waiting_for_us()[:_AT_ONCE])


class ListFilter(admin.SimpleListFilter):
    title = _("list")
    parameter_name = "list"

    def __init__(self, request: HttpRequest, params: dict, model: type, model_admin: admin.ModelAdmin):
        super().__init__(request, params, model, model_admin)
        self.chosen = chosen_list(request)

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        number = _numbers()
        return [
            (WAITING, gettext("Waiting for us (%d)") % number[WAITING]),
            (ASKED, gettext("Asked a doctor (%d)") % number[ASKED]),
            (INBOX, gettext("The inbox, all states")),
            (BY_HAND, gettext("Check by hand (%d)") % number[BY_HAND]),
            (SPAM, gettext("Spam (%d)") % number[SPAM]),
            (ALL, gettext("Everything")),
        ]

    def choices(self, changelist: Any):
        for value, title in self.lookup_choices:
            # Waiting is a state by itself: one that was chosen before would empty the list.
            state = ["status__exact"] if value in (WAITING, ASKED) else []
            yield {
                "selected": self.chosen == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}, remove=state),
                "display": title,
            }

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        lists = {
            WAITING: queryset.waiting_for_us,
            ASKED: queryset.with_a_doctor,
            INBOX: queryset.in_the_inbox,
            BY_HAND: queryset.to_check_by_hand,
            SPAM: queryset.spam,
            ALL: queryset.all,
        }
        return lists[self.chosen]()


class WhoseFilter(admin.SimpleListFilter):
    """Of what waits, who has taken it: other lists are too long to be looked through for that."""

    title = _("who has it")
    parameter_name = "whose"

    def __init__(self, request: HttpRequest, params: dict, model: type, model_admin: admin.ModelAdmin):
        self.is_offered = chosen_list(request) == WAITING
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        words = [(MINE, _("I have")), (NOBODYS, _("Nobody has")), (OTHERS, _("Others have"))]
        return words if self.is_offered else []

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        mine = {"assigned_to": request.user}
        whose = {
            MINE: lambda: queryset.filter(**mine),
            NOBODYS: lambda: queryset.filter(assigned_to=None),
            OTHERS: lambda: queryset.exclude(assigned_to=None).exclude(**mine),
        }
        chosen = self.value() or ""
        return whose[chosen]() if chosen in whose else queryset


class InquiryAdmin(TakenAlong, WorkedOnly):
    """Inquiries are worked, never written or deleted here; opening one leads to the desk."""

    list_display = ["who", "why", "about", "reach", "state", "promise"]
    list_display_links = ["who"]
    list_filter = [ListFilter, WhoseFilter, "status", "kind", "procedure"]
    list_select_related = ["procedure", "assigned_to"]
    shown_fields = _SHOWN
    list_per_page = _AT_ONCE
    empty_value_display = _("Not said")
    actions = None
    file_name = "inquiries"
    columns = [
        (_("Reference"), lambda row: row.shown_reference),
        (_("Sent"), lambda row: when(row.created_at)),
        (_("Source"), lambda row: row.get_source_display()),
        (_("What for"), wording.kind),
        (_("About"), lambda row: row.procedure.name if row.procedure else ""),
        (_("Who comes"), lambda row: row.who_comes),
        (_("Phone"), lambda row: row.phone),
        (_("Email"), lambda row: row.email),
        (_("State"), wording.state),
        (_("Answer by"), lambda row: when(row.answer_by)),
        (_("Answered"), lambda row: when(row.answered_at)),
    ]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """What the filters offer and nothing else: others search where no index helps, or fail."""
        return lookup in ("list", "whose", "status__exact", "kind__exact", "procedure__id__exact", "procedure__isnull")

    def get_urls(self) -> list[Any]:
        own = [
            route(self, "find/", find.view),
            route(self, "new/", new_caller.view),
            route(self, "spam/", spam.view),
            route(self, "<int:pk>/card/", personal_data.card),
            route(self, "<int:pk>/chart/", personal_data.chart),
            route(self, "<int:pk>/contact/", contact_data.view),
            route(self, "<int:pk>/data/", personal_data.data),
            route(self, "<int:pk>/erase/", personal_data.erase),
            route(self, "<int:pk>/link/", own_link.view),
            route(self, "<int:pk>/times/", giving.view),
            route(self, "<int:pk>/undo/", said.undo),
            route(self, "<int:pk>/waiting/", waiting.view),
        ]
        return [*own, *super().get_urls()]

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        if chosen_list(request) in (WAITING, ASKED, BY_HAND):
            return OLDEST_PROMISE
        return ("-created_at", "-pk")

    def paged_by(self, request: HttpRequest) -> str | None:
        return None if chosen_list(request) in (WAITING, ASKED, BY_HAND) else "-created_at"

    def get_paginator(self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any) -> Paginator:
        """Django's own, which need not count what the filter of the lists has counted."""
        paginator = super().get_paginator(request, queryset, *args, **kwargs)
        if {*request.GET} <= {"list", PAGE_VAR} and (number := _numbers().get(chosen_list(request))) is not None:
            paginator.count = number
        return paginator

    def as_opened(self, request: HttpRequest) -> list[Inquiry] | None:
        return None if request.GET else _oldest()

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        said: dict[str, Any] = {"title": gettext("Inbox")}
        if chosen_list(request) == BY_HAND:
            days = UNCHECKED_ENDS_AFTER.days
            said["subtitle"] = gettext("What nobody checks here for %(days)d days is closed by itself.") % {
                "days": days
            }
        return super().changelist_view(request, said | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return inquiry_page.view(self, request, object_id)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        return inquiry_page.view(self, request, object_id)

    def can_tick(self, request: HttpRequest) -> bool:
        return chosen_list(request) != SPAM and self.has_change_permission(request)

    def tick(self, inquiry: Inquiry) -> SafeString:
        """The box of a row. What is erased says nothing any longer that could be spam."""
        if inquiry.erased_at or inquiry.screening == InquiryScreening.SPAM:
            return SafeString('<td class="field-tick"></td>')
        box = '<label class="tick"><input type="checkbox" name="tick" value="{}" aria-label="{}"></label>'
        words = f'<td class="field-tick">{box}</td>'
        return format_html(words, spam.tick(inquiry), gettext("Tick %s") % inquiry.who_comes)

    @admin.display(description=_("who"))
    def who(self, inquiry: Inquiry) -> SafeString:
        words = '<span class="who">{}</span> <span class="reference">{}</span>'
        return format_html(words, inquiry.who_comes, inquiry.shown_reference)

    def with_more(self, rows: list[Any]) -> list[Any]:
        waits = why_waiting(rows, timezone.now())
        for row in rows:
            row.waits = waits[row.pk]
        return rows

    @admin.display(description=_("why it waits, newest words"))
    def why(self, inquiry: Inquiry) -> SafeString:
        return waits_cell(inquiry.waits, timezone.now())  # type: ignore[attr-defined]  # with_more() has set it.

    @admin.display(description=_("about"))
    def about(self, inquiry: Inquiry) -> str:
        return wording.about(inquiry)

    @admin.display(description=_("how to reach"))
    def reach(self, inquiry: Inquiry) -> SafeString:
        way, mind = contacts.first(inquiry), inquiry.to_reach_them
        # An address that is wider than its column is broken behind its @.
        shown = format_html('{} <span class="way">{}{}<wbr>{}</span>', way.whose, *way.words.partition("@"))
        return format_html("{} <strong>{}</strong>", shown, mind) if mind else shown

    @admin.display(description=_("state"))
    def state(self, inquiry: Inquiry) -> str:
        return wording.state(inquiry, inquiry.waits.asked)  # type: ignore[attr-defined]

    @admin.display(description=_("answer by"))
    def promise(self, inquiry: Inquiry) -> SafeString | str:
        now = timezone.now()
        words = wording.promise(inquiry, now)
        return (
            format_html('<strong class="late">⚠\N{NO-BREAK SPACE}{}</strong>', words) if inquiry.is_late(now) else words
        )
