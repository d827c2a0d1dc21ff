"""When somebody can be seen, as the manager enters it: kinds of visits, working hours, and what takes time away."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Deferrable, Exists, F, OuterRef, Q, Subquery, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments.models.practitioner import Practitioner
from appointments.slots import Slot, VisitRules, WorkingPeriod
from clinic import timeline
from clinic.digests import SHA256
from clinic.made_once import Statement
from clinic.models import Clinic, Weekday
from clinic.timeline import DateRange, Int8Range, seconds_of_week
from clinic.typed_text import isolated


class VisitTypeQuerySet(models.QuerySet):
    def for_patients(self) -> Self:
        """What patients may choose themselves; whom they may choose it with is in its schedules."""
        return self.filter(patients_may_choose=True, is_active=True).order_by("position", "name")

    def active(self) -> Self:
        """Those that the clinic offers now."""
        return self.filter(is_active=True).order_by("position", "name")


class VisitType(models.Model):
    """A kind of visit: what patients call it, how long it takes, how soon and by whom it may be chosen."""

    name = models.CharField(_("name"), max_length=100, unique=True, help_text=_("As patients shall read it."))
    said_as = models.CharField(
        _("above its times"), max_length=100, blank=True,
        help_text=_("For example: For your first visit here. Empty: its name."),
    )  # fmt: skip
    chosen_as = models.CharField(
        _("what chooses it"), max_length=100, blank=True,
        help_text=_("What a patient says who wants it, for example: I have been here before. Empty: its name."),
    )  # fmt: skip
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=30)
    buffer_minutes = models.PositiveSmallIntegerField(_("minutes until the next one"), default=0)
    lead_hours = models.PositiveSmallIntegerField(
        _("hours ahead"), default=24, help_text=_("A patient can choose no time that is sooner.")
    )
    horizon_days = models.PositiveSmallIntegerField(_("days ahead at most"), default=56)
    patients_may_choose = models.BooleanField(_("patients may choose it"), default=False)
    booked_at_once = models.BooleanField(
        _("booked at once"), default=False, help_text=_("Otherwise the front desk confirms each time.")
    )
    preparation = models.TextField(
        _("how to prepare"), max_length=2000, blank=True, help_text=_("Shown once a clinician has signed it.")
    )
    preparation_digest = models.GeneratedField(
        expression=SHA256("preparation"), output_field=models.CharField(max_length=64), db_persist=True, editable=False
    )
    follows_others = models.BooleanField(
        _("also right after other visits"),
        default=True,
        db_default=True,
        help_text=_(
            "Its times begin at the working hours and then one after the other. Ticked: also where another visit or "
            "busy time ends in between, if no time is lost by it."
        ),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Smaller comes first."))
    is_active = models.BooleanField(_("offered"), default=True)

    objects = VisitTypeQuerySet.as_manager()

    class Meta:
        verbose_name = _("kind of visit")
        verbose_name_plural = _("kinds of visits")
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                name="a_visit_takes_between_5_minutes_and_8_hours",
                condition=Q(minutes__gte=5, minutes__lte=480, buffer_minutes__lte=240),
                violation_error_message=_("A visit takes 5 to 480 minutes, and at most 240 pass until the next one."),
            ),
            models.CheckConstraint(
                name="a_visit_can_be_chosen_at_most_two_years_ahead",
                condition=Q(horizon_days__lte=730),
                violation_error_message=_("At most 730 days ahead."),
            ),
        ]

    def __str__(self):
        return isolated(self.name)

    @property
    def above_its_times(self) -> str:
        """What stands above its free times: "For your first visit here"."""
        return self.said_as or self.name

    @property
    def choice(self) -> str:
        """What a patient says who wants it: "I have been here before"."""
        return self.chosen_as or self.name

    def signed_preparation(self) -> str:
        """How to prepare, once a clinician has signed these very words."""
        signed = self.preparation and self.preparation_sign_offs.filter(digest=self.preparation_digest).exists()
        return self.preparation if signed else ""

    @property
    def rules(self) -> VisitRules:
        lead = timedelta(hours=self.lead_hours)
        return VisitRules(self.pk, self.minutes, self.buffer_minutes, lead, self.horizon_days, self.follows_others)


class PreparationSignOff(models.Model):
    """A clinician's word that this is how to prepare: for exactly these words, whatever changes them later."""

    visit_type = models.ForeignKey(VisitType, on_delete=models.CASCADE, related_name="preparation_sign_offs")
    digest = models.CharField(max_length=64)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("signed off by"), on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(_("signed off"), default=timezone.now)

    class Meta:
        verbose_name = _("sign-off of a preparation")
        verbose_name_plural = _("sign-offs of preparations")
        ordering = ["-signed_at"]

    def __str__(self):
        return f"{self.visit_type}, {self.signed_by}"


