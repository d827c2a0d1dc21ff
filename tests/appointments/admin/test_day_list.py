"""The day on paper: who comes to whom, what to mind, who was not told, and what has changed since."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import Permission
from django.utils import timezone
from django.utils.html import strip_tags

from appointments.actors import Actor
from appointments.bookings import statuses
from appointments.demo.history import rewritable
from appointments.models import AccessLog, Appointment, DayNote, Practitioner
from clinic.accounts import roles
from tests import make

pytestmark = pytest.mark.django_db

LIST = "/admin/agenda/2026-11-26/print/"


def at(clock: str, day: int = 26) -> datetime:
    """A moment of November 2026 in New York; the 26th is a Thursday."""
    return datetime.fromisoformat(f"2026-11-{day}T{clock}").replace(tzinfo=ZoneInfo("America/New_York"))


@pytest.fixture(autouse=True)
def clock():
    make.clinic()
    with time_machine.travel(at("07:05"), tick=False) as clock:
        yield clock


@pytest.fixture
def desk(client):
    client.force_login(make.front_desk(first_name="Ann", last_name="Reyes"))
    return client


def booked(doctor: str, starts: datetime, status: str = "booked", /, **fields) -> Appointment:
    its = Practitioner.objects.filter(name=doctor).first() or make.practitioner(doctor, visit=make.visit_type(doctor))
    about = {"practitioner": its, "visit_type": its.schedules.get().visit_type, "status": status}
    more = {name: fields.pop(name) for name in ("overbooked", "overbook_reason", "held_until") if name in fields}
    sender = make.inquiry(sent=timedelta(hours=1), **fields)
    return make.appointment(sender, starts.isoformat(), **about | more)


def lose(visit: Appointment, **fields) -> None:
    Appointment.objects.filter(pk=visit.pk).update(displaced_at=timezone.now(), **fields)


def sheets(answer) -> dict[str, list[str]]:
    """The rows of each practitioner's sheet, as somebody reads them."""
    found = {}
    for sheet in answer.text.split('<section class="day-sheet"')[1:]:
        body = sheet.partition("<tbody>")[2].partition("</tbody>")[0]
        rows = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
        name = strip_tags(sheet.partition("<h2")[2].partition("</h2>")[0].partition(">")[2])
        found[name] = [
            " | ".join(strip_tags(each).strip() for each in re.findall(r"<t[dh].*?</t[dh]>", row)) for row in rows
        ]
    return found


def events():
    return apps.get_model("appointments", "AppointmentEvent")


def written_at(moment: datetime, since: int = 0) -> None:
    """The history is written by the database's clock, which stands still in a test."""
    with rewritable(events()):
        events().objects.filter(pgh_id__gt=since).update(pgh_created_at=moment)


def foot(answer) -> str:
    return strip_tags(answer.text.partition("<tfoot>")[2].partition("</tfoot>")[0])


def test_each_practitioner_has_a_sheet_with_all_that_the_desk_needs(desk):
    booked("Dr. Rivera", at("09:00"), name="Agnes Moreau", phone="212 555 0199", reach_note="No voicemail, please")
    petra = {"patient_name": "Cleo Frost", "phone": "212 555 0117", "spoken_language": "es"}
    booked("Dr. Osei", at("10:30"), "arrived", name="Petra Lang", **petra)
    booked("Dr. Osei", at("09:30"), "pending", name="Held Hart", phone="212 555 0118")
    over = {"overbooked": True, "overbook_reason": "In pain"}
    booked("Dr. Osei", at("11:00"), "fulfilled", name="Over Olsen", phone="212 555 0119", **over)

    answer = desk.get(LIST)

    assert sheets(answer) == {
        "Dr. Osei: 3 visits": [
            "9:30 a.m. | Held Hart | 212 555 0118 | Dr. Osei | held, not confirmed yet | ☐ | ☐ | ",
            "10:30 a.m. | Cleo Frost (through Petra Lang) | 212 555 0117 | Dr. Osei | Español | ☑ | ☐ | ",
            "11 a.m. | Over Olsen | 212 555 0119 | Dr. Osei | overbooked: In pain | ☑ | ☑ | ",
        ],
        "Dr. Rivera: 1 visit": [
            "9 a.m. | Agnes Moreau | 212 555 0199 | Dr. Rivera | No voicemail, please; no voicemail | ☐ | ☐ | "
        ],
    }
    assert foot(answer) == "Printed Thu, Nov. 26, 7:05 a.m. by Ann Reyes. Changes since: none."


