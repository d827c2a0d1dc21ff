import re
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from appointments.models import Closure, VisitType
from clinic.accounts import roles
from clinic.models import Announcement, Notice
from tests import make

pytestmark = pytest.mark.django_db

NOON = "2026-11-23T17:00:00Z"


def test_about_says_what_the_clinic_entered_and_no_more(client):
    plain = client.get("/about/").content.decode()
    make.clinic(
        directions="From the bridge, turn left.\n\nThe door is green.", map_url="https://example.com/map",
        costs="We take your plan.", what_to_bring="Your glasses.", parking="Ramp at the side door.",
    ).opening_hours.create(weekday=0, opens="09:00", closes="17:00")  # fmt: skip
    full = client.get("/about/").content.decode()

    for heading in (
        "Opening hours",
        "Parking and accessible entrance",
        "What to bring",
        "Insurance, referrals and costs",
    ):
        assert heading not in plain
        assert f"<h2>{heading}</h2>" in full
    assert "<p>From the bridge, turn left.</p>" in full
    assert '<a href="https://example.com/map">See us on a map</a>' in full


def test_about_names_the_closures_of_the_coming_week_in_the_clinics_time(client):
    with time_machine.travel(NOON, tick=False):
        now = timezone.now()
        for name, start in (("Past", -3), ("Thanksgiving", 3), ("Christmas", 30)):
            starts_at = now + timedelta(days=start)
            ends_at = starts_at + timedelta(hours=5)
            Closure.objects.create(name="Staff party", public_words=name, starts_at=starts_at, ends_at=ends_at)
        page = client.get("/about/").content.decode()

    assert "Thanksgiving: from Thursday, November 26, noon to Thursday, November 26, 5 p.m." in page
    assert "Past" not in page
    assert "Christmas" not in page
    assert "Staff party" not in page


def test_a_closure_without_words_for_patients_says_only_when(client):
    with time_machine.travel(NOON, tick=False):
        starts_at = timezone.now() + timedelta(days=3)
        Closure.objects.create(name="Dr. Doe is ill", starts_at=starts_at, ends_at=starts_at + timedelta(hours=5))
        page = client.get("/about/").content.decode()

    assert "<li>From Thursday, November 26, noon to Thursday, November 26, 5 p.m.</li>" in page
    assert "Dr. Doe is ill" not in page


@pytest.mark.parametrize("path", ["/", "/appointments/", "/nowhere/"])
@pytest.mark.parametrize(("starts", "ends", "shown"), [(-1, 1, True), (-2, -1, False), (1, 2, False)])
def test_an_announcement_stands_on_top_of_every_page_while_it_lasts(client, path, starts, ends, shown):
    now = timezone.now()
    Announcement.objects.create(
        words="Closed today after noon.", starts_at=now + timedelta(hours=starts), ends_at=now + timedelta(hours=ends)
    )

    page = client.get(path).content.decode()

    assert ("Closed today after noon." in page) == shown
    if shown:
        assert page.index("Closed today after noon.") < page.index("<main")


def test_an_announcement_ends_after_it_starts():
    now = timezone.now()
    with pytest.raises(IntegrityError, match="an_announcement_ends_after_it_starts"), transaction.atomic():
        Announcement.objects.create(words="x", starts_at=now, ends_at=now)


@pytest.mark.parametrize("slug", Notice.Slug)
def test_a_notice_is_the_clinics_text_and_until_then_says_how_to_get_it(client, slug):
    before = client.get(f"/notices/{slug}/").content.decode()
    Notice.objects.filter(slug=slug).update(body="First.\n\nSecond <b>.")
    after = client.get(f"/notices/{slug}/").content.decode()

    assert "This notice is not on our site yet. Please ask us for it." in before
    assert "(212) 555-0100" in before.partition("<main")[2].partition("</main>")[0]
    assert "<p>First.</p>\n\n<p>Second &lt;b&gt;.</p>" in after


@pytest.mark.parametrize("path", ["/", "/appointments/", "/nowhere/"])
def test_every_footer_links_the_notices_that_are_written(client, path):
    Notice.objects.exclude(slug="language-help").update(body="Our own words.")

    footer = client.get(path).content.decode().partition("<footer")[2]

    assert re.findall(r'href="/notices/(.*)/"', footer) == ["privacy-practices", "nondiscrimination"]
    assert Notice.objects.count() == 3


