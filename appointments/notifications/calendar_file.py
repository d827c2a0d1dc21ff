"""
An appointment as a calendar file.

METHOD PUBLISH, so that calendars show no Accept and Decline buttons that would do nothing; times in UTC; a title that
tells nothing to other people who see the calendar. Nothing that a patient typed is in it, and of the clinic's words no
sign that turns others: programs look for the place on a map. Source: RFC 5545, RFC 5546 (3.2.1).
"""

from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from appointments.models import Appointment, AppointmentStatus
from clinic.models import Clinic
from clinic.typed_text import seen

CONTENT_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"
FILE_NAME = "appointment.ics"
_STATUS = {AppointmentStatus.PENDING: "TENTATIVE", AppointmentStatus.CANCELLED: "CANCELLED"}


def build(appointment: Appointment) -> bytes:
    """The file for this appointment as it is now; a later one replaces it in calendars by UID and SEQUENCE."""
    clinic = Clinic.current()
    event = Event()
    event.add("uid", appointment.calendar_uid)
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", timezone.now())
    event.add("dtstart", appointment.starts_at)
    event.add("dtend", appointment.ends_at)
    event.add("status", _STATUS.get(AppointmentStatus(appointment.status), "CONFIRMED"))
    event.add("summary", _("Appointment"))
    event.add("location", seen(", ".join(clinic.address.splitlines())))
    event.add("description", _description(appointment, clinic))
    calendar = Calendar()
    calendar.add("prodid", "-//clinic-site//appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return calendar.to_ical()


def _description(appointment: Appointment, clinic: Clinic) -> str:
    words = _("Questions? Call %(phone)s and give %(reference)s. Deleting this from your calendar does not cancel it.")
    if appointment.status == AppointmentStatus.PENDING:
        words = _("Not confirmed yet.") + " " + words
    return words % {"phone": seen(clinic.phone), "reference": appointment.inquiry.shown_reference}
