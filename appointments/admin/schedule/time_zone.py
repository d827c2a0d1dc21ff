"""The clinic's form, where a change of the time zone shows first whose times it takes."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext

from appointments.admin.schedule.displacement_warning import ConfirmsDisplacement
from appointments.models import Appointment
from clinic.admin import ClinicAdmin
from clinic.models import Clinic


class ClinicWithTimesAdmin(ConfirmsDisplacement, ClinicAdmin):
    """Working hours are wall-clock times: by other clocks, a time that was given may lie outside them."""

    def practitioners(self, obj: Clinic, before: Any = None) -> list[int] | None:
        # Whatever else is changed takes nobody's time.
        return None if before and before["time_zone"] != obj.time_zone else []

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if "time_zone" in form.changed_data and (count := _read_differently(form.initial["time_zone"], form.instance)):
            words = ngettext(
                "%d appointment to come stays at its moment, but its time reads differently now.",
                "%d appointments to come stay at their moments, but their times read differently now.",
                count,
            )
            address = reverse("admin:appointments_appointment_changelist")
            link = format_html('{} <a href="{}">{}</a>', words % count, address, gettext("Call the patients"))
            messages.warning(request, link)


def _read_differently(zone: str, clinic: Clinic) -> int:
    """How many appointments to come, told in the `zone` before, the clinic's clocks now show at another time."""
    old, new = ZoneInfo(zone), clinic.zone
    to_come = Appointment.objects.live().filter(displaced_at=None, starts_at__gt=timezone.now())
    moments = to_come.values_list("starts_at", flat=True)
    return sum(moment.astimezone(old).utcoffset() != moment.astimezone(new).utcoffset() for moment in moments)
