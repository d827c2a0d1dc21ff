"""What has to be done every minute and every night, whether or not anybody asks."""

from django.utils import timezone

from appointments.models import WorkerSign


def sign() -> None:
    WorkerSign.objects.update_or_create(pk=1, defaults={"seen_at": timezone.now()})
