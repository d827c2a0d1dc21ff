"""Closing in few presses: links that fill in the form, what all pages say meanwhile, and opening again early."""

import re
from datetime import date, time, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from appointments.actors import Actor
from appointments.admin.schedule.closing_presets import presets
from appointments.bookings import appointments, closing
from appointments.bookings.why_not_free import why_not_free
from appointments.errors import NotPossible
from appointments.models import Appointment, CallTask, Closure, Email
from clinic.accounts import roles
from clinic.hours import DEFAULT_WEEK, Opening
from clinic.models import Announcement
from tests import make

pytestmark = pytest.mark.django_db

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
CLOSURES = "/admin/appointments/closure/"


@pytest.fixture(autouse=True)
def monday_noon():
    """Half past ten in New York."""
    with time_machine.travel("2026-11-23T15:30:00Z", tick=False):
        make.clinic()
        yield


@pytest.fixture
def ann():
    return make.front_desk(first_name="Ann", last_name="Reyes")


@pytest.fixture
def desk(client, ann):
    client.force_login(ann)
    return client


def filled_in(page: str) -> dict[str, str]:
    """What the form begins with, as a browser would post it."""
    fields = re.findall(r'<input [^>]*?name="(?P<name>\w+)"[^>]*>', page)
    values = {name: re.search(rf'<input [^>]*?name="{name}"[^>]*>', page)[0] for name in fields}
    found = {name: re.search(r'value="(.*?)"', tag) for name, tag in values.items()}
    chosen = re.search(r'<option value="(\d+)" selected>', page)
    return {name: value[1] for name, value in found.items() if value} | {"practitioner": chosen[1] if chosen else ""}


def link(page: str, words: str) -> str:
    return re.search(rf'href="(\?[^"]+)">{words}<', page)[1].replace("&amp;", "&")


@pytest.mark.parametrize(
    ("words", "starts", "ends"),
    [
        ("From now until noon", "2026-11-23 10:30", "2026-11-23 12:00"),
        ("From now until we close", "2026-11-23 10:30", "2026-11-23 17:00"),
        ("Tomorrow afternoon", "2026-11-24 12:00", "2026-11-24 17:00"),
        ("Jane Doe, MD today", "2026-11-23 10:30", "2026-11-24 00:00"),
    ],
)
def test_a_link_fills_in_the_form(desk, words, starts, ends):
    doctor = make.practitioner("Jane Doe, MD")
    page = desk.get(f"{CLOSURES}add/").content.decode()

    form = filled_in(desk.get(f"{CLOSURES}add/{link(page, words)}").content.decode())

    assert f"{form['starts_at_0']} {form['starts_at_1']}" == starts
    assert f"{form['ends_at_0']} {form['ends_at_1']}" == ends
    assert form["practitioner"] == (str(doctor.pk) if "Jane" in words else "")
    assert desk.post(f"{CLOSURES}add/", form).status_code == 302
    closure = Closure.objects.get()
    assert f"{timezone.localtime(closure.starts_at, make.clinic().zone):%Y-%m-%d %H:%M}" == starts


@pytest.mark.parametrize(
    ("now", "week", "offered"),
    [
        ("2026-11-23T15:30Z", DEFAULT_WEEK, ["From now until noon", "From now until we close", "Tomorrow afternoon"]),
        ("2026-11-23T17:00Z", DEFAULT_WEEK, ["From now until we close", "Tomorrow afternoon"]),
        ("2026-11-23T22:00Z", DEFAULT_WEEK, ["Tomorrow afternoon"]),
        ("2026-11-27T22:00Z", DEFAULT_WEEK, []),
        ("2026-11-28T15:30Z", DEFAULT_WEEK, []),
        ("2026-11-23T15:30Z", [Opening(0, time(8), time(11))], ["From now until we close"]),
        ("2026-11-23T15:30Z", [], ["From now until noon", "From now until we close", "Tomorrow afternoon"]),
    ],
)
def test_only_what_lies_ahead_within_the_hours_is_offered(now, week, offered):
    moment = timezone.now().fromisoformat(now).astimezone(make.clinic().zone)

    assert [each.words for each in presets(week, [], moment)] == offered


