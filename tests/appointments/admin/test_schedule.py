"""When somebody can be seen, as the manager enters it, and what takes time away."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from appointments import slots
from appointments.actors import Actor
from appointments.bookings import appointments
from appointments.inquiries import doctor_questions
from appointments.models import (
    Appointment,
    AppointmentStatus,
    Closure,
    DoctorQuestion,
    OpenHoliday,
    Practitioner,
    Schedule,
    VisitType,
    WorkingHours,
)
from appointments.scheduling import holidays
from appointments.slots import WorkingPeriod
from clinic.accounts import roles
from tests import make

pytestmark = pytest.mark.django_db

NOON = "2026-11-23T17:00:00Z"
TUESDAY = date(2026, 11, 24)
CLOSURES, PRACTITIONERS = "/admin/appointments/closure/", "/admin/appointments/practitioner/"
VISITS, HOLIDAYS = "/admin/appointments/visittype/", "/admin/appointments/closure/public-holidays/"


@pytest.fixture(autouse=True)
def monday_noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def sign_in(client):
    def sign_in(role):
        client.force_login(make.user(role))
        return client

    return sign_in


@pytest.fixture
def manager(sign_in):
    return sign_in(roles.MANAGER)


def booked(practitioner: Practitioner, place: int = 0, **fields) -> Appointment:
    slot = make.slots(practitioner, TUESDAY)[place]
    return appointments.book(inquiry=make.inquiry(**fields), slot=slot, by=Actor.visitor())


def closure(practitioner: Practitioner | None = None, opens: str = "09:00", closes: str = "12:00", **more):
    """What the closure's form posts: a part of Tuesday, in New York's time."""
    return {
        "practitioner": practitioner.pk if practitioner else "", "name": "Ill",
        "starts_at_0": "2026-11-24", "starts_at_1": opens, "ends_at_0": "2026-11-24", "ends_at_1": closes,
        "_save": "Save", **more,
    }  # fmt: skip


def hidden(html: str, action: str = "/admin/appointments") -> dict[str, str]:
    """What the screen that asks first posts when it is confirmed."""
    form = html[html.index(f'<form method="post" action="{action}') :]
    return dict(re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)">', form, re.DOTALL))


def week(practitioner: Practitioner, *rows: dict, **more):
    """What a practitioner's form posts, with these rows of working hours."""
    data = {
        "name": practitioner.name, "position": "0", "is_active": "on", "_save": "Save",
        "working_hours-TOTAL_FORMS": len(rows), "working_hours-INITIAL_FORMS": sum("id" in row for row in rows),
        "schedules-TOTAL_FORMS": "0", "schedules-INITIAL_FORMS": "0",
        "busy_blocks-TOTAL_FORMS": "0", "busy_blocks-INITIAL_FORMS": "0",
    }  # fmt: skip
    for number, row in enumerate(rows):
        for name, value in {"practitioner": practitioner.pk, "weekday": 1, **row}.items():
            data[f"working_hours-{number}-{name}"] = value
    return {name: value for name, value in (data | more).items() if value is not None}


def test_a_practitioner_who_leaves_gives_their_questions_back(manager):
    doctor, inquiry = make.doctor(), make.inquiry()
    ann = Actor.staff(make.front_desk())
    doctor_questions.ask(inquiry=inquiry, practitioner=doctor, note="", version=inquiry.version, by=ann)

    for is_active, said in (("on", False), (None, True)):
        data = week(doctor, account=doctor.account.pk, is_active=is_active)
        page = manager.post(f"{PRACTITIONERS}{doctor.pk}/change/", data, follow=True).content.decode()
        assert ("1 question to a doctor is taken back" in page) is said
        assert DoctorQuestion.objects.open().exists() is not said


