from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

# What was typed comes back for so long after it was sent by somebody whose session had ended.
KEPT_FOR = timedelta(hours=12)


class KeptPostQuerySet(models.QuerySet["KeptPost"]):
    def of(self, user: Any) -> "KeptPostQuerySet":
        """What may still be given back to this user, the newest first."""
        return self.filter(user=user.pk, kept_at__gt=timezone.now() - KEPT_FOR).order_by("-kept_at", "-pk")

    def about(self, model: type[models.Model], ids: Iterable[int]) -> "KeptPostQuerySet":
        """What was typed on a page of one of these rows."""
        return self.filter(model=model._meta.label, row__in=ids)

    def about_many(self, model: type[models.Model]) -> "KeptPostQuerySet":
        """What was typed on a page of several of this model's rows, like a list."""
        return self.filter(model=model._meta.label, row=None)

    def over(self, now: datetime) -> "KeptPostQuerySet":
        return self.filter(kept_at__lte=now - KEPT_FOR)


class KeptPost(models.Model):
    """
    What somebody of the staff sent after their session had ended, until they sign in again and send or drop it.

    `fields` are pairs of name and value, without passwords and codes. `model` and `row` say which row the address is
    about: what was typed about a patient is erased with them.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="kept_posts")
    path = models.TextField()
    fields = models.JSONField()
    had_files = models.BooleanField(default=False)
    model = models.CharField(max_length=100, blank=True)
    row = models.BigIntegerField(null=True)
    kept_at = models.DateTimeField(default=timezone.now)

    objects = KeptPostQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["model", "row"], name="kept_posts_by_row")]

    def __str__(self) -> str:
        return f"{self.path}, {self.kept_at}"