def closed(desk, **more):
    data = {
        "practitioner": "", "name": "Burst pipe", "public_words": "No water", "starts_at_0": "2026-11-23",
        "starts_at_1": "10:30", "ends_at_0": "2026-11-23", "ends_at_1": "17:00", **more,
    }  # fmt: skip
    return desk.post(f"{CLOSURES}add/", data, follow=True)


class TestAnnouncement:
    WORDS = "No water. We are closed from Mon, Nov. 23, 10:30 a.m. to Mon, Nov. 23, 5 p.m."

    def test_a_tick_puts_it_on_every_page_until_the_clinic_opens_again(self, desk, client):
        closed(desk, announce="on")

        assert (Announcement.objects.get().words, Closure.objects.get().announcement) == (
            self.WORDS, Announcement.objects.get(),
        )  # fmt: skip
        for page in ("/", "/appointments/"):
            assert self.WORDS in client.get(page).content.decode()
        with time_machine.travel("2026-11-23T22:00:00Z", tick=False):
            assert self.WORDS not in client.get("/").content.decode()

    def test_without_the_tick_no_page_says_it(self, desk):
        closed(desk)

        assert not Announcement.objects.exists()

    def test_of_one_practitioner_no_page_says_it(self, desk):
        said = closed(desk, practitioner=make.practitioner().pk, announce="on")

        assert "Every page says it only where the whole clinic is closed." in said.content.decode()
        assert not Closure.objects.exists()

    def test_it_moves_with_the_end_of_the_closure_and_goes_without_the_tick(self, desk):
        closed(desk, announce="on")
        change = f"{CLOSURES}{Closure.objects.get().pk}/change/"
        page = desk.get(change).content.decode()
        form = filled_in(page)
        assert "checked" in re.search(r'<input [^>]*name="announce"[^>]*>', page)[0]

        desk.post(change, {**form, "announce": "on", "ends_at_1": "15:00"})
        announcement = Announcement.objects.get()
        assert announcement.ends_at == Closure.objects.get().ends_at
        assert announcement.words.endswith("3 p.m.")

        with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
            form = filled_in(desk.get(change).content.decode())
            desk.post(change, {name: value for name, value in form.items() if name != "announce"})
            announcement.refresh_from_db()
            assert (announcement.ends_at, Closure.objects.get().announcement) == (timezone.now(), None)

    def test_it_goes_with_a_closure_that_the_manager_deletes(self, desk, client):
        closed(desk, announce="on")
        client.force_login(make.user(roles.MANAGER))
        client.post(f"{CLOSURES}{Closure.objects.get().pk}/delete/", {"post": "yes"})

        assert not Announcement.objects.filter(ends_at__gt=timezone.now()).exists()


