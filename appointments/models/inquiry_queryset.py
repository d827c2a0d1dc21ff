"""Questions about many inquiries."""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from appointments.models.inquiry_choices import InquiryScreening, InquiryStatus
from appointments.models.search_words import WORDS, Matches, beginnings

# Promises that were kept already come last.
OLDEST_PROMISE = (F("answered_at").asc(nulls_first=True), "answer_by", "pk")


class InquiryQuerySet(models.QuerySet):
    def waiting_for_us(self) -> Self:
        """Inquiries in the inbox whose next step is the clinic's, oldest promise not yet kept first."""
        return self.filter(status__in=InquiryStatus.ours(), screening=InquiryScreening.PASSED).order_by(*OLDEST_PROMISE)

    def with_a_doctor(self) -> Self:
        """Of what waits for us, inquiries about which a practitioner was asked who has not answered yet."""
        waits = {"doctor_questions__answered_at": None, "doctor_questions__taken_back_at": None}
        return self.waiting_for_us().filter(doctor_questions__isnull=False, **waits)

    def in_the_inbox(self) -> Self:
        """Inquiries of every state that are neither spam nor still to be checked by hand."""
        return self.filter(screening=InquiryScreening.PASSED).order_by("-created_at", "-pk")

    def to_check_by_hand(self) -> Self:
        """Inquiries that somebody should look at before they join the inbox, oldest promise first."""
        by_hand = self.filter(screening=InquiryScreening.BY_HAND).exclude(status=InquiryStatus.CLOSED)
        return by_hand.order_by(*OLDEST_PROMISE)

    def spam(self) -> Self:
        """Spam that can still be read, the newest first: of what is erased nobody can say that it was none."""
        return self.filter(screening=InquiryScreening.SPAM, erased_at=None).order_by("-created_at", "-pk")

    def of_sender(self, inquiry: Any) -> Self:
        """This inquiry and all others that came with its phone number as it is dialed, or its email in any case."""
        same_phone = Q(phone_e164=inquiry.phone_e164) & ~Q(phone_e164="")
        same_email = Q(lower_email=inquiry.email.lower()) & ~Q(email="")
        rows = self.annotate(lower_email=Lower("email")).filter(erased_at=None)
        return rows.filter(Q(pk=inquiry.pk) | same_phone | same_email)

    def with_words(self, words: Iterable[str]) -> Self:
        """Inquiries of which each of these words begins one of `search_words`; for the index of the words."""
        return self.filter(Matches(WORDS, beginnings(words)))

    def nearly_named(self, alternatives: Iterable[Iterable[str]]) -> Self:
        """Inquiries whose names have all trigrams of one of these; for the index of the trigrams."""
        fits = reduce(or_, (Q(search_trigrams__contains=list(each)) for each in alternatives))
        return self.filter(fits)