def test_displaced_patients_stand_below_with_whether_they_know_and_who_canceled_stands_nowhere(desk):
    lose(booked("Dr. Osei", at("09:00"), name="Walter", phone="212 555 0119"))
    lose(booked("Dr. Osei", at("10:00"), name="Told Tran", phone="212 555 0120"), reached_at=timezone.now())
    booked("Dr. Osei", at("11:00"), "cancelled", name="Gone")
    booked("Dr. Osei", at("12:00"), "proposed", name="Offered", held_until=at("12:00"))
    booked("Dr. Osei", at("09:00", 27), name="Tomorrow")

    assert sheets(desk.get(LIST)) == {
        "Dr. Osei: 0 visits": [
            "9 a.m. | Walter | 212 555 0119 | Displaced, does not take place | NOT TOLD |  |  | ",
            "10 a.m. | Told Tran | 212 555 0120 | Displaced, does not take place | knows it |  |  | ",
        ]
    }


def test_printed_again_it_says_what_has_changed_since(desk, clock):
    stays, goes, moves = (
        booked("Dr. Osei", at(f"{hour}:00"), name=name) for hour, name in ((11, "Stays"), (12, "Goes"), (13, "Moves"))
    )
    written_at(at("07:00"))
    again = re.search(r'href="([^"]*\?since=\d+)"', desk.get(LIST).text)[1]
    assert foot(desk.get(again)).endswith(": none.")
    ann, before = Actor.staff(make.front_desk()), events().objects.latest("pgh_id").pgh_id
    statuses.cancel(appointment=goes, by=ann)
    Appointment.objects.filter(pk=moves.pk).update(
        starts_at=at("13:00", 27), ends_at=at("13:30", 27), blocked_until=at("13:30", 27)
    )
    booked("Dr. Osei", at("15:00"), name="New")
    written_at(at("07:10"), since=before)
    clock.move_to(at("07:15"))

    answer = desk.get(again)

    assert [row.split(" | ")[:2] for row in sheets(answer)["Dr. Osei: 2 visits"]] == [
        ["11 a.m.", "Stays"],
        ["▲ 3 p.m.", "New"],
    ]
    assert "Goes, Dr. Osei: Canceled; Moves, Dr. Osei: moved to Fri, Nov. 27, 1 p.m." in strip_tags(answer.text)
    assert foot(answer).endswith(": 3, marked ▲.")
    assert stays.inquiry.name not in strip_tags(answer.text).partition("No longer on the list")[2].partition("Time")[0]


def test_the_note_of_the_day_stands_on_top(desk):
    DayNote.objects.write(day=at("12:00").date(), words="Leaves at 3", by=make.user(), was="")
    DayNote.objects.write(day=at("12:00", 27).date(), words="Another", by=make.user(), was="")

    html = desk.get(LIST).text

    assert ("Leaves at 3" in html, "Another" in html) == (True, False)


def test_who_printed_how_many_stands_in_the_access_log(desk):
    for hour in (9, 10):
        booked("Dr. Osei", at(f"{hour:02}:00"))

    desk.get(LIST)

    assert list(AccessLog.objects.values_list("action", "inquiry", "hits")) == [("printed", None, 2)]


def test_a_day_without_visits_says_so(desk):
    assert "Nobody comes on this day." in desk.get("/admin/agenda/2026-11-28/print/").text


@pytest.mark.parametrize(
    "day", ["x", "20261126", "2026-W48-4", "2026-11-31", "0001-01-01", "9999-12-31", "2026-11-26-"]
)
def test_what_is_no_day_is_no_page(desk, day):
    assert desk.get(f"/admin/agenda/{day}/print/").status_code == 404


def test_it_is_for_those_who_see_patients(client):
    reader = make.user()
    reader.user_permissions.add(Permission.objects.get(codename="view_appointment"))
    for user in (reader, make.user(roles.CLINICIAN), make.user(roles.CONTENT_EDITOR)):
        client.force_login(user)
        assert client.get(LIST).status_code == 403


def test_it_takes_the_same_statements_however_many_come(desk, django_assert_num_queries):
    for number in range(2):
        booked("Dr. Osei", at(f"{9 + number:02}:00"))
    desk.get(LIST)
    for more in (0, 6):
        for number in range(more):
            booked(f"Dr. {number}", at("09:00"))
        with django_assert_num_queries(6):
            desk.get(LIST)
