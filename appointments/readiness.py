from datetime import timedelta

from django.utils import timezone

from appointments.models import Email, WorkerSign

WORKERS_MAY_BE_SILENT_FOR = timedelta(minutes=5)


def problems() -> list[str]:
    """What is wrong with the mails and their workers, for alarms."""
    now, found = timezone.now(), []
    sign = WorkerSign.objects.first()
    if sign is None or sign.seen_at < now - WORKERS_MAY_BE_SILENT_FOR:
        found.append("no worker has been alive for 5 minutes")
    if late := Email.objects.stuck(now).count():
        found.append(f"{late} mails are more than 10 minutes late")
    return found
