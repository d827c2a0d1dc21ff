import re
from datetime import time

import pytest
import time_machine
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from clinic import practice
from clinic.accounts import roles
from clinic.models import Clinic, Notice, OpeningHours
from tests import make

pytestmark = pytest.mark.django_db


def test_a_new_site_shows_a_clinic_of_placeholders():
    shown = practice.current()

    assert shown.clinic.phone == "(212) 555-0100"
    assert shown.hours_lines == ()
    assert shown.social_links == []


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        (("7 Maple Street", "Albany", "NY", "12207"), "7 Maple Street\nAlbany, NY 12207"),
        (("Maple House\r\n7 Maple Street\n", "Albany", "", ""), "Maple House\n7 Maple Street\nAlbany"),
        (("7 Maple Street", "", "NY", "12207"), "7 Maple Street\nNY 12207"),
        (("7 Maple Street\nAlbany", "", "", ""), "7 Maple Street\nAlbany"),
        (("", "", "", ""), ""),
    ],
)
def test_an_address_is_shown_in_lines(parts, shown):
    street, city, state, postal_code = parts

    assert Clinic(street=street, city=city, state=state, postal_code=postal_code).address == shown


def test_there_is_one_clinic():
    with pytest.raises(IntegrityError, match="there_is_one_clinic"), transaction.atomic():
        Clinic.objects.create(pk=2)


def test_opening_hours_of_a_day_do_not_overlap():
    OpeningHours.objects.create(clinic_id=1, weekday=0, opens=time(8), closes=time(12))
    OpeningHours.objects.create(clinic_id=1, weekday=0, opens=time(12), closes=time(17))
    OpeningHours.objects.create(clinic_id=1, weekday=1, opens=time(8), closes=time(17))

    clash = OpeningHours(clinic_id=1, weekday=0, opens=time(11), closes=time(13))
    with pytest.raises(ValidationError, match="overlap"):
        clash.full_clean()
    with pytest.raises(IntegrityError, match="opening_hours_of_a_day_do_not_overlap"), transaction.atomic():
        commit(clash)


def commit(row) -> None:
    """Save it, and let the database look as it does at the end of a transaction."""
    row.save()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_clinic_closes_after_it_opens():
    with pytest.raises(IntegrityError, match="the_clinic_closes_after_it_opens"), transaction.atomic():
        OpeningHours.objects.create(clinic_id=1, weekday=6, opens=time(12), closes=time(12))


def test_a_lunch_break_and_a_short_day_read_well():
    for opens, closes in ((time(8, 30), time(12)), (time(13), time(17))):
        OpeningHours.objects.create(clinic_id=1, weekday=0, opens=opens, closes=closes)
    OpeningHours.objects.create(clinic_id=1, weekday=5, opens=time(9), closes=time(12))

    assert practice.current().hours_lines == (
        ("Monday", "8:30 a.m. to noon and 1 p.m. to 5 p.m."),
        ("Saturday", "9 a.m. to noon"),
    )


def test_the_hours_are_read_in_the_language_of_the_page():
    OpeningHours.objects.create(clinic_id=1, weekday=5, opens=time(9), closes=time(12))

    read = []
    for language in ("en", "es", "en"):
        with translation.override(language):
            read.append(practice.current().hours_lines[0][0])

    assert read == ["Saturday", "sábado", "Saturday"]


@pytest.mark.parametrize("path", ["/", "/procedures/", "/appointments/", "/privacy/", "/nowhere/"])
def test_what_the_clinic_enters_stands_on_every_page(client, path):
    clinic = make.clinic(address="7 Maple Street\nAlbany")
    clinic.social_links.filter(name="TikTok").update(url="https://example.com/tiktok")

    page = client.get(path).content.decode()

    assert "Maple Spine Clinic" in page
    assert 'href="tel:+16465550111"' in page
    assert "7 Maple Street<br>Albany" in page
    assert '<a href="https://example.com/tiktok">TikTok</a>' in page
    assert "Facebook" not in page


