"""What the front desk asks a practitioner about an inquiry, and what they answer."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appointments.models.inquiry import Inquiry
from appointments.models.inquiry_choices import InquiryStatus
from appointments.models.log import Call, Outcome
from appointments.models.message import Message
from appointments.models.practitioner import Practitioner


class DoctorQuestionQuerySet(models.QuerySet["DoctorQuestion"]):
    def open(self) -> Self:
        """Questions that wait for their practitioner, of inquiries that can still be read."""
        return self.filter(answered_at=None, taken_back_at=None, inquiry__erased_at=None)

    def with_state(self) -> Self:
        """
        Each with `is_current`: of an inquiry that waits for us, it waits for the doctor, or nobody heard the answer.
        """
        since = {"inquiry": OuterRef("inquiry"), "created_at__gte": OuterRef("answered_at")}
        written = Message.objects.filter(from_patient=False, **since)
        reached = Call.objects.standing().filter(outcome=Outcome.REACHED, **since)
        is_ours = Q(inquiry__status__in=InquiryStatus.ours(), inquiry__erased_at=None, taken_back_at=None)
        rows = self.annotate(is_current=Q(is_ours & ~Exists(written) & ~Exists(reached)))
        return rows.select_related("practitioner", "asked_by", "answered_by")

    def of(self, user: Any) -> Self:
        """Those that were put to the practitioner whose account this is."""
        return self.filter(practitioner__account=user)


class DoctorQuestion(models.Model):
    """
    An inquiry in the hands of a practitioner, with the desk's note. The answer is a draft: the desk sends or reads it.

    Nothing is overwritten: who asks again after an answer writes another row.
    """

    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="doctor_questions")
    practitioner = models.ForeignKey(
        Practitioner, verbose_name=_("practitioner"), on_delete=models.PROTECT, related_name="questions"
    )
    note = models.TextField(_("note for the doctor"), max_length=2000, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    answer = models.TextField(_("answer"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("answered by"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="+",
    )  # fmt: skip
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    taken_back_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    # Known only of questions from with_state().
    is_current: bool

    objects = DoctorQuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question for a doctor")
        verbose_name_plural = _("questions for a doctor")
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["inquiry"],
                name="an_inquiry_waits_for_one_doctor_at_a_time",
                condition=Q(answered_at=None, taken_back_at=None),
            ),
            models.CheckConstraint(
                name="a_doctor_who_answers_says_something",
                condition=Q(answered_at=None, answer="") | (Q(answered_at__isnull=False) & ~Q(answer="")),
            ),
            models.CheckConstraint(
                name="what_a_doctor_has_answered_is_not_taken_back",
                condition=Q(answered_at=None) | Q(taken_back_at=None),
            ),
        ]
        indexes = [
            models.Index(
                fields=["practitioner", "asked_at"],
                name="questions_that_wait",
                condition=Q(answered_at=None, taken_back_at=None),
            )
        ]

    def __str__(self):
        return f"{self.practitioner}, {self.asked_at:%Y-%m-%d %H:%M}"
