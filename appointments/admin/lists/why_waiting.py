"""Why an inquiry waits, in the few words that a list has room for, and what its people wrote last."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from appointments.admin.lists.waiting_facts import Facts
from appointments.admin.wording import ago, near
from appointments.models import (
    AppointmentStatus,
    Inquiry,
    InquiryKind,
    InquiryScreening,
    MailState,
    NotificationKind,
)
from appointments.models.inquiry_choices import SeenBefore
from appointments.models.log import Outcome
from appointments.models.own_link import LinkState
from appointments.models.reachable import NoContact
from clinic.typed_text import isolated

IN_VAIN = Outcome.in_vain()
# So many letters of what somebody wrote fit into a row.
FIRST_WORDS = 90


class Waits(NamedTuple):
    """Why an inquiry waits; the first words of what its people wrote last, unless `why` says them; and when."""

    why: str
    words: str
    at: datetime
    # The practitioner who was asked and has not answered, by name.
    asked: str = ""


class _Event(NamedTuple):
    at: datetime
    words: str


def why_waiting(inquiries: Sequence[Inquiry], now: datetime) -> dict[int, Waits]:
    """Of each of these inquiries, by id. One statement, however many they are."""
    return why_by(Facts([inquiry.pk for inquiry in inquiries], now), inquiries)


def why_by(facts: Facts, inquiries: Iterable[Inquiry]) -> dict[int, Waits]:
    """The same by facts that are known already."""
    return {inquiry.pk: _of(inquiry, facts) for inquiry in inquiries}


def waits_cell(waits: Waits, now: datetime) -> SafeString:
    """As a row of a list says it: the reason, the newest words, and how old they are."""
    why = '<strong class="why">{}</strong> ' if waits.why else "{}"
    words = '<span class="newest" dir="auto">{}</span> ' if waits.words else "{}"
    return format_html(f'{why}{words}<span class="quiet">{{}}</span>', waits.why, waits.words, ago(waits.at, now))


def _of(inquiry: Inquiry, facts: Facts) -> Waits:
    at, words = facts.theirs.get(inquiry.pk, (inquiry.created_at, inquiry.message))
    quoted = _("“%s”") % first_words(words) if words else ""
    why = _why(inquiry, facts, quoted)
    doctor, has_answered = facts.doctors.get(inquiry.pk, ("", False))
    asked = "" if has_answered else doctor
    return Waits(why, "" if quoted and quoted in why else quoted, at, asked)


def first_words(words: str, length: int = FIRST_WORDS) -> str:
    """On one line. Django's Truncator, which minds accents that stand alone, takes longer than all else of a row."""
    line = " ".join(words.split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def _why(inquiry: Inquiry, facts: Facts, quoted: str) -> str:
    if inquiry.screening != InquiryScreening.PASSED:
        return str(inquiry.get_screening_reason_display())
    stands = list(_stands(inquiry, facts))
    if not inquiry.is_waiting_for_us:
        return "; ".join(stands)
    sent = _Event(inquiry.created_at, _wish(inquiry, facts, quoted))
    # The newest, and of one moment the last: nothing happens to what was not sent, whatever the database's clock says.
    last = sorted([sent, *_events(inquiry, facts, quoted)], key=lambda event: max(event.at, sent.at))[-1]
    said = [*stands, last.words] if last is not sent or not stands else stands
    vain = sum(each.at >= last.at and each.outcome in IN_VAIN for each in facts.tries.get(inquiry.pk, ()))
    if vain:
        said.append(ngettext("no answer, %d call", "no answer, %d calls", vain) % vain)
    return "; ".join(said)


def _stands(inquiry: Inquiry, facts: Facts) -> Iterable[str]:
    """What has to be done about it, whatever has happened since."""
    if inquiry.no_contact:
        yield str(NoContact(inquiry.no_contact).label)
        return
    if inquiry.link_state == LinkState.NOT_THEIRS:
        yield _("our mail reached somebody else")
    if state := facts.failed.get(inquiry.pk):
        yield _("mail came back") if state == MailState.BOUNCED else _("mail could not be sent")
    if inquiry.pk in facts.doctors:
        doctor, has_answered = facts.doctors[inquiry.pk]
        yield (_("%s has answered: pass it on") if has_answered else _("asked %s")) % doctor
    if kind := facts.to_call.get(inquiry.pk):
        yield _("to be told by phone: %s") % str(NotificationKind(kind).label).lower()
    times = facts.times.get(inquiry.pk, ())
    if inquiry.waiting_list_since and not any(time["status"] in AppointmentStatus.live() for time in times):
        yield _("asks us for a time")
    for time in times:
        if time["status"] not in AppointmentStatus.live() or time["starts_at"] <= facts.now:
            continue
        if time["displaced_at"] and not time["reached_at"]:
            yield _("does not know yet that %s is lost") % near(time["starts_at"], facts.now)
        elif time["status"] == AppointmentStatus.PENDING and not time["displaced_at"]:
            yield _("to be confirmed: %s") % near(time["starts_at"], facts.now)


def _events(inquiry: Inquiry, facts: Facts, quoted: str) -> Iterable[_Event]:
    """What has happened to it that somebody has to look at."""
    if inquiry.pk in facts.theirs:
        at, _words = facts.theirs[inquiry.pk]
        if inquiry.pk not in facts.ours or facts.ours[inquiry.pk] < at:
            yield _Event(at, _("wrote back: %s") % isolated(quoted))
    times = facts.times.get(inquiry.pk, ())
    if any(time["status"] in AppointmentStatus.live() for time in times):
        return
    for time in times:
        when = near(time["starts_at"], facts.now)
        if time["status"] == AppointmentStatus.CANCELLED and time["held_until"] is None:
            yield _Event(time["changed_at"], _("canceled %s") % when)
        elif has_run_out(time, facts.now):
            was_offered = time.get("was", time["status"]) != AppointmentStatus.PENDING
            words = _("offer ran out") if was_offered else _("%s is no longer held") % when
            yield _Event(time["held_until"], words)


def has_run_out(time: dict[str, Any], now: datetime) -> bool:
    """Whether it was held until a moment that has come, and nobody ended it before: as Appointment.has_run_out."""
    if time["held_until"] is None or time["held_until"] > now:
        return False
    is_open = time["status"] in AppointmentStatus.held_for_a_while()
    return is_open or time.get("was_held_until") == time["held_until"]


def _wish(inquiry: Inquiry, facts: Facts, quoted: str) -> str:
    """What they sent it for."""
    booked = [time for time in facts.times.get(inquiry.pk, ()) if time["status"] in AppointmentStatus.live()]
    if booked:
        has = _("has %s") % near(booked[0]["starts_at"], facts.now)
        return f"{has}; {_('wrote: %s') % quoted}" if quoted and inquiry.pk not in facts.theirs else has
    if inquiry.kind == InquiryKind.QUESTION:
        return _("asks a question") if inquiry.pk in facts.theirs else _("asks: %s") % quoted
    if inquiry.wished_at and inquiry.wished_at > facts.now:
        return _("wants %s") % near(inquiry.wished_at, facts.now)
    return _("wants a first visit") if inquiry.seen_before == SeenBefore.NO else _("wants a visit")
