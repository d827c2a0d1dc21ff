"""All appointments, and the lists of those that want somebody."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments.admin.base import BRING_IN, WorkedOnly, as_key, route, seen
from appointments.admin.lists import bring_in, displaced_patients, freed_times
from appointments.admin.lists.csv_file import TakenAlong, when
from appointments.bookings import same_names
from appointments.bookings.other_times import other_times
from appointments.models import Appointment, AppointmentStatus, Inquiry
from appointments.models.appointment_queryset import UNMARKED_FOR
from clinic.made_once import Fields
from clinic.sentences import moment
from clinic.typed_text import isolated

# So many of the other times that somebody may hold stand in a row of the list; the desk shows all.
MARKED = 2

# No visit takes longer.
LONGEST = timedelta(days=2)

COMING, HELD, TODAY, OVERBOOKED, UNMARKED, ALL = "coming", "held", "today", "overbooked", "unmarked", "all"


# What the cells show, and what tells whether somebody has another time or a namesake.
_SHOWN = Fields(
    Appointment,
    (
        "starts_at", "ends_at", "status", "overbooked", "overbook_reason", "displaced_at", "reached_at", "held_until",
        "cancelled_late",
    ),
    {
        "inquiry": (
            "name", "patient_name", "phone", "patient_phone", "phone_e164", "email", "reference", "erased_at",
        ),
        "practitioner": ("name",),
        "visit_type": ("name",),
    },
)  # fmt: skip


def _also(other: Appointment) -> SafeString:
    """Another time under the same phone number or email: the same patient's, or somebody's of their household."""
    address = reverse("admin:appointments_inquiry_change", args=[other.inquiry_id])
    when = moment(other.starts_at)
    also = gettext("Same phone or email: %s") % when
    return format_html('<br><strong class="late">⚠</strong> <a href="{}">{}</a>', address, also)


def _namesake(inquiry: Inquiry) -> SafeString:
    """That somebody of the same name comes on the same day, with the end of the phone, which tells them apart."""
    ends = inquiry.phone_digits
    words = gettext("Same name on this day: phone …%s") % ends if ends else gettext("Same name on this day")
    return format_html('<br><strong class="late">⚠ {}</strong>', words)


class ListFilter(admin.SimpleListFilter):
    title = _("list")
    parameter_name = "list"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        held = Appointment.objects.to_confirm().count()
        return [
            (COMING, gettext("To come")),
            (HELD, gettext("Held, to be confirmed (%d)") % held),
            (TODAY, gettext("Today")),
            (OVERBOOKED, gettext("Overbooked on purpose")),
            (UNMARKED, gettext("Past, not marked (last %d days)") % UNMARKED_FOR.days),
            (ALL, gettext("All")),
        ]

    def choices(self, changelist: Any):
        for value, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": self.chosen == value, "query_string": query, "display": title}

    @property
    def chosen(self) -> str:
        return self.value() or COMING

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        now = timezone.now()
        if self.chosen == TODAY:
            return queryset.on(timezone.localdate())
        if self.chosen == UNMARKED:
            return queryset.unmarked(timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0))
        lists = {
            # The beginning is what an index is in the order of.
            COMING: queryset.live().filter(starts_at__gt=now - LONGEST, ends_at__gt=now),
            HELD: queryset.to_confirm(),
            OVERBOOKED: queryset.filter(overbooked=True),
        }
        return lists.get(self.chosen, queryset).exclude(status=AppointmentStatus.PROPOSED)


class AppointmentAdmin(TakenAlong, WorkedOnly):
    """Appointments are given, moved and cancelled at the inquiry's desk: opening one leads there."""

    list_display = ["when", "who", "practitioner", "visit_type", "state", "reference"]
    list_display_links = ["when"]
    list_filter = [ListFilter, "practitioner", "visit_type"]
    list_select_related = ["inquiry", "practitioner", "visit_type"]
    shown_fields = _SHOWN
    list_per_page = 50
    actions = None
    file_name = "appointments"
    columns = [
        (_("Begins"), lambda row: when(row.starts_at)),
        (_("Ends"), lambda row: when(row.ends_at)),
        (_("Who comes"), lambda row: row.inquiry.who_comes),
        (_("Phone"), lambda row: row.inquiry.phone),
        (_("With"), lambda row: row.practitioner.name),
        (_("What for"), lambda row: row.visit_type.name),
        (_("State"), lambda row: row.get_status_display()),
        (_("Overbooked because"), lambda row: row.overbook_reason),
        (_("Reference"), lambda row: row.inquiry.shown_reference),
    ]

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("-starts_at", "-pk") if request.GET.get("list") == ALL else ("starts_at", "pk")

    def paged_by(self, request: HttpRequest) -> str | None:
        return self.get_ordering(request)[0]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in ("list", "practitioner__id__exact", "visit_type__id__exact")

    def get_urls(self) -> list[Any]:
        own = [
            route(self, "displaced/", displaced_patients.view),
            route(self, "earlier/", freed_times.view),
            route(self, "import/", bring_in.view),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        context = {"title": gettext("Appointments"), "may_bring_in": request.user.has_perm(BRING_IN)}
        return super().changelist_view(request, context | (extra_context or {}))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The page of the list, each row with other times of its patient and namesakes on its day: two queries more."""
        page = super().get_changelist_instance(request)
        now, rows = timezone.now(), list(page.result_list)
        coming = [row.inquiry for row in rows if row.is_live and row.ends_at > now]
        others = other_times(coming, now) if coming else {}
        same = same_names.on_the_days_of(rows)
        for row in rows:
            row.has_namesake = row.pk in same
            row.others = others.get(row.inquiry_id, []) if row.is_live and row.ends_at > now else []
        page.result_list = rows
        return page

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        appointment = seen(request, self, Appointment.objects.all(), pk=as_key(object_id))
        return redirect("admin:appointments_inquiry_change", appointment.inquiry_id)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        return self.change_view(request, object_id)

    @admin.display(description=_("when"))
    def when(self, appointment: Appointment) -> str:
        return date_format(timezone.localtime(appointment.starts_at), "D, N j, Y, P")

    @admin.display(description=_("who"))
    def who(self, appointment: Appointment) -> SafeString:
        address = reverse("admin:appointments_inquiry_change", args=[appointment.inquiry_id])
        name = format_html('<a href="{}">{}</a>', address, appointment.inquiry.who_comes)
        if appointment.has_namesake:  # type: ignore[attr-defined]
            name = format_html("{}{}", name, _namesake(appointment.inquiry))
        others = appointment.others[:MARKED]  # type: ignore[attr-defined]
        return format_html_join("", "{}", [(name,), *((_also(other),) for other in others)])

    @admin.display(description=_("reference"))
    def reference(self, appointment: Appointment) -> str:
        return appointment.inquiry.shown_reference

    @admin.display(description=_("state"))
    def state(self, appointment: Appointment) -> SafeString | str:
        words = str(AppointmentStatus(appointment.status).label)
        if appointment.overbooked:
            overbooked = gettext("Overbooked: %s") % isolated(appointment.overbook_reason)
            return format_html('{} <strong class="late">⚠ {}</strong>', words, overbooked)
        if appointment.is_live and appointment.displaced_at:
            lost = gettext("Displaced; they know") if appointment.reached_at else gettext("Displaced")
            return format_html('{} <strong class="late">⚠ {}</strong>', words, lost)
        if appointment.is_held_to_check and appointment.held_until:
            until = moment(appointment.held_until)
            return f"{words}, {gettext('until %s') % until}"
        if appointment.cancelled_late:
            return f"{words}, {gettext('late')}"
        return words
