"""Mails to staff while the clinic is closed: one when it opens, in place of all that would have come in the night."""

from datetime import datetime

from appointments.models import Closure, Email
from clinic import hours, practice


def put_off_until_open(email: Email, now: datetime) -> bool:
    """
    Where this mail is to staff, and nobody is there to read it: plan another one for when the clinic opens.

    Return whether that one takes its place.
    """
    if not email.kind.startswith("staff_"):
        return False
    known = practice.current()
    closures = Closure.objects.periods_of_the_clinic(after=now)
    opens = hours.next_open(now, week=known.week, closures=closures, zone=known.clinic.zone)
    if opens == now:
        return False
    Email.objects.insert_once(
        dedupe_key=f"{email.kind}:{opens:%Y%m%d%H%M}:opening", kind=email.kind, to=email.to, due_at=opens,
        next_try_at=opens,
    )  # fmt: skip
    return True
