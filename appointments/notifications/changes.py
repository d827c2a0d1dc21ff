"""
Telling people what became of their time: what differs from what they heard last, and nothing of what lies between.

What staff cause waits a moment before it is mailed (notify.py). What is taken back meanwhile, nobody hears of.
"""

from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.db.models import BooleanField, ExpressionWrapper, Q

from appointments.actors import Actor
from appointments.models import Appointment, AppointmentStatus, CallState, CallTask, Email, Inquiry, NotificationKind
from appointments.models.email import EmailQuerySet
from appointments.notifications.notify import is_soon, notify
from appointments.slots import what_changed

# What is told of one state of an appointment, with the count of its changes in the key.
OF_A_HELD_TIME = (NotificationKind.HELD, NotificationKind.HELD_MOVED)
OF_A_BOOKED_TIME = (NotificationKind.BOOKED, NotificationKind.MOVED, NotificationKind.SOMEBODY_ELSE)
OF_A_STATE = (*OF_A_HELD_TIME, *OF_A_BOOKED_TIME, NotificationKind.CANCELLED)
# To those who know of no time of theirs, a time that was moved is a new one.
AS_NEW = {
    NotificationKind.MOVED: NotificationKind.BOOKED,
    NotificationKind.SOMEBODY_ELSE: NotificationKind.BOOKED,
    NotificationKind.HELD_MOVED: NotificationKind.HELD,
}


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
        if kind == NotificationKind.MOVED:
            kind = _moved(kind, appointment, known_state(appointment))
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
    return known_states([appointment]).get(appointment.pk)


def known_states(appointments: Collection[Appointment]) -> dict[int, Any]:
    """The same of many, by their ids, each with its practitioner; three statements, however many they are."""
    first_of: dict[int, dict[int, Any]] = {each.pk: {} for each in appointments}
    sequences = {each.pk: each.sequence for each in appointments}
    events = apps.get_model("appointments", "AppointmentEvent").objects.filter(pgh_obj__in=first_of)
    for event in events.select_related("pgh_context", "practitioner").order_by("pgh_id"):
        if event.sequence < sequences[event.pgh_obj_id]:
            first_of[event.pgh_obj_id].setdefault(event.sequence, event)
    unheard = _unheard(first_of)
    known = {}
    for pk, states in first_of.items():
        for sequence, event in sorted(states.items(), reverse=True):
            by_staff = event.pgh_context is not None and event.pgh_context.metadata.get("user") is not None
            if not (by_staff and str(sequence) in unheard[pk]):
                known[pk] = event
                break
    return known


def _unheard(appointments: Collection[int]) -> dict[int, dict[str, NotificationKind]]:
    """
    Of these appointments (ids), the states whose mail or call has told nobody, and what it was to tell.

    A state goes by its count of changes, which ends the key of what tells it.
    """
    about = {"appointment__in": appointments, "kind__in": OF_A_STATE}
    mails = Email.objects.filter(**about).annotate(has_told=ExpressionWrapper(EmailQuerySet.TOLD, BooleanField()))
    calls = CallTask.objects.filter(**about).annotate(
        has_told=ExpressionWrapper(Q(state=CallState.DONE), BooleanField())
    )
    rows = [row for each in (mails, calls) for row in each.values("appointment_id", "dedupe_key", "kind", "has_told")]
    told = {row["dedupe_key"] for row in rows if row["has_told"]}
    unheard: dict[int, dict[str, NotificationKind]] = {pk: {} for pk in appointments}
    for row in rows:
        if row["dedupe_key"] not in told:
            unheard[row["appointment_id"]][row["dedupe_key"].rpartition(":")[2]] = NotificationKind(row["kind"])
    return unheard


def withheld_confirmation(appointment: Appointment) -> NotificationKind | None:
    """
    What was to be said of the appointment's time as it is, and was cancelled before anybody heard it.

    Not what they know (known_state), but the one confirmation of this time, whatever has become of it since: who was
    marked as there by mistake knows their time. None where somebody was told, or still will be, or where nothing was
    ever to be said.
    """
    is_held = appointment.status == AppointmentStatus.PENDING
    # What is older told of another time.
    about = {
        "kind__in": OF_A_HELD_TIME if is_held else OF_A_BOOKED_TIME,
        "created_at__gte": appointment.time_set_at,
    }
    mailed, called = appointment.emails.told_or_waiting(), appointment.call_tasks.told_or_waiting()
    if mailed.filter(**about).exists() or called.filter(**about).exists():
        return None
    last = max(_mails_and_calls(appointment, **about), key=lambda row: row.created_at, default=None)
    return NotificationKind(last.kind) if last else None


def _mails_and_calls(appointment: Appointment, **which: Any) -> list[Email | CallTask]:
    return [*appointment.emails.filter(**which), *appointment.call_tasks.filter(**which)]


def _news(kind: NotificationKind, appointment: Appointment, known: Any) -> NotificationKind | None:
    """What the patient has to be told beside what they know; None where there is nothing."""
    knows_a_time = known is not None and known.status != AppointmentStatus.CANCELLED
    if kind == NotificationKind.CANCELLED:
        return kind if knows_a_time else None
    if knows_a_time and _is_same(appointment, known):
        # What they chose themselves and nobody has written to them yet is still to be written.
        return _unheard([appointment.pk])[appointment.pk].get(str(known.sequence))
    if not knows_a_time:
        return AS_NEW.get(kind, kind)
    is_move = kind in (NotificationKind.MOVED, NotificationKind.SOMEBODY_ELSE)
    return _moved(kind, appointment, known) if is_move else kind


def _moved(kind: NotificationKind, appointment: Appointment, known: Any) -> NotificationKind:
    """What is told of a move: of another time, of the same one with somebody else, or for another kind of visit."""
    if known is None:
        return NotificationKind.MOVED
    kinds = {
        "starts_at": NotificationKind.MOVED,
        "practitioner_id": NotificationKind.SOMEBODY_ELSE,
        "visit_type_id": NotificationKind.BOOKED,
    }
    # Otherwise it is what was withheld from them that is told now.
    return kinds.get(what_changed(known, appointment), kind)


def _is_same(appointment: Appointment, known: Any) -> bool:
    """Whether the appointment is what they know, and nobody has told them since that it cannot take place."""
    same = ("status", "starts_at", "ends_at", "practitioner_id", "visit_type_id", "held_until")
    if any(getattr(appointment, name) != getattr(known, name) for name in same):
        return False
    since = {"kind": NotificationKind.DISPLACED, "created_at__gte": known.time_set_at}
    told = appointment.emails.told().filter(**since).exists()
    return not (told or appointment.call_tasks.filter(state=CallState.DONE, **since).exists())