@pytest.mark.parametrize(
    ("phone", "number"),
    [("212.555.0111 ext. 3", "+12125550111;ext=3"), ("+44 20 7946 0958", "+442079460958")],
)
def test_a_page_dials_the_clinic_and_shows_its_number_as_written(client, phone, number):
    make.clinic(phone=phone)

    page = client.get("/about/").content.decode()

    dialed = re.findall(
        rf'<a[^>]* href="tel:([^"]*)"[^>]*>(?:Call )?(?:<span[^>]* translate="no">)?{re.escape(phone)}<', page
    )
    assert dialed == [number] * 4  # header, aside, emergency card, footer


def test_the_admin_bears_the_clinics_name_as_it_is_now(client):
    make.clinic(name="Oak Spine Clinic")
    assert "Oak Spine Clinic" in client.get("/admin/login/").content.decode()

    make.clinic(name="Elm Spine Clinic")
    assert "Elm Spine Clinic" in client.get("/admin/login/").content.decode()


SPANISH = {"language": "es", "words": "Hablamos español.", "emergency_words": "Llame al 911."}
HEBREW = {"language": "he", "words": "אנחנו מדברים עברית.", "translator": "Dana Levi"}


@pytest.mark.parametrize("path", ["/", "/procedures/", "/appointments/", "/privacy/", "/nowhere/"])
def test_a_line_for_another_language_is_a_link_that_calls_in_every_header(client, path):
    clinic = make.clinic()
    for line in (SPANISH | {"translator": "Ana Ruiz"}, HEBREW):
        clinic.language_lines.create(**line)

    header = client.get(path).content.decode().partition("<header")[2].partition("</header>")[0]

    assert re.findall(r"<p lang=.*</p>", header) == [
        '<p lang="es" dir="ltr"><a href="tel:+16465550111">Hablamos español.</a></p>',
        '<p lang="he" dir="rtl"><a href="tel:+16465550111">אנחנו מדברים עברית.</a></p>',
    ]


def test_the_emergency_card_says_it_in_the_clinics_languages(client):
    clinic = make.clinic()
    for line in (SPANISH | {"translator": "Ana Ruiz"}, HEBREW):
        clinic.language_lines.create(**line)

    card = client.get("/about/").content.decode().partition('<section class="emergency"')[2]

    assert re.findall(r"<p lang=.*</p>", card) == ['<p lang="es" dir="ltr"><a href="tel:911">Llame al 911.</a></p>']


@pytest.mark.parametrize("path", ["/", "/appointments/", "/about/"])
def test_words_that_nobody_answers_for_are_not_shown(client, path):
    make.clinic().language_lines.create(**SPANISH)

    page = client.get(path).content.decode()

    assert "Hablamos" not in page
    assert "Llame" not in page


def test_names_numbers_and_addresses_are_not_translated_by_browsers(client):
    make.clinic(address="7 Maple Street")

    page = client.get("/about/").content.decode()

    assert set(re.findall(r'translate="no">([^<]*)<', page)) == {
        "Maple Spine Clinic", "(646) 555-0111", "(646) 555-0122", "7 Maple Street",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("language", "begins"), [("en-us", '<html lang="en-us" dir="ltr">'), ("ar", '<html lang="ar" dir="rtl">')]
)
def test_a_page_is_written_in_the_direction_of_its_language(language, begins):
    with translation.override(language):
        page = render_to_string("clinic/privacy.html", {"practice": practice.current()})

    assert re.search(r"<html.*>", page).group() == begins


def test_the_deployment_check_names_each_placeholder_that_is_left():
    make.clinic(phone="212.555.0142", after_hours_phone="(646) 555-2233", address="100 Example St\nNew York")

    assert placeholders() == [
        "The clinic's phone is still a placeholder.",
        "The clinic's address is still a placeholder.",
        "The clinic's email is still a placeholder.",
        "The clinic has no opening hours.",
        "The legal notice “Notice of Privacy Practices” is not written yet.",
        "The legal notice “Nondiscrimination” is not written yet.",
        "The legal notice “Language and communication help” is not written yet.",
    ]


