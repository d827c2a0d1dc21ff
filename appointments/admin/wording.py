"""An inquiry in the few words that lists have room for, in the time zone that is active; and what a refusal says."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from appointments.actors import name_of
from appointments.bookings.visits import Visits
from appointments.errors import ChangedMeanwhile, HasAppointment, NotPossible, SlotTaken, TooManyHeld
from appointments.models import AppointmentStatus, Inquiry, InquiryKind, InquiryStatus
from appointments.models.log import Outcome
from clinic.sentences import how_long, moment
from clinic.typed_text import isolated

# What staff are told when a verb about a time refuses.
REFUSALS: dict[type[Exception], Any] = {
    SlotTaken: SlotTaken.words,
    HasAppointment: gettext_lazy("They have a time already: move that one."),
    NotPossible: gettext_lazy("That is not possible in its present state."),
    TooManyHeld: gettext_lazy(
        "As many times are held for requests to be checked as may be at once. Check one of those first."
    ),
    ChangedMeanwhile: gettext_lazy(
        "A colleague, the patient or the clock changed this time meanwhile. Look again, then decide."
    ),
}

# What a row of a list reads of an inquiry, here, for the reason why it waits and for the way to reach its people; and
# of the rows beside it. No more: all columns take twice as long.
FIELDS = (
    "name", "patient_name", "phone", "patient_phone", "email", "contact_by", "contact_person", "reach_note",
    "spoken_language", "seen_before", "phone_is_wrong", "patient_phone_is_wrong", "email_is_dead", "no_contact",
    "link_state", "erased_at", "kind", "message", "created_at", "status", "screening", "screening_reason",
    "answer_by", "answered_at", "waiting_list_since", "wished_at",
)  # fmt: skip
FIELDS_BESIDE = {"procedure": ("name",), "assigned_to": ("first_name", "last_name", "username")}

CHANGED_MEANWHILE = gettext_lazy("A colleague changed this inquiry meanwhile. Look again, then decide.")


# How a call went, as a sentence about its patient goes on. A call back says when.
WENT: dict[str, Any] = {
    Outcome.REACHED: gettext_lazy("reached"),
    Outcome.VOICEMAIL: gettext_lazy("voicemail left"),
    Outcome.NO_ANSWER: gettext_lazy("no answer"),
    Outcome.WRONG_NUMBER: gettext_lazy("wrong number"),
    Outcome.SOMEONE_ELSE: gettext_lazy("someone else answered"),
}


# A sign never stands alone: a color or a shape is not seen by everybody, and the state's word stands beside it.
VISIT_SIGNS: dict[str, str] = {
    AppointmentStatus.PROPOSED: "◌",
    AppointmentStatus.PENDING: "◌",
    AppointmentStatus.BOOKED: "●",
    AppointmentStatus.ARRIVED: "✓",
    AppointmentStatus.FULFILLED: "■",
    AppointmentStatus.NOSHOW: "✕",
}
VISIT_STATES: dict[str, Any] = {
    AppointmentStatus.PROPOSED: gettext_lazy("offered"),
    AppointmentStatus.PENDING: gettext_lazy("held"),
    AppointmentStatus.BOOKED: gettext_lazy("booked"),
    AppointmentStatus.ARRIVED: gettext_lazy("here"),
    AppointmentStatus.FULFILLED: gettext_lazy("done"),
    AppointmentStatus.NOSHOW: gettext_lazy("did not come"),
}
WARNING = "⚠"


def written_down(outcome: str, call_back_at: datetime | None, note: str) -> str:
    """What somebody has just written down: "no answer, to be called back Mon, Nov. 30, 9 a.m."; maybe nothing."""
    said = [str(WENT[outcome])] if outcome in WENT else []
    if call_back_at:
        said.append(_("to be called back %s") % moment(call_back_at))
    return ", ".join([*said, *([_("note saved")] if note else [])])


def kind(inquiry: Inquiry) -> str:
    return _("Question") if inquiry.kind == InquiryKind.QUESTION else _("Appointment")


def about(inquiry: Inquiry) -> str:
    """What it is for and, where they said so, about which procedure: "Appointment, Kyphoplasty"."""
    return f"{kind(inquiry)}, {inquiry.procedure.name}" if inquiry.procedure else kind(inquiry)


def state(inquiry: Inquiry, asked: str = "") -> str:
    """The state, and who has it: a practitioner who was asked (by name), or who has taken it."""
    words = str(InquiryStatus(inquiry.status).label)
    if asked:
        return _("%(state)s, asked %(doctor)s") % {"state": words, "doctor": asked}
    return f"{words}, {name_of(inquiry.assigned_to)}" if inquiry.assigned_to else words


def had(visits: Visits) -> list[str]:
    """What somebody had here: "last seen Nov. 3, 2026 by Jane Doe, MD", "did not come: 2"; maybe nothing."""
    words = []
    if last := visits.last_done:
        day = date_format(timezone.localtime(last.starts_at), "N j, Y")
        words.append(_("last seen %(day)s by %(who)s") % {"day": day, "who": isolated(last.practitioner.name)})
    if visits.no_shows:
        words.append(_("did not come: %d") % visits.no_shows)
    return words


def ago(moment: datetime, now: datetime) -> str:
    if (now - moment).total_seconds() < 60:
        return _("just now")
    return _("%s ago") % how_long(moment, now)


def near(moment: datetime, now: datetime) -> str:
    """A moment as somebody says it who has today in mind: "today 10 a.m.", "Mon 10 a.m.", "Dec. 14, 10 a.m."."""
    local = timezone.localtime(moment)
    days = (local.date() - timezone.localdate(now)).days
    if days == 0:
        return _("today %s") % date_format(local, "P")
    return date_format(local, "D P" if 0 < days < 7 else "N j, P")


def promise(inquiry: Inquiry, now: datetime) -> str:
    """When the answer is due, from here: "today, 5 p.m.", "in 3 days", "2 hours late"; "–" where it is not ours."""
    if inquiry.answered_at:
        return _("answered")
    if not inquiry.is_waiting_for_us:
        return "–"
    if inquiry.is_late(now):
        return _("%s late") % how_long(inquiry.answer_by, now)
    answer_by = timezone.localtime(inquiry.answer_by)
    days = (answer_by.date() - timezone.localtime(now).date()).days
    if days > 1:
        return ngettext("in %d day", "in %d days", days) % days
    words = _("today, %(hour)s") if days == 0 else _("tomorrow, %(hour)s")
    return words % {"hour": date_format(answer_by, "P")}