class TestWorkingHours:
    def change(self, client, practitioner, *rows, **more):
        return client.post(f"{PRACTITIONERS}{practitioner.pk}/change/", week(practitioner, *rows, **more))

    def test_hours_that_overlap_are_refused_with_a_sentence(self, manager):
        doctor = Practitioner.objects.create(name="Jane Doe, MD")
        morning, noon = {"opens": "09:00", "closes": "12:00"}, {"opens": "11:00", "closes": "14:00"}

        page = self.change(manager, doctor, morning, noon)

        assert "Two of these hours overlap on the same day." in page.content.decode()
        assert not doctor.working_hours.exists()

    def test_hours_of_one_day_may_follow_each_other_and_differ_by_season(self, manager):
        doctor = Practitioner.objects.create(name="Jane Doe, MD")
        autumn = {"opens": "09:00", "closes": "12:00", "valid_until": "2026-12-31"}
        winter = {"opens": "10:00", "closes": "12:00", "valid_from": "2027-01-01"}
        afternoon = {"opens": "12:00", "closes": "17:00"}

        assert self.change(manager, doctor, autumn, winter, afternoon).status_code == 302

        assert doctor.working_hours.count() == 3

    def test_two_rows_can_change_places_in_one_form(self, manager):
        doctor = Practitioner.objects.create(name="Jane Doe, MD")
        first = doctor.working_hours.create(weekday=1, opens=time(9), closes=time(12))
        second = doctor.working_hours.create(weekday=1, opens=time(13), closes=time(17))

        answer = self.change(
            manager,
            doctor,
            {"id": first.pk, "opens": "13:00", "closes": "18:00"},
            {"id": second.pk, "opens": "08:00", "closes": "12:30"},
        )

        assert answer.status_code == 302, answer.content.decode()
        assert [str(row) for row in doctor.working_hours.all()] == ["Tuesday 08:00–12:30", "Tuesday 13:00–18:00"]

    def test_the_end_comes_after_the_beginning(self, manager):
        doctor = Practitioner.objects.create(name="Jane Doe, MD")

        page = self.change(manager, doctor, {"opens": "12:00", "closes": "09:00"})

        assert "The end must be later than the beginning." in page.content.decode()

    def test_somebody_new_is_entered_with_their_hours(self, manager):
        new = Practitioner(name="Jane Doe, MD")
        data = week(new, {"opens": "09:00", "closes": "12:00", "practitioner": ""})

        assert manager.post(f"{PRACTITIONERS}add/", data).status_code == 302

        assert WorkingHours.objects.get().practitioner.name == "Jane Doe, MD"

    def test_hours_that_take_a_patients_time_are_asked_about(self, manager):
        doctor = make.practitioner()
        appointment = booked(doctor, name="Rosa Lind")
        row = doctor.working_hours.get(weekday=1)
        late = {"id": row.pk, "opens": "13:00", "closes": "17:00"}

        page = self.change(manager, doctor, late).content.decode()

        assert "This takes the time of 1 patient" in page
        assert "Rosa Lind" in page
        row.refresh_from_db()
        assert row.opens == time(9)

        manager.post(f"{PRACTITIONERS}{doctor.pk}/change/", hidden(page))
        row.refresh_from_db()
        appointment.refresh_from_db()
        assert row.opens == time(13)
        assert appointment.displaced_at

    def test_a_weekly_busy_block_takes_the_times_of_every_week(self, manager):
        doctor = make.practitioner()
        appointment = booked(doctor)
        block = {
            "busy_blocks-TOTAL_FORMS": "1", "busy_blocks-0-practitioner": doctor.pk, "busy_blocks-0-is_weekly": "on",
            "busy_blocks-0-starts_at_0": "2026-11-17", "busy_blocks-0-starts_at_1": "09:00",
            "busy_blocks-0-ends_at_0": "2026-11-17", "busy_blocks-0-ends_at_1": "10:00",
        }  # fmt: skip
        kept = [{"id": row.pk, "weekday": row.weekday, "opens": row.opens, "closes": row.closes}
                for row in doctor.working_hours.all()]  # fmt: skip

        page = self.change(manager, doctor, *kept, **block).content.decode()
        assert appointment.inquiry.shown_reference in page
        manager.post(f"{PRACTITIONERS}{doctor.pk}/change/", hidden(page))

        assert Appointment.objects.get().displaced_at
        assert make.slots(doctor, TUESDAY)[0].starts_at == datetime(2026, 11, 24, 15, tzinfo=UTC)

    def test_whoever_no_longer_sees_patients_has_no_hours(self, manager):
        doctor = make.practitioner()
        appointment = booked(doctor)
        kept = [{"id": row.pk, "weekday": row.weekday, "opens": row.opens, "closes": row.closes}
                for row in doctor.working_hours.all()]  # fmt: skip

        page = self.change(manager, doctor, *kept, is_active=None).content.decode()
        assert appointment.inquiry.shown_reference in page
        manager.post(f"{PRACTITIONERS}{doctor.pk}/change/", hidden(page))
        assert Appointment.objects.get().displaced_at

        self.change(manager, doctor, *kept)
        assert Appointment.objects.get().displaced_at is None

    def test_the_list_and_the_form_say_whether_anything_is_online(self, manager):
        doctor = make.practitioner("Jane Doe, MD", online=False, visit=make.visit_type("First visit"))
        addresses = (PRACTITIONERS, f"{PRACTITIONERS}{doctor.pk}/change/")
        for address in addresses:
            assert "Nothing can be chosen online yet." in manager.get(address).content.decode()

        Schedule.objects.update(is_online=True)

        for address in addresses:
            words = "Patients can choose times online: First visit with Jane Doe, MD."
            assert words in manager.get(address).content.decode()

    @pytest.mark.parametrize(
        ("first", "second", "overlap"),
        [
            (WorkingPeriod(0, time(9), time(12)), WorkingPeriod(0, time(11), time(13)), True),
            (WorkingPeriod(0, time(9), time(12)), WorkingPeriod(0, time(12), time(13)), False),
            (WorkingPeriod(0, time(9), time(12)), WorkingPeriod(1, time(9), time(12)), False),
            (WorkingPeriod(0, time(9), time(12), None, TUESDAY), WorkingPeriod(0, time(9), time(12), TUESDAY), True),
            (
                WorkingPeriod(0, time(9), time(12), None, TUESDAY),
                WorkingPeriod(0, time(9), time(12), TUESDAY + timedelta(days=1)),
                False,
            ),
        ],
    )
    def test_periods_overlap_when_both_hold_on_one_day(self, first, second, overlap):
        assert slots.overlapping([first, second]) == overlap
        assert slots.overlapping([second, first]) == overlap


