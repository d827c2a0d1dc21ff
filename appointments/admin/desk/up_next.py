"""After an answer, the inquiry that waits next, as a link in the sentence that says what was done."""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext

from appointments.models import Inquiry


def with_next(words: str, inquiry: Inquiry, user: Any) -> str:
    """The words about this inquiry, with a link to what waits next for this user: nobody's, or their own."""
    waiting = Inquiry.objects.waiting_for_us().filter(Q(assigned_to=None) | Q(assigned_to=user))
    asked = Inquiry.objects.with_a_doctor().values("pk")
    after = waiting.exclude(pk=inquiry.pk).exclude(pk__in=asked).first()
    if after is None:
        return words
    link = '{} {} <a href="{}">{}</a>'
    address = reverse("admin:appointments_inquiry_change", args=[after.pk])
    return format_html(link, words, gettext("Next:"), address, after.who_comes)
