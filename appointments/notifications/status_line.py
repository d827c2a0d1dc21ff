"""What became of one mail or one call, in a line."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from appointments.actors import name_of
from appointments.models import CallState, CallTask, Email, MailState
from clinic.typed_text import isolated


def email_line(email: Email) -> str:
    """What became of a mail: "We have answered, to rosa@example.com: sent"."""
    state = str(email.get_state_display()).lower()
    if email.state == MailState.WAITING and email.attempts:
        state = _("not out yet, tried %(count)s times: %(error)s") % {
            "count": email.attempts,
            "error": email.last_error,
        }
    elif email.state == MailState.FAILED:
        state = f"{state}: {email.last_error}"
    return _("Mail “%(kind)s” to %(to)s: %(state)s") % {
        "kind": email.get_kind_display(),
        "to": isolated(email.to),
        "state": state,
    }


def call_line(task: CallTask) -> str:
    """What became of a call: "Call “Reminder”: done by Ann Reyes"."""
    what = _("Call “%s”") % task.get_kind_display()
    if task.state == CallState.WAITING:
        due = date_format(timezone.localtime(task.due_at), "N j, P")
        return _("%(what)s: to be made by %(when)s") % {"what": what, "when": due}
    state = str(task.get_state_display()).lower()
    if task.done_by:
        state = _("%(done)s by %(who)s") % {"done": state, "who": name_of(task.done_by)}
    return f"{what}: {state}"
