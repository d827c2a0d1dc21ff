"""Free times for everyone, by day, and the form that asks for one of them."""

import re
from datetime import date

import pytest
import time_machine

from appointments import limits
from appointments.actors import Actor
from appointments.bookings import appointments
from appointments.errors import NotPossible
from appointments.models import Appointment, Closure, Inquiry, Schedule, VisitType
from appointments.notifications import compose
from appointments.scheduling import slot_codes
from tests import make
from tests.patient import Patient

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def monday_noon():
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False):
        yield


@pytest.fixture
def doctor():
    return make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit"))


def page(path: str = "/appointments/times/") -> str:
    return Patient().get(path).content.decode()


def choose(html: str, **button: str) -> str:
    """The page that this button of a page of times leads to, with what its form hides."""
    ((name, value),) = button.items()
    (form,) = (form for form in re.findall(r"<form.*?</form>", html, re.S) if f'<button name="{name}"' in form)
    assert f'<button name="{name}" value="{value}"' in form
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    return Patient().get("/appointments/times/", hidden | button).content.decode()


def days_of(html: str) -> list[str]:
    return re.findall(r'<button name="day" value="([\d-]+)"', html)


def links_of(html: str) -> dict[str, str]:
    """Where the page's links to other days lead, by what they say of themselves."""
    return dict(re.findall(r'<a rel="([a-z ]+)" href="([^"]+)">(?:Earlier|Later) days</a>', html))


def times_of(html: str) -> list[tuple[str, str]]:
    """The code and the words of each time of the chosen day."""
    return re.findall(r'<button name="slot" value="([\w-]+)"><b>([^<]+)</b>', html.split('id="time-title"')[-1])


def next_of(html: str) -> list[str]:
    """The next free times, as the rows above all days say them."""
    rows = re.findall(r"<li>(.*?)</li>", html.split('id="next-title"')[1].split("</ul>")[0], re.S)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", row)).strip() for row in rows]


def slot_code(doctor, place: int = 0) -> str:
    return slot_codes.encode(make.slots(doctor, TUESDAY)[place])


