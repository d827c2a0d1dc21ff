"""The agenda's pages: what stands in a day and a week, and what is pressed there."""

import html
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from appointments.actors import Actor
from appointments.admin.agenda.reading import read
from appointments.inquiries import conversation
from appointments.models import (
    Appointment,
    AppointmentStatus,
    Call,
    Closure,
    Email,
    Practitioner,
    VisitType,
)
from appointments.models.inquiry_choices import SpokenLanguage
from appointments.scheduling import calendars, free_times, slot_codes
from appointments.slots import Slot
from clinic.accounts import roles
from clinic.models import Clinic
from tests import make

pytestmark = pytest.mark.django_db

TUESDAY = date(2026, 11, 24)
DAY, WEEK = "/admin/agenda/2026-11-24/", "/admin/agenda/2026-11-24/week/"


@pytest.fixture(autouse=True)
def monday_noon():
    make.clinic()
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def visit() -> VisitType:
    return make.visit_type("First visit")


@pytest.fixture
def doctor(visit) -> Practitioner:
    return make.practitioner("Jane Doe, MD", visit=visit)


@pytest.fixture
def desk(client):
    client.force_login(make.front_desk())
    return client


@pytest.fixture
def on_the_day(desk, monday_noon):
    """Somebody of the front desk on Tuesday, at the hour that is asked for."""

    def go(hour: float):
        monday_noon.move_to(at(hour))
        desk.force_login(make.front_desk())
        return desk

    return go


