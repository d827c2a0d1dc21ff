from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments.models.appointment_queryset import AppointmentQuerySet
from appointments.models.appointment_status import AppointmentStatus
from appointments.models.inquiry import Inquiry
from appointments.models.practitioner import Practitioner
from appointments.models.schedule import VisitType
from appointments.slots import Slot
from clinic import timeline
from clinic.timeline import Int8Range, TsTzRange

# How long an appointment takes at most: 8 hours of a visit, or 12 of one that was brought in, and 4 of pause.
LONGEST_APPOINTMENT = timedelta(days=1)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    exclude=["uid_host"],
    # Times that were somebody's and are free again are looked for among those to come.
    meta={"indexes": [models.Index(fields=["starts_at"], name="times_that_were_given")]},
)
class Appointment(models.Model):
    """A time given to an inquiry. The database refuses a second one at the same time with the same practitioner."""

    inquiry = models.ForeignKey(
        Inquiry, verbose_name=_("inquiry"), on_delete=models.PROTECT, related_name="appointments"
    )
    practitioner = models.ForeignKey(
        Practitioner, verbose_name=_("practitioner"), on_delete=models.PROTECT, related_name="appointments"
    )
    visit_type = models.ForeignKey(
        VisitType, verbose_name=_("kind of visit"), on_delete=models.PROTECT, related_name="appointments"
    )
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    blocked_until = models.DateTimeField(_("blocked until"))
    status = models.CharField(_("state"), max_length=9, choices=AppointmentStatus, default=AppointmentStatus.PENDING)
    # Of what is offered, and of what is held while somebody checks the request: then the time frees itself. Where that
    # ended early, when it did.
    held_until = models.DateTimeField(_("held until"), null=True, blank=True)
    overbooked = models.BooleanField(_("overbooked on purpose"), default=False)
    overbook_reason = models.CharField(_("why overbooked"), max_length=300, blank=True)
    # A closure or changed hours took this time away; the patient has to know, and then get another.
    displaced_at = models.DateTimeField(_("displaced"), null=True, blank=True)
    reached_at = models.DateTimeField(_("told of it"), null=True, blank=True)
    # They pressed "I will come". Whatever time comes after this one, they are asked anew.
    patient_will_come_at = models.DateTimeField(_("says that they will come"), null=True, blank=True)
    cancelled_late = models.BooleanField(_("canceled late"), default=False)
    # How often it was moved by the patient; and, for calendars, how often it changed at all.
    reschedules = models.PositiveSmallIntegerField(default=0)
    sequence = models.PositiveIntegerField(default=0)
    uid = models.UUIDField(unique=True, default=uuid4, editable=False)
    # What stood behind the UUID in the calendar files of before: patients' calendars know those by both.
    uid_host = models.CharField(max_length=253, blank=True, default="", db_default="", editable=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(_("given"), default=timezone.now)
    # When this very time was agreed on. A reminder that would have been due before is not sent.
    time_set_at = models.DateTimeField(default=timezone.now)

    objects = AppointmentQuerySet.as_manager()
    # Made by pghistory: one row for each state the appointment was in.
    events: Any

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ["starts_at"]
        constraints = [
            ExclusionConstraint(
                name="no_two_bookings_of_a_practitioner_overlap",
                # A one-element range instead of "=": needs no btree_gist extension.
                expressions=[
                    (Int8Range("practitioner_id", "practitioner_id", Value("[]")), RangeOperators.OVERLAPS),
                    (TsTzRange("starts_at", "blocked_until"), RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=AppointmentStatus.holding_time(), overbooked=False),
                violation_error_message=_("That time has just been taken."),
            ),
            models.UniqueConstraint(
                fields=["inquiry"],
                condition=Q(status__in=AppointmentStatus.live()),
                name="an_inquiry_has_one_live_appointment",
                violation_error_message=_("This inquiry has an appointment already."),
            ),
            models.CheckConstraint(
                name="an_appointment_ends_after_it_starts",
                condition=Q(
                    starts_at__gt=timeline.EARLIEST,
                    ends_at__gt=F("starts_at"),
                    blocked_until__gte=F("ends_at"),
                    blocked_until__lt=timeline.LATEST,
                ),
            ),
            models.CheckConstraint(
                name="an_appointment_takes_at_most_a_day",
                # What takes time on some days is looked for among what begins on them, or one day before.
                condition=Q(blocked_until__lte=F("starts_at") + LONGEST_APPOINTMENT),
            ),
            models.CheckConstraint(
                name="whoever_overbooks_says_why", condition=Q(overbooked=False) | ~Q(overbook_reason="")
            ),
            models.CheckConstraint(
                name="only_what_is_overbooked_says_why", condition=Q(overbooked=True) | Q(overbook_reason="")
            ),
            models.CheckConstraint(
                name="only_who_lost_a_time_is_reached_about_it",
                condition=Q(reached_at=None) | Q(displaced_at__isnull=False),
            ),
            models.CheckConstraint(
                name="only_what_is_cancelled_is_cancelled_late",
                condition=Q(cancelled_late=False) | Q(status=AppointmentStatus.CANCELLED),
            ),
            models.CheckConstraint(
                name="an_offer_ends",
                condition=~Q(status=AppointmentStatus.PROPOSED) | Q(held_until__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at"], name="times_to_come"),
            models.Index(
                fields=["starts_at", "id"], name="live_times", condition=Q(status__in=AppointmentStatus.live())
            ),
            models.Index(
                fields=["held_until"],
                name="times_held_for_a_while",
                condition=Q(status__in=AppointmentStatus.held_for_a_while()),
            ),
            models.Index(
                fields=["starts_at", "id"], name="times_to_confirm", condition=Q(status=AppointmentStatus.PENDING)
            ),
            models.Index(fields=["starts_at", "id"], name="overbooked_times", condition=Q(overbooked=True)),
            models.Index(fields=["practitioner", "blocked_until"], name="times_of_a_practitioner"),
            models.Index(F("starts_at"), name="displaced_patients", condition=Q(displaced_at__isnull=False)),
        ]
        permissions = [("overbook", _("Can overbook on purpose"))]

    def __str__(self):
        return f"{self.inquiry.shown_reference}, {self.starts_at:%Y-%m-%d %H:%M} UTC"

    @property
    def slot(self) -> Slot:
        return Slot(self.starts_at, self.ends_at, self.blocked_until, self.practitioner_id, self.visit_type_id)

    def set_slot(self, slot: Slot, now: datetime) -> None:
        """Take the slot's time, agreed on at `now`; what took away the old time no longer matters."""
        self.practitioner_id, self.visit_type_id = slot.practitioner_id, slot.visit_type_id
        self.starts_at, self.ends_at, self.blocked_until = slot[:3]
        self.time_set_at, self.displaced_at, self.reached_at, self.patient_will_come_at = now, None, None, None

    def save_new_version(self) -> None:
        """Save the row and count the change, so that a decision made on the version before is refused."""
        self.version += 1
        self.save()

    def end_early(self, now: datetime) -> None:
        """Free what is offered or held until a moment: like end_early() of many."""
        self.status, self.held_until = AppointmentStatus.CANCELLED, now
        self.save_new_version()

    def before_cancelling(self) -> "tuple[AppointmentStatus, datetime | None]":
        """What a cancelled appointment was before, and until when it was held then, if it was held until a moment."""
        event = self.events.exclude(status=AppointmentStatus.CANCELLED).order_by("-pgh_id").first()
        return (AppointmentStatus(event.status), event.held_until) if event else (AppointmentStatus.BOOKED, None)

    def has_run_out(self, now: datetime) -> bool:
        """Whether it was held until a moment that has come by `now`: nobody ended or took it before."""
        if self.held_until is None or self.held_until > now:
            return False
        # What somebody ended early has another end than it was to have.
        return self.is_held_for_a_while or self.held_until == self.before_cancelling()[1]

    @property
    def is_held_for_a_while(self) -> bool:
        """Whether it is offered, or held to be checked, until a moment: nobody has promised it."""
        return self.status in AppointmentStatus.held_for_a_while() and self.held_until is not None

    @property
    def is_held_to_check(self) -> bool:
        """Whether it is held until a moment, while somebody checks the request: nobody has promised it yet."""
        return self.status == AppointmentStatus.PENDING and self.held_until is not None

    @property
    def has_said_they_will_come(self) -> bool:
        return self.patient_will_come_at is not None

    @property
    def is_live(self) -> bool:
        return self.status in AppointmentStatus.live()

    def is_to_come(self, now: datetime) -> bool:
        """Whether it can still be moved or cancelled."""
        return self.status in (AppointmentStatus.PENDING, AppointmentStatus.BOOKED) and self.starts_at > now

    def may_be_moved(self, reschedules_allowed: int, now: datetime) -> bool:
        """Whether the patient may still move it by themselves: a time that we took away, always."""
        return self.is_to_come(now) and (self.displaced_at is not None or self.reschedules < reschedules_allowed)

    @property
    def calendar_uid(self) -> str:
        """
        By what calendars know it, wherever the site moves: a UUID alone (RFC 7986, 5.3). Those of before keep theirs.
        """
        return f"{self.uid}@{self.uid_host}" if self.uid_host else str(self.uid)

    @property
    def version_key(self) -> str:
        """A new value after each change of status or time: what a change causes to be told is told once for each."""
        return f"{self.pk}:{self.sequence}"