class TestPage:
    def test_each_day_says_how_many_times_are_free_and_the_first_one_shows_them(self, doctor):
        html = page()

        assert '<span class="visually-hidden">Monday, November 23: 10 free times</span>' in html  # From noon.
        assert '<span class="visually-hidden">Tuesday, November 24: 16 free times</span>' in html
        assert "Free times on Monday, November 23" in html
        assert '<form method="get" action="/appointments/">' in html
        assert [time for _, time in times_of(html)][0::9] == ["noon", "4:30 p.m."]
        assert "All times are New York time." in html

    def test_a_day_is_chosen_by_a_button(self, doctor):
        html = choose(page(), day="2026-11-25")

        assert "Free times on Wednesday, November 25" in html
        assert len(times_of(html)) == 16
        assert days_of(html) == days_of(page())  # Nothing moves but the mark.
        assert re.findall(r'<button name="day" value="([\d-]+)" aria-current="date">', html) == ["2026-11-25"]

    def test_an_address_from_before_with_a_day_alone_begins_there(self, doctor):
        html = page("/appointments/times/?day=2026-12-07")

        assert "Free times on Monday, December 7" in html
        assert (days_of(html)[0], len(days_of(html))) == ("2026-12-07", 7)

    def test_later_and_earlier_days_are_one_link_away(self, doctor):
        html = page()
        assert days_of(html) == [f"2026-11-{day}" for day in range(23, 30)]
        visit = doctor.schedules.get().visit_type_id
        assert links_of(html) == {"next nofollow": f"?visit={visit}&amp;from=2026-11-30#day-title"}

        later = page("/appointments/times/?from=2026-11-30")
        assert days_of(later) == ["2026-11-30", *(f"2026-12-0{day}" for day in range(1, 7))]
        assert links_of(later) == {
            "prev nofollow": f"?visit={visit}&amp;before=2026-11-30#day-title",
            "next nofollow": f"?visit={visit}&amp;from=2026-12-07#day-title",
        }
        assert days_of(page("/appointments/times/?before=2026-11-30")) == days_of(html)
        last = page("/appointments/times/?from=2999-01-01")
        assert days_of(last)[-1] == "2027-01-18"  # 56 days ahead, and no further.
        assert links_of(last).keys() == {"prev nofollow"}

    def test_a_page_of_earlier_days_keeps_them_when_one_is_chosen(self, doctor):
        earlier = page("/appointments/times/?before=2026-12-10")

        html = choose(earlier, day="2026-12-05")

        assert days_of(html) == days_of(earlier) == [f"2026-12-0{day}" for day in range(3, 10)]
        assert "Free times on Saturday, December 5" in html

    def test_somebody_else_is_chosen_for_the_same_day(self, doctor):
        john = make.practitioner("John Roe, MD", visit=doctor.schedules.first().visit_type, position=1)
        html = choose(page("/appointments/times/?from=2026-12-01"), day="2026-12-03")

        html = choose(html, **{"with": str(john.pk)})

        assert "Free times on Thursday, December 3" in html
        assert days_of(html) == [f"2026-12-0{day}" for day in range(1, 8)]
        assert re.findall(r'<button name="with" value="(\d*)" aria-current', html) == [str(john.pk)]
        assert set(re.findall(r'name="slot" value="\d+-(\d+)-', html)) == {str(john.pk)}
        assert set(re.findall(r'name="slot" value="\d+-(\d+)-', choose(html, **{"with": ""}))) == {
            str(doctor.pk), str(john.pk),
        }  # fmt: skip

    def test_where_nothing_is_free_for_long_the_page_says_until_when_and_leads_on(self, doctor):
        VisitType.objects.update(horizon_days=730)
        Closure.objects.create(name="Moving", starts_at="2026-11-23T05:00Z", ends_at="2027-08-01T04:00Z")

        html = page()
        assert "No times are free here from Monday, November 23 to Sunday, May 23." in html
        assert days_of(html) == []
        later = page("/appointments/times/" + links_of(html)["next nofollow"].replace("&amp;", "&"))

        assert days_of(later)[0] == "2027-08-01"
        assert "No times are free here from" not in later

    def test_after_the_last_free_day_the_page_leads_back(self, doctor):
        Closure.objects.create(name="Moving", starts_at="2027-01-01T05:00Z", ends_at="2027-08-01T04:00Z")

        html = page("/appointments/times/?from=2027-01-01")
        assert "No times are free here from Friday, January 1 on." in html
        assert links_of(html).keys() == {"prev nofollow"}
        earlier = page("/appointments/times/" + links_of(html)["prev nofollow"].replace("&amp;", "&"))

        assert days_of(earlier) == [f"2026-12-{day}" for day in range(25, 32)]

    def test_where_nothing_is_free_from_a_day_on_the_last_days_before_it_show(self, doctor):
        doctor.working_hours.update(valid_until="2026-12-10")

        html = page("/appointments/times/?day=2026-12-20")

        assert "Free times on Thursday, December 10" in html
        assert days_of(html) == [f"2026-12-{day:02}" for day in range(4, 11)]
        assert links_of(html).keys() == {"prev nofollow"}

    def test_kinds_of_visits_and_practitioners_are_buttons(self, doctor):
        long = make.visit_type("Long talk", minutes=120, position=1)
        doctor.schedules.create(visit_type=long, is_online=True)
        make.practitioner("John Roe, MD", visit=doctor.schedules.first().visit_type, position=1)

        assert len(times_of(page())) == 20
        assert len(times_of(choose(page(), **{"with": str(doctor.pk)}))) == 10
        talks = choose(choose(page(), visit=str(long.pk)), day="2026-11-24")
        assert len(times_of(talks)) == 4
        assert "Long talk, 120 minutes" in talks

    def test_the_next_free_times_are_two_of_the_first_day_and_one_of_the_next(self, doctor):
        html = page()

        assert next_of(html) == [
            "Monday, November 23, noon with Jane Doe, MD",
            "Monday, November 23, 12:30 p.m. with Jane Doe, MD",
            "Tuesday, November 24, 9 a.m. with Jane Doe, MD",
        ]
        assert html.index('id="next-title"') < html.index("None of these?") < html.index('id="all-title"')
        assert next_of(choose(html, day="2026-11-25")) == next_of(html)

    def test_of_two_at_the_same_moment_one_is_among_the_next_times(self, doctor):
        make.practitioner("John Roe, MD", visit=doctor.schedules.first().visit_type, position=1)

        assert [row.split(" with ")[0] for row in next_of(page())] == [
            "Monday, November 23, noon", "Monday, November 23, 12:30 p.m.", "Tuesday, November 24, 9 a.m.",
        ]  # fmt: skip

    def test_on_later_days_the_way_out_stands_below_the_times(self, doctor):
        inquiry = make.inquiry()
        later = page("/appointments/times/?from=2026-12-01")
        own = page(f"{inquiry.own_page_url()}times/?from=2026-12-01")

        for html in (later, own):
            assert "None of these?" not in html
            assert html.count("Have us find a time for you") == 1
            assert (
                html.index('id="all-title"')
                < html.index("No time that suits you?")
                < html.index("Have us find a time for you")
            )

    def test_a_page_of_later_days_says_nothing_of_the_next_times(self, doctor):
        assert 'id="next-title"' not in page("/appointments/times/?from=2026-12-01")

    def test_where_the_first_days_are_full_nothing_leads_to_them(self, doctor):
        Closure.objects.create(name="Moving", starts_at="2026-11-23T05:00Z", ends_at="2026-11-26T05:00Z")

        html = page()

        assert next_of(html)[0] == "Thursday, November 26, 9 a.m. with Jane Doe, MD"
        assert links_of(html).keys() == {"next nofollow"}

    def test_times_stand_by_the_part_of_the_day(self, doctor):
        html = page("/appointments/times/?day=2026-11-24")

        morning, afternoon = html.split('<h4 id="morning">')[1].split('<h4 id="afternoon">')
        assert re.findall("<b>([^<]+)</b>", morning)[-1] == "11:30 a.m."
        assert re.findall("<b>([^<]+)</b>", afternoon)[0] == "noon"

    def test_a_kind_of_visit_is_said_and_chosen_in_the_clinics_words(self, doctor):
        VisitType.objects.update(said_as="For your first visit here")
        again = make.visit_type("Follow-up", minutes=20, position=1, chosen_as="I have been here before")
        doctor.schedules.create(visit_type=again, is_online=True)

        html = page()

        assert "For your first visit here, 30 minutes." in html
        assert f'<button name="visit" value="{again.pk}" class="as-link">I have been here before</button>' in html
        assert "Follow-up, 20 minutes." in choose(html, visit=str(again.pk))

    def test_what_is_taken_is_gone_at_once(self, doctor):
        code = slot_code(doctor)
        assert code in page("/appointments/times/?day=2026-11-24")

        appointments.book(inquiry=make.inquiry(), slot=make.slots(doctor, TUESDAY)[0], by=Actor.visitor())

        assert code not in page("/appointments/times/?day=2026-11-24")

    @pytest.mark.parametrize(
        "query",
        [
            "day=x",
            "visit=x",
            "with=999999999999999999999",
            "visit=&with=",
            "day=2026-02-30",
            "from=x&before=x",
            "before=2026-11-23",
            "before=0001-01-01",
            "from=0001-01-01",
        ],
    )
    def test_what_makes_no_sense_is_as_if_it_had_not_been_asked(self, doctor, query):
        html = page(f"/appointments/times/?{query}")

        assert "Free times on Monday, November 23" in html
        assert html == page()

    def test_a_zero_byte_is_refused(self, doctor):
        assert Patient().get("/appointments/times/?day=%00").status_code == 400

    @pytest.mark.parametrize(
        ("query", "plain"),
        [
            ("x=1", ""),
            ("utm_source=mail&day=2026-11-25", "?day=2026-11-25"),
            ("day=2026-11-24&day=2026-11-25", "?day=2026-11-25"),
            ("visit=1&with=&x=%C3%B8%26", "?visit=1&with="),
            ("before=%26x%3D1&y", "?before=%26x%3D1"),
        ],
    )
    def test_what_else_stands_in_the_address_is_answered_by_the_plain_one(self, query, plain):
        answer = Patient().get(f"/appointments/times/?{query}")

        assert (answer.status_code, answer.headers["Location"]) == (301, f"/appointments/times/{plain}")
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert Patient().get(answer.headers["Location"]).status_code == 200

    def test_no_search_engine_shows_what_is_true_for_a_moment(self, doctor):
        for path in ("/appointments/times/", "/appointments/times/?from=2026-12-01"):
            assert Patient().get(path).headers["X-Robots-Tag"] == "noindex"
        for code in (slot_code(doctor), "nonsense", ""):
            assert Patient().get("/appointments/", {"slot": code}).headers["X-Robots-Tag"] == "noindex"
        # It would keep a search engine from ever reading the noindex.
        assert "times" not in page("/robots.txt")
        assert "X-Robots-Tag" not in Patient().get("/appointments/").headers

    @pytest.mark.parametrize("path", ["/appointments/times/", "/appointments/", "/nowhere/"])
    def test_whoever_has_an_appointment_finds_a_way_back(self, doctor, path):
        html = page(path)

        panel = html.split("Already have an appointment?</h2>")[1].split("</section>")[0]
        assert re.sub("<[^>]+>", "", panel).strip() == (
            "Open the link in our email. Or call (212) 555-0100 and give your reference. "
            "We will send you the link again, or help you by phone if you gave us no email address."
        )

    def test_a_cache_may_keep_it_for_two_seconds(self, doctor):
        answer = Patient().get("/appointments/times/")

        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate, s-maxage=2"
        assert not answer.cookies

    def test_nothing_can_be_chosen_until_the_manager_switches_it_on(self):
        make.practitioner(online=False, visit=VisitType.objects.create(name="As installed"))

        html = page()

        assert "Times cannot be chosen here." in html
        assert '<a class="ask-us" href="/appointments/?kind=appointment">' in html
        assert "See free times" not in page("/appointments/")

    def test_when_nothing_is_free_it_says_what_to_do(self, doctor):
        doctor.working_hours.all().delete()

        html = page()

        assert "No times are free here at the moment." in html
        assert "Have us find a time for you" in html
        assert ', or <a href="tel:+12125550100">call <span class="nb" translate="no">(212) 555-0100</span></a>' in html

    @pytest.mark.parametrize("practitioners", [1, 20])
    @pytest.mark.parametrize("query", ["", "?day=2026-12-07", "?from=2026-12-01&day=2026-12-07", "?before=2026-12-07"])
    def test_any_page_takes_four_statements(self, doctor, practitioners, query, django_assert_num_queries):
        for _ in range(practitioners - 1):
            make.practitioner(visit=doctor.schedules.first().visit_type)
        appointments.book(inquiry=make.inquiry(), slot=make.slots(doctor, TUESDAY)[0], by=Actor.visitor())

        with django_assert_num_queries(4):
            html = page(f"/appointments/times/{query}")

        assert len(days_of(html)) == 7


