"""After an answer, what waits next: a link in the sentence that says what was done, or the page that comes then."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext

from appointments.models import CallState, CallTask, Inquiry

# What the address says that "Send, and open the next" posts to.
THEN, NEXT = "then", "next"


def leads_on(request: HttpRequest) -> bool:
    return request.GET.get(THEN) == NEXT


def after(inquiry: Inquiry, user: Any) -> Inquiry | None:
    """
    The oldest promise to others that is nobody's or this user's.

    Not what a practitioner was asked about, nor what is written and waits on the list of calls to be told.
    """
    waiting = Inquiry.objects.waiting_for_us().filter(Q(assigned_to=None) | Q(assigned_to=user))
    asked = Inquiry.objects.with_a_doctor().values("pk")
    to_be_told = CallTask.objects.filter(state=CallState.WAITING, keeps_promise=True).values("inquiry")
    return waiting.exclude(pk=inquiry.pk).exclude(pk__in=asked).exclude(pk__in=to_be_told).first()


def address(request: HttpRequest, inquiry: Inquiry) -> str:
    """Where somebody goes who has answered this inquiry: to the next where they said so, or back to it."""
    following = after(inquiry, request.user) if leads_on(request) else None
    return reverse("admin:appointments_inquiry_change", args=[following.pk]) if following else request.path


def with_next(words: str, request: HttpRequest, inquiry: Inquiry) -> str:
    """The words about this inquiry, with a link to the next unless that comes by itself."""
    following = None if leads_on(request) else after(inquiry, request.user)
    if following is None:
        return words
    leads_to = reverse("admin:appointments_inquiry_change", args=[following.pk])
    return format_html('{} {} <a href="{}">{}</a>', words, gettext("Next:"), leads_to, following.who_comes)