def at(hour: float, day: date = TUESDAY) -> datetime:
    """A moment by the clinic's clocks."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=Clinic.current().zone)
    return (midnight + timedelta(hours=hour)).astimezone(UTC)


def visit_of(doctor, hour: float, day: date = TUESDAY, *, name: str = "Rosa Lind", minutes: int = 30, **fields):
    """A booked visit of somebody with this name; fields of their inquiry go to it."""
    theirs = ("phone", "patient_name", "reach_note", "spoken_language")
    sender = make.inquiry(name=name, **{key: fields.pop(key) for key in theirs if key in fields})
    begins = at(hour, day)
    ends = begins + timedelta(minutes=minutes)
    defaults = {"starts_at": begins, "ends_at": ends, "blocked_until": ends, "status": AppointmentStatus.BOOKED}
    kind = doctor.schedules.get().visit_type
    return Appointment.objects.create(inquiry=sender, practitioner=doctor, visit_type=kind, **defaults | fields)


def cells(page) -> list[str]:
    """The words of each cell that has some, in the order of the page."""
    body = page.content.decode().partition('class="agenda-table"')[2].partition("</table>")[0]
    found = re.findall(r"<td[^>]*>(.*?)</td>", body.partition("<tbody>")[2], re.DOTALL)
    words = [html.unescape(" ".join(strip_tags(each.replace("<p", " <p")).split())) for each in found]
    return [each for each in words if each]


def heads(page) -> list[str]:
    row = page.content.decode().partition('class="agenda-table"')[2].partition("</thead>")[0]
    return [html.unescape(strip_tags(each)) for each in re.findall(r'<th scope="col"[^>]*>(.*?)</th>', row)][1:]


def buttons(page, form: str) -> dict[str, str]:
    """What the buttons of a form post, by what is read out of them."""
    found = re.findall(
        rf'<button form="{form}" name="\w+" value="([^"]*)"([^>]*)>(.*?)</button>', page.content.decode()
    )
    return {_read_out(attributes, words): value for value, attributes, words in found}


def _read_out(attributes: str, words: str) -> str:
    label = re.search(r'aria-label="([^"]*)"', attributes)
    return html.unescape(label[1] if label else strip_tags(words))


def said(answer) -> list[str]:
    return [strip_tags(str(message)) for message in get_messages(answer.wsgi_request)]


class TestADay:
    def test_it_has_a_column_for_each_who_is_there_with_their_hours(self, desk, doctor):
        other = make.practitioner("John Roe, MD")
        other.working_hours.filter(weekday=TUESDAY.weekday()).delete()
        other.working_hours.create(weekday=TUESDAY.weekday(), opens="08:30", closes="12:00")
        other.working_hours.create(weekday=TUESDAY.weekday(), opens="13:00", closes="16:30")
        make.practitioner("Away, MD").working_hours.filter(weekday=TUESDAY.weekday()).delete()

        page = desk.get(DAY)

        assert heads(page) == ["Jane Doe, MD 9–5", "John Roe, MD 8:30–12, 1–4:30"]
        assert "Not here on this day: Away, MD" in page.content.decode()

    def test_every_free_stretch_leads_to_a_new_caller_with_practitioner_and_time(self, desk, doctor, visit):
        visit_of(doctor, 10)

        page = desk.get(DAY)

        assert cells(page) == [
            "+ free 9–10 a.m. (60 min), Jane Doe, MD, Tue, Nov. 24",
            "● Rosa Lind 10–10:30 a.m. booked · First visit · " + Appointment.objects.get().inquiry.phone[-4:],
            "+ free 10:30 a.m.–5 p.m. (390 min), Jane Doe, MD, Tue, Nov. 24",
        ]
        _first, second = re.findall(r'class="new" href="([^"]*)"', page.content.decode())
        code = slot_codes.encode(Slot.starting_at(at(10.5), visit.rules, doctor.pk))
        assert second == f"/admin/appointments/inquiry/new/?slot={code}"
        form = desk.get(second).content.decode()
        assert "For the free time: <strong>Tue, Nov. 24, 10:30 a.m.</strong>" in form
        assert f'<option value="{doctor.pk}" selected>Jane Doe, MD</option>' in form
        found = desk.post("/admin/appointments/inquiry/new/", {
            "do": "find", "source": "phone", "name": "Ann Lee", "idempotency_key": "5" * 32, **make.hidden_fields(form),
        }).content.decode()  # fmt: skip
        assert re.findall(r'name="slot" value="([^"]*)" id="[^"]*" checked', found) == [code]

    def test_no_address_has_a_name_or_a_number(self, desk, doctor):
        visit_of(doctor, 10, name="Zebulon Quist", phone="212 555 7733")

        page = desk.get(DAY).content.decode() + desk.get(WEEK).content.decode()

        addresses = " ".join(re.findall(r'(?:href|action)="([^"]*)"', page))
        assert ("Zebulon" in addresses, "7733" in addresses) == (False, False)
        assert "Zebulon Quist" in page

    def test_each_state_has_its_sign_and_its_word(self, desk, doctor):
        held_until = at(12, TUESDAY)
        for hour, status in enumerate(
            ("proposed", "pending", "booked", "arrived", "fulfilled", "noshow", "cancelled"), 9
        ):
            until = {"held_until": held_until} if status == "proposed" else {}
            visit_of(doctor, hour, name=status.title(), phone="212 555 0100", status=status, **until)
        lost = visit_of(doctor, 16, name="Displaced", phone="212 555 0100", displaced_at=timezone.now())

        shown = [re.split(r" · First| \d", each)[0] + " | " + each.partition("m. ")[2].partition(" ·")[0]
                 for each in cells(desk.get(DAY)) if "0100" in each]  # fmt: skip

        # The database writes down by its own clock when they came.
        assert [re.sub(r"since .*", "since then", each) for each in shown] == [
            "◌ Proposed | offered until Tue, Nov. 24, noon",
            "◌ Pending | held",
            "● Booked | booked",
            "✓ Arrived | here since then",
            "■ Fulfilled | done",
            "✕ Noshow | did not come",
            "⚠ Displaced | displaced, not told booked",
        ]
        Appointment.objects.filter(pk=lost.pk).update(reached_at=timezone.now())
        assert [each for each in cells(desk.get(DAY)) if "displaced, they know" in each] != []

    def test_what_runs_out_is_not_there(self, desk, doctor, monday_noon):
        visit_of(doctor, 10, status="proposed", held_until=timezone.now() + timedelta(minutes=10))
        assert any("Rosa Lind" in each for each in cells(desk.get(DAY)))

        monday_noon.shift(timedelta(minutes=10))

        assert cells(desk.get(DAY)) == ["+ free 9 a.m.–5 p.m. (480 min), Jane Doe, MD, Tue, Nov. 24"]

    def test_two_at_one_time_stand_side_by_side_and_say_why(self, desk, doctor):
        visit_of(doctor, 10, name="Ann Lee", phone="212 555 0101")
        visit_of(doctor, 10, name="Bo Ray", phone="212 555 0102", overbooked=True, overbook_reason="In great pain")

        page = desk.get(DAY)

        assert cells(page)[1:3] == [
            "● Ann Lee 10–10:30 a.m. booked · First visit · 0101",
            "⚠ Bo Ray 10–10:30 a.m. overbooked: In great pain booked · First visit · 0102",
        ]
        [row] = [each for each in page.content.decode().split("<tr") if "Ann Lee" in each]
        assert "Bo Ray" in row
        assert '<th scope="col" colspan="2">Jane Doe, MD' in page.content.decode()

    def test_what_is_closed_or_busy_says_so_in_words(self, desk, doctor):
        Closure.objects.create(practitioner=doctor, name="Ill", starts_at=at(8), ends_at=at(10))
        Closure.objects.create(name="Burst pipe", starts_at=at(16), ends_at=at(20))
        week_before = timedelta(days=7)
        doctor.busy_blocks.create(
            starts_at=at(11) - week_before, ends_at=at(12) - week_before, is_weekly=True, words="Operating room"
        )
        other = make.practitioner("John Roe, MD")

        assert [each.partition(" (")[0] for each in cells(desk.get(f"{DAY}?with={other.pk}"))] == [
            "closed 9–10 a.m.: Ill",
            "+ free 9 a.m.–4 p.m.",
            "+ free 10–11 a.m.",
            "busy elsewhere 11 a.m.–12 p.m.: Operating room, every week",
            "+ free 12–4 p.m.",
            "closed 4–5 p.m.: Burst pipe",
            "closed 4–5 p.m.: Burst pipe",
        ]

    def test_a_visit_in_a_closure_stands_beside_it(self, desk, doctor):
        visit_of(doctor, 9, name="Walter O’Shaughnessy", phone="212 555 0119", displaced_at=timezone.now())
        Closure.objects.create(practitioner=doctor, name="Ill", starts_at=at(8), ends_at=at(10))

        assert cells(desk.get(DAY))[:2] == [
            "⚠ Walter O’Shaughnessy 9–9:30 a.m. displaced, not told booked · First visit · 0119",
            "closed 9–10 a.m.: Ill",
        ]

    def test_it_says_what_to_mind_and_through_whom_they_come(self, desk, doctor):
        given = visit_of(
            doctor, 10, name="Petra Lang", patient_name="Cleo Frost", phone="212 555 0101", reach_note="wheelchair",
            spoken_language=SpokenLanguage.SPANISH,
        )  # fmt: skip
        conversation.note(inquiry=given.inquiry, words="Older note", by=Actor.system())
        conversation.note(inquiry=given.inquiry, words="Brings films. " * 20, by=Actor.system())

        assert cells(desk.get(DAY))[1] == (
            "● Cleo Frost (through Petra Lang) 10–10:30 a.m. booked · First visit · 0101 · Español, wheelchair · "
            + ("Brings films. " * 20)[:79] + "…"
        )  # fmt: skip

    def test_the_same_name_on_one_day_is_said_of_both(self, desk, doctor):
        visit_of(doctor, 9, name="Ann Lee", phone="212 555 0101")
        visit_of(make.practitioner("John Roe, MD"), 15, name="ann  LEE", phone="212 555 0102")
        visit_of(doctor, 10, name="Bo Ray", phone="212 555 0103")
        visit_of(doctor, 9, TUESDAY + timedelta(days=1), name="Bo Ray", phone="212 555 0104")

        named = {each.partition(" ")[2].partition(" 1")[0]: "same name as another that day" in each
                 for each in cells(desk.get(DAY)) if each.startswith("●")}  # fmt: skip

        assert list(named.values()) == [True, False, True]

    def test_a_line_stands_at_now_on_this_day_alone(self, desk, doctor):
        today = desk.get("/admin/agenda/2026-11-23/").content.decode()

        assert re.findall(r'<tr class="now"><th scope="row">(.*?)</th>', today) == [
            '<strong>12 p.m.</strong><span class="now-line">now 12</span>'
        ]
        assert 'class="now"' not in desk.get(DAY).content.decode()

    def test_what_has_passed_today_is_not_offered_and_a_link_begins_with_the_next_five_minutes(
        self, desk, doctor, monday_noon
    ):
        monday_noon.move_to("2026-11-23T17:02:30Z")

        assert cells(desk.get("/admin/agenda/2026-11-23/")) == [
            "was free 9 a.m.–12:02 p.m.",
            "+ free 12:05–5 p.m. (295 min), Jane Doe, MD, Mon, Nov. 23",
        ]

    def test_who_has_left_has_a_column_while_somebody_is_booked_with_them(self, desk, doctor):
        visit_of(doctor, 10)
        Practitioner.objects.update(is_active=False)

        assert heads(desk.get(DAY)) == ["Jane Doe, MD no hours"]
        assert heads(desk.get("/admin/agenda/2026-11-25/")) == []

    def test_a_narrow_screen_has_the_column_that_is_asked_for(self, desk, doctor):
        other = make.practitioner("John Roe, MD")

        page = desk.get(f"{DAY}?with={other.pk}").content.decode()

        assert re.findall(r'<th scope="col" class="other">(.*?) <', page) == ["Jane Doe, MD"]
        narrow = page.partition('class="narrow"')[2].partition("</nav>")[0]
        assert re.findall(r'href="([^"]*)"(?: aria-current="page")?>([^<]*)<', narrow) == [
            (f"{DAY}?with={doctor.pk}", "Jane Doe, MD"),
            (f"{DAY}?with={other.pk}", "John Roe, MD"),
        ]


class TestAWeek:
    def test_it_has_five_days_and_seven_for_who_works_at_the_weekend(self, desk, doctor):
        assert heads(desk.get(WEEK)) == [f"{day}, Nov. {23 + number} 9–5" for number, day in enumerate(
            ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))]  # fmt: skip

        doctor.working_hours.filter(weekday__gte=5).delete()

        assert len(heads(desk.get(WEEK))) == 5
        visit_of(doctor, 10, date(2026, 11, 28))
        assert len(heads(desk.get(WEEK))) == 7

    def test_above_it_stand_everybodys_free_first_visits(self, desk, doctor, visit):
        doctor.working_hours.filter(weekday__gte=5).delete()
        doctor.working_hours.filter(weekday=2).delete()
        doctor.working_hours.filter(weekday=3).update(closes="10:00")
        visit_of(doctor, 9, date(2026, 11, 26), minutes=60)
        follow_up = make.visit_type("Later", position=1)
        other = make.practitioner("John Roe, NP", visit=follow_up)
        other.working_hours.filter(weekday__gte=5).delete()

        page = desk.get(WEEK).content.decode()

        table = page.partition('class="agenda-free"')[2].partition("</table>")[0]
        rows = [re.findall(r"<(?:th|td)[^>]*>(.*?)</(?:th|td)>", row) for row in table.split("<tr>")[2:]]
        assert [[strip_tags(cell) for cell in row] for row in rows] == [
            ["Jane Doe, MD", "10", "16", "–", "0", "16"],
            ["John Roe, NP", "–", "–", "–", "–", "–"],
        ]

    def test_it_is_of_who_is_asked_for(self, desk, doctor):
        other = make.practitioner("John Roe, MD", position=1)
        visit_of(other, 10)

        assert [each for each in cells(desk.get(WEEK)) if "Rosa" in each] == []
        assert [each for each in cells(desk.get(f"{WEEK}?with={other.pk}")) if "Rosa" in each] != []


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        ["/admin/agenda/2026-02-30/", "/admin/agenda/1900-01-01/", "/admin/agenda/2199-12-31/week/",
         "/admin/agenda/9999-12-31/", "/admin/agenda/0000-00-00/", "/admin/agenda/٢٠٢٦-١١-٢٤/", "/admin/agenda/today/"],
    )  # fmt: skip
    def test_what_is_no_day_of_ours_is_not_there(self, desk, doctor, address):
        assert desk.get(address).status_code == 404

    @pytest.mark.parametrize("address", ["/admin/agenda/1901-01-01/", "/admin/agenda/2198-12-31/week/",
                                         "/admin/agenda/2026-11-01/", "/admin/agenda/2026-03-08/week/"])  # fmt: skip
    def test_the_ends_of_time_and_days_on_which_clocks_change_are(self, desk, doctor, address):
        assert desk.get(address).status_code == 200

    @pytest.mark.parametrize(
        ("asked", "leads"),
        [
            ("", "/admin/agenda/2026-11-23/"),
            ("?day=2026-11-24", DAY),
            ("?day=2026-11-24&week=1&with=7&move=x", f"{WEEK}?with=7"),
            ("?day=abc", "/admin/agenda/2026-11-23/"),
            ("?day=9999-12-31&move=44", "/admin/agenda/2026-11-23/?move=44"),
        ],
    )
    def test_the_agenda_leads_to_the_day_that_is_asked_for_or_today(self, desk, asked, leads):
        assert desk.get(f"/admin/agenda/{asked}").headers["Location"] == leads

    @pytest.mark.parametrize("odd", ["0", "x", "٣", "9" * 30, "", "-1"])
    def test_odd_ids_break_nothing(self, desk, doctor, odd):
        for page in (DAY, WEEK):
            assert desk.get(page, {"with": odd, "move": odd}).status_code == 200
            assert desk.post(f"{page}?move={odd}", {"slot": odd}).status_code in (200, 302)
            assert desk.post(page, {"do": f"arrived:{odd}"}).status_code == 404
            assert desk.post(page, {"do": odd}).status_code == 400

    @pytest.mark.parametrize("role", [roles.CLINICIAN, roles.CONTENT_EDITOR, None])
    def test_who_may_not_see_appointments_sees_no_agenda(self, client, doctor, role):
        client.force_login(make.user(role))

        assert [client.get(each).status_code for each in ("/admin/agenda/", DAY, WEEK)] == [403] * 3


class TestPressing:
    def test_each_visit_has_its_next_step_and_only_on_its_day(self, desk, doctor, on_the_day):
        visit_of(doctor, 10, name="Held", status="pending")
        visit_of(doctor, 11, name="Booked")
        visit_of(doctor, 12, name="Here", status="arrived")
        visit_of(doctor, 13, name="Done", status="fulfilled")
        assert list(buttons(desk.get(DAY), "press")) == ["Confirm this time: Held, Tue, Nov. 24, 10 a.m."]

        on_the_day(11.5)

        assert [each.partition(",")[0] for each in buttons(desk.get(DAY), "press")] == [
            "Confirm this time: Held", "Arrived: Booked", "Did not come: Booked", "Visit done: Here",
        ]  # fmt: skip

    def test_a_press_comes_back_to_the_visit_says_what_it_did_and_can_be_undone(self, doctor, on_the_day):
        given, desk = visit_of(doctor, 10), on_the_day(10)
        page = desk.get(DAY)
        [arrived, _noshow] = buttons(page, "press").values()

        answer = desk.post(f"{DAY}?with={doctor.pk}", {"do": arrived})

        back = f"{DAY}?with={doctor.pk}#visit-{given.pk}"
        assert answer.headers["Location"] == back
        assert said(answer) == ["Rosa Lind, Tue, Nov. 24, 10 a.m. with Jane Doe, MD: arrived. Undo"]
        given.refresh_from_db()
        assert given.status == AppointmentStatus.ARRIVED
        page = desk.get(DAY).content.decode()
        name = re.search(r'name="undo" value="(\w+)"', page)[1]
        undone = desk.post(f"/admin/appointments/inquiry/{given.inquiry_id}/undo/", {"undo": name})
        assert undone.headers["Location"] == back
        given.refresh_from_db()
        assert given.status == AppointmentStatus.BOOKED

    def test_pressed_twice_it_is_done_once(self, doctor, on_the_day):
        given, desk = visit_of(doctor, 10), on_the_day(10)
        [arrived, _noshow] = buttons(desk.get(DAY), "press").values()
        desk.post(DAY, {"do": arrived})

        answer = desk.post(DAY, {"do": arrived})

        assert said(answer)[-1].startswith("A colleague, the patient or the clock changed this time meanwhile.")
        given.refresh_from_db()
        assert (given.status, given.version) == (AppointmentStatus.ARRIVED, 2)

    def test_a_held_time_is_confirmed_with_one_press_and_its_patient_told(self, desk, doctor):
        given = visit_of(doctor, 10, status="pending")
        [confirm] = buttons(desk.get(DAY), "press").values()

        answer = desk.post(DAY, {"do": confirm})

        given.refresh_from_db()
        assert given.status == AppointmentStatus.BOOKED
        assert said(answer) == [
            "Rosa Lind, Tue, Nov. 24, 10 a.m. with Jane Doe, MD: booked. Please call them: no mail tells them. Undo"
        ]


def test_who_may_only_look_presses_nothing(client, doctor, monday_noon):
    monday_noon.move_to(at(10))
    looker = make.user()
    looker.user_permissions.add(Permission.objects.get(codename="view_appointment"))
    client.force_login(looker)
    given = visit_of(doctor, 10)

    page = client.get(DAY)

    assert (buttons(page, "press"), 'class="new"' in page.content.decode()) == ({}, False)
    assert client.post(DAY, {"do": f"arrived:{given.pk}:1"}).status_code == 403
    moved = client.post(f"{DAY}?move={given.pk}", {"slot": "x", "held": f"{given.pk}:1"})
    assert said(moved) == ["This visit can’t be moved any longer."]


class TestMoving:
    def address(self, given: Appointment, page: str = WEEK) -> str:
        return f"{page}?move={given.pk}"

    def test_the_desk_leads_to_the_week_of_the_visit(self, desk, doctor):
        given = visit_of(doctor, 10)

        page = desk.get(reverse("admin:appointments_inquiry_change", args=[given.inquiry_id])).content.decode()

        assert f'href="{self.address(given)}">Move it</a>' in page

    def test_what_fits_is_what_the_desk_offers_and_each_is_a_button(self, desk, doctor, visit):
        make.practitioner("John Roe, NP", visit=make.visit_type("Other"))
        given = visit_of(doctor, 10.25)
        visit_of(doctor, 12, name="Ann Lee")

        codes = list(buttons(desk.get(self.address(given, DAY)), "move").values())

        schedules = list(doctor.schedules.model.objects.for_staff())
        asked = {"visit": str(visit.pk), "day": TUESDAY.isoformat()}
        found = free_times.find(schedules, asked, now=timezone.now(), without=given, for_staff=True)
        assert codes == [code for _slot, code, _person in found.rows]
        assert len(codes) == 15

    def test_nothing_else_changes_and_nothing_leads_to_a_new_caller(self, desk, doctor):
        given = visit_of(doctor, 10)
        visit_of(doctor, 12, name="Ann Lee", phone="212 555 0101", status="pending")

        page = desk.get(self.address(given, DAY))

        assert "◌ Ann Lee 12–12:30 p.m. held · First visit · 0101" in cells(page)
        assert "/inquiry/new/" not in page.content.decode()
        assert buttons(page, "press") == {}
        assert "This visit moves." in page.content.decode()
        back = reverse("admin:appointments_inquiry_change", args=[given.inquiry_id])
        assert f'<a href="{back}" data-back>← Back to the desk without moving</a>' in page.content.decode()

    def test_a_press_moves_it_and_leads_back_to_the_desk(self, desk, doctor):
        given = visit_of(doctor, 10)
        page = desk.get(self.address(given))
        code = buttons(page, "move")["Move here 2 p.m., Thu, Nov. 26, Jane Doe, MD"]

        answer = desk.post(self.address(given), {**self.hidden(page), "slot": code})

        assert answer.headers["Location"] == f"/admin/appointments/inquiry/{given.inquiry_id}/change/"
        given.refresh_from_db()
        assert given.starts_at == at(14, date(2026, 11, 26))
        assert said(answer) == [
            "Rosa Lind, Thu, Nov. 26, 2 p.m. with Jane Doe, MD: moved from Tue, Nov. 24, 10 a.m. "
            "Please call them: no mail tells them. Undo"
        ]

    def test_who_is_on_the_phone_with_them_tells_them(self, desk, doctor):
        given = visit_of(doctor, 10)
        page = desk.get(self.address(given))
        code = buttons(page, "move")["Move here 2 p.m., Thu, Nov. 26, Jane Doe, MD"]

        answer = desk.post(self.address(given), {**self.hidden(page), "slot": code, "is_told": "on"})

        assert said(answer)[0].endswith("moved from Tue, Nov. 24, 10 a.m. They know. Undo")
        assert [call.outcome for call in Call.objects.all()] == ["reached"]
        assert given.call_tasks.filter(state="waiting").count() == 0
        assert Email.objects.filter(appointment=given, state="waiting").exclude(kind="reminder").count() == 0

    @staticmethod
    def hidden(page) -> dict[str, str]:
        form = page.content.decode().partition('id="move"')[2].partition("</form>")[0]
        return make.hidden_fields(form)

    def test_what_a_colleague_did_meanwhile_is_noticed(self, desk, doctor):
        given = visit_of(doctor, 10)
        page = desk.get(self.address(given))
        code = buttons(page, "move")["Move here 2 p.m., Thu, Nov. 26, Jane Doe, MD"]
        Appointment.objects.update(version=2)

        answer = desk.post(self.address(given), {**self.hidden(page), "slot": code})

        assert answer.status_code == 200
        assert "A colleague, the patient or the clock changed this time meanwhile." in answer.content.decode()
        given.refresh_from_db()
        assert given.starts_at == at(10)

    def test_a_time_that_was_taken_meanwhile_is_said_to_be(self, desk, doctor):
        given = visit_of(doctor, 10)
        page = desk.get(self.address(given))
        code = buttons(page, "move")["Move here 2 p.m., Thu, Nov. 26, Jane Doe, MD"]
        visit_of(doctor, 14, date(2026, 11, 26))

        answer = desk.post(self.address(given), {**self.hidden(page), "slot": code, "is_told": "on"})

        assert "This time is not free any longer." in answer.content.decode()
        assert (
            'name="is_told" aria-describedby="id_is_told_helptext" id="id_is_told" checked' in answer.content.decode()
        )
        assert Call.objects.count() == 0

    def test_enter_in_the_tick_moves_nothing(self, desk, doctor):
        given = visit_of(doctor, 10)
        page = desk.get(self.address(given))

        answer = desk.post(self.address(given), {**self.hidden(page), "slot": "", "is_told": "on"})

        assert (answer.status_code, Call.objects.count()) == (200, 0)
        assert answer.content.decode().index('name="slot" value=""') < answer.content.decode().index('form="move"')

    @pytest.mark.parametrize("status", ["arrived", "fulfilled", "noshow", "cancelled", "proposed"])
    def test_what_can_not_be_moved_says_so_and_the_agenda_stays_as_it_is(self, desk, doctor, status):
        given = visit_of(doctor, 10, status=status, held_until=at(9))

        page = desk.get(self.address(given, DAY))

        assert said(page) == ["This visit can’t be moved any longer."]
        assert buttons(page, "move") == {}

    def test_what_is_offered_to_them_besides_is_said_and_ends(self, desk, doctor):
        given = visit_of(doctor, 10)
        offered = visit_of(doctor, 15, status="proposed", held_until=at(12))
        Appointment.objects.filter(pk=offered.pk).update(inquiry=given.inquiry)
        page = desk.get(self.address(given))
        code = buttons(page, "move")["Move here 2 p.m., Thu, Nov. 26, Jane Doe, MD"]
        assert "What is offered to them ends with that." in page.content.decode()

        desk.post(self.address(given), {**self.hidden(page), "slot": code})

        given.refresh_from_db()
        offered.refresh_from_db()
        assert (given.starts_at, offered.status) == (at(14, date(2026, 11, 26)), AppointmentStatus.CANCELLED)


class TestReading:
    def test_its_calendars_are_those_that_times_are_given_by(self, doctor):
        Closure.objects.create(practitioner=doctor, name="Ill", starts_at=at(8), ends_at=at(10))
        Closure.objects.create(
            name="Burst pipe", starts_at=at(15, date(2026, 11, 25)), ends_at=at(16, date(2026, 11, 25))
        )
        week_before = timedelta(days=7)
        doctor.busy_blocks.create(starts_at=at(11) - week_before, ends_at=at(12) - week_before, is_weekly=True)
        doctor.busy_blocks.create(starts_at=at(16), ends_at=at(18))
        for hour, status in enumerate(("booked", "pending", "proposed", "noshow", "cancelled"), 12):
            visit_of(doctor, hour, status=status, held_until=at(20), blocked_until=at(hour + 0.75))
        visit_of(doctor, 17, status="proposed", held_until=timezone.now() - timedelta(minutes=1))
        left = make.practitioner("Left, MD", is_active=False)
        visit_of(left, 12)
        days = [TUESDAY + timedelta(days=number) for number in range(7)]

        found = read(days, now=timezone.now()).calendars

        expected = calendars.between([doctor.pk, left.pk], days[0], days[-1], zone=Clinic.current().zone)
        for pk, calendar in expected.items():
            assert sorted(found[pk].working_periods) == sorted(calendar.working_periods)
            end = at(24, days[-1])
            assert _merged(found[pk], end) == _merged(calendar, end)

    def test_a_week_of_eight_people_takes_as_many_statements_as_one_of_one(self, desk, visit, monkeypatch):
        # A slow machine writes down meanwhile that the session is used: one more statement, of no page.
        monkeypatch.setattr("clinic.accounts.session_store.SEEN_EVERY", timedelta(hours=1))
        visit_of(make.practitioner("Doctor 0", visit=visit), 9)
        desk.get(WEEK)
        first, taken = self.own(desk, WEEK), {}
        for number in range(1, 8):
            someone = make.practitioner(f"Doctor {number}", visit=visit, position=number)
            someone.busy_blocks.create(starts_at=at(16), ends_at=at(17), is_weekly=True)
            for day in range(5):
                for hour in (9, 10, 11):
                    visit_of(someone, hour, date(2026, 11, 23) + timedelta(days=day))
        given = visit_of(someone, 14)

        for page in (WEEK, DAY, f"{WEEK}?move={given.pk}", f"{DAY}?move={given.pk}"):
            taken[page] = self.own(desk, page)

        assert first <= 7
        assert {page: number for page, number in taken.items() if number > 8} == {}
        assert taken[WEEK] == first

    def test_its_days_are_found_by_an_index_among_many(self, desk, doctor):
        make.procedure()
        call_command("fill", inquiries=6000, appointments=2000, seed=1, verbosity=0)
        visit_of(doctor, 9)
        with CaptureQueriesContext(connection) as asked:
            desk.get(WEEK)
        read = [each["sql"] for each in asked if 'FROM "appointments_appointment"' in each["sql"]]

        plans = []
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            for sql in read:
                cursor.execute(f"EXPLAIN {sql}")
                plans.append("\n".join(line for [line] in cursor.fetchall()))

        assert len(plans) == 2
        assert re.search("Scan (using|on) (times_to_come|live_times)", plans[0])
        scanned = [re.findall(r"Seq Scan on (\w+)", plan) for plan in plans]
        assert [{"appointments_appointment", "appointments_inquiry"} & {*each} for each in scanned] == [set(), set()]

    @staticmethod
    def own(desk, page: str) -> int:
        """How many statements a page takes beside those that let somebody in."""
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(page).status_code == 200
        of_staff = r'"?(django_session|auth_\w+|clinic_\w+|django_content_type|otp_\w+)\b'
        return sum(not re.search(rf"(FROM|UPDATE|INTO) {of_staff}", each["sql"]) for each in asked)


def _merged(calendar, end: datetime):
    starts, ends = calendar._busy
    return [each for each in zip(starts, ends, strict=True) if each[0] < end]
