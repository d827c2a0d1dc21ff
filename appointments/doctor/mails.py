"""Does what patients have to be told go out: the worker, its jobs, mails, reminders and promises."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, F, Min
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from procrastinate.contrib.django.models import ProcrastinateEvent

from appointments.models import Email, Inquiry, MailState, WorkerHeartbeat
from appointments.models.counting import CountedAgain
from appointments.notifications import reminders
from clinic.models import Clinic, SiteIdentity
from clinic.operations import code_version
from clinic.operations.doctor.database import CLOCK_MAY_BE_OFF, off
from clinic.operations.doctor.findings import Finding, error, warning
from clinic.sentences import ended, moment

MAY_BE_SILENT_FOR = timedelta(minutes=5)
FAILURES_SHOW_FOR = timedelta(hours=1)
# Each minute's turn of the worker writes reminders three days ahead.
REMINDER_MAY_WAIT = timedelta(minutes=10)
REFUSED_FOR_LONG = timedelta(hours=3)
# Asked for each first page of the admin.
_number_stuck = CountedAgain(lambda now: {"stuck": Email.objects.stuck(now)})
_number_refused = CountedAgain(lambda: {"refused": Email.objects.refused_at_the_door()})


def worker(now: datetime) -> Iterator[Finding]:
    """By the database's clock: a worker's own may be what is wrong."""
    restart = _("Look whether `manage.py work` runs, and what it says; start it again.")
    heartbeat = WorkerHeartbeat.objects.annotate(silent_for=Now() - F("seen_at")).first()
    if heartbeat is None:
        yield error(_("No worker has ever run: no mail goes out, and nobody is reminded."), restart)
    elif heartbeat.silent_for > MAY_BE_SILENT_FOR:
        words = _("No mail goes out and nobody is reminded: no worker has been alive since %(at)s")
        yield error(ended(words % {"at": moment(heartbeat.seen_at)}), restart)
    elif abs(ahead := heartbeat.clock_is_ahead) > CLOCK_MAY_BE_OFF:
        to_do = _(
            "Set it right: a worker that is five minutes off sends nothing. Let chrony or systemd-timesyncd keep it."
        )
        yield error(off(_("the worker’s machine"), ahead), to_do)


def late_mails(now: datetime) -> Iterator[Finding]:
    if _number_stuck(now=now)["stuck"]:
        late = Email.objects.stuck(now).aggregate(many=Count("pk"), since=Min("due_at"))
        words = ngettext(
            "%(many)d mail has not gone out since %(at)s", "%(many)d mails have not gone out since %(at)s", late["many"]
        )
        words %= {"many": late["many"], "at": moment(late["since"])}
        to_do = _("Until mails go out again, call. Look whether the worker runs, and whether the mail server answers.")
        if SiteIdentity.mails_are_held():
            to_do = _("They are held since a backup was restored. Whoever runs the site lets them go: release_mails.")
        yield error(ended(words), to_do)


def refused_password(now: datetime) -> Iterator[Finding]:
    if _number_refused()["refused"]:
        words = _("No mail goes out: the mail server refuses our user name or password.")
        yield error(words, _("Until it takes them, call. EMAIL_URL has to be set right: tell whoever runs the site."))


def choosing_paused(now: datetime) -> Iterator[Finding]:
    if Clinic.current().is_choosing_paused:
        words = _("Patients can’t choose times online: very many were taken within an hour.")
        to_do = _("Mark as spam what is none, then let patients choose again in the admin, under The clinic.")
        yield error(words, to_do)


def failed_jobs(now: datetime) -> Iterator[Finding]:
    """Within the last hour by the database's clock: it wrote when."""
    events = ProcrastinateEvent.objects.filter(type="failed", at__gt=Now() - FAILURES_SHOW_FOR, job__status="failed")
    if names := {name.rpartition(".")[2] for name in events.values_list("job__task_name", flat=True)}:
        words = _("Jobs of the worker failed within the last hour: %(names)s.")
        yield error(words % {"names": ", ".join(sorted(names))}, _("The worker’s log says why."))


def other_code(now: datetime) -> Iterator[Finding]:
    if any(each.version not in ("", code_version.on_disk()) for each in WorkerHeartbeat.objects.all()):
        yield warning(_("The worker runs other code than this."), _("Start the worker again after each upgrade."))


def refused_for_long(now: datetime) -> Iterator[Finding]:
    waiting = Email.objects.filter(state=MailState.WAITING, attempts__gt=0, due_at__lt=now - REFUSED_FOR_LONG)
    if many := waiting.count():
        words = ngettext(
            "The mail server has refused %d mail for hours.", "The mail server has refused %d mails for hours.", many
        )
        yield warning(words % many, _("The list Mails in the admin says why each was refused."))


def unsent_reminders(now: datetime) -> Iterator[Finding]:
    due = [each for each in reminders.unwritten(now) if each.due_at < now - REMINDER_MAY_WAIT]
    if due:
        words = ngettext(
            "%d reminder is due and was not written.", "%d reminders are due and were not written.", len(due)
        )
        to_do = _("Look whether the worker runs, and what the job plan_reminders says in its log.")
        yield error(words % len(due), to_do)


def broken_promises(now: datetime) -> Iterator[Finding]:
    broken = Inquiry.objects.waiting_for_us().filter(answered_at=None, answer_by__lt=now)
    if many := broken.count():
        words = ngettext(
            "%d inquiry waits longer than we promised.", "%d inquiries wait longer than we promised.", many
        )
        yield warning(words % many, _("They are on top of the inbox."))


FIRST_PAGE = (worker, late_mails, refused_password, choosing_paused)
QUICK = (failed_jobs,)
SLOW = (other_code, refused_for_long, unsent_reminders, broken_promises)
