"""The first page: what cannot wait on top, who comes today, who waits; and one press each."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from appointments.actors import Actor
from appointments.admin.today import numbers, page, visits
from appointments.bookings import displacement, statuses, waiting_list
from appointments.inquiries import conversation
from appointments.models import Appointment, Call, CallTask, Closure, DayNote, Email, Inquiry
from appointments.models.counting import CountedAgain, count_all
from clinic.accounts import roles
from clinic.models import StaffSession
from tests import make

pytestmark = pytest.mark.django_db

TODAY, MARK, NOTE, WAITING = "/admin/", "/admin/today/mark/", "/admin/today/note/", "/admin/waiting/"
CLOSE = "/admin/appointments/closure/add/"
TIMES = "/admin/appointments/appointment/"


def at(clock: str, day: int = 26) -> datetime:
    """A moment of November 2026 in New York; the 26th is a Thursday."""
    return datetime.fromisoformat(f"2026-11-{day}T{clock}").replace(tzinfo=ZoneInfo("America/New_York"))


@pytest.fixture(autouse=True)
def clock():
    make.clinic()
    with time_machine.travel(at("09:00"), tick=False) as clock:
        yield clock


@pytest.fixture
def ann():
    return make.front_desk(first_name="Ann", last_name="Reyes")


@pytest.fixture
def desk(client, ann):
    client.force_login(ann)
    return client


@pytest.fixture
def osei():
    return make.practitioner("Dr. Osei", visit=make.visit_type("First visit"))


def booked(doctor, starts: datetime, status: str = "booked", /, **fields) -> Appointment:
    """A visit whose inquiry waits for nothing."""
    about = {"practitioner": doctor, "visit_type": doctor.schedules.get().visit_type, "status": status}
    made = make.appointment(make.inquiry(sent=timedelta(hours=1), **fields), starts.isoformat(), **about)
    Inquiry.objects.filter(pk=made.inquiry_id).update(status="closed", answered_at=timezone.now())
    return made


def lose(visit: Appointment) -> Appointment:
    Appointment.objects.filter(pk=visit.pk).update(displaced_at=timezone.now() - timedelta(minutes=5))
    return visit


def part(answer, name: str) -> str:
    """One section of the page as HTML: "today-now", "today-visits", "waiting", "today-numbers"."""
    return answer.text.partition(f'<section class="{name}"')[2].partition("</section>")[0]


def rows(answer, name: str) -> list[str]:
    """Its rows, as somebody reads them."""
    found = re.findall(r"<li\b.*?</li>", part(answer, name), re.DOTALL)
    return [
        " ".join(strip_tags(re.sub(r'<span class="visually-hidden">.*?</span>', "", each)).split()) for each in found
    ]


def press(client, do: str, visit: Appointment, **more):
    return client.post(MARK, {"do": f"{do} {visit.pk}:{visit.version}", **more})


def said(client) -> str:
    """What stands on top of the first page, with the words of its buttons."""
    top = client.get(TODAY).text.partition('<div role="status">')[2].partition("</div>")[0]
    return " ".join(strip_tags(top).split())


class TestNow:
    def test_a_patient_who_does_not_know_that_their_time_is_gone_stands_first_with_all_it_takes_to_tell_them(
        self, desk, osei
    ):
        make.inquiry(name="Harold Finch", sent=timedelta(days=9))
        fields = {"phone": "212 555 0119", "reach_note": "no voicemail"}
        lose(booked(osei, at("14:00"), name="Later Lind"))
        walter = lose(booked(osei, at("09:58"), name="Walter O’Shaughnessy", **fields))

        first, second, third = rows(desk.get(TODAY), "today-now")

        assert first == (
            "⚠ in 58 minutes Walter O’Shaughnessy NOT TOLD today 9:58 a.m. with Dr. Osei is lost"
            " 212 555 0119 no voicemail Reached No answer Other time"
        )
        assert second.startswith("⚠ in 5 hours Later Lind NOT TOLD today 2 p.m. with Dr. Osei is lost")
        assert third.startswith("⚠ 1 week late Harold Finch wants a visit 1 week ago")
        assert f'href="/admin/appointments/inquiry/{walter.inquiry_id}/times/"' in part(desk.get(TODAY), "today-now")

    def test_it_says_what_was_tried_and_mailed(self, desk, ann, osei):
        mailed = booked(osei, at("14:00"), contact_by="email", email="rosa@example.com", phone="")
        called = booked(osei, at("15:00"))
        for visit in (mailed, called):
            lose(visit)
        displacement.tell_displaced(displaced=[mailed], by=Actor.staff(ann))
        Email.objects.filter(kind="displaced").update(state="sent", sent_at=timezone.now())
        conversation.log_call(inquiry=called.inquiry, outcome="no_answer", by=Actor.staff(ann))

        first, second = rows(desk.get(TODAY), "today-now")

        assert "is lost; mailed Thu 9 a.m., nobody has reached them" in first
        assert "NOT TOLD today 3 p.m. with Dr. Osei is lost; tried once, last: no answer, just now" in second

    def test_whose_visit_is_today_and_who_waits_for_us_comes_before_what_is_free_again(self, desk, osei):
        today, later = booked(osei, at("09:30"), name="Samuel Okonkwo"), booked(osei, at("10:00", 30), name="Ada")
        conversation.write_back(inquiry=today.inquiry, words="Can my son park?")
        freed = booked(osei, at("12:00"), name="Gone")
        waiting_list.join_or_leave(inquiry=later.inquiry, on=True, by=Actor.visitor())
        statuses.cancel(appointment=freed, by=Actor.staff(make.front_desk()))

        found = rows(desk.get(TODAY), "today-now")

        assert [each.partition(" Dr.")[0] for each in found] == [
            f"✎ today 9:30 a.m. Samuel Okonkwo wrote back: “Can my son park?” just now {today.inquiry.phone} Open",
            "✕ free again Thu, Nov. 26, noon,",
        ]
        assert found[1].endswith("1 would take it Offer it")

    def test_it_is_empty_only_when_that_is_true(self, desk, osei):
        booked(osei, at("09:30"))
        make.inquiry()

        assert "Nothing is late, and nobody has to be told anything at once." in part(desk.get(TODAY), "today-now")

    def test_what_stands_there_is_not_listed_twice(self, desk):
        make.inquiry(name="Harold Finch", sent=timedelta(days=9))
        make.inquiry(name="Cleo Frost")

        waiting = part(desk.get(TODAY), "waiting")

        assert "2 inquiries wait for us" in waiting
        assert ("Cleo Frost" in waiting, "Harold Finch" in waiting) == (True, False)

    def test_of_many_displaced_patients_the_soonest_stand_there_and_the_others_are_a_number(self, desk, osei):
        for number in range(page.DISPLACED_SHOWN + 2):
            lose(booked(osei, at("10:00") + timedelta(hours=number)))

        answer = desk.get(TODAY)

        assert len(rows(answer, "today-now")) == page.DISPLACED_SHOWN
        assert "2 more patients lost their times" in part(answer, "today-now")

    @pytest.mark.parametrize(("do", "outcome", "is_left"), [("reached", "reached", 0), ("no_answer", "no_answer", 1)])
    def test_how_a_call_to_them_went_is_one_press(self, desk, osei, do, outcome, is_left):
        walter = lose(booked(osei, at("09:58"), name="Walter"))
        data = {"idempotency_key": "00000000-0000-4000-8000-000000000001"}

        for _ in range(2):  # A double click.
            answer = press(desk, do, walter, **data)

        assert (answer.status_code, answer.headers["Location"]) == (302, TODAY)
        assert [call.outcome for call in Call.objects.all()] == [outcome]
        assert Appointment.objects.displaced(timezone.now()).count() == is_left
        assert said(desk).startswith(f"Walter: {'reached' if do == 'reached' else 'no answer'}")


class TestVisits:
    def test_each_stands_there_by_its_time_with_its_next_step(self, desk, ann, osei):
        halvorsen = make.practitioner("Ingrid Halvorsen, NP", visit=make.visit_type("Check"), position=1)
        booked(osei, at("09:30"), name="Agnes Moreau", seen_before="no", spoken_language="es")
        booked(osei, at("08:40"), name="Late Lind")
        booked(osei, at("10:00"), "pending", name="Held Hart")
        booked(osei, at("08:00"), "fulfilled", name="Done Dunn")
        booked(halvorsen, at("11:00"), name="Edith", patient_name="Ruth")
        lose(booked(halvorsen, at("15:00")))
        booked(halvorsen, at("09:00", 27), name="Tomorrow Tran")

        answer = desk.get(TODAY)

        assert rows(answer, "today-visits") == [
            "8:40 a.m. Late Lind First visit, Dr. Osei · not here yet, 20 minutes late Arrived Did not come",
            "9:30 a.m. Agnes Moreau First visit, Dr. Osei · new here, Español Arrived",
            "10 a.m. Held Hart First visit, Dr. Osei · not confirmed yet Confirm this time",
            "11 a.m. Ruth (through Edith) Check, Ingrid Halvorsen, NP Arrived",
            "8 a.m. Done Dunn First visit, Dr. Osei · Done Undo: back to arrived",
        ]
        counts = strip_tags(part(answer, "today-visits").partition("</h2>")[2].partition("</p>")[0])
        assert " ".join(counts.split()) == "Dr. Osei 4 · Ingrid Halvorsen, NP 1 (1 displaced)"

    def test_one_press_each_for_arrived_and_done_with_undo(self, desk, osei):
        agnes = booked(osei, at("09:30"), name="Agnes Moreau")

        answer = press(desk, "arrived", agnes)

        assert (answer.status_code, answer.headers["Location"]) == (302, TODAY)
        assert said(desk) == "Agnes Moreau, Thu, Nov. 26, 9:30 a.m. with Dr. Osei: arrived. Undo"
        agnes.refresh_from_db()
        press(desk, "done", agnes)
        agnes.refresh_from_db()
        assert agnes.status == "fulfilled"

    def test_undo_leads_back_to_this_page(self, desk, osei):
        agnes = booked(osei, at("09:30"))
        press(desk, "arrived", agnes)
        name = re.search(r'name="undo" value="(\w+)"', desk.get(TODAY).text)[1]

        answer = desk.post(reverse("admin:appointments_inquiry_undo", args=[agnes.inquiry_id]), {"undo": name})

        agnes.refresh_from_db()
        assert (answer.headers["Location"], agnes.status) == (TODAY, "booked")

    def test_who_did_not_come_is_marked_once_it_has_begun(self, desk, osei):
        late, coming = booked(osei, at("08:30")), booked(osei, at("09:30"))

        press(desk, "noshow", late)
        press(desk, "noshow", coming)

        late.refresh_from_db()
        coming.refresh_from_db()
        assert (late.status, coming.status) == ("noshow", "booked")

    def test_a_press_repeated_does_and_says_nothing(self, desk, osei):
        agnes = booked(osei, at("09:30"))
        press(desk, "arrived", agnes)
        desk.get(TODAY)
        versions = agnes.events.count()

        press(desk, "arrived", agnes)

        assert agnes.events.count() == versions
        assert "Please look at this" not in desk.get(TODAY).text

    def test_what_a_colleague_changed_meanwhile_is_looked_at_again(self, desk, ann, osei):
        agnes = booked(osei, at("08:30"), name="Agnes")
        statuses.change_status(appointment=agnes, to="arrived", by=Actor.staff(ann))

        press(desk, "noshow", agnes)

        agnes.refresh_from_db()
        assert agnes.status == "arrived"
        assert "Agnes: A colleague, the patient or the clock changed this time meanwhile." in desk.get(TODAY).text

    @pytest.mark.parametrize("do", ["", "explode 1:1", "cancel 1:1"])
    def test_what_is_no_button_of_this_page_is_refused(self, desk, do):
        assert desk.post(MARK, {"do": do}).status_code == 400

    def test_whoever_only_reads_is_offered_nothing_to_press(self, client, osei):
        agnes, reader = booked(osei, at("09:30")), make.user()
        for codename in ("view_inquiry", "view_appointment"):
            reader.user_permissions.add(Permission.objects.get(codename=codename))
        client.force_login(reader)

        assert "<button" not in client.get(TODAY).text.partition('class="today"')[2].partition("</section>\n</div>")[0]
        assert press(client, "arrived", agnes).status_code == 403
        assert press(client, "reached", agnes).status_code == 403


class TestNumbers:
    def test_what_waits_is_counted_by_who_has_it_and_leads_to_them(self, desk, ann):
        for name, who in (("Mine", ann), ("Yours", make.front_desk()), ("Nobody’s", None)):
            make.inquiry(name=name, assigned_to=who)
        make.inquiry(name="Nobody’s too")

        waiting = part(desk.get(TODAY), "waiting")
        found = re.findall(r'<a href="([^"]*\?whose=\w+)">([^<]*)</a>', waiting)

        assert [words for _address, words in found] == ["mine: 1", "nobody’s: 2", "others’: 1"]
        shown = [re.findall(r'<span class="who">([^<]+)', desk.get(address).text) for address, _words in found]
        assert shown == [["Mine"], ["Nobody’s", "Nobody’s too"], ["Yours"]]

    def test_visits_of_the_last_days_that_nobody_marked_are_a_number_and_a_list(self, desk, osei):
        for name, when in (("Forgotten", at("10:00", 25)), ("Long ago", at("10:00", 18)), ("Today", at("08:00"))):
            booked(osei, when, name=name)
        booked(osei, at("11:00", 25), "fulfilled", name="Marked")
        lose(booked(osei, at("14:00", 25), name="Displaced"))

        numbers_ = part(desk.get(TODAY), "today-numbers")

        assert f'<a href="{TIMES}?list=unmarked">Past visits, not marked: 1</a>' in numbers_
        assert re.findall(r'change/">(\w+ ?\w*)</a>', desk.get(f"{TIMES}?list=unmarked").text)[-1:] == ["Forgotten"]

    def test_spam_is_new_for_a_weekend(self, desk):
        for days in (1, 2, 9):
            make.inquiry(screening="spam", screening_reason="hidden", sent=timedelta(days=days))

        assert "New spam: 2" in part(desk.get(TODAY), "today-numbers")

    def test_a_statement_that_is_made_once_counts_as_one_that_is_made_each_time(self, ann, osei, clock):
        numbers_ = CountedAgain(numbers._rows)
        booked(osei, at("10:00", 25))
        lose(booked(osei, at("14:00")))
        make.inquiry(assigned_to=ann)
        make.inquiry(screening="spam", screening_reason="hidden")
        stuck = make.inquiry(contact_by="email", email="rosa@example.com").emails.get(kind="received")
        Email.objects.filter(pk=stuck.pk).update(due_at=timezone.now() - timedelta(minutes=9))
        CallTask.objects.create(kind="reminder", inquiry=make.inquiry(), due_at=at("12:00"), dedupe_key="x")
        DayNote.objects.write(day=at("09:00", 28).date(), words="Dr. Osei leaves at 3", by=ann, was="")

        for moment in (at("09:00"), at("09:02"), at("15:00"), at("09:00", 28)):
            clock.move_to(moment)
            morning = moment.replace(hour=0)
            given = {"now": moment, "morning": morning, "evening": morning + timedelta(days=1), "reader": ann.pk}
            given["day"] = moment.date()
            assert numbers_(**given) == count_all(**numbers._rows(**given))
        assert numbers_(**given)["notes"] == 1
        assert numbers_(**given) != numbers_(**given | {"reader": 0})


class TestWhatItCosts:
    def enter_everything(self, doctor) -> None:
        ann = Actor.staff(make.front_desk())
        for hour in range(10, 14):
            lose(booked(doctor, at(f"{hour}:00", 27)))
            visit = booked(doctor, at(f"{hour}:00"))
            conversation.write_back(inquiry=visit.inquiry, words="x")
            statuses.change_status(appointment=booked(doctor, at(f"{hour}:30")), to="arrived", by=ann)
        for _ in range(4):
            make.inquiry(sent=timedelta(days=9), assigned_to=make.user())
            make.inquiry()
        freed, later = booked(doctor, at("15:00")), booked(doctor, at("10:00", 30))
        waiting_list.join_or_leave(inquiry=later.inquiry, on=True, by=Actor.visitor())
        statuses.cancel(appointment=freed, by=ann)
        DayNote.objects.write(day=timezone.localdate(), words="Dr. Osei leaves at 3", by=ann.user, was="")

    def test_it_takes_twelve_statements_with_everything_on_it(self, desk, ann, osei):
        self.enter_everything(osei)
        user = type(ann).objects.get(pk=ann.pk)
        user.get_all_permissions()

        with CaptureQueriesContext(connection) as asked:
            shown = page.context(user)

        assert {row.kind for row in shown["now_rows"]} == {"displaced", "late", "today", "freed"}
        assert len(shown["visits"]) == 8
        # The clinic's row is read once for a request, whichever page it is.
        assert len([each for each in asked if "clinic_clinic" not in each["sql"]]) <= 12
        desk.get(TODAY)
        with CaptureQueriesContext(connection) as all_asked:
            desk.get(TODAY)
        assert len(all_asked) <= 22

    def test_it_reads_no_table_through_however_much_there_is(self, desk):
        make.procedure()
        call_command("fill", inquiries=3000, appointments=1000, seed=1, verbosity=0)
        lost = Appointment.objects.filter(status="booked", starts_at__gt=timezone.now()).values("pk")[:3]
        Appointment.objects.filter(pk__in=list(lost.values_list("pk", flat=True))).update(displaced_at=timezone.now())
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            with CaptureQueriesContext(connection) as asked:
                desk.get(TODAY)
                desk.get(f"{WAITING}?since=1764160200000000")
            plans = []
            for each in asked:
                if re.search("appointments_(inquiry|appointment|email|message|call)", each["sql"]):
                    cursor.execute(f"EXPLAIN {each['sql']}")
                    plans.append("\n".join(line for [line] in cursor.fetchall()))
        assert len(plans) >= 5
        read_through = re.compile(r"Seq Scan on appointments_(inquiry|appointment|appointmentevent)\b")
        assert [plan for plan in plans if read_through.search(plan)] == []


class TestNote:
    def write(self, client, words: str, was: str = "", day: str = "2026-11-26"):
        return client.post(NOTE, {"day": day, "words": words, "was": was})

    def test_it_stands_on_the_page_of_its_day_with_who_wrote_it(self, desk):
        self.write(desk, "Dr. Osei leaves at 3 p.m.")
        self.write(desk, "Tomorrow", day="2026-11-27")

        html = desk.get(TODAY).text.partition('class="day-note"')[2].partition("<details>")[0]

        assert " ".join(strip_tags(html.partition(">")[2]).split()) == (
            "Note for today: Dr. Osei leaves at 3 p.m. (Ann Reyes)"
        )

    def test_it_is_changed_and_without_words_it_is_gone_and_its_history_stays(self, desk):
        self.write(desk, "Leaves at 3")
        self.write(desk, "Leaves at 4", was="Leaves at 3")
        self.write(desk, " ", was="Leaves at 4")

        assert DayNote.objects.count() == 0
        history = apps.get_model("appointments", "DayNoteEvent")
        assert list(history.objects.order_by("pgh_id").values_list("words", flat=True)) == [
            "Leaves at 3", "Leaves at 4", "Leaves at 4",
        ]  # fmt: skip

    def test_what_a_colleague_wrote_meanwhile_is_not_overwritten(self, desk):
        self.write(desk, "Leaves at 3")

        self.write(desk, "Leaves at 5")

        assert DayNote.objects.get().words == "Leaves at 3"
        assert "A colleague changed the note meanwhile. Yours was: “Leaves at 5”." in desk.get(TODAY).text

    def test_the_same_twice_is_once(self, desk):
        for _ in range(2):
            self.write(desk, "Leaves at 3")

        assert DayNote.objects.get().words == "Leaves at 3"
        assert "A colleague changed" not in desk.get(TODAY).text

    @pytest.mark.parametrize("day", ["", "x", "20261126", "2026-W48-4", "0001-01-01", "9999-12-31"])
    def test_it_is_of_a_day(self, desk, day):
        assert self.write(desk, "Hello", day=day).status_code == 400

    def test_it_is_written_by_the_desk(self, client):
        client.force_login(make.user(roles.CLINICIAN))

        assert self.write(client, "Hello").status_code == 403


class TestWaitingNumber:
    def ask(self, client, since: datetime):
        return client.get(WAITING, {"since": int(since.timestamp()) * 10**6 + since.microsecond})

    def test_it_says_how_many_that_wait_have_come_since(self, desk, clock):
        make.inquiry(name="Before")
        since = timezone.now()
        clock.shift(60)
        for _ in range(2):
            make.inquiry()
        make.inquiry(screening="spam", screening_reason="hidden")
        make.inquiry(status="closed")

        answer = self.ask(desk, since)

        assert answer.json() == {"number": 2, "words": "2 new since 9 a.m.: show"}
        assert self.ask(desk, timezone.now()).json() == {"number": 0, "words": ""}

    @pytest.mark.parametrize("since", ["", "x", "-1", "9" * 17, "9" * 30, "٣"])
    def test_of_no_moment_nothing_has_come(self, desk, since):
        make.inquiry(sent=timedelta(hours=1))

        assert desk.get(WAITING, {"since": since}).json() == {"number": 0, "words": ""}

    def test_it_is_one_statement(self, desk):
        self.ask(desk, timezone.now())
        with CaptureQueriesContext(connection) as asked:
            self.ask(desk, timezone.now())

        assert len([each for each in asked if "appointments_" in each["sql"]]) == 1

    def test_asking_keeps_nobody_signed_in(self, desk, clock):
        for _ in range(16):
            clock.shift(60)
            answer = self.ask(desk, timezone.now())

        assert answer.status_code == 302
        assert StaffSession.objects.get().ended_at is not None

    def test_it_is_for_those_who_see_inquiries(self, client):
        client.force_login(make.user(roles.CONTENT_EDITOR))

        assert client.get(WAITING).status_code == 403


@pytest.mark.parametrize("role", [roles.CLINICIAN, roles.CONTENT_EDITOR, None])
def test_who_may_see_no_patient_sees_nothing_of_today(client, role, osei):
    lose(booked(osei, at("14:00"), name="Walter"))
    client.force_login(make.user(role))

    html = client.get(TODAY).text

    assert "<h1>Work and settings</h1>" in html
    assert [words for words in ("Walter", "waiting.js", 'class="today"', "Note for today") if words in html] == []


def test_who_is_here_waits_since_the_moment_they_were_marked(client):
    doctor = make.practitioner(visit=make.visit_type("First visit"))
    visit = booked(doctor, timezone.now())
    statuses.change_status(appointment=visit, to="arrived", by=Actor.staff(make.front_desk()))
    marked = visit.events.order_by("pgh_id").last().pgh_created_at
    with time_machine.travel(marked + timedelta(minutes=14), tick=False):
        [row] = visits.rows([Appointment.objects.get()], page.Facts([visit.inquiry_id], timezone.now()), timezone.now())

    assert row.state.endswith(", waits 14\N{NO-BREAK SPACE}minutes")
    assert row.state.startswith("here since ")


class TestClosing:
    def test_a_doctor_who_is_ill_is_two_presses_and_leads_back_here(self, desk, osei, clock):
        booked(osei, at("10:00"), name="Agnes Moreau")
        make.practitioner("Dr. Rivera", visit=osei.schedules.get().visit_type)
        menu = desk.get(TODAY).text.partition('class="close-presets"')[2].partition("</details>")[0]
        assert re.findall(r'<button class="button">([^<]+)<', menu) == ["Dr. Osei today"]

        asked = desk.post(CLOSE, make.hidden_fields(menu))
        assert "Agnes Moreau" in asked.text
        assert not Closure.objects.exists()
        answer = desk.post(CLOSE, {**make.hidden_fields(asked.text), "tell_displaced": "1"}, follow=True)

        assert answer.redirect_chain == [(TODAY, 302)]
        assert "1 patient is on the list of displaced patients now." in answer.text
        made = Closure.objects.get()
        assert (made.practitioner, made.starts_at, made.ends_at) == (osei, at("09:00"), at("00:00", 27))
        assert rows(answer, "today-now")[0].startswith("⚠ in 1 hour Agnes Moreau NOT TOLD")

    def test_on_a_day_without_visits_it_leads_to_the_form(self, desk, osei):
        menu = desk.get(TODAY).text.partition('class="close-presets"')[2].partition("</details>")[0]

        assert re.findall(r'<(?:a|button) class="\w+"(?: href="([^"]+)")?>([^<]+)<', menu) == [
            (CLOSE, "Close the clinic, or a practitioner’s time")
        ]

    def test_who_may_not_close_is_not_offered_it(self, client, osei):
        reader = make.user()
        for codename in ("view_inquiry", "view_appointment"):
            reader.user_permissions.add(Permission.objects.get(codename=codename))
        client.force_login(reader)

        assert "close-menu" not in client.get(TODAY).text


class TestConfirming:
    def test_a_time_that_waits_for_us_is_confirmed_where_it_waits(self, desk, osei):
        held = booked(osei, at("10:00", 30), "pending", name="Leonard Whitcomb")
        Inquiry.objects.filter(pk=held.inquiry_id).update(status="new", answered_at=None)

        [posted] = re.findall(r'value="(confirm [\d:]+)"', part(desk.get(TODAY), "waiting"))
        answer = desk.post(MARK, {"do": posted}, follow=True)

        held.refresh_from_db()
        assert held.status == "booked"
        assert "Leonard Whitcomb, Mon, Nov. 30, 10 a.m. with Dr. Osei: booked" in answer.text

    @pytest.mark.parametrize("lost", [True, False])
    def test_what_is_lost_or_over_is_not_confirmed(self, desk, osei, lost):
        held = booked(osei, at("10:00", 30 if lost else 25), "pending", name="Leonard Whitcomb")
        Inquiry.objects.filter(pk=held.inquiry_id).update(status="new", answered_at=None)
        if lost:
            Appointment.objects.filter(pk=held.pk).update(displaced_at=timezone.now(), reached_at=timezone.now())

        waiting = part(desk.get(TODAY), "waiting")

        assert "Leonard Whitcomb" in waiting
        assert "confirm " not in waiting
