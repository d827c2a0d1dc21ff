"""What all pages of the desk share: permissions by name, addresses, search, breadcrumbs, rows that are only worked."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from appointments.actors import Actor
from appointments.inquiries import search
from appointments.models import AccessAction, Appointment, Inquiry
from appointments.records import access_log
from clinic import timeline
from clinic.models import Clinic
from clinic.server.security_log import Event, record

# Permissions are asked in admin/, the door; the verbs behind it do not ask.
CHANGE_APPOINTMENT = "appointments.change_appointment"
OVERBOOK = "appointments.overbook"
BRING_IN = "appointments.add_appointment"
ERASE = "appointments.erase_inquiry"
SIGN_PAGE = "procedures.add_signoff"
SIGN_PREPARATION = "appointments.add_preparationsignoff"
VIEW_INQUIRY = "appointments.view_inquiry"
VIEW_REPORTS = "appointments.view_reports"
VIEW_APPOINTMENT = "appointments.view_appointment"
WRITE_DAY_NOTES = "appointments.change_daynote"
ADD_CLOSURE = "appointments.add_closure"
ADD_CALL = "appointments.add_call"
ADD_NOTE = "appointments.add_note"
ADD_MESSAGE = "appointments.add_message"
ASK_DOCTOR = "appointments.add_doctorquestion"
OWN_DAY = "appointments.view_doctorquestion"
CHANGE_INQUIRY = "appointments.change_inquiry"
# What somebody needs to enter a caller, and give them a time.
ENTER_CALLERS = (VIEW_INQUIRY, CHANGE_INQUIRY, CHANGE_APPOINTMENT, ADD_CALL, ADD_NOTE)
CHANGE_CLINIC = "clinic.change_clinic"
EXPORT_LISTS = "appointments.export_lists"
VIEW_ACCESSES = "appointments.view_accesslog"


def may_overbook(user: Any) -> bool:
    """Who may give a time that is not free: those with the right, and the front desk where the manager lets it."""
    return user.has_perm(OVERBOOK) or (user.has_perm(CHANGE_APPOINTMENT) and Clinic.current().desk_overbooks)


type Crumb = tuple[str, str]


def as_key(object_id: str) -> int:
    """The id of a row, as an address says it. 0, which no row has, when the text is no id."""
    return int(object_id) if object_id.isascii() and object_id.isdecimal() and len(object_id) < 18 else 0


def day_in(text: str) -> date | None:
    """The day that an address or a form says, like "2026-11-26"; None where it is none that anything can be on."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text and timeline.EARLIEST.date() < day < timeline.LATEST.date() else None


def seen[Row: Model](request: HttpRequest, model_admin: admin.ModelAdmin, rows: QuerySet[Row], **which: Any) -> Row:
    """
    The one of the rows that `which` names, for those who may see such rows; others do not learn whether there is one.

    Raises PermissionDenied, Http404.
    """
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    return get_object_or_404(rows, **which)


_EVENTS = {
    AccessAction.READ: Event.RECORD_READ,
    AccessAction.SEARCHED: Event.SEARCHED,
    AccessAction.EXPORTED: Event.RECORD_EXPORTED,
    AccessAction.PRINTED: Event.RECORD_PRINTED,
}


def record_access(
    request: HttpRequest, action: AccessAction, inquiry: Inquiry | None = None, hits: int | None = None
) -> None:
    """Tell the access log and the security log that who asks sees this inquiry, or so many in a list: one insert."""
    access_log.record(action, by=request.user, inquiry=inquiry, hits=hits)
    record(_EVENTS[action], request, inquiry=inquiry.pk if inquiry else None, hits=hits)


def record_accesses(request: HttpRequest, action: AccessAction, inquiries: Sequence[Inquiry]) -> None:
    """The same of each of these, once, in one insert; the security log has one line, with their number."""
    ids = dict.fromkeys(inquiry.pk for inquiry in inquiries)
    if ids:
        access_log.record_each(action, by=request.user, inquiries=ids)
        record(_EVENTS[action], request, hits=len(ids))


def as_seen(*appointments: Appointment | None) -> str:
    """
    Appointments as a form shows them, to be posted with the decision made on them.

    What is posted is compared with what is there; a verb compares the version once more, under its lock.
    """
    return ",".join(f"{row.pk}:{row.version}" for row in appointments if row)


def who_looked(request: HttpRequest) -> Actor:
    """Who posts, with the version of the inquiry and the offered times (see as_seen) that stood on their page."""
    offered = request.POST.get("proposals", "").split(",")
    has_seen = {as_key(each.partition(":")[0]) for each in offered}
    return Actor.staff(request.user, as_key(request.POST.get("version", "")), has_seen)


def route(model_admin: admin.ModelAdmin, address: str, view: Callable[..., Any]) -> URLPattern:
    """
    A page of our own beside those of the admin, named like them: `address` "<int:pk>/erase/" of the inquiries is
    "admin:appointments_inquiry_erase". The view is called with the request, the admin, and what stands in the address.
    """

    def shown(request: HttpRequest, **at: Any) -> HttpResponse:
        return view(request, model_admin, **at)

    shown.model_admin = model_admin  # type: ignore[attr-defined]  # As Django says it of its own pages.
    name = address.strip("/").rpartition("/")[2].replace("-", "_")
    opts = model_admin.opts
    return path(address, model_admin.admin_site.admin_view(shown), name=f"{opts.app_label}_{opts.model_name}_{name}")


def page_context(request: HttpRequest, model_admin: admin.ModelAdmin, *trail: Crumb, here: str = "") -> dict[str, Any]:
    """What the templates of the desk need; `trail` leads from the first page to this one, which is called `here`."""
    return {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "trail": trail,
        "here": here,
    }


def inbox_trail(inquiry: Inquiry | None = None) -> list[Crumb]:
    """The way to the inbox or, with an inquiry, to its desk."""
    trail = [(gettext("Inbox"), reverse("admin:appointments_inquiry_changelist"))]
    if inquiry:
        trail.append((inquiry.who_comes, reverse("admin:appointments_inquiry_change", args=[inquiry.pk])))
    return trail


def with_inbox(words: str) -> SafeString:
    """A sentence about what the inbox has anew, with the way there."""
    return format_html(
        '{} <a href="{}">{}</a>', words, reverse("admin:appointments_inquiry_changelist"), gettext("See the inbox")
    )


def list_trail(model_admin: admin.ModelAdmin, title: str) -> list[Crumb]:
    """The way to the list of this admin's rows."""
    opts = model_admin.opts
    return [(title, reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist"))]


class WorkedOnly(admin.ModelAdmin):
    """Rows that the site writes: looked at and worked, never added, changed or deleted by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SearchesInquiries(admin.ModelAdmin):
    """A list that is searched by the people of its inquiries. `found_by` is the field that an inquiry's id is in."""

    found_by = "pk"

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if not search_term.strip():
            return queryset, False
        found = search.find(search_term)
        record_access(request, AccessAction.SEARCHED, hits=len(found.ids))
        if found.is_cut:
            messages.info(
                request, gettext("Many fit: only the newest are shown. Type one more word, or a phone number.")
            )
        return queryset.filter(**{f"{self.found_by}__in": found.ids}), False
