"""When the clinic is open, as rows of a week."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Deferrable, F, Q
from django.utils.translation import gettext_lazy as _

from clinic.hours import Opening
from clinic.models.clinic import Clinic
from clinic.timeline import seconds_of_week


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class OpeningHours(models.Model):
    """From when to when the clinic is open on a weekday; a lunch break makes two rows of a day."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="opening_hours", default=1)
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        verbose_name = verbose_name_plural = _("opening hours")
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                name="the_clinic_closes_after_it_opens",
                condition=Q(closes__gt=F("opens")),
                violation_error_message=_("The closing time must be later than the opening time."),
            ),
            models.CheckConstraint(name="a_week_has_seven_days", condition=Q(weekday__lte=6)),
            ExclusionConstraint(
                name="opening_hours_of_a_day_do_not_overlap",
                # Checked at the end, so that two rows can change places in one form.
                deferrable=Deferrable.DEFERRED,
                expressions=[
                    (seconds_of_week("weekday", "opens", "closes"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("These hours overlap others of the same day."),
            ),
        ]

    def __str__(self):
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"

    @property
    def opening(self) -> Opening:
        return Opening(self.weekday, self.opens, self.closes)
