"""What happened to an inquiry, in one column: its history from the database's triggers, notes, calls,
messages, and the mails and calls that were due."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from appointments.actors import NO_PROOF, name_of
from appointments.models import (
    Appointment,
    AppointmentStatus,
    Call,
    CallState,
    CallTask,
    DoctorQuestion,
    Email,
    Inquiry,
    MailState,
    Note,
    NotificationKind,
    Practitioner,
    VisitType,
)
from appointments.models.inquiry_choices import InquirySource
from appointments.models.waiting_list_wish import named
from appointments.notifications.status_line import call_line, email_line
from clinic.sentences import ended
from procedures.models import Procedure

# Fields whose changes mean nothing to a reader, or would only repeat a long text.
HIDDEN_FIELDS = {"version", "moved_at", "key", "erased_at"}
# Of an appointment, these follow from what is told; its inquiry is the one whose history this is.
HIDDEN_FIELDS |= {"ends_at", "blocked_until", "sequence", "reschedules", "uid", "time_set_at", "overbooked", "inquiry"}
# What is dialed follows from the number.
HIDDEN_FIELDS |= {"phone_e164"}
# Another wish is another time that is held: that line says which.
HIDDEN_FIELDS |= {"wished_at", "wished_visit_type", "wished_practitioner"}
# The first line says how it came in, which does not change.
HIDDEN_FIELDS |= {"source", "entered_by"}
# Who wrote down with whom we may talk is who did what the line says.
HIDDEN_FIELDS |= {"talks_with_by"}
LONG = {"message", "reach_note"}


@dataclass(frozen=True)
class Line:
    at: datetime
    who: str
    what: str
    # "change", "note", "call", "message", "mail" or "task": how it looks.
    kind: str
    # The mail that it is about.
    email: int | None = None
    # Whether it is what its people wrote themselves.
    from_patient: bool = False


def lines(inquiry: Inquiry, asked: Sequence[DoctorQuestion] | None = None) -> list[Line]:
    """
    All that happened, oldest first. Thirteen queries, however long the history is.

    `asked` is what was asked of doctors, where the caller has read it.
    """
    events = list(inquiry.events.select_related("pgh_context").order_by("pgh_id"))
    times = apps.get_model("appointments", "AppointmentEvent").objects.filter(inquiry=inquiry)
    times_events = list(times.select_related("pgh_context").order_by("pgh_obj_id", "pgh_id"))
    wishes = apps.get_model("appointments", "WaitingListWishEvent").objects.filter(inquiry=inquiry)
    wish_events = list(wishes.select_related("pgh_context").order_by("pgh_id"))
    names = DisplayNames(events, [*times_events, *wish_events])
    told: list[Line] = []
    for before, event in zip([None, *events], events, strict=False):
        what = _came_in(event, names) if before is None else _changes(Inquiry, before, event, names)
        if what:
            told.append(Line(event.pgh_created_at, _who(event.pgh_context, names), what, "change"))
    for before, event in zip([None, *times_events], times_events, strict=False):
        is_first = before is None or before.pgh_obj_id != event.pgh_obj_id
        if not is_first and _has_expired(before, event):
            # The person who booked next cleared it away, without knowing of it.
            was_held = before.status == AppointmentStatus.PENDING
            said = _("The time is no longer held: %s") if was_held else _("The offer has ended: %s")
            said = ended(said % _moment(event.starts_at))
            told.append(Line(event.pgh_created_at, _("The site"), said, "change"))
        elif what := _given(event, names) if is_first else _changes(Appointment, before, event, names):
            told.append(Line(event.pgh_created_at, _who(event.pgh_context, names), what, "change"))
    for event in wish_events:
        told.append(Line(event.pgh_created_at, _who(event.pgh_context, names), _waits_for(event, names), "change"))
    for note in inquiry.notes.select_related("created_by"):
        words = _standing(note, note.words)
        told.append(Line(note.created_at, _person(note.created_by), words, "note"))
    for call in inquiry.calls.select_related("created_by"):
        words = f"{call.get_outcome_display()}. {call.words}".strip()
        if call.call_back_at:
            words = f"{ended(words)} {ended(_('Call back: %s') % _moment(call.call_back_at))}"
        told.append(Line(call.created_at, _person(call.created_by), _standing(call, words), "call"))
    for message in inquiry.messages.select_related("created_by"):
        who = _("The patient") if message.from_patient else _person(message.created_by)
        told.append(Line(message.created_at, who, message.words, "message", from_patient=message.from_patient))
    for question in inquiry.doctor_questions.with_state() if asked is None else asked:
        told += _of_a_doctor(question)
    for email in inquiry.emails.exclude(kind=NotificationKind.STAFF_OVERDUE):
        told.append(Line(email.sent_at or email.created_at, _sender(email), email_line(email), "mail", email.pk))
    for task in inquiry.call_tasks.select_related("done_by"):
        told.append(Line(task.done_at or task.created_at, _caller(task), call_line(task), "task"))
    return sorted(told, key=lambda line: line.at)


class DisplayNames:
    """Whom and what some events speak of, by id: five queries at most for all of them."""

    def __init__(self, events: Sequence[Any], times: Sequence[Any]):
        actors = {event.pgh_context.metadata.get("user") for event in (*events, *times) if event.pgh_context}
        self.of: dict[type[Model], dict[int, str]] = {}
        for model, ids, say in (
            (
                get_user_model(),
                actors | {each for event in events for each in (event.assigned_to_id, event.entered_by_id)},
                _person,
            ),
            (Procedure, {event.procedure_id for event in events}, str),
            (Inquiry, {event.same_as_id for event in events}, attrgetter("shown_reference")),
            (Practitioner, {event.practitioner_id for event in times}, str),
            (VisitType, {event.visit_type_id for event in times}, str),
        ):
            self.of[model] = {pk: say(row) for pk, row in model._default_manager.in_bulk(ids - {None}).items()}


def _who(context: Any, names: DisplayNames) -> str:
    if context is None:
        return _("Outside the site")
    if user := context.metadata.get("user"):
        return names.of[get_user_model()].get(user, _("An account that is gone"))
    if context.metadata.get("actor") != "visitor":
        return _("The site")
    if not (proof := context.metadata.get("proof")):
        return _("The writer")
    return _("By the link, not proved") if proof == NO_PROOF else _("The writer, by the link, proved")


def _person(user: Any) -> str:
    return name_of(user) if user else _("An account that is gone")


def _of_a_doctor(question: DoctorQuestion) -> Iterator[Line]:
    """What a practitioner was asked, and what they answered."""
    words = _("Asked %s") % question.practitioner
    words = f"{words}: {question.note}" if question.note else ended(words)
    yield Line(question.asked_at, _person(question.asked_by), _standing(question, words), "note")
    if question.answered_at:
        words = _("Answer for the front desk to pass on: %s") % question.answer
        yield Line(question.answered_at, _person(question.answered_by), words, "note")


def _standing(entry: Call | Note | DoctorQuestion, words: str) -> str:
    """What was written down and, where that is so, that it was taken back."""
    if entry.taken_back_at is None:
        return words
    return f"{ended(words)} {ended(_('Taken back: %s') % _moment(entry.taken_back_at))}"


def _sender(email: Email) -> str:
    """Who did what a mail's line says: where somebody called instead, the call's line names them."""
    return _("Staff") if email.state == MailState.BY_PHONE else _("The site")


def _caller(task: CallTask) -> str:
    """Who did what a call's line says: the site plans calls and takes them off the list, and makes none."""
    return _person(task.done_by) if task.state == CallState.DONE else _("The site")


