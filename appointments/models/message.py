from django.db import models
from django.utils.translation import gettext_lazy as _

from appointments.models.inquiry import Inquiry
from appointments.models.log import Entry


class Message(Entry):
    """What clinic and patient write to each other about an inquiry; the patient reads it on the inquiry's own page."""

    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="messages")
    words = models.TextField(_("words"), max_length=2000)
    from_patient = models.BooleanField(_("from the patient"), default=False)

    class Meta(Entry.Meta):
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [models.CheckConstraint(name="a_message_says_something", condition=~models.Q(words=""))]

    def __str__(self):
        return self.words[:60]
