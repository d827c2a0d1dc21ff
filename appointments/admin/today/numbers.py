"""How much of everything waits: the numbers of the first page, in one statement."""

from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from appointments.models import Appointment, CallTask, DayNote, Email, Inquiry
from appointments.models.counting import CountedAgain
from appointments.notifications.calls import end_of_day

# Spam is new for as long as a weekend lasts.
SPAM_IS_NEW_FOR = timedelta(days=3)


def _rows(now: datetime, morning: datetime, evening: datetime, day: date, reader: int) -> dict[str, QuerySet]:
    waiting = Inquiry.objects.waiting_for_us()
    return {
        "waiting": waiting,
        "mine": waiting.filter(assigned_to_id=reader),
        "nobodys": waiting.filter(assigned_to=None),
        "by_hand": Inquiry.objects.to_check_by_hand(),
        "spam": Inquiry.objects.spam().filter(created_at__gt=now - SPAM_IS_NEW_FOR),
        "calls": CallTask.objects.to_make(),
        "reminders": CallTask.objects.reminders(evening),
        "held": Appointment.objects.to_confirm(),
        "displaced": Appointment.objects.displaced(now),
        "unmarked": Appointment.objects.unmarked(morning),
        "mails": Email.objects.in_trouble(now),
        # Whoever would take another time: where nobody would, no calendar is looked at.
        "would_come": Inquiry.objects.filter(waiting_list_since__isnull=False),
        # One or nothing, as most days have.
        "notes": DayNote.objects.filter(day=day),
    }


_numbers = CountedAgain(_rows)


def numbers(now: datetime, reader: int) -> dict[str, int]:
    """Those for this reader, by their names; "others" is what colleagues of theirs have taken."""
    morning = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    found = _numbers(now=now, morning=morning, evening=end_of_day(now), day=morning.date(), reader=reader)
    return {**found, "others": found["waiting"] - found["mine"] - found["nobodys"]}
