from django.db import models

from procedures.models.page import Page


class OldAddress(models.Model):
    """An address that a page had before: bookmarks, printed sheets and other sites lead there."""

    path = models.CharField(max_length=200, unique=True)
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="old_addresses")

    class Meta:
        # Nobody edits them: the site writes one where an address changes.
        default_permissions = ()

    def __str__(self):
        return self.path
