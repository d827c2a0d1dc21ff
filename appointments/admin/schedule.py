"""When somebody can be seen, as the manager enters it: who sees patients, in which hours, for which visits."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments import slots
from appointments.admin import preparation
from appointments.admin.fields import OF_THE_BROWSER
from appointments.admin.hits import AsksFirst
from appointments.admin.mail import as_key
from appointments.models import BusyBlock, Offer, Practitioner, PreparationSignOff, VisitType, WorkingHours
from clinic import week_formset


def online_now() -> str:
    """What patients can choose online at the moment, in a sentence."""
    offers = Offer.objects.online().order_by("practitioner", "visit_type")
    if not offers:
        return gettext(
            "Nothing can be chosen online yet. To switch it on: tick “patients may choose it” at a kind of visit, "
            "and “times can be chosen online” beside it at a practitioner."
        )
    chosen = ", ".join(
        gettext("%(visit)s with %(who)s") % {"visit": offer.visit_type, "who": offer.practitioner} for offer in offers
    )
    return gettext("Patients can choose times online: %s.") % chosen


class WorkingHoursFormSet(week_formset.WeekFormSet):
    def overlap(self, rows: list[WorkingHours]) -> bool:
        return slots.overlapping(row.stretch for row in rows)


class WorkingHoursInline(admin.TabularInline):
    model = WorkingHours
    form = week_formset.RowForm
    formset = WorkingHoursFormSet
    formfield_overrides = OF_THE_BROWSER
    verbose_name = _("row of hours")
    verbose_name_plural = _("working hours: a break makes two rows of a day; without days they hold for good")

    def get_extra(self, request: HttpRequest, obj: Practitioner | None = None, **kwargs: Any) -> int:
        """Without JavaScript these are all the rows that one can add before saving: five for the days of a week."""
        return 1 if obj and obj.working_hours.exists() else 5


class OfferInline(admin.TabularInline):
    model = Offer
    extra = 1
    verbose_name = _("kind of visit")
    verbose_name_plural = _("kinds of visits they see patients for")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "visit_type":
            # Kinds of visits have a list of their own; beside each row their links only distract.
            field.widget, field.label = field.widget.widget, _("kind of visit")
        return field


# More fields than these, with the hours and the offers, are more than Django takes in one form.
SHOWN_BUSY_BLOCKS = 60


class BusyBlockInline(admin.TabularInline):
    model = BusyBlock
    formfield_overrides = OF_THE_BROWSER
    extra = 1
    verbose_name = _("busy time")
    verbose_name_plural = _("busy elsewhere: nobody is given these times")

    def get_queryset(self, request: HttpRequest) -> QuerySet[BusyBlock]:
        """What still matters, the soonest first: an import may have brought thousands, and a form has its limits."""
        rows = super().get_queryset(request)
        if request.method == "POST":
            return rows  # What was shown is there, though it may be over now.
        pk = as_key(str(request.resolver_match and request.resolver_match.kwargs.get("object_id", "")))
        coming = rows.filter(practitioner=pk).filter(Q(is_weekly=True) | Q(ends_at__gt=timezone.now()))
        first = coming.order_by("-is_weekly", "starts_at").values("pk")[:SHOWN_BUSY_BLOCKS]
        return rows.filter(pk__in=list(first.values_list("pk", flat=True)))


class PractitionerAdmin(AsksFirst):
    list_display = ["name", "title", "here"]
    inlines = [WorkingHoursInline, OfferInline, BusyBlockInline]

    def has_delete_permission(self, request: HttpRequest, obj: Practitioner | None = None) -> bool:
        """Appointments keep whom they were with: somebody who left no longer sees patients here."""
        return False

    @admin.display(description=_("sees patients here"))
    def here(self, practitioner: Practitioner) -> str:
        return gettext("Sees patients here") if practitioner.is_active else gettext("No longer sees patients here")

    def practitioners(self, obj: Practitioner, before: Any = None) -> list[int]:
        # Somebody new has no patients, and no row yet that could be locked.
        return [obj.pk] if obj.pk else []

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return super().changelist_view(request, {"online_now": online_now(), **(extra_context or {})})

    def render_change_form(self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().render_change_form(request, {"online_now": online_now(), **context}, *args, **kwargs)


class VisitTypeForm(forms.ModelForm):
    class Meta:
        model = VisitType
        fields = [
            "name", "minutes", "buffer_minutes", "patients_may_choose", "booked_at_once", "lead_hours", "horizon_days",
            "preparation", "position", "is_active",
        ]  # fmt: skip
        help_texts = {
            "minutes": _("How long the visit takes."),
            "buffer_minutes": _("A pause after it, in which nobody else is seen."),
            "horizon_days": _("A patient can choose no time that is later. 56 days are 8 weeks."),
            "patients_may_choose": _(
                "On the site, with each practitioner for whom “times can be chosen online” is ticked. "
                "The front desk can give times of it either way."
            ),
            "preparation": _(
                "Patients see these words once a clinician has signed them. A change needs a new sign-off."
            ),
            "is_active": _("Take the tick away when you no longer offer it. Nothing is deleted: old visits keep it."),
        }

    def clean_preparation(self) -> str:
        # A browser sends each line's end as two characters: words that nobody changed would lose their signature.
        return self.cleaned_data["preparation"].replace("\r\n", "\n")


class VisitTypeAdmin(admin.ModelAdmin):
    form = VisitTypeForm
    list_display = ["name", "length", "online", "signed", "offered"]
    readonly_fields = ["signature"]
    fieldsets = [
        (None, {"fields": ["name", "minutes", "buffer_minutes", "position", "is_active"]}),
        (_("Online"), {"fields": ["patients_may_choose", "booked_at_once", "lead_hours", "horizon_days"]}),
        (_("Preparation"), {"fields": ["preparation", "signature"]}),
    ]

    def has_delete_permission(self, request: HttpRequest, obj: VisitType | None = None) -> bool:
        """Appointments keep what they were for: what is no longer offered is inactive."""
        return False

    def get_urls(self) -> list[Any]:
        def sign_off(request: HttpRequest, pk: int) -> HttpResponse:
            return preparation.view(request, self, pk)

        view = self.admin_site.admin_view(sign_off)
        return [path("<int:pk>/sign-off/", view, name="appointments_visittype_sign_off"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        signed = PreparationSignOff.objects.filter(visit_type=OuterRef("pk"), digest=OuterRef("preparation_digest"))
        return super().get_queryset(request).annotate(is_signed=Exists(signed))

    @admin.display(description=_("length"), ordering="minutes")
    def length(self, visit_type: VisitType) -> str:
        minutes = gettext("%d minutes") % visit_type.minutes
        pause = gettext("then %d minutes free") % visit_type.buffer_minutes
        return f"{minutes}, {pause}" if visit_type.buffer_minutes else minutes

    @admin.display(description=_("chosen by patients"))
    def online(self, visit_type: VisitType) -> str:
        if not visit_type.patients_may_choose:
            return gettext("Only the front desk gives times")
        return (
            gettext("Patients choose, booked at once")
            if visit_type.booked_at_once
            else gettext("Patients choose, the front desk confirms")
        )

    @admin.display(description=_("preparation"))
    def signed(self, visit_type: VisitType) -> str:
        if not visit_type.preparation:
            return gettext("No words about preparation")
        return gettext("Signed") if visit_type.is_signed else gettext("Not signed: patients do not see it")  # type: ignore[attr-defined]

    @admin.display(description=_("offered"))
    def offered(self, visit_type: VisitType) -> str:
        return gettext("Offered") if visit_type.is_active else gettext("No longer offered")

    @admin.display(description=_("sign-off"))
    def signature(self, visit_type: VisitType) -> SafeString | str:
        if not visit_type.pk or not visit_type.preparation:
            return gettext("Write the words and save them. Then a clinician can sign them.")
        address = reverse("admin:appointments_visittype_sign_off", args=[visit_type.pk])
        return format_html(
            '{} <a href="{}">{}</a>', preparation.signature(visit_type), address, gettext("Read and sign")
        )
