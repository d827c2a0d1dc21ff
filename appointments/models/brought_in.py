from django.db import models
from django.utils.translation import gettext_lazy as _

from appointments.models.practitioner import Practitioner
from appointments.models.schedule import BusyBlock, VisitType


class BroughtIn(models.Model):
    """
    What another calendar said last of a time that came in from it, so that its next file can be compared.

    A visit is found by its inquiry's `submission_id`, a busy time by its block; what was removed here has none.
    """

    submission_id = models.CharField(max_length=64, primary_key=True)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="+")
    busy_block = models.ForeignKey(BusyBlock, null=True, on_delete=models.SET_NULL, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_cancelled = models.BooleanField(default=False)
    takes_no_time = models.BooleanField(default=False, db_default=False)
    # Of what came in before these were compared, it is not known.
    is_tentative = models.BooleanField(null=True)
    visit_type = models.ForeignKey(VisitType, null=True, on_delete=models.SET_NULL, related_name="+")
    # Made with our secret: it tells whether the name is another one now, and nothing else.
    name_digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    # So do these of the number and the address; empty where it has said none, or none was compared.
    phone_digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    email_digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    # How often the other calendar had changed it (SEQUENCE, RFC 5545, 3.8.7.4).
    sequence = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("time that came from another calendar")
        verbose_name_plural = _("times that came from another calendar")
        default_permissions = ()

    def __str__(self):
        return f"{self.starts_at:%Y-%m-%d %H:%M} UTC"