def test_a_clinic_with_its_own_data_passes_the_deployment_check():
    clinic = make.clinic(
        phone="(646) 555-2211", after_hours_phone="(646) 555-2233", address="7 Maple Street", email="desk@maple.org"
    )
    clinic.opening_hours.create(weekday=0, opens=time(9), closes=time(17))
    Notice.objects.update(body="Our own words.")

    assert placeholders() == []


def test_the_deployment_check_asks_for_the_time_zone_until_somebody_has_confirmed_it():
    clinic = make.clinic(
        phone="(646) 555-2211", after_hours_phone="(646) 555-2233", address="7 Maple Street", email="desk@maple.org",
        time_zone_confirmed=False,
    )  # fmt: skip
    clinic.opening_hours.create(weekday=0, opens=time(9), closes=time(17))
    Notice.objects.update(body="Our own words.")

    assert placeholders() == ["Nobody has confirmed that the clinic's time zone is America/New_York."]


def placeholders() -> list[str]:
    checks = run_checks(include_deployment_checks=True, databases=["default"])
    return [check.msg for check in checks if check.id.startswith("clinic.")]


class TestAdmin:
    def form(self, **changes):
        """What the admin's form posts for the clinic, with one row of hours."""
        data = {
            "name": "Maple",
            "phone": "(646) 555-0111",
            "after_hours_phone": "(646) 555-0122",
            "street": "7 Maple Street\r\n2nd floor",
            "city": "Chicago",
            "state": "IL",
            "postal_code": "60601",
            "country": "US",
            "email": "desk@maple.org",
            "time_zone": "America/Chicago",
            "reschedules_allowed": "3",
            "late_hours": "24",
            "pauses_from": "6",
            "idle_minutes": "15",
            "opening_hours-TOTAL_FORMS": "2",
            "opening_hours-INITIAL_FORMS": "0",
            "opening_hours-0-clinic": "1",
            "opening_hours-0-weekday": "2",
            "opening_hours-0-opens": "10:00",
            "opening_hours-0-closes": "12:00",
            "opening_hours-1-clinic": "1",
            "social_links-TOTAL_FORMS": "0",
            "social_links-INITIAL_FORMS": "0",
            "language_lines-TOTAL_FORMS": "0",
            "language_lines-INITIAL_FORMS": "0",
        }
        return data | changes

    @pytest.fixture
    def manager(self, client):
        client.force_login(make.user(roles.MANAGER))
        return client

    def test_two_rows_can_change_places_in_one_form(self, manager):
        clinic = make.clinic()
        morning = clinic.opening_hours.create(weekday=2, opens=time(9), closes=time(12))
        afternoon = clinic.opening_hours.create(weekday=2, opens=time(13), closes=time(17))

        answer = manager.post(
            reverse("admin:clinic_clinic_change", args=[1]),
            self.form(
                **{
                    "opening_hours-INITIAL_FORMS": "2",
                    "opening_hours-0-id": morning.pk,
                    "opening_hours-0-opens": "13:00",
                    "opening_hours-0-closes": "18:00",
                    "opening_hours-1-id": afternoon.pk,
                    "opening_hours-1-weekday": "2",
                    "opening_hours-1-opens": "08:00",
                    "opening_hours-1-closes": "12:30",
                }
            ),
        )

        assert answer.status_code == 302, answer.content.decode()
        assert practice.current().hours_lines == (("Wednesday", "8 a.m. to 12:30 p.m. and 1 p.m. to 6 p.m."),)

    def test_whoever_may_not_see_the_clinic_is_not_led_there(self, client):
        client.force_login(make.front_desk())

        assert client.get("/admin/clinic/clinic/").status_code == 403

    @pytest.mark.parametrize(("name", "said"), [("", "No: it names nobody who translated it."), ("Ana Ruiz", "Yes")])
    def test_the_form_says_whether_visitors_see_a_line_and_why_not(self, manager, name, said):
        make.clinic().language_lines.create(**SPANISH, translator=name)

        page = manager.get("/admin/clinic/clinic/1/change/").content.decode()

        assert re.findall(r"<p>(Yes|No:.*)</p>", page) == [said]

    def test_the_list_is_the_form(self, manager):
        assert manager.get("/admin/clinic/clinic/").headers["Location"] == "/admin/clinic/clinic/1/change/"

    def test_a_manager_edits_the_clinic(self, manager):
        address = reverse("admin:clinic_clinic_change", args=[1])

        assert manager.get(address).status_code == 200
        assert manager.post(address, self.form()).status_code == 302
        assert practice.current().hours_lines == (("Wednesday", "10 a.m. to noon"),)
        assert practice.current().clinic.zone_name == "Chicago time"
        assert practice.current().clinic.address == "7 Maple Street\n2nd floor\nChicago, IL 60601"

    @pytest.mark.parametrize(
        ("changes", "confirmed"),
        [
            ({"time_zone": "America/New_York"}, False),
            ({"time_zone": "America/New_York", "time_zone_confirmed": "on"}, True),
            # A manager who chooses another one has looked.
            ({"time_zone": "America/Chicago"}, True),
        ],
    )
    def test_the_time_zone_is_confirmed_by_a_tick_or_by_choosing_another(self, manager, changes, confirmed):
        make.clinic(time_zone_confirmed=False)

        assert manager.post(reverse("admin:clinic_clinic_change", args=[1]), self.form(**changes)).status_code == 302

        assert Clinic.current().time_zone_confirmed is confirmed

    def test_the_form_says_what_the_clocks_show_there(self, manager):
        make.clinic(time_zone="Asia/Tokyo")

        with time_machine.travel("2026-11-23T17:00:00Z", tick=False):
            manager.force_login(make.user(roles.MANAGER))
            html = manager.get(reverse("admin:clinic_clinic_change", args=[1])).content.decode()

        assert "Clocks there show 2 a.m. now, Tuesday." in html

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            (
                {
                    "opening_hours-1-weekday": "2",
                    "opening_hours-1-opens": "11:00",
                    "opening_hours-1-closes": "13:00",
                },
                "Two of these hours overlap on the same day.",
            ),
            ({"opening_hours-0-closes": "09:00"}, "The closing time must be later than the opening time."),
            ({"time_zone": "Mars/Base"}, "Enter a time zone like America/New_York."),
            ({"holidays_of": "US-XX"}, "Enter a country like US, or a country and a state like US-NY."),
            (
                {"phone": "call me maybe"},
                "Enter a phone number with an area code, like 212 555 0123.",
            ),
            (
                {"after_hours_phone": "12"},
                "Enter a phone number with an area code, like 212 555 0123.",
            ),
            ({"country": "usa"}, "Ensure this value has at most 2 characters"),
            ({"country": "us"}, "Enter the country as two capital letters, like US."),
            ({"holidays_of": "ZZ"}, "Enter a country like US, or a country and a state like US-NY."),
        ],
    )
    def test_what_cannot_be_true_is_a_sentence(self, manager, changes, sentence):
        answer = manager.post(reverse("admin:clinic_clinic_change", args=[1]), self.form(**changes))

        assert answer.status_code == 200
        assert sentence in answer.content.decode()


def test_the_practice_is_read_with_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        _ = practice.current().hours_lines


def test_a_process_that_never_saw_the_clinic_shows_no_number_rather_than_a_wrong_one(client, monkeypatch):
    monkeypatch.setattr(connection, "cursor", _broken)

    page = client.get("/nowhere/").content.decode()

    assert "555" not in page
    assert "p.m." not in page
    assert "New York" not in page
    assert "The clinic" in page


def _broken(*args, **kwargs):
    raise OperationalError("away")
