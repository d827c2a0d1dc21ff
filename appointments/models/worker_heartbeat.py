from django.db import models
from django.db.models import Q


class WorkerHeartbeat(models.Model):
    """When a worker was last seen working. One row, written every minute."""

    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="there_is_one_heartbeat_of_the_workers", condition=Q(pk=1))]

    def __str__(self):
        return f"{self.seen_at}"