class TestEndedEarly:
    def test_times_after_it_are_free_again_and_it_is_kept_with_who_and_when(self, desk, ann):
        doctor = make.practitioner()
        closed(desk, announce="on")
        closure = Closure.objects.get()
        assert make.slots(doctor, MONDAY) == []

        with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False):
            said = desk.post(f"{CLOSURES}{closure.pk}/end/", follow=True).content.decode()

            closure.refresh_from_db()
            assert (closure.ends_at, closure.ended_early_at, closure.ended_early_by) == (
                timezone.now(), timezone.now(), ann,
            )  # fmt: skip
            assert "Burst pipe: ended." in said
            assert "Ann Reyes; ended by Ann Reyes, Mon, Nov. 23, 10:40 a.m." in said
            assert Announcement.objects.get().ends_at == timezone.now()
            assert make.slots(doctor, MONDAY) != []
            assert "It is over already." in desk.post(f"{CLOSURES}{closure.pk}/end/", follow=True).content.decode()

    def test_one_that_was_to_begin_takes_no_time_and_is_kept(self, desk, ann):
        doctor = make.practitioner()
        appointment = appointments.give(inquiry=make.inquiry(), slot=make.slots(doctor, TUESDAY)[0], by=Actor.system())
        closure = Closure.objects.create(
            name="Closed", starts_at="2026-11-24T05:00Z", ends_at="2026-11-25T05:00Z", public_words="No water"
        )
        assert make.slots(doctor, TUESDAY) == []
        Appointment.objects.update(displaced_at=timezone.now())

        desk.post(f"{CLOSURES}{closure.pk}/end/")

        appointment.refresh_from_db()
        assert appointment.displaced_at is None
        assert len(make.slots(doctor, TUESDAY)) == 15
        assert why_not_free(make.slots(doctor, TUESDAY)[0]) == []
        assert Closure.objects.periods_of_the_clinic(after=timezone.now()) == []
        assert "No water" not in desk.get("/about/").content.decode()
        assert Closure.objects.get().ended_early_by == ann

    def test_what_was_ended_is_only_read(self, desk):
        closed(desk)
        closure = closing.end(closure=Closure.objects.get(), by=Actor.system())
        change = f"{CLOSURES}{closure.pk}/change/"

        page = desk.get(change).content.decode()

        assert ("Open again now" in page, 'name="starts_at_0"' in page) == (False, False)
        assert desk.post(change, {"name": "Other"}).status_code == 403
        with pytest.raises(NotPossible):
            closing.end(closure=closure, by=Actor.system())

    @pytest.mark.parametrize(("role", "status"), [(roles.CLINICIAN, 403), (roles.CONTENT_EDITOR, 403)])
    def test_nobody_else_ends_it(self, client, desk, role, status):
        closed(desk)
        client.force_login(make.user(role))

        assert client.post(f"{CLOSURES}{Closure.objects.get().pk}/end/").status_code == status
        assert Closure.objects.get().ended_early_at is None

    def test_a_link_alone_ends_nothing(self, desk):
        closed(desk)
        address = reverse("admin:appointments_closure_end", args=[Closure.objects.get().pk])

        assert desk.get(address).status_code == 405


def test_the_doctor_is_ill_and_all_are_told_by_the_button_that_saves(desk):
    doctor = make.practitioner("Jane Doe, MD")
    reached = {"Mia Mail": {"contact_by": "email", "email": "mia@example.com"}, "Carl Call": {}}
    for place, (name, fields) in enumerate(reached.items()):
        appointments.give(
            inquiry=make.inquiry(name=name, **fields), slot=make.slots(doctor, MONDAY)[6 + place], by=Actor.system()
        )
    page = desk.get(f"{CLOSURES}add/").content.decode()
    form = filled_in(desk.get(f"{CLOSURES}add/{link(page, 'Jane Doe, MD today')}").content.decode())
    asked = desk.post(f"{CLOSURES}add/", form).content.decode()
    assert "Save, and tell these 2 now" in asked

    said = desk.post(f"{CLOSURES}add/", {**make.hidden_fields(asked), "tell_displaced": "1"}, follow=True)

    sentence = (
        "2 patients are on the list of displaced patients now. 1 hears of it by mail in two minutes. 1 must be called."
    )
    assert sentence in said.content.decode()
    told = [*Email.objects.filter(kind="displaced"), *CallTask.objects.filter(kind="displaced", state="waiting")]
    assert [each.inquiry.name for each in told] == ["Mia Mail", "Carl Call"]


def test_a_busy_time_says_what_it_is(desk):
    doctor = make.practitioner()
    slot = make.slots(doctor, TUESDAY)[0]
    doctor.busy_blocks.create(starts_at="2026-11-24T14:00Z", ends_at="2026-11-24T17:00Z", words="Operating room")

    with timezone.override(make.clinic().zone):
        assert why_not_free(slot) == ["They are busy elsewhere until noon: Operating room."]
    desk.force_login(make.user(roles.MANAGER))
    assert (
        'value="Operating room"' in desk.get(f"/admin/appointments/practitioner/{doctor.pk}/change/").content.decode()
    )
