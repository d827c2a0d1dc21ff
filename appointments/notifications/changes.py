"""
Telling people what became of their time: what differs from what they heard last, and nothing of what lies between.

What staff cause waits a moment before it is mailed (notify.py). What is taken back meanwhile, nobody hears of.
"""

from typing import Any

from appointments.actors import Actor
from appointments.models import Appointment, AppointmentStatus, CallState, CallTask, Email, Inquiry, NotificationKind
from appointments.notifications.notify import is_soon, notify

# What is told of one state of an appointment, with the count of its changes in the key.
OF_A_STATE = (
    NotificationKind.HELD,
    NotificationKind.HELD_MOVED,
    NotificationKind.BOOKED,
    NotificationKind.MOVED,
    NotificationKind.CANCELLED,
)
# To those who know of no time of theirs, a time that was moved is a new one.
AS_NEW = {NotificationKind.MOVED: NotificationKind.BOOKED, NotificationKind.HELD_MOVED: NotificationKind.HELD}


def tell_change(
    kind: NotificationKind, inquiry: Inquiry, appointment: Appointment, by: Actor
) -> Email | CallTask | None:
    """
    Tell the patient that this is their appointment now, unless that is what they heard last, or never heard of it.

    What was to be told of it before is cancelled already. Who did it on the site themselves is told in any case.
    A visit that is soon, before the change or after it, is told by phone.
    """
    about: dict[str, Any] = {"key": appointment.version_key, "appointment": appointment}
    if by.user is None:
        return notify(kind, inquiry, **about)
    known = known_state(appointment)
    news = _news(kind, appointment, known)
    if news is None:
        return None
    moments = [appointment.starts_at, *([known.starts_at] if known else [])]
    return notify(news, inquiry, by=by, by_phone=is_soon(*moments), **about)


def known_state(appointment: Appointment) -> Any:
    """
    The row of the appointment's history that its patient heard of last, before its present state; None without any.

    They do not know what staff made of it where the mail or the call about that was cancelled, or waits.
    """
    first_of: dict[int, Any] = {}
    for event in appointment.events.select_related("pgh_context").order_by("pgh_id"):
        if event.sequence < appointment.sequence:
            first_of.setdefault(event.sequence, event)
    unheard = _unheard(appointment)
    for sequence, event in sorted(first_of.items(), reverse=True):
        by_staff = event.pgh_context is not None and event.pgh_context.metadata.get("user") is not None
        if not (by_staff and str(sequence) in unheard):
            return event
    return None


def _unheard(appointment: Appointment) -> dict[str, NotificationKind]:
    """The states (by their count of changes) whose mail or call has told nobody, and what it was to tell."""
    kinds = {"kind__in": OF_A_STATE}
    rows: list[Email | CallTask] = [*appointment.emails.filter(**kinds), *appointment.call_tasks.filter(**kinds)]
    told = {
        *appointment.emails.told().filter(**kinds).values_list("dedupe_key", flat=True),
        *appointment.call_tasks.filter(state=CallState.DONE, **kinds).values_list("dedupe_key", flat=True),
    }
    return {row.dedupe_key.rpartition(":")[2]: NotificationKind(row.kind) for row in rows if row.dedupe_key not in told}


def _news(kind: NotificationKind, appointment: Appointment, known: Any) -> NotificationKind | None:
    """What the patient has to be told beside what they know; None where there is nothing."""
    knows_a_time = known is not None and known.status != AppointmentStatus.CANCELLED
    if kind == NotificationKind.CANCELLED:
        return kind if knows_a_time else None
    if knows_a_time and _is_same(appointment, known):
        # What they chose themselves and nobody has written to them yet is still to be written.
        return _unheard(appointment).get(str(known.sequence))
    return kind if knows_a_time else AS_NEW.get(kind, kind)


def _is_same(appointment: Appointment, known: Any) -> bool:
    """Whether the appointment is what they know, and nobody has told them since that it cannot take place."""
    same = ("status", "starts_at", "ends_at", "practitioner_id", "visit_type_id", "held_until")
    if any(getattr(appointment, name) != getattr(known, name) for name in same):
        return False
    since = {"kind": NotificationKind.DISPLACED, "created_at__gte": known.time_set_at}
    told = appointment.emails.told().filter(**since).exists()
    return not (told or appointment.call_tasks.filter(state=CallState.DONE, **since).exists())