def test_there_are_no_other_notices(client):
    assert client.get("/notices/anything/").status_code == 404


def test_a_manager_writes_a_notice_and_an_announcement(client):
    client.force_login(make.user(roles.MANAGER))
    notice = Notice.objects.get(slug="nondiscrimination")

    client.post(reverse("admin:clinic_notice_change", args=[notice.pk]), {"body": "We treat everyone."})
    client.post(
        reverse("admin:clinic_announcement_add"),
        {"words": "Closed.", "starts_at_0": "2026-01-01", "starts_at_1": "00:00",
         "ends_at_0": "2099-01-01", "ends_at_1": "00:00"},
    )  # fmt: skip

    assert "We treat everyone." in client.get("/notices/nondiscrimination/").content.decode()
    assert "Closed." in client.get("/").content.decode()
    assert client.get(reverse("admin:clinic_notice_add")).status_code == 403


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [("2026-01-01", "9999-12-31T23:59:59-05:00"), ("0001-01-01T00:00:00+09:00", "2026-01-01"), ("2026-01-02",) * 2],
)
@pytest.mark.parametrize(("table", "column"), [("appointments_closure", "name"), ("clinic_announcement", "words")])
def test_the_database_refuses_moments_that_no_page_could_show(table, column, starts_at, ends_at):
    with pytest.raises(IntegrityError, match="ends_after_it_starts"), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({column}, starts_at, ends_at) VALUES ('x', %s, %s)",  # noqa: S608
            [starts_at.replace("0001-01-01T00:00:00+09:00", "0001-01-01 BC"), ends_at],
        )


def test_a_closure_far_away_is_a_sentence(client):
    client.force_login(make.user(roles.MANAGER))

    answer = client.post(
        "/admin/appointments/closure/add/",
        {
            "name": "x",
            "starts_at_0": "2026-11-20",
            "starts_at_1": "08:00",
            "ends_at_0": "9999-12-31",
            "ends_at_1": "23:59:59",
        },
    )

    assert "before the year 2200" in answer.content.decode()


def test_the_home_page_opens_with_the_clinics_own_sentences(client):
    make.clinic()
    ours = client.get("/").content.decode()
    make.clinic(home_title="Broken bones of the back", home_lead="We see you <soon>.")
    theirs = client.get("/").content.decode()

    assert "<h1>Help with a fracture of the spine</h1>" in ours
    assert "<h1>Broken bones of the back</h1>" in theirs
    assert '<p class="lead">We see you &lt;soon&gt;.</p>' in theirs


def test_the_home_page_says_at_once_when_one_can_call(client):
    clinic = make.clinic(phone="(212) 555-0142")
    for weekday in (0, 1, 2, 4):
        clinic.opening_hours.create(weekday=weekday, opens="08:30", closes="17:00")

    line = client.get("/").content.decode().split('<p class="phone-line">')[1].split("</p>")[0]

    assert re.sub("<.*?>", "", line) == (
        "Or call (212) 555-0142 Monday to Wednesday, 8:30 a.m. to 5 p.m. Friday, 8:30 a.m. to 5 p.m."
    )
    clinic.opening_hours.all().delete()
    assert "<small>" not in client.get("/").content.decode()


def test_the_home_page_leads_to_free_times_only_while_there_are_any(client):
    before = client.get("/").content.decode()
    make.practitioner("Jane Doe, MD")
    after = client.get("/").content.decode()

    buttons = [re.findall(r'class="button[^>]*>(.*?)<', page) for page in (before, after)]
    assert buttons == [["Ask for an appointment", "Ask a question"], ["See free times", "Ask a question"]]
    leads = [
        re.findall(r'class="lead">(?:.*? )?Ask a question, or (.*?) to see a specialist', page)
        for page in (before, after)
    ]
    assert leads == [["ask for a time"], ["choose a time"]]


def test_one_procedure_has_a_door_for_each_page_and_two_have_a_card_each(client):
    make.draw(make.procedure())
    one = client.get("/").content.decode()
    make.procedure("Vertebroplasty")
    two = client.get("/").content.decode()

    assert re.findall(r'<li><a href="(/procedures/.*?)"><svg.*</svg>\n<span><strong>(.*?)</strong>', one) == [
        ("/procedures/kyphoplasty/", "What it is and how it works"),
        ("/procedures/kyphoplasty/benefits/", "Benefits"),
        ("/procedures/kyphoplasty/recovery/", "Recovery"),
        ("/procedures/kyphoplasty/print/", "A sheet to take home"),
    ]
    assert re.findall(r'<h3><a href="(/procedures/.*?)">', two) == [
        "/procedures/kyphoplasty/", "/procedures/vertebroplasty/",
    ]  # fmt: skip