class ScheduleQuerySet(models.QuerySet):
    def for_staff(self) -> Self:
        """What staff may give times of, with both of its ends read."""
        there = self.filter(practitioner__is_active=True, visit_type__is_active=True)
        return there.select_related("practitioner", "visit_type")

    def online(self) -> Self:
        """
        What patients may choose times of: switched on by the manager, for the practitioner and for the visit.

        Nothing while online choosing is paused: that is asked here, with no statement of its own.
        """
        is_paused = Exists(Clinic.objects.filter(is_choosing_paused=True))
        return self.for_staff().filter(~is_paused, is_online=True, visit_type__patients_may_choose=True)

    def first_visit(self) -> Subquery:
        """For a query on practitioners: of each, the first kind of visit that patients may choose, by its key."""
        theirs = self.online().filter(practitioner=OuterRef("pk"))
        return Subquery(theirs.order_by("visit_type__position", "visit_type__name").values("visit_type")[:1])


class Schedule(models.Model):
    """That a practitioner sees patients for a kind of visit; online only once the manager has switched it on."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="schedules")
    visit_type = models.ForeignKey(VisitType, on_delete=models.CASCADE, related_name="schedules")
    is_online = models.BooleanField(_("times can be chosen online"), default=False)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = _("kind of visit that they offer")
        verbose_name_plural = _("kinds of visits that they offer")
        constraints = [
            models.UniqueConstraint(
                fields=["practitioner", "visit_type"], name="a_practitioner_offers_a_kind_of_visit_once"
            )
        ]

    def __str__(self):
        return f"{self.practitioner}: {self.visit_type}"

    def is_for(self, slot: Slot) -> bool:
        """Whether the slot is a time of this practitioner and this kind of visit."""
        return (slot.practitioner_id, slot.visit_type_id) == (self.practitioner_id, self.visit_type_id)

    @staticmethod
    def any_online() -> bool:
        """
        Whether patients may choose times at all: one statement, made once for the process.

        Each page of a procedure asks it. exists() makes the statement each time, which takes longer than running it.
        """
        return bool(_any_online.ask())


_any_online = Statement(
    lambda: Schedule.objects.online().select_related(None).order_by().values("pk")[:1].query.sql_with_params()
)


class WorkingHours(models.Model):
    """One period of a weekday on which a practitioner sees patients; a break makes two of a day."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="working_hours")
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday)
    opens = models.TimeField(_("from"))
    closes = models.TimeField(_("to"))
    valid_from = models.DateField(_("from the day"), null=True, blank=True)
    valid_until = models.DateField(_("until the day"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("working hours")
        ordering = ["practitioner", "weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                name="work_ends_after_it_begins",
                condition=Q(closes__gt=F("opens")),
                violation_error_message=_("The end must be later than the beginning."),
            ),
            models.CheckConstraint(name="a_working_week_has_seven_days", condition=Q(weekday__lte=6)),
            models.CheckConstraint(
                name="working_hours_end_after_they_begin_to_hold",
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                violation_error_message=_("The last day must not be before the first."),
            ),
            ExclusionConstraint(
                name="working_hours_of_a_practitioner_do_not_overlap",
                # Checked at the end, so that two rows can change places in one form.
                deferrable=Deferrable.DEFERRED,
                expressions=[
                    (Int8Range("practitioner_id", "practitioner_id", Value("[]")), RangeOperators.OVERLAPS),
                    (seconds_of_week("weekday", "opens", "closes"), RangeOperators.OVERLAPS),
                    (DateRange("valid_from", "valid_until", Value("[]")), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("These hours overlap others of the same day."),
            ),
        ]

    def __str__(self):
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"

    @property
    def working_period(self) -> WorkingPeriod:
        return WorkingPeriod(self.weekday, self.opens, self.closes, self.valid_from, self.valid_until)


class BusyBlock(models.Model):
    """A time at which a practitioner is busy elsewhere, once or every week."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="busy_blocks")
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    is_weekly = models.BooleanField(_("every week from then on"), default=False)
    words = models.CharField(
        _("what it is, for staff"), max_length=100, blank=True, db_default="", help_text=_("Like “Operating room”.")
    )

    class Meta:
        verbose_name = _("busy elsewhere")
        verbose_name_plural = _("busy elsewhere")
        ordering = ["starts_at"]
        constraints = [timeline.valid_period("a_busy_block_ends_after_it_starts")]

    def __str__(self):
        return f"{self.practitioner}: {self.starts_at:%Y-%m-%d %H:%M}"
