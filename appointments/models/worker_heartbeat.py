from datetime import timedelta

from django.db import models
from django.db.models import Q


class WorkerHeartbeat(models.Model):
    """
    When a worker was last seen working, by the database's clock, and what its own clock said. Written every minute.

    One row: several workers write the same. Without `its_clock` the version before wrote it.
    """

    seen_at = models.DateTimeField()
    its_clock = models.DateTimeField(null=True)
    # Of the code that it runs (clinic.operations.code_version); the version before says none.
    version = models.CharField(max_length=64, blank=True, default="", db_default="")

    class Meta:
        constraints = [models.CheckConstraint(name="there_is_one_heartbeat_of_the_workers", condition=Q(pk=1))]

    def __str__(self):
        return f"{self.seen_at}"

    @property
    def clock_is_ahead(self) -> timedelta:
        """How far the worker's clock is ahead of the database's; negative where it is behind."""
        return self.its_clock - self.seen_at if self.its_clock else timedelta(0)