def test_each_door_of_the_home_page_has_a_drawing_of_shapes_that_the_page_holds_once(client):
    procedure = make.procedure()
    make.draw(procedure)
    make.page(procedure, "costs")
    home = client.get("/").content.decode()
    doors = re.findall(r'<li><a href="/procedures/kyphoplasty/(.*?)">(.*?)</a>', home, re.DOTALL)

    shapes = set(re.findall(r'<symbol id="(.*?)"', home))
    assert {name: door.count('<svg viewBox="') for name, door in doors} == {
        "": 1, "benefits/": 1, "recovery/": 1, "costs/": 0, "print/": 1,
    }  # fmt: skip
    assert sorted(re.findall(r'<symbol id="(.*?)"', home)) == sorted(shapes)
    assert set(re.findall(r'href="#(\w+)"', " ".join(door for _name, door in doors))) <= shapes


class TestWhoYouWillSee:
    @pytest.fixture
    def people(self):
        """Two with times online, one without, and one who left."""
        later, first = make.visit_type("Talk", position=2), make.visit_type("First", position=1)
        jane = make.practitioner("Jane Doe, MD", visit=later, languages="English and Twi", title="Surgeon", position=1)
        jane.schedules.create(visit_type=first, is_online=True)
        sam = make.practitioner("Sam Poe, MD", visit=later, position=2)
        sam.schedules.create(visit_type=first, is_online=False)
        make.practitioner("Ann Roe, NP", online=False, visit=later, position=3)
        make.practitioner("Joe Moe, MD", is_active=False, languages="Welsh", visit=later)
        return {"jane": jane.pk, "sam": sam.pk, "first": first.pk, "later": later.pk}

    @pytest.mark.parametrize("path", ["/", "/about/"])
    def test_who_has_times_online_has_a_button_that_leads_to_them(self, client, people, path):
        page = client.get(path).content.decode()

        assert re.findall(r'<h3 translate="no">(.*?)</h3>', page) == ["Jane Doe, MD", "Sam Poe, MD", "Ann Roe, NP"]
        theirs = re.findall(r'name="visit" value="(\d+)"><button name="with" value="(\d+)".*?>(.*?)</button>', page)
        assert theirs == [
            (f"{people[visit]}", f"{people[who]}", f'Free times with <span translate="no">{name}</span>')
            for visit, who, name in (("first", "jane", "Jane Doe, MD"), ("later", "sam", "Sam Poe, MD"))
        ]

    def test_the_button_leads_to_this_persons_times(self, client, people):
        page = client.get("/appointments/times/?visit={later}&with={sam}".format(**people)).content.decode()

        assert re.findall(r'aria-current="true" class="as-link" translate="no">(.*?)<', page) == ["Sam Poe, MD"]

    @pytest.mark.parametrize("path", ["/", "/about/"])
    def test_it_says_which_languages_they_speak_and_nothing_where_that_is_not_known(self, client, people, path):
        page = client.get(path).content.decode()

        assert re.findall(r"<p>(Speaks .*?)</p>", page) == ["Speaks English and Twi"]

    def test_no_button_stands_there_while_none_can_be_chosen(self, client, people):
        VisitType.objects.update(patients_may_choose=False)

        assert "/appointments/times/" not in client.get("/").content.decode()

    def test_more_people_take_no_more_statements(self, client, people):
        with CaptureQueriesContext(connection) as of_three:
            client.get("/")
        for _ in range(5):
            make.practitioner()
        with CaptureQueriesContext(connection) as of_eight:
            client.get("/")

        assert len(of_eight) == len(of_three)

    def test_the_manager_enters_the_languages(self, client, people):
        client.force_login(make.user(roles.MANAGER))
        page = client.get(f"/admin/appointments/practitioner/{people['jane']}/change/").content.decode()

        assert 'name="languages" value="English and Twi"' in page


def test_the_home_page_and_the_form_say_alike_by_when_we_answer(client):
    make.clinic()

    assert "We answer by the end of the next business day." in client.get("/").content.decode()
    assert (
        "If you use the form, we answer by the end of the next business day."
        in client.get("/appointments/").content.decode()
    )
