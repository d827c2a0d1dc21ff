"""Free times for eight weeks of five practitioners, half of them booked: what a patient's page of times asks for."""

from datetime import UTC, date, datetime, timedelta

from django.db import connection

from appointments.models import Appointment, AppointmentStatus, Practitioner, WorkingHours
from appointments.scheduling import calendars
from appointments.slots import Calendar, Slot, VisitRules
from clinic.models import Clinic
from tests import make
from tests.bench.measure import Row

FIRST = date(2026, 11, 23)
LAST = FIRST + timedelta(days=8 * 7 - 1)
NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)


class Weeks:
    """The practitioners, who work from nine to five with a break at noon, and every second of their times booked."""

    def __init__(self, practitioners: int = 5):
        about = make.visit_type()
        self.visit: VisitRules = about.rules
        self.zone = Clinic.current().zone
        self.ids = [self._practitioner(about).pk for _ in range(practitioners)]
        self.booked = self._book_every_second()

    def _practitioner(self, about) -> Practitioner:
        made = make.practitioner(visit=about)
        made.working_hours.filter(weekday__gte=5).delete()
        made.working_hours.update(closes="12:00")
        afternoons = (WorkingHours(practitioner=made, weekday=day, opens="13:00", closes="17:00") for day in range(5))
        WorkingHours.objects.bulk_create(afternoons)
        return made

    def _book_every_second(self) -> int:
        slots = self.free(self.calendars())[::2]
        inquiry = make.inquiry()
        # Done, so that one inquiry can have them all: it is about the times.
        rows = (
            Appointment(
                inquiry=inquiry,
                practitioner_id=slot.practitioner_id,
                visit_type_id=slot.visit_type_id,
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                blocked_until=slot.blocked_until,
                status=AppointmentStatus.FULFILLED,
            )
            for slot in slots
        )
        return len(Appointment.objects.bulk_create(rows))

    def calendars(self) -> list[Calendar]:
        return list(calendars.between(self.ids, FIRST, LAST, zone=self.zone).values())

    def free(self, found: list[Calendar]) -> list[Slot]:
        return [slot for each in found for slot in each.slots(self.visit, now=NOW, first=FIRST, last=LAST)]


def rows() -> list[Row]:
    weeks = Weeks()
    read = weeks.calendars()

    def pure() -> list[Slot]:
        # Fresh each time: a calendar remembers what it has merged.
        fresh = [Calendar(each.practitioner_id, each.zone, each.working_periods, each.taken) for each in read]
        return weeks.free(fresh)

    def select_1() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()

    return [
        Row("`SELECT 1`, the floor", select_1),
        Row("free times, 8 weeks x 5 practitioners, pure functions", pure, goal=20),
        Row("the same with their 2 statements", lambda: weeks.free(weeks.calendars())),
    ]
