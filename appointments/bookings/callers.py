"""Callers and people at the counter, whom the front desk enters, and gives a time at once."""

from uuid import UUID, uuid4

from django.utils.translation import gettext

from appointments.actors import Actor
from appointments.bookings import appointments
from appointments.bookings.locking import refused_by_the_database
from appointments.inquiries import conversation, lifecycle
from appointments.models import Inquiry
from appointments.models.inquiry_choices import InquirySource
from appointments.models.log import Outcome
from appointments.slots import Slot

# How the `submission_id` of what the front desk entered begins.
BY_DESK = "desk:"


@refused_by_the_database
def enter(
    *, person: Inquiry, slot: Slot | None, by: Actor, idempotency_key: UUID, reason: str = "", note: str = ""
) -> Inquiry:
    """
    Store `person`, an inquiry that is not stored yet, and give it `slot`: both, or neither.

    They hear of their time while they speak with `by`: that is written down as a call, and a mail goes out only where
    they left an address. Without a slot they wait for an answer, as long as anybody. The same person with the same
    slot is stored once for one `idempotency_key`; other words under it are other people, and stored as well.

    Raises SlotTaken, NotPossible as appointments.give() does.
    """
    person.entered_by = by.user
    person.submission_id = f"{BY_DESK}{idempotency_key.hex}"
    stored, is_new = lifecycle.submit(inquiry=person, by=by)
    if not is_new and _is_the_same(stored, person, slot):
        return stored
    if not is_new:
        # Somebody went back in their browser and typed the next caller over the last one.
        idempotency_key = uuid4()
        person.submission_id = f"{BY_DESK}{idempotency_key.hex}"
        stored, is_new = lifecycle.submit(inquiry=person, by=by)
    if note:
        conversation.note(inquiry=stored, words=note, by=by, idempotency_key=idempotency_key)
    if slot is None:
        return stored
    is_here = person.source == InquirySource.WALK_IN
    appointments.give(inquiry=stored, slot=slot, by=by, reason=reason, is_here=is_here)
    conversation.log_call(
        inquiry=stored,
        outcome=Outcome.REACHED,
        words=gettext("Told in person") if is_here else "",
        by=by,
        idempotency_key=idempotency_key,
    )
    return stored


def _is_the_same(stored: Inquiry, person: Inquiry, slot: Slot | None) -> bool:
    names = ("name", "patient_name", "phone", "email", "message", "source")
    if any(getattr(stored, name) != getattr(person, name) for name in names):
        return False
    given = stored.appointments.order_by("pk").first()
    return (given.slot if given else None) == slot
