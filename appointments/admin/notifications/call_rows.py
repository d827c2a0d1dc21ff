"""A call as the list and the sheet show it: whom, at which number, what to say, why, and how often somebody tried."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db.models import Case, F, OuterRef, QuerySet, Subquery, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from appointments.admin.wording import WENT, ago, near
from appointments.inquiries import contacts
from appointments.inquiries.contacts import Contact
from appointments.inquiries.vain_calls import ENOUGH, Try, tries
from appointments.models import Call, CallTask, Email, Inquiry, MailState, NotificationKind
from appointments.models.inquiry_choices import ContactChannel
from appointments.models.own_link import LinkState
from appointments.notifications import spoken
from appointments.notifications.calls import ReminderHours
from appointments.notifications.notify import CALLED_WITHIN


class Row(NamedTuple):
    task: CallTask
    inquiry: Inquiry
    # When the visit is; of a call back, when it was promised.
    when: str
    phones: list[Contact]
    # The language to use, and what the writer said helps.
    mind: str
    wants_no_voicemail: bool
    # In one sentence, to be read out.
    said: str
    # Why nobody else tells them, and since when.
    why: str
    tried: str
    # Where there is no number: what can be done.
    without_number: str
    # Whether somebody may call now, and whether something else should be done: a letter, a note.
    may_call: bool
    needs_another_way: bool
    # Names what is written down from this row of this page: a double click writes it once.
    key: UUID


def in_turn(calls: QuerySet[CallTask]) -> QuerySet[CallTask]:
    """These calls by the time of the visit (of a call back: by when it was promised), then the oldest first."""
    its_time = Case(When(kind=NotificationKind.CALL_BACK, then=F("due_at")), default=F("appointment__starts_at"))
    promised = Call.objects.standing().filter(inquiry=OuterRef("inquiry"), call_back_at=OuterRef("due_at"))
    mails = Email.objects.filter(dedupe_key=OuterRef("dedupe_key"))
    listed = calls.select_related("inquiry", "message", "appointment__practitioner", "done_by").annotate(
        its_time=its_time,
        promised_words=Subquery(promised.order_by("-pk").values("words")[:1]),
        mail_state=Subquery(mails.values("state")[:1]),
        mail_is_refused=Subquery(mails.values("is_refused")[:1]),
    )
    return listed.order_by(*IN_TURN)


IN_TURN = (F("its_time").asc(nulls_last=True), "created_at", "pk")


def rows(calls: Sequence[Any], now: datetime, hours: ReminderHours | None = None) -> list[Row]:
    """
    These calls, which are in_turn(), in their order; five statements at most, however many they are.

    Before its time, or while the clinic is closed, nobody is called to be reminded; without `hours`, at no time.
    """
    said, tried = spoken.sentences(calls, now), tries({call.inquiry_id for call in calls})
    until = hours.due_before if hours and hours.is_open else None
    return [_row(call, said[call.pk], tried.get(call.inquiry_id, ()), until, now) for call in calls]


def _row(call: Any, said: str, tried: Sequence[Try], until: datetime | None, now: datetime) -> Row:
    inquiry, phones = call.inquiry, contacts.phones_of(call.inquiry)
    is_reminder, is_no_number = (call.kind == kind for kind in (NotificationKind.REMINDER, NotificationKind.NO_NUMBER))
    return Row(
        task=call,
        inquiry=inquiry,
        when=near(call.its_time, now) if call.its_time else "",
        phones=phones,
        mind=what_to_mind(inquiry),
        wants_no_voicemail=contacts.wants_no_voicemail(inquiry),
        said=said,
        why=_("%(why)s, %(ago)s") % {"why": _why(call, now), "ago": ago(call.created_at, now)},
        tried=how_often(tried, now),
        without_number="" if phones else _without_number(inquiry),
        may_call=(until is not None and call.due_at < until) if is_reminder else not is_no_number,
        needs_another_way=len(tried) >= ENOUGH or not phones,
        key=uuid4(),
    )


def what_to_mind(inquiry: Inquiry) -> str:
    """What a row does not say already: a warning says that somebody wants no voicemail."""
    says_no_more = inquiry.reach_note.strip(" .!").casefold() == "no voicemail"
    return inquiry.get_spoken_language_display() if says_no_more else inquiry.to_reach_them


def _why(call: Any, now: datetime) -> str:
    inquiry, kind = call.inquiry, call.kind
    if kind == NotificationKind.CALL_BACK:
        promised = _("a call back was promised for %s") % near(call.due_at, now)
        return (
            _("%(promised)s: “%(words)s”") % {"promised": promised, "words": call.promised_words}
            if (call.promised_words)
            else promised
        )
    if kind == NotificationKind.NOT_THEIRS:
        return _("who got our mail says that it is not for them")
    if kind == NotificationKind.NO_NUMBER:
        return _("came from another calendar")
    if call.mail_is_refused and call.mail_state == MailState.FAILED:
        return _("their mail server says that there is no such address")
    if call.mail_state in (MailState.BOUNCED, MailState.FAILED):
        return _("our mail came back") if call.mail_state == MailState.BOUNCED else _("our mail could not be sent")
    if not inquiry.email:
        return _("no email")
    if inquiry.email_is_dead:
        return _("their email address is dead")
    if inquiry.link_state != LinkState.WORKS:
        return _("the link in our mails has ended")
    if kind == NotificationKind.REMINDER and inquiry.no_reminders:
        return _("wants no reminders by mail")
    if call.appointment and call.created_at < call.appointment.starts_at < call.created_at + CALLED_WITHIN:
        return _("too soon for a mail")
    return _("to be told by phone")


def how_often(tried: Sequence[Try], now: datetime) -> str:
    if not tried:
        return ""
    last = {"outcome": WENT[tried[-1].outcome], "ago": ago(tried[-1].at, now)}
    times = ngettext("tried once", "tried %d times", len(tried)) % (len(tried),) if len(tried) > 1 else _("tried once")
    return _("%(times)s, last: %(outcome)s, %(ago)s") % {"times": times, **last}


def _without_number(inquiry: Inquiry) -> str:
    if inquiry.contact_by == ContactChannel.NOT_YET:
        return _("No number yet: look in the chart, or in the calendar that the visit came from.")
    if inquiry.phone or inquiry.patient_phone:
        return _("No number that works: look in the chart for another, or write a letter.")
    return _("No phone number: look in the chart, correct the email address or say that it works, or write a letter.")
