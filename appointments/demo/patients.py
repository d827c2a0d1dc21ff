"""What patients sent on a working day, and what became of it. Nobody is real."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings.follow_up import mark_as_spam
from appointments.demo.history import rewritable
from appointments.inquiries import conversation, lifecycle
from appointments.models import Call, Inquiry, InquiryScreening, InquiryStatus, Note, ScreeningReason
from appointments.models.inquiry_choices import ContactChannel, ContactPerson, InquiryKind, SeenBefore
from appointments.models.log import Outcome
from procedures.models import Procedure

PHONE = {"contact_by": ContactChannel.PHONE}
MAIL = {"contact_by": ContactChannel.EMAIL}

# Minutes before now: what was sent. Every kind and state is there; nobody is real.
INQUIRIES: dict[int, dict[str, Any]] = {
    7200: {
        "kind": InquiryKind.APPOINTMENT, "name": "Harold Finch-Oyelaran", "phone": "212 555 0117", **PHONE,
        "reach_note": "Hard of hearing, please let it ring", "seen_before": SeenBefore.NO, "procedure": "kyphoplasty",
        "message": "My doctor told me I have a compression fracture. I would like to come in.",
    },
    1560: {
        "kind": InquiryKind.QUESTION, "name": "Dolores Núñez", "phone": "(646) 555-0133", **PHONE,
        "reach_note": "Spanish please, after 3 p.m.", "procedure": "kyphoplasty",
        "message": "How long is it until I can carry my shopping again?",
    },
    1490: {
        "kind": InquiryKind.APPOINTMENT, "name": "Ruth Abernathy", "email": "ruth.abernathy@example.com", **MAIL,
        "patient_name": "Edith Abernathy", "contact_person": ContactPerson.PATIENT, "patient_phone": "212-555-0164",
        "seen_before": SeenBefore.YES, "procedure": "kyphoplasty",
        "message": "I am writing for my mother, who is 84 and cannot use the computer.", "do": "take",
    },
    410: {
        "kind": InquiryKind.QUESTION, "name": "Chidi Ewing", "email": "chidi@example.com", **MAIL,
        "message": "Do you need anything from my family doctor before a first visit?", "do": "replied",
    },
    300: {
        "kind": InquiryKind.APPOINTMENT, "name": "Walter O’Shaughnessy", "phone": "212.555.0119 ext. 4", **PHONE,
        "reach_note": "No voicemail", "procedure": "kyphoplasty", "do": "no answer",
    },
    240: {
        "kind": InquiryKind.APPOINTMENT, "name": "Mei-Ling Tanaka", "phone": "917 555 0108", **PHONE,
        "seen_before": SeenBefore.NOT_SURE, "do": "waiting",
    },
    200: {
        "kind": InquiryKind.QUESTION, "name": "Bernard Kowalczyk", "phone": "212 555 0175", **PHONE,
        "message": "Is parking free for visitors?", "do": "closed",
    },
    95: {
        "kind": InquiryKind.QUESTION, "name": "Gwendolyn Marsh", "email": "gwen.marsh@example.com", **MAIL,
        "procedure": "kyphoplasty", "message": "What kind of anesthesia is used? I had trouble with it years ago.",
    },
    70: {
        "kind": InquiryKind.APPOINTMENT, "name": "فاطمة الزهراء", "phone": "+1 718 555 0150", **PHONE,
        "reach_note": "Arabic interpreter", "procedure": "kyphoplasty",
    },
    45: {
        "kind": InquiryKind.APPOINTMENT, "name": "Otis Granger", "phone": "(212) 555-0126", **PHONE,
        "message": "The sum is too small for me to read.", "screening": ScreeningReason.ASKED,
    },
    30: {
        "kind": InquiryKind.QUESTION, "name": "Best SEO Offers", "email": "offers@example.net", **MAIL,
        "message": "We put your site on page one. Guaranteed.", "screening": ScreeningReason.HONEYPOT,
    },
    25: {
        "kind": InquiryKind.QUESTION, "name": "Cheap Loans Today", "email": "loans@example.net", **MAIL,
        "message": "You are approved.", "do": "spam",
    },
    12: {
        "kind": InquiryKind.APPOINTMENT, "name": "Priscilla Vanterpool", "phone": "212 555 0181", **PHONE,
        "seen_before": SeenBefore.NO, "procedure": "kyphoplasty",
        "message": "Mornings are best, my neighbor can drive me then.",
    },
}  # fmt: skip


def enter_inquiries(ann: Any) -> int:
    """Send what the day brought; return how many inquiries were not there before."""
    now = timezone.now()
    return sum(enter_inquiry(minutes, dict(sent), now, ann) for minutes, sent in INQUIRIES.items())


def with_pages_to_try() -> list[Inquiry]:
    """One that gave a phone number, and one that gave none."""
    return list(
        Inquiry.objects.filter(name__in=("Harold Finch-Oyelaran", "Chidi Ewing"), erased_at=None).order_by("pk")
    )


def enter_inquiry(minutes: int, sent: dict[str, Any], now: datetime, ann: Any) -> bool:
    """Send one inquiry as of `minutes` ago and do with it what the day did; False when it is there already."""
    do, reason, slug = sent.pop("do", ""), sent.pop("screening", ""), sent.pop("procedure", None)
    inquiry = Inquiry(
        submission_id=hashlib.sha256(f"demo {sent['name']}".encode()).hexdigest(),
        procedure=Procedure.objects.filter(slug=slug).first(),
        sum_solved=not reason,
        screening=InquiryScreening.BY_HAND if reason else InquiryScreening.PASSED,
        screening_reason=reason,
        **sent,
    )
    inquiry, is_new = lifecycle.submit(inquiry=inquiry, by=Actor.visitor(), now=now - timedelta(minutes=minutes))
    if is_new:
        work(inquiry, do, Actor.staff(ann), later=inquiry.created_at + timedelta(minutes=min(minutes // 2, 40)))
        # The triggers wrote today's time: a working day has hours between its lines.
        with rewritable(inquiry.events.model):
            inquiry.events.order_by("pgh_id").update(pgh_created_at=F("created_at"))
            inquiry.events.filter(version__gt=1).update(
                pgh_created_at=inquiry.created_at + timedelta(minutes=min(minutes // 2, 40))
            )
    return is_new


def work(inquiry: Inquiry, do: str, by: Actor, later: datetime) -> None:
    if do == "spam":
        mark_as_spam(inquiry=inquiry, version=1, by=by)
    elif do:
        lifecycle.take(inquiry=inquiry, version=1, by=by)
    if do in ("reached", "closed"):
        conversation.log_call(
            inquiry=inquiry, outcome=Outcome.REACHED, words="Answered the question.", by=by, now=later
        )
    if do == "no answer":
        conversation.log_call(inquiry=inquiry, outcome=Outcome.NO_ANSWER, words="Rang ten times.", by=by, now=later)
    if do == "closed":
        lifecycle.transition(inquiry=inquiry, to=InquiryStatus.CLOSED, version=3, by=by)
    if do == "replied":
        conversation.reply(inquiry=inquiry, words="No, just bring a list of what you take.", version=2, by=by)
        conversation.write_back(inquiry=inquiry, words="Thank you! And where can I park?")
    if do == "waiting":
        conversation.log_call(inquiry=inquiry, outcome=Outcome.VOICEMAIL, words="Asked to call back.", by=by, now=later)
        lifecycle.transition(inquiry=inquiry, to=InquiryStatus.WAITING_FOR_PATIENT, version=3, by=by)
    if do == "take":
        conversation.note(inquiry=inquiry, words="Her daughter prefers Thursdays.", by=by)
        Note.objects.filter(inquiry=inquiry).update(created_at=later)
    Call.objects.filter(inquiry=inquiry).update(created_at=later)
