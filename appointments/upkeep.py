"""What has to be done every minute and every night, whether or not anybody asks."""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from appointments.actions import offers
from appointments.models import Appointment, AppointmentStatus, Inquiry, Status, WorkerSign


def sign() -> None:
    WorkerSign.objects.update_or_create(pk=1, defaults={"seen_at": timezone.now()})


def let_offers_expire() -> None:
    """What nobody chose in time is free, and the front desk's again."""
    now = timezone.now()
    # Whoever books such a time clears the offer away: it is no longer proposed then, but its patient still waits.
    ended = Appointment.objects.filter(
        inquiry=OuterRef("pk"), held_until__lte=now, held_until__gt=OuterRef("moved_at"),
        status__in=(AppointmentStatus.PROPOSED, AppointmentStatus.CANCELLED),
    )  # fmt: skip
    waiting = Inquiry.objects.filter(Exists(ended), status=Status.WAITING_FOR_PATIENT)
    for inquiry in waiting.exclude(appointments__in=Appointment.objects.offered(now)):
        offers.let_expire(inquiry=inquiry)