class TestCode:
    @pytest.mark.parametrize(
        "text",
        ["", "x", "1-1-20261124T143000", "1-1-20260230T143000Z", "0-0-00000000T000000Z", "1-1-99991231T235959Z",
         "1-1-99991231T120000Z", "1-1-00010101T000000Z", "1-1-21991231T234500Z",
         "999999999999999-1-20261124T143000Z"],
    )  # fmt: skip
    def test_what_is_no_code_names_nothing(self, doctor, text):
        offer = doctor.schedules.get()
        assert slot_codes.find(text.replace("1-1-", f"{offer.visit_type_id}-{doctor.pk}-"), [offer]) is None

    def test_a_code_leads_back_to_its_slot(self, doctor):
        slot = make.slots(doctor, TUESDAY)[3]

        assert slot_codes.find(slot_codes.encode(slot), Schedule.objects.online()) == slot


class TestFormWithATime:
    def send(self, code: str, **changes):
        return Patient().post(
            "/appointments/", make.form_data(slot=code, **{"kind": "appointment", "message": ""} | changes)
        )

    def test_the_form_says_which_time_and_asks_for_an_appointment(self, doctor):
        html = page(f"/appointments/?slot={slot_code(doctor)}")

        assert "<h1>Book this time</h1>" in html
        assert "<title>Book this time" in html
        assert '<b>Tue, November 24, <span class="nb">9 a.m.</span></b>' in html
        assert 'with <span translate="no">Jane Doe, MD</span>' in html
        assert "First visit, 30 minutes, New York time." in html
        assert '<input type="hidden" name="kind" value="appointment">' in html
        assert f'name="slot" value="{slot_code(doctor)}"' in html

    def test_nobody_who_chose_a_time_is_asked_how_to_be_contacted(self, doctor):
        html = page(f"/appointments/?slot={slot_code(doctor)}")

        form = html.split('id="contact-form"')[1].split("</form>")[0]
        assert re.findall(r'<(?:input|select|textarea)[^>]* id="(\w+)"', form) == [
            "id_name", "id_phone", "id_email", "id_reach_note", "id_spoken_language",
            "id_seen_before_0", "id_seen_before_1", "id_seen_before_2", "id_message",
            "id_for_someone_else", "id_patient_name", "id_contact_person_0", "id_contact_person_1", "id_patient_phone",
            "id_consent", "id_sum", "id_check_by_hand", "id_second_fax",
        ]  # fmt: skip
        assert '<input type="hidden" name="contact_by" value="phone">' in form
        assert "<details><summary>For someone else, another language, a message (optional)</summary>" in form
        assert "Book this time</button>" in form

    def test_who_chose_among_kinds_of_visits_is_not_asked_whether_they_have_been_here(self, doctor):
        code = slot_code(doctor)
        assert 'name="seen_before"' in page(f"/appointments/?slot={code}")

        make.practitioner(visit=make.visit_type("Follow-up"))

        assert 'name="seen_before"' not in page(f"/appointments/?slot={code}")
        assert 'name="seen_before"' in page("/appointments/")
        assert self.send(code, name="", seen_before="yes").status_code == 422

    @pytest.mark.parametrize(
        ("booked_at_once", "words"),
        [
            (True, "If this time is still free when you send this, it is yours."),
            (False, "If this time is still free, we hold it and contact you to confirm."),
        ],
    )
    def test_what_becomes_of_the_time_stands_above_the_button(self, doctor, booked_at_once, words):
        VisitType.objects.update(booked_at_once=booked_at_once)

        html = page(f"/appointments/?slot={slot_code(doctor)}")

        assert html.index(words) < html.index("Book this time</button>")

    def test_the_phone_is_needed_and_the_email_is_not(self, doctor):
        answer = self.send(slot_code(doctor), contact_by=None, kind=None, phone="")

        html = answer.content.decode()
        assert answer.status_code == 422
        assert re.findall(r'<li><a href="#(\w+)">([^<]+)', html) == [
            ("id_phone", "Enter a phone number so we can call you")
        ]
        assert "<title>Error: Book this time" in html
        assert self.send(slot_code(doctor), contact_by=None, kind=None).status_code == 303
        assert Inquiry.objects.get().contact_by == "phone"

    def test_after_a_mistake_the_words_beside_the_fields_are_the_same(self, doctor):
        words = [
            re.findall(r"<(?:label|legend)[^>]*>(.*?)</|class=\"hint\"[^>]*>(.*?)</", html)
            for html in (
                page(f"/appointments/?slot={slot_code(doctor)}"),
                self.send(slot_code(doctor), name="").content.decode(),
            )
        ]

        assert ("Email address (optional)", "") in words[0]
        # The sum is answered.
        assert words[1] == [each for each in words[0] if not re.search("What is|automated|answer this", "".join(each))]

    @pytest.mark.parametrize(
        ("changes", "is_open"),
        [
            ({}, False),
            ({"message": "I come with my sister."}, True),
            ({"seen_before": "yes"}, True),
            ({"reach_note": "no voicemail"}, True),
            ({"spoken_language": "es"}, True),
            ({"for_someone_else": "on"}, True),
            ({"message": "x" * 2001}, True),
        ],
    )
    def test_what_was_added_stays_in_sight(self, doctor, changes, is_open):
        html = self.send(slot_code(doctor), **({"message": "", "name": ""} | changes)).content.decode()

        assert ("<details open><summary>For someone else" in html) == is_open

    def test_a_question_with_a_time_keeps_the_form_of_a_question(self, doctor):
        html = self.send(slot_code(doctor), kind="question", name="").content.decode()

        assert re.findall(r'name="kind" value="(\w+)" [^>]*checked', html) == ["question"]
        assert "Appointments and questions</h1>" in html

    def test_sending_it_stores_the_request_and_gives_the_time(self, doctor):
        code = slot_code(doctor)

        answer = self.send(code)

        inquiry = Inquiry.objects.get()
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{inquiry.own_page_url()}?done=booked")
        assert slot_codes.encode(inquiry.appointments.get().slot) == code
        assert "Your appointment is booked" in page(inquiry.own_page_url())

    def test_a_mistake_keeps_the_time(self, doctor):
        code = slot_code(doctor)

        answer = self.send(code, name="")

        html = answer.content.decode()
        assert answer.status_code == 422
        assert f'name="slot" value="{code}"' in html
        assert "9 a.m." in html

    def test_a_time_that_waits_for_the_front_desk_is_held_in_page_mail_and_subject(self, doctor):
        VisitType.objects.update(booked_at_once=False)

        self.send(slot_code(doctor), contact_by="email", email="rosa@example.com")

        inquiry = Inquiry.objects.get()
        html = page(inquiry.own_page_url())
        assert "Held, not confirmed yet" in html
        assert "We are holding this appointment for you. It is not confirmed yet." in html
        mail = compose.build(inquiry.emails.get(kind="held"))
        assert "not confirmed yet" in mail.subject
        assert "It is not confirmed yet" in mail.body

    def test_whoever_loses_the_race_has_a_stored_request_and_sees_fresh_times(self, doctor):
        code = slot_code(doctor)
        appointments.book(inquiry=make.inquiry(), slot=make.slots(doctor, TUESDAY)[0], by=Actor.visitor())

        answer = self.send(code, name="Rosa Lind")

        inquiry = Inquiry.objects.get(name="Rosa Lind")
        assert answer.headers["Location"].startswith(f"/appointments/{inquiry.key}/times/?taken=")
        html = page(answer.headers["Location"])
        assert "Someone else just took that time." in html
        assert "We have your request, it is safe." in html
        assert "Free times on Tuesday, November 24" in html
        assert code not in html.split("Which day?")[1]

    def test_the_same_post_again_gives_no_second_time(self, doctor):
        data = make.form_data(kind="appointment", message="", slot=slot_code(doctor))
        for _ in range(3):
            answer = Patient().post("/appointments/", data)
            assert answer.headers["Location"] == f"{Inquiry.objects.get().own_page_url()}?done=booked"

        assert Appointment.objects.count() == 1

    def test_the_same_words_with_another_time_ask_which_one_is_right(self, doctor):
        self.send(slot_code(doctor))

        answer = self.send(slot_code(doctor))

        inquiry = Inquiry.objects.get()
        assert answer.headers["Location"] == f"/appointments/{inquiry.key}/times/?slot={slot_code(doctor)}"
        html = page(answer.headers["Location"])
        assert "Is this the right time?" in html
        assert "9:30 a.m." in html
        assert "This replaces your appointment on Tuesday, November 24, 9 a.m. (" in html

    def test_who_could_not_do_the_sum_gets_no_time_before_somebody_looked(self, doctor):
        answer = self.send(slot_code(doctor), sum="", check_by_hand="on")

        inquiry = Inquiry.objects.get()
        assert answer.headers["Location"] == f"{inquiry.own_page_url()}?done=sent"
        html = page(inquiry.own_page_url())
        assert "You asked for this time" in html
        assert "We are holding it until Tuesday, November 24, 9 a.m. It is not confirmed yet." in html
        assert "We have your appointment request" in html
        assert not inquiry.emails.exists()
        inquiry.appointments.update(status="cancelled")
        assert "We no longer hold it." in page(inquiry.own_page_url())
        with pytest.raises(NotPossible):
            appointments.book(inquiry=inquiry, slot=make.slots(doctor, TUESDAY)[1], by=Actor.visitor())
        assert Patient().get(f"/appointments/{inquiry.key}/times/").status_code == 302

    def test_what_could_not_be_held_is_kept_as_a_wish_and_the_page_says_so(self, doctor, monkeypatch):
        monkeypatch.setattr(limits, "HELD_TO_CHECK", 0)

        self.send(slot_code(doctor), second_fax="x")

        html = page(Inquiry.objects.get().own_page_url())
        assert "You asked for this time" in html
        assert "We have not held it." in html
        assert "Cancel this appointment" not in html

    def test_the_form_promises_no_more_than_it_keeps(self, doctor):
        html = page(f"/appointments/?slot={slot_code(doctor)}")

        assert "If this time is still free when you send this, it is yours." in html
        by_hand = html.split('id="div_id_check_by_hand"')[1].split("<button")[0]
        assert "Then we hold the time only for a while, and only if we can." in by_hand

    def test_the_form_does_not_speak_of_holding_where_no_time_was_chosen(self, doctor):
        assert "hold the time" not in page("/appointments/")

    def test_a_question_takes_no_time(self, doctor):
        Patient().post("/appointments/", make.form_data(slot=slot_code(doctor)))

        assert not Appointment.objects.exists()

    def test_a_time_in_the_address_that_is_taken_says_so_and_the_form_can_be_sent_all_the_same(self, doctor):
        code = slot_code(doctor)
        appointments.book(inquiry=make.inquiry(), slot=make.slots(doctor, TUESDAY)[0], by=Actor.visitor())

        html = page(f"/appointments/?slot={code}")

        assert "This time is no longer available." in html
        assert "<title>This time is taken: Appointments and questions" in html

    @pytest.mark.parametrize("code", ["{{ 7|add:7 }}", "<script>", "'\"", "x" * 5000, "1-1-20261124T143000Z"])
    def test_a_made_up_time_is_text_and_nothing_else(self, doctor, code):
        html = Patient().get("/appointments/", {"slot": code}).content.decode()
        assert "14" not in html.split('name="slot"')[1][:80].replace("20261124T143000Z", "")
        assert "<script>" not in html.split("<main")[1]

        answer = self.send(code)

        assert answer.status_code == 303
        assert Inquiry.objects.count() == 1
        assert not Appointment.objects.exists()

    def test_an_appointment_request_leads_to_free_times_and_a_question_does_not(self, doctor):
        data = make.form_data(kind="appointment", message="")
        answer = Patient().post("/appointments/", data)
        assert answer.headers["Location"] == f"/appointments/{Inquiry.objects.get().key}/times/"

        answer = Patient().post("/appointments/", make.form_data(name="Another"))
        another = Inquiry.objects.get(name="Another")
        assert answer.headers["Location"] == f"{another.own_page_url()}?done=sent"

    def test_where_nothing_is_online_the_request_leads_to_its_own_page(self):
        answer = Patient().post("/appointments/", make.form_data(kind="appointment", message=""))

        assert answer.headers["Location"] == f"{Inquiry.objects.get().own_page_url()}?done=sent"
