from django.db import models
from django.db.models import Q
from django.utils import timezone


class SiteIdentity(models.Model):
    """Whose database this is: one row, which `manage.py migrate` writes once and `manage.py adopt` changes."""

    name = models.CharField(max_length=200)
    since = models.DateTimeField(default=timezone.now)
    # What a restored database has waiting may have gone out before: no mail goes until somebody releases them.
    mails_held_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(name="a_database_belongs_to_one_site", condition=Q(pk=1))]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def mails_are_held(cls) -> bool:
        return cls.objects.filter(mails_held_since__isnull=False).exists()
