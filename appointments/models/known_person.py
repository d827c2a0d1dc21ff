"""What the front desk knows of the person of an inquiry: no public page and no mail says any of it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class KnownPerson(models.Model):
    """
    Who it is in the practice's own books, with whom they let us talk, and which other inquiry is the same person's.

    Nothing is merged: each inquiry keeps its words, its own page, its calls and its times.
    """

    # The defaults of the database are for processes of the release before, which know no such column.
    date_of_birth = models.DateField(_("date of birth"), null=True, blank=True)
    chart_number = models.CharField(_("chart number"), max_length=40, default="", db_default="", blank=True)
    talks_with = models.CharField(_("may talk with"), max_length=150, default="", db_default="", blank=True)
    talks_with_since = models.DateField(_("may talk with them since"), null=True, blank=True)
    talks_with_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("noted by"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="+", db_index=False,
    )  # fmt: skip
    # The one of this person that goes on. Its index holds only those that have one.
    same_as = models.ForeignKey(
        "self", verbose_name=_("same person as"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="of_the_same_person", db_index=False,
    )  # fmt: skip

    class Meta:
        abstract = True


OF_A_PERSON = (
    models.CheckConstraint(
        name="whom_they_let_us_talk_with_has_a_date",
        condition=Q(talks_with="", talks_with_since=None) | (~Q(talks_with="") & Q(talks_with_since__isnull=False)),
    ),
    models.CheckConstraint(name="no_inquiry_is_the_same_as_itself", condition=~Q(same_as=F("id"))),
)