class TestClosures:
    def test_those_who_are_hit_are_listed_soonest_first_and_nothing_is_saved(self, sign_in):
        doctor = make.practitioner("Jane Doe, MD")
        booked(doctor, 3, name="Later Lind", reach_note="slowly")
        booked(doctor, 1, name="Sooner Lind", phone="212 555 0177")

        html = sign_in(roles.FRONT_DESK).post(f"{CLOSURES}add/", closure(doctor)).content.decode()

        assert "This takes the times of 2 patients" in html
        assert html.index("Sooner Lind") < html.index("Later Lind")
        for words in ("212 555 0177", "<strong>slowly</strong>", "Tue, Nov. 24, 2026, 9:30 a.m.", "Jane Doe, MD"):
            assert words in html
        assert not Closure.objects.exists()
        assert not Appointment.objects.exclude(displaced_at=None).exists()

    def test_confirming_saves_and_puts_them_on_the_list(self, sign_in):
        doctor = make.practitioner()
        appointment = booked(doctor)
        desk = sign_in(roles.FRONT_DESK)
        asked = desk.post(f"{CLOSURES}add/", closure(doctor, name="Ill & tired “today”")).content.decode()

        answer = desk.post(f"{CLOSURES}add/", hidden(asked.replace("&amp;", "&")), follow=True).content.decode()

        assert Closure.objects.get().name == "Ill & tired “today”"
        appointment.refresh_from_db()
        assert appointment.displaced_at
        assert "1 patient is on the list of displaced patients now." in answer
        assert "was added successfully" in answer

    def test_what_hits_nobody_is_saved_at_once(self, sign_in):
        doctor = make.practitioner()
        booked(doctor)

        answer = sign_in(roles.FRONT_DESK).post(f"{CLOSURES}add/", closure(doctor, "16:00", "17:00"))

        assert answer.status_code == 302
        assert Closure.objects.count() == 1

    def test_whoever_got_a_time_meanwhile_is_asked_about_too(self, sign_in):
        doctor = make.practitioner()
        booked(doctor)
        desk = sign_in(roles.FRONT_DESK)
        asked = desk.post(f"{CLOSURES}add/", closure(doctor)).content.decode()
        booked(doctor, 1, name="Slipped In")

        again = desk.post(f"{CLOSURES}add/", hidden(asked)).content.decode()

        assert "More patients have got a time since you looked." in again
        assert "Slipped In" in again
        assert not Closure.objects.exists()
        desk.post(f"{CLOSURES}add/", hidden(again))
        assert Appointment.objects.exclude(displaced_at=None).count() == 2

    def test_a_closure_of_the_clinic_hits_everybodys_patients(self, sign_in):
        booked(make.practitioner())
        booked(make.practitioner())

        html = sign_in(roles.FRONT_DESK).post(f"{CLOSURES}add/", closure()).content.decode()

        assert "This takes the times of 2 patients" in html

    def test_a_closure_that_becomes_somebody_elses_frees_the_first(self, sign_in):
        ill, well = make.practitioner(), make.practitioner()
        kept, displaced = booked(ill), booked(well)
        desk = sign_in(roles.FRONT_DESK)
        desk.post(f"{CLOSURES}add/", hidden(desk.post(f"{CLOSURES}add/", closure(ill)).content.decode()))
        change = f"{CLOSURES}{Closure.objects.get().pk}/change/"

        asked = desk.post(change, closure(well)).content.decode()
        assert displaced.inquiry.shown_reference in asked
        assert kept.inquiry.shown_reference not in asked
        desk.post(change, hidden(asked))

        kept.refresh_from_db()
        displaced.refresh_from_db()
        assert (bool(kept.displaced_at), bool(displaced.displaced_at)) == (False, True)

    @pytest.mark.parametrize("in_the_list", [False, True])
    def test_taking_a_closure_away_gives_their_times_back(self, manager, in_the_list):
        doctor = make.practitioner()
        appointment = booked(doctor)
        manager.post(f"{CLOSURES}add/", hidden(manager.post(f"{CLOSURES}add/", closure(doctor)).content.decode()))
        row = Closure.objects.get()

        if in_the_list:
            manager.post(CLOSURES, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
        else:
            manager.post(f"{CLOSURES}{row.pk}/delete/", {"post": "yes"})

        assert not Closure.objects.exists()
        appointment.refresh_from_db()
        assert appointment.displaced_at is None

    def test_the_front_desk_may_close_but_not_take_a_closure_away(self, sign_in):
        row = Closure.objects.create(
            name="Ill", starts_at=datetime(2026, 11, 24, 14, tzinfo=UTC), ends_at=datetime(2026, 11, 24, 17, tzinfo=UTC)
        )
        desk = sign_in(roles.FRONT_DESK)

        assert desk.get(f"{CLOSURES}add/").status_code == 200
        assert desk.post(f"{CLOSURES}{row.pk}/delete/", {"post": "yes"}).status_code == 403
        assert Closure.objects.exists()

    def test_the_list_says_who_is_closed_and_begins_with_what_comes_next(self, sign_in):
        for days, who in ((9, None), (2, make.practitioner("Jane Doe, MD")), (-5, None), (-3, None)):
            starts_at = datetime(2026, 11, 24, tzinfo=UTC) + timedelta(days=days)
            Closure.objects.create(
                name=f"In {days}", practitioner=who, starts_at=starts_at, ends_at=starts_at + timedelta(hours=9)
            )

        html = sign_in(roles.FRONT_DESK).get(CLOSURES).content.decode()

        assert re.findall(r">(In .*?)<", html) == ["In 2", "In 9", "In -3", "In -5"]
        assert '<td class="field-whose">The whole clinic</td>' in html
        assert '<td class="field-whose">Jane Doe, MD</td>' in html


class TestPublicHolidays:
    @pytest.fixture
    def region(self):
        return make.clinic(holidays_of="US-NY")

    def test_they_are_entered_by_one_action_and_only_once(self, sign_in, region):
        desk = sign_in(roles.FRONT_DESK)
        html = desk.get(HOLIDAYS).content.decode()
        days = re.findall(r'name="days" value="(.*?)" id="day-\d+" checked', html)
        assert days[0] == "2026-11-26"
        assert "Thursday, November 26, 2026: Thanksgiving" in html
        assert days[-1].startswith("2027-12-")

        desk.post(HOLIDAYS, {"days": days})
        answer = desk.post(HOLIDAYS, {"days": days}, follow=True).content.decode()

        assert "The clinic was closed on these days already." in answer
        assert Closure.objects.of_the_clinic().count() == len(days)
        again = desk.get(HOLIDAYS).content.decode()
        assert again.count("entered already") == len(days)
        assert 'name="days"' not in again

    def test_only_those_that_are_ticked_are_entered(self, sign_in, region):
        desk = sign_in(roles.FRONT_DESK)

        desk.post(HOLIDAYS, {"days": ["2026-12-25", "2026-12-24", "x"]})

        day = Closure.objects.get()
        assert day.name == "Christmas Day"
        assert (day.starts_at, day.ends_at) == (
            datetime(2026, 12, 25, 5, tzinfo=UTC),
            datetime(2026, 12, 26, 5, tzinfo=UTC),
        )
        assert "Tick at least one day." in desk.post(HOLIDAYS, {}).content.decode()

    def test_whose_tick_is_taken_away_is_kept_as_open(self, sign_in, region):
        desk = sign_in(roles.FRONT_DESK)

        desk.post(HOLIDAYS, {"shown": ["2026-12-24", "2026-12-25", "2027-01-01", "x"], "days": ["2026-12-25"]})

        assert [closure.name for closure in Closure.objects.all()] == ["Christmas Day"]
        assert [row.day for row in OpenHoliday.objects.all()] == [date(2027, 1, 1)]
        html = desk.get(HOLIDAYS).content.decode()
        assert "you are open" in re.search(r"January 1, 2027: New Year.*?</label>", html)[0]
        assert re.search(r'value="2027-01-01" id="day-\d+"(.*?)>', html)[1] == ""

    def test_all_of_them_may_be_open(self, sign_in, region):
        desk = sign_in(roles.FRONT_DESK)

        answer = desk.post(HOLIDAYS, {"shown": ["2026-12-25"]}, follow=True).content.decode()

        assert "Noted: the clinic is open on these public holidays." in answer
        assert (Closure.objects.count(), OpenHoliday.objects.count()) == (0, 1)

    def test_patients_whom_they_hit_are_asked_about_first(self, sign_in, region):
        doctor = make.practitioner()
        slot = make.slots(doctor, date(2026, 11, 26))[0]
        appointments.book(inquiry=make.inquiry(), slot=slot, by=Actor.visitor())
        desk = sign_in(roles.FRONT_DESK)

        asked = desk.post(HOLIDAYS, {"days": ["2026-11-26"]}).content.decode()
        assert "This takes the time of 1 patient" in asked
        assert not Closure.objects.exists()
        desk.post(HOLIDAYS, hidden(asked))

        assert Closure.objects.get().name.startswith("Thanksgiving")
        assert Appointment.objects.get().displaced_at

    def test_without_a_region_it_says_where_to_enter_one(self, manager):
        html = manager.get(HOLIDAYS).content.decode()

        assert 'href="/admin/clinic/clinic/1/change/"' in html

    def test_a_day_on_which_the_clocks_change_is_closed_from_midnight_to_midnight(self):
        # Easter of 2024 was the Sunday on which Berlin's clocks went forward.
        berlin = ZoneInfo("Europe/Berlin")
        easter = next(each for each in holidays.coming("DE-BB", date(2024, 3, 31), date(2024, 3, 31), berlin))

        assert easter.ends_at - easter.starts_at == timedelta(hours=23)
        assert easter.starts_at.astimezone(berlin).time() == time(0)

    def test_a_day_of_25_hours_is_closed_for_all_of_them(self):
        day = date(2026, 11, 1)

        whole = holidays.whole_day("Election", day, ZoneInfo("America/New_York"))

        assert whole.ends_at - whole.starts_at == timedelta(hours=25)

    def test_they_are_for_those_who_may_close(self, sign_in):
        assert sign_in(roles.CONTENT_EDITOR).get(HOLIDAYS).status_code == 403


class TestKindsOfVisits:
    @pytest.fixture
    def visit(self) -> VisitType:
        return make.visit_type("First visit", preparation="Bring your glasses.", patients_may_choose=False)

    def test_the_list_says_in_words_what_patients_can_do(self, manager, visit, django_assert_max_num_queries):
        for number in range(5):
            make.visit_type(f"Visit {number}", preparation="Eat nothing.", booked_at_once=False)

        with django_assert_max_num_queries(9):
            html = manager.get(VISITS).content.decode()

        assert "Only the front desk gives times" in html
        assert "Patients choose, the front desk confirms" in html
        assert html.count("Not signed: patients do not see it") == 6

    def test_nothing_is_deleted(self, manager, visit):
        assert manager.post(f"{VISITS}{visit.pk}/delete/", {"post": "yes"}).status_code == 403

    def test_words_that_nobody_changed_keep_their_signature(self, manager, visit):
        visit.preparation = "Bring your glasses.\nEat nothing."
        visit.save()
        visit.refresh_from_db()
        visit.preparation_sign_offs.create(digest=visit.preparation_digest, signed_by=make.user(roles.CLINICIAN))
        data = {
            "name": "First visit", "minutes": "45", "buffer_minutes": "0", "lead_hours": "24", "horizon_days": "56",
            "preparation": "Bring your glasses.\r\nEat nothing.", "position": "0", "is_active": "on",
        }  # fmt: skip

        assert manager.post(f"{VISITS}{visit.pk}/change/", data).status_code == 302

        visit = VisitType.objects.get()
        assert visit.minutes == 45
        assert visit.signed_preparation() == "Bring your glasses.\nEat nothing."

    def sign(self, client, visit, **changes):
        visit.refresh_from_db()
        data = {"read_digest": visit.preparation_digest, "has_read": "on"} | changes
        return client.post(f"{VISITS}{visit.pk}/sign-off/", data, follow=True)

    def test_patients_see_the_preparation_once_a_clinician_has_signed_it(self, sign_in, visit):
        clinician = sign_in(roles.CLINICIAN)
        assert "Bring your glasses." in clinician.get(f"{VISITS}{visit.pk}/sign-off/").content.decode()
        assert visit.signed_preparation() == ""

        for _twice in range(2):
            assert "Signed. Patients see these words from now on." in self.sign(clinician, visit).content.decode()

        assert visit.signed_preparation() == "Bring your glasses."
        assert visit.preparation_sign_offs.count() == 1
        assert "Signed by user" in clinician.get(f"{VISITS}{visit.pk}/change/").content.decode()

    def test_without_the_tick_nothing_is_signed(self, sign_in, visit):
        self.sign(sign_in(roles.CLINICIAN), visit, has_read="")

        assert not visit.preparation_sign_offs.exists()

    def test_words_that_changed_meanwhile_are_shown_and_not_signed(self, sign_in, visit):
        clinician = sign_in(roles.CLINICIAN)
        visit.refresh_from_db()
        read = visit.preparation_digest
        VisitType.objects.update(preparation="Eat nothing.")

        html = self.sign(clinician, visit, read_digest=read).content.decode()

        assert "These words were changed while you were reading." in html
        assert "Eat nothing." in html
        assert "checked" not in html
        assert visit.signed_preparation() == ""
        assert f'value="{VisitType.objects.get().preparation_digest}"' in html

    def test_words_that_change_later_need_a_new_signature(self, sign_in, visit):
        self.sign(sign_in(roles.CLINICIAN), visit)

        VisitType.objects.update(preparation="Eat nothing.")

        assert VisitType.objects.get().signed_preparation() == ""

    def test_only_a_clinician_signs(self, manager, visit):
        page = f"{VISITS}{visit.pk}/sign-off/"

        assert "Only a clinician can sign off." in manager.get(page).content.decode()
        assert self.sign(manager, visit).status_code == 403

    def test_there_is_nothing_to_sign_without_words(self, sign_in):
        visit = make.visit_type("Follow-up")
        clinician = sign_in(roles.CLINICIAN)

        assert "There are no words yet." in self.sign(clinician, visit).content.decode()
        assert not visit.preparation_sign_offs.exists()

    def test_editors_of_pages_see_none_of_it(self, sign_in, visit):
        editor = sign_in(roles.CONTENT_EDITOR)
        for address in (VISITS, f"{VISITS}{visit.pk}/sign-off/", PRACTITIONERS, CLOSURES):
            assert editor.get(address).status_code == 403


def test_an_offer_is_off_until_the_manager_switches_it_on():
    assert not Schedule().is_online
    assert not VisitType().patients_may_choose
    assert not VisitType().booked_at_once
    assert Appointment().status == AppointmentStatus.PENDING


def test_what_is_online_ends_with_one_full_stop(client):
    client.force_login(make.user(roles.MANAGER))
    make.practitioner("John Roe, M.D.", visit=make.visit_type("First visit"))

    html = client.get("/admin/appointments/practitioner/").text

    assert "Patients can choose times online: First visit with John Roe, M.D.</p>" in html
