"""What a call says, in one sentence to read out. The mails in whose place it is made say the same (texts.py)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appointments.models import Appointment, CallTask, NotificationKind
from appointments.notifications.changes import known_states
from clinic.sentences import ended, moment
from clinic.typed_text import isolated

# Of these, a sentence says what their people knew until now.
OF_WHAT_THEY_KNEW = (
    NotificationKind.MOVED, NotificationKind.SOMEBODY_ELSE, NotificationKind.HELD_MOVED, NotificationKind.CANCELLED,
)  # fmt: skip

# What is said of a time, the appointment's own.
OF_A_TIME: dict[str, Any] = {
    NotificationKind.HELD: gettext_lazy("We are holding %(when)s, with %(who)s, for you; it is not confirmed yet"),
    NotificationKind.BOOKED: gettext_lazy("Your visit is booked: %(when)s, with %(who)s"),
    NotificationKind.MOVED: gettext_lazy("Your visit has moved: it is on %(when)s now, with %(who)s"),
    NotificationKind.SOMEBODY_ELSE: gettext_lazy("The time of your visit stays, %(when)s; %(who)s will see you"),
    NotificationKind.HELD_MOVED: gettext_lazy(
        "Your visit has changed, and is not confirmed yet: we are holding %(when)s, with %(who)s"
    ),
    NotificationKind.CANCELLED: gettext_lazy("Your visit on %(when)s, with %(who)s, is canceled"),
    NotificationKind.REMINDER: gettext_lazy("We expect you on %(when)s, with %(who)s"),
    NotificationKind.DISPLACED: gettext_lazy(
        "We are sorry: we can’t see you on %(when)s, with %(who)s; which other time suits you?"
    ),
    NotificationKind.WITHDRAWN: gettext_lazy(
        "We are sorry: %(when)s, with %(who)s, which we offered you, can’t be chosen any longer"
    ),
    NotificationKind.NO_NUMBER: gettext_lazy("Your visit is on %(when)s, with %(who)s; how do we best reach you?"),
}
# What is said whatever time they have.
OF_NO_TIME: dict[str, Any] = {
    NotificationKind.CALL_BACK: gettext_lazy("We are calling you back, as we promised"),
    NotificationKind.NOT_THEIRS: gettext_lazy("Our mail reached somebody else: which email address is yours?"),
    NotificationKind.NEW_LINK: gettext_lazy(
        "Your page has a new link, and we could not mail it: which email address is yours?"
    ),
    NotificationKind.ANSWERED: gettext_lazy("We have answered you"),
}


def sentences(calls: Sequence[CallTask], now: datetime) -> dict[int, str]:
    """Of each of these calls (by id), what to say; four statements at most, however many they are."""
    changed = [call.appointment for call in calls if call.appointment and call.kind in OF_WHAT_THEY_KNEW]
    offered = [call.inquiry_id for call in calls if call.kind == NotificationKind.OFFERED]
    known = known_states(changed) if changed else {}
    together: dict[tuple[int, datetime], list[Appointment]] = defaultdict(list)
    if offered:
        rows = Appointment.objects.proposed(now).filter(inquiry__in=offered).select_related("practitioner")
        for row in rows.order_by("starts_at", "pk"):
            together[row.inquiry_id, row.created_at].append(row)
    return {call.pk: ended(_sentence(call, known, together)) for call in calls}


def _sentence(call: CallTask, known: dict[int, Any], together: dict[tuple[int, datetime], list[Appointment]]) -> str:
    visit = call.appointment
    if call.kind == NotificationKind.ANSWERED and call.message:
        return _("Our answer to you is: “%s”") % " ".join(call.message.words.split())
    if visit is None:
        return str(OF_NO_TIME.get(call.kind, call.get_kind_display()))
    if call.kind == NotificationKind.OFFERED:
        times = together.get((visit.inquiry_id, visit.created_at), [visit])
        about = {"times": _("; or ").join(_when_and_who(each) for each in times), "until": _until(times[0])}
        return _("Which time do you take: %(times)s (held for you until %(until)s)?") % about
    before = known.get(visit.pk)
    if call.kind == NotificationKind.CANCELLED and before is not None:
        visit = before  # What was moved a moment before is canceled at the time that they know.
    elif before is not None and (before.starts_at, before.practitioner_id) != (visit.starts_at, visit.practitioner_id):
        return _moved(before, visit, is_held=call.kind == NotificationKind.HELD_MOVED)
    words = OF_A_TIME.get(call.kind) or OF_NO_TIME.get(call.kind, call.get_kind_display())
    return words % {"when": moment(visit.starts_at), "who": isolated(visit.practitioner.name)}


def _moved(before: Any, now: Appointment, *, is_held: bool) -> str:
    about = {"before": moment(before.starts_at), "now": moment(now.starts_at), "who": isolated(now.practitioner.name)}
    if before.practitioner_id == now.practitioner_id:
        words = _("Your visit moved from %(before)s to %(now)s, with %(who)s")
    elif before.starts_at == now.starts_at:
        words = _("The time of your visit stays, %(now)s; %(who)s will see you instead of %(them)s")
        about["them"] = isolated(before.practitioner.name)
    else:
        words = _("Your visit moved from %(before)s, with %(them)s, to %(now)s, with %(who)s")
        about["them"] = isolated(before.practitioner.name)
    return (_("%s; it is not confirmed yet") if is_held else "%s") % (words % about)


def _when_and_who(visit: Appointment) -> str:
    return _("%(when)s with %(who)s") % {"when": moment(visit.starts_at), "who": isolated(visit.practitioner.name)}


def _until(visit: Appointment) -> str:
    return moment(visit.held_until) if visit.held_until else ""
