"""Who of staff saw, searched, printed or took along which patient's record: for those who watch over it."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from appointments.actors import name_of
from appointments.admin.base import SearchesInquiries, WorkedOnly, as_key, seen
from appointments.admin.lists.csv_file import TakenAlong, when
from appointments.models import AccessLog, Inquiry

ABOUT = "inquiry__id__exact"


class ActorFilter(admin.SimpleListFilter):
    title = _("by")
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        staff = get_user_model().objects.filter(is_staff=True).order_by("last_name", "first_name", "pk")
        return [(str(user.pk), name_of(user)) for user in staff]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(actor=as_key(self.value() or "")) if self.value() else queryset


class AccessLogAdmin(SearchesInquiries, TakenAlong, WorkedOnly):
    """Rows that nobody writes by hand and nobody changes; a search finds the rows about a patient."""

    list_display = ["at_", "actor_", "what", "record", "reference"]
    list_display_links = None
    list_filter = [ActorFilter, "action"]
    list_select_related = ["actor", "inquiry"]
    list_per_page = 100
    search_fields = ["inquiry__search_words"]
    found_by = "inquiry"
    search_help_text = _("Whose record: name, reference, phone or email")
    actions = None
    file_name = "access-log"
    columns = [
        (_("When"), lambda row: when(row.at)),
        (_("By"), lambda row: name_of(row.actor)),
        (_("What"), lambda row: row.get_action_display()),
        (_("Reference"), lambda row: row.inquiry.shown_reference if row.inquiry else ""),
        (_("Number of records"), lambda row: 1 if row.inquiry_id else row.hits),
    ]

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("-at", "-pk")

    def paged_by(self, request: HttpRequest) -> str | None:
        return "-at"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in ("by", "action__exact", ABOUT)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        about = Inquiry.objects.filter(pk=as_key(request.GET.get(ABOUT, ""))).first()
        title = gettext("Who saw %s") % about.who_comes if about else gettext("Who saw which record")
        subtitle = gettext("A list or a search that showed several says how many, not which.")
        return super().changelist_view(request, {"title": title, "subtitle": subtitle} | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """A row says all there is: it leads to the rows about the same record."""
        access = seen(request, self, AccessLog.objects.all(), pk=as_key(object_id))
        base = reverse("admin:appointments_accesslog_changelist")
        return redirect(f"{base}?{ABOUT}={access.inquiry_id}" if access.inquiry_id else base)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        return self.change_view(request, object_id)

    @admin.display(description=_("when"))
    def at_(self, access: AccessLog) -> str:
        return date_format(timezone.localtime(access.at), "D, N j, Y, P")

    @admin.display(description=_("by"))
    def actor_(self, access: AccessLog) -> str:
        return name_of(access.actor)

    @admin.display(description=_("what"))
    def what(self, access: AccessLog) -> str:
        return str(access.get_action_display())

    @admin.display(description=_("record"))
    def record(self, access: AccessLog) -> SafeString | str:
        if access.inquiry is None:
            hits = access.hits or 0
            return ngettext("%d record", "%d records", hits) % hits
        address = reverse("admin:appointments_inquiry_change", args=[access.inquiry_id])
        return format_html('<a href="{}">{}</a>', address, access.inquiry.who_comes)

    @admin.display(description=_("reference"))
    def reference(self, access: AccessLog) -> str:
        return access.inquiry.shown_reference if access.inquiry else ""
