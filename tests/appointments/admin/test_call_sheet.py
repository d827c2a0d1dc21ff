"""The reminder calls on paper."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils.html import strip_tags

from appointments.models import CallTask, Practitioner
from tests import make

pytestmark = pytest.mark.django_db

SHEET = "/admin/appointments/calltask/tomorrow/"


def at(clock: str, day: int = 26) -> datetime:
    """A moment of November 2026 in New York; the 26th is a Thursday."""
    return datetime.fromisoformat(f"2026-11-{day}T{clock}").replace(tzinfo=ZoneInfo("America/New_York"))


@pytest.fixture(autouse=True)
def clock():
    clinic = make.clinic()
    for weekday in range(5):
        clinic.opening_hours.create(weekday=weekday, opens="08:30", closes="17:00")
    with time_machine.travel(at("09:00"), tick=False) as clock:
        yield clock


@pytest.fixture
def desk(client):
    client.force_login(make.front_desk(first_name="Ann", last_name="Reyes"))
    return client


def reminder(name: str, due: datetime, starts: datetime, **fields) -> CallTask:
    doctor = Practitioner.objects.filter(name="Dr. Osei").first() or make.practitioner("Dr. Osei")
    sender = make.inquiry(name=name, **fields)
    booked = make.appointment(sender, starts.isoformat(), practitioner=doctor, overbooked=True, overbook_reason="x")
    about = {"inquiry": sender, "appointment": booked, "dedupe_key": f"{booked.pk}"}
    return CallTask.objects.create(kind="reminder", due_at=due, **about)


def lines(html: str) -> list[str]:
    """The headings and the rows, as somebody reads them."""
    found = re.findall(r"<h2>.*?</h2>|<tr><td .*?</tr>", html.partition('class="call-sheet"')[2], re.DOTALL)
    return [" ".join(strip_tags(each.replace("<", " <")).split()) for each in found]


def test_it_has_day_time_doctor_name_number_what_to_say_and_a_box_by_the_day_of_the_call(desk):
    later = reminder("Due Tomorrow", at("17:00", 27), at("10:00", 30), phone="212 555 0188")
    petra = {
        "patient_name": "Cleo Frost",
        "phone": "212 555 0117",
        "reach_note": "no voicemail",
        "spoken_language": "es",
    }
    today = reminder("Petra Lang", at("17:00"), at("09:30", 27), **petra)
    left = reminder("Left Over", at("17:00", 25), at("09:00", 27), phone="", email="a@b.example", contact_by="email")
    reminder("Due Next Week", at("17:00", 30), at("10:00", 30))
    CallTask.objects.create(kind="answered", inquiry=make.inquiry(name="Other"), due_at=at("08:00"), dedupe_key="x")

    assert lines(desk.get(SHEET).text) == [
        "Thursday, Nov. 26, from noon on, while we are open",
        f"Fri, Nov. 27 9 a.m. Dr. Osei Left Over {left.inquiry.shown_reference}"
        " No phone number: look in the chart, correct the email address or say that it works, or write a letter."
        " We expect you on Fri, Nov. 27, 9 a.m., with Dr. Osei. ☐",
        f"Fri, Nov. 27 9:30 a.m. Dr. Osei Cleo Frost (through Petra Lang) {today.inquiry.shown_reference}"
        " 212 555 0117 No voicemail. Español We expect you on Fri, Nov. 27, 9:30 a.m., with Dr. Osei. ☐",
        "Friday, Nov. 27, from noon on, while we are open",
        f"Mon, Nov. 30 10 a.m. Dr. Osei Due Tomorrow {later.inquiry.shown_reference}"
        " 212 555 0188 We expect you on Mon, Nov. 30, 10 a.m., with Dr. Osei. ☐",
    ]


def test_it_says_when_it_was_printed_and_by_whom(desk):
    reminder("Rosa", at("17:00"), at("09:30", 27))

    assert "Printed Thu, Nov. 26, 9 a.m. by Ann Reyes." in desk.get(SHEET).text


def test_without_any_it_says_so(desk):
    html = desk.get(SHEET).text

    assert "No reminder calls are due by the end of tomorrow." in html
    assert lines(html) == []


def test_many_take_as_many_statements_as_one(desk, django_assert_num_queries):
    reminder("Rosa", at("17:00"), at("09:30", 27))
    desk.get(SHEET)
    for place in range(2):
        with django_assert_num_queries(8):
            html = desk.get(SHEET).text
        assert len(lines(html)) == 1 + 1 + place * 3
        for minute in range(3):
            reminder(f"N{minute}", at("17:00"), at(f"10:0{minute}", 27))