def _came_in(event: Any, names: DisplayNames) -> str:
    """The first state of an inquiry: "Sent", or "Entered by Ann Lee, by phone"."""
    how = {
        InquirySource.PHONE: _("Entered by %s, by phone"),
        InquirySource.WALK_IN: _("Entered by %s, in person"),
        InquirySource.FILE: _("Brought in from another calendar"),
    }
    words = how.get(InquirySource(event.source), _("Sent"))
    return (
        words % names.of[get_user_model()].get(event.entered_by_id, _("an account that is gone"))
        if "%s" in words
        else words
    )


def _has_expired(before: Any, event: Any) -> bool:
    """Whether an offer was cancelled because nobody chose it in time, or a time because nobody checked it in time."""
    until = before.held_until
    was_held = before.status in AppointmentStatus.held_for_a_while() and until is not None
    # What somebody ended early has another end than it was to have.
    is_over = was_held and event.held_until == until and until <= event.pgh_created_at
    return event.status == AppointmentStatus.CANCELLED and is_over


def _given(event: Any, names: DisplayNames) -> str:
    """The first state of an appointment: "Booked: Nov. 24, 9:30 a.m., First visit, Jane Doe, MD"."""
    status = AppointmentStatus(event.status).label
    visit, who = names.of[VisitType].get(event.visit_type_id, ""), names.of[Practitioner].get(event.practitioner_id, "")
    said = ended(f"{status}: {_moment(event.starts_at)}, {visit}, {who}")
    return f"{said} {ended(_('Overbooked: %s') % event.overbook_reason)}" if event.overbooked else said


def _waits_for(event: Any, names: DisplayNames) -> str:
    """What somebody waits for: "Waiting list: First visit, anybody, Monday all day, Tuesday morning"."""
    visit = names.of[VisitType].get(event.visit_type_id, "")
    who = names.of[Practitioner].get(event.practitioner_id, _("anybody"))
    return ended(_("Waiting list: %s") % f"{visit}, {who}, {named(event.half_days)}")


def _changes(model: type[Model], before: Any, after: Any, names: DisplayNames) -> str:
    """What differs between two events, as "State: New → Open; Taken by: none → Ann"."""
    changes = []
    for field in model._meta.concrete_fields:
        if (
            not hasattr(after, field.attname)
            or _is_hidden(field, after)
            or getattr(before, field.attname) == getattr(after, field.attname)
        ):
            continue
        label = str(field.verbose_name).capitalize()
        if field.name in LONG:
            changes.append(_("%(field)s changed") % {"field": label})
        else:
            changes.append(f"{label}: {_shown(before, field, names)} → {_shown(after, field, names)}")
    return "; ".join(changes)


def _is_hidden(field: Any, after: Any) -> bool:
    # What ended early was held until this very moment: the line's own.
    ends = field.name == "held_until" and after.status == AppointmentStatus.CANCELLED
    return ends or field.name in HIDDEN_FIELDS


def _shown(event: Any, field: Any, names: DisplayNames) -> str:
    value = getattr(event, field.attname)
    if value in (None, ""):
        return _("none")
    if field.is_relation:
        return names.of[field.related_model].get(value, _("gone"))
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return date_format(value, "N j, Y")
    return str(value)


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "N j, P")
