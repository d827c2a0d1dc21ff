"""Free times, half of them booked: of five practitioners for eight weeks, and a page of those of twenty for years."""

from datetime import UTC, date, datetime, timedelta

from django.db import connection
from django.test import Client
from django.utils import timezone

from appointments.models import Appointment, AppointmentStatus, Practitioner, WorkingHours
from appointments.scheduling import calendars
from appointments.slots import Calendar, Slot, VisitRules
from clinic import database_limits
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


class Years:
    """A page of times: practitioners who work from nine to five, and the second half of each hour is booked."""

    def __init__(self, practitioners: int = 20, days: int = 730):
        visit = make.visit_type(horizon_days=days)
        ids = [make.practitioner(visit=visit).pk for _ in range(practitioners)]
        self.visit, today = visit.pk, timezone.localdate()
        # On a slow day so many rows take longer than a visitor's statement may.
        with database_limits.lifted(), connection.cursor() as cursor:
            # Their history is not asked for, and would take a minute.
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(BOOK_THE_SECOND_HALVES, [make.inquiry().pk, visit.pk, ids, days, today])
            self.booked = cursor.rowcount
            cursor.execute("SET session_replication_role = DEFAULT")
            cursor.execute("ANALYZE appointments_appointment")

    def page(self, query: str = "") -> str:
        return Client().get(f"/appointments/times/?visit={self.visit}{query}").content.decode()


# Done, so that one inquiry can have them all: it is about the times.
BOOK_THE_SECOND_HALVES = """
    INSERT INTO appointments_appointment (inquiry_id, practitioner_id, visit_type_id, starts_at, ends_at, blocked_until,
        status, overbooked, overbook_reason, cancelled_late, reschedules, sequence, uid, version, created_at,
        time_set_at)
    SELECT %s, practitioner, %s, starts_at, starts_at + interval '30 min', starts_at + interval '30 min',
        'fulfilled', false, '', false, 0, 0, gen_random_uuid(), 1, now(), now()
    FROM unnest(%s) practitioner, generate_series(0, %s) day, generate_series(0, 7) hour,
        LATERAL (SELECT (%s::date + day + time '09:30' + hour * interval '1 hour')
            AT TIME ZONE 'America/New_York' AS starts_at) AS moments
"""


def rows() -> list[Row]:
    weeks, years = Weeks(), Years()
    read = weeks.calendars()
    in_a_year = date.today() + timedelta(days=365)  # noqa: DTZ011  (any day far off)

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
        Row("page of free times, 20 practitioners x 730 days", years.page, goal=60),
        Row("the same in a year, earlier days", lambda: years.page(f"&before={in_a_year}"), goal=60),
    ]
