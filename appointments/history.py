"""What happened to an inquiry, in one column: its history from the database's triggers, notes, calls,
messages, and the mails and calls that were due."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from appointments import wording
from appointments.models import Inquiry, MailKind
from procedures.models import Procedure

# Fields whose changes mean nothing to a reader, or would only repeat a long text.
SILENT = {"version", "search_words", "moved_at", "key", "erased_at"}
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


def lines(inquiry: Inquiry) -> list[Line]:
    """All that happened, oldest first. Eight queries, however long the history is."""
    events = list(inquiry.events.select_related("pgh_context").order_by("pgh_id"))
    names = Names(events)
    told: list[Line] = []
    for before, event in zip([None, *events], events, strict=False):
        what = _("Sent") if before is None else _changes(before, event, names)
        if what:
            told.append(Line(event.pgh_created_at, _who(event.pgh_context, names), what, "change"))
    for note in inquiry.notes.select_related("created_by"):
        told.append(Line(note.created_at, _person(note.created_by), note.words, "note"))
    for call in inquiry.calls.select_related("created_by"):
        words = f"{call.get_outcome_display()}. {call.words}".strip()
        if call.call_back_at:
            words += " " + _("Call back: %s.") % _moment(call.call_back_at)
        told.append(Line(call.created_at, _person(call.created_by), words, "call"))
    for message in inquiry.messages.select_related("created_by"):
        who = _("The patient") if message.from_patient else _person(message.created_by)
        told.append(Line(message.created_at, who, message.words, "message"))
    for email in inquiry.emails.exclude(kind=MailKind.STAFF_OVERDUE):
        told.append(Line(email.sent_at or email.created_at, _("The site"), wording.mail(email), "mail", email.pk))
    for task in inquiry.call_tasks.select_related("done_by"):
        told.append(Line(task.done_at or task.created_at, _("The site"), wording.call_task(task), "task"))
    return sorted(told, key=lambda line: line.at)


class Names:
    """The staff and procedures that some events speak of, by id: two queries for all of them."""

    def __init__(self, events: Iterable[Any]):
        actors = {event.pgh_context.metadata.get("user") for event in events if event.pgh_context}
        users = actors | {event.assigned_to_id for event in events}
        procedures = {event.procedure_id for event in events}
        self.of: dict[type[Model], dict[int, str]] = {
            get_user_model(): {pk: _person(u) for pk, u in get_user_model().objects.in_bulk(users - {None}).items()},
            Procedure: {pk: p.name for pk, p in Procedure.objects.in_bulk(procedures - {None}).items()},
        }


def _who(context: Any, names: Names) -> str:
    if context is None:
        return _("Outside the site")
    if user := context.metadata.get("user"):
        return names.of[get_user_model()].get(user, _("An account that is gone"))
    return _("The writer") if context.metadata.get("actor") == "visitor" else _("The site")


def _person(user: Any) -> str:
    return wording.person(user) if user else _("An account that is gone")


def _changes(before: Any, after: Any, names: Names) -> str:
    """What differs between two events, as "State: New → Open; Taken by: none → Ann"."""
    changes = []
    for field in Inquiry._meta.concrete_fields:
        if field.name in SILENT or getattr(before, field.attname) == getattr(after, field.attname):
            continue
        label = str(field.verbose_name).capitalize()
        if field.name in LONG:
            changes.append(_("%(field)s changed") % {"field": label})
        else:
            changes.append(f"{label}: {_shown(before, field, names)} → {_shown(after, field, names)}")
    return "; ".join(changes)


def _shown(event: Any, field: Any, names: Names) -> str:
    value = getattr(event, field.attname)
    if value in (None, ""):
        return _("none")
    if field.is_relation:
        return names.of[field.related_model].get(value, _("gone"))
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, datetime):
        return _moment(value)
    return str(value)


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "N j, P")
