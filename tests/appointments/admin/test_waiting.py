"""The waiting list at the desk: who is put on it, and what becomes of a freed time."""

import re
from datetime import date

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.utils.html import strip_tags

from appointments.actors import Actor
from appointments.bookings import appointments, statuses, waiting_list
from appointments.models import AccessLog, Call, Email, VisitType, WaitingListWish
from appointments.scheduling import slot_codes
from clinic.accounts import roles
from tests import make

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)
VISITOR = Actor.visitor()
LIST = "/admin/appointments/appointment/earlier/"


@pytest.fixture(autouse=True)
def clock():
    make.clinic()
    with time_machine.travel("2026-11-23T17:00:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def doctor():
    return make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit"))


@pytest.fixture
def desk(client):
    client.force_login(make.front_desk(first_name="Ann", last_name="Reyes"))
    return client


@pytest.fixture
def rosa():
    return make.inquiry(name="Rosa Lind", contact_by="email", email="rosa@example.com", phone="212 555 0123")


def of(inquiry, rest: str = "waiting") -> str:
    return f"/admin/appointments/inquiry/{inquiry.pk}/{rest}/"


def says(answer) -> list[str]:
    """The sentences on top, without their buttons."""
    return [" ".join(strip_tags(str(message)).split()) for message in get_messages(answer.wsgi_request)]


def words(answer) -> str:
    return " ".join(re.sub("<[^>]+>", " ", answer.content.decode()).split())


def keep(doctor, **fields):
    return {"do": "keep", "visit_type": doctor.schedules.get().visit_type_id} | fields


class TestPuttingSomebodyOnIt:
    def test_a_caller_is_put_on_it_and_it_can_be_taken_back(self, desk, doctor, rosa):
        answer = desk.post(of(rosa), keep(doctor, practitioner=doctor.pk, half_days=[2, 3]))
        html = desk.get(of(rosa, "change")).content.decode()

        assert says(answer) == ["Rosa Lind: on the waiting list. Undo"]
        assert "On the waiting list since Nov. 23: First visit, Jane Doe, MD, Tuesday all day" in html
        undo = re.search(r'action="([^"]*)" class="undo".*?name="undo" value="(.*?)"', html, re.DOTALL)
        desk.post(undo[1], {"undo": undo[2]})

        rosa.refresh_from_db()
        assert rosa.waiting_list_since is None

    def test_a_change_keeps_their_place_and_says_so(self, desk, doctor, rosa, clock):
        desk.post(of(rosa), keep(doctor))
        clock.shift(600)

        answer = desk.post(of(rosa), keep(doctor, half_days=[5]))

        assert says(answer)[-1] == "Rosa Lind: what they wait for is changed."
        rosa.refresh_from_db()
        assert rosa.waiting_list_since.isoformat() == "2026-11-23T17:00:00+00:00"
        assert "They wait since Nov. 23, noon." in words(desk.get(of(rosa)))

    def test_they_are_taken_off(self, desk, doctor, rosa):
        desk.post(of(rosa), keep(doctor))

        answer = desk.post(of(rosa), {"do": "end"})

        assert says(answer)[-1] == "Rosa Lind: off the waiting list. Undo"
        rosa.refresh_from_db()
        assert rosa.waiting_list_since is None

    def test_of_who_has_a_time_it_is_known_what_for(self, desk, doctor, rosa):
        appointments.give(inquiry=rosa, slot=make.slots(doctor, TUESDAY)[4], by=Actor.staff(make.front_desk()))
        html = desk.get(of(rosa)).content.decode()
        assert 'name="visit_type"' not in html
        assert "They have Tue, Nov. 24, 11 a.m., First visit, Jane Doe, MD, and would come before that." in html

        desk.post(of(rosa), {"do": "keep", "half_days": [2]})

        assert str(WaitingListWish.objects.get()) == "First visit, anybody, Tuesday morning"

    @pytest.mark.parametrize(
        "changes", [{"visit_type": ""}, {"visit_type": "x"}, {"practitioner": "0"}, {"half_days": ["99"]}]
    )
    def test_what_is_wrong_is_said_and_changes_nothing(self, desk, doctor, rosa, changes):
        answer = desk.post(of(rosa), keep(doctor) | changes)

        assert answer.status_code == 200
        assert 'class="errornote"' in answer.content.decode()
        assert not WaitingListWish.objects.exists()

    def test_it_is_the_front_desks_and_who_looks_is_written_down(self, client, desk, doctor, rosa):
        desk.get(of(rosa))
        assert AccessLog.objects.filter(inquiry=rosa, action="read").count() == 1

        for role in (None, roles.CONTENT_EDITOR, roles.CLINICIAN):
            client.force_login(make.user(role))
            assert [client.get(of(rosa)).status_code, client.post(of(rosa), keep(doctor)).status_code] == [403, 403]
        assert not WaitingListWish.objects.exists()

    def test_a_step_that_there_is_not_is_refused(self, desk, rosa):
        assert desk.post(of(rosa), {"do": "x"}).status_code == 400


class TestFreedTimes:
    @pytest.fixture
    def entry(self, doctor, rosa):
        """What the button posts that offers Rosa, who has no time, one that became free."""
        taken = appointments.book(inquiry=make.inquiry(), slot=make.slots(doctor, TUESDAY)[0], by=VISITOR)
        visit = doctor.schedules.get().visit_type
        waiting_list.wait(inquiry=rosa, visit_type=visit, practitioner=None, half_days=[2], by=VISITOR)
        statuses.cancel(appointment=taken, by=VISITOR)
        return f"{rosa.pk}.{slot_codes.encode(taken.slot)}"

    def test_who_has_no_time_stands_there_with_what_they_wait_for(self, desk, entry):
        html = words(desk.get(LIST))

        assert "Tuesday, Nov. 24, 9 a.m., Jane Doe, MD" in html
        assert "Rosa Lind First visit Tuesday morning no time yet 212 555 0123 (also by mail) Nov. 23, noon" in html
        assert "Earlier times that somebody wants: 1" in desk.get("/admin/").content.decode()

    def test_the_order_is_written_on_the_page(self, desk, entry):
        html = words(desk.get(LIST))

        assert "The longest waiting stands first." in html
        assert "A patient who declines a time, or does not answer, is not asked for it again" in html

    def test_with_the_patient_on_the_phone_it_is_told_and_the_call_is_written_down(self, desk, entry, rosa):
        answer = desk.post(LIST, {"entry": entry, "is_told": "on"})

        held = "Rosa Lind: Tue, Nov. 24, 9 a.m. is held for them until Mon, Nov. 23, 2 p.m."
        assert says(answer)[-1].startswith(held)
        assert rosa.appointments.get().status == "proposed"
        assert not Email.objects.filter(kind="offered").exists()
        assert not rosa.call_tasks.open().filter(kind="offered").exists()
        assert Call.objects.get().outcome == "reached"

    def test_what_is_soon_is_offered_by_phone_only(self, desk, entry, rosa):
        VisitType.objects.update(lead_hours=24)
        assert "soon: by phone only" in desk.get(LIST).content.decode()

        refused = desk.post(LIST, {"entry": entry})
        assert says(refused) == [
            "It begins too soon to ask in writing. Call them, tick “On the phone with them”, and offer it."
        ]
        assert not rosa.appointments.exists()
        desk.post(LIST, {"entry": entry, "is_told": "on"})

        assert rosa.appointments.get().status == "proposed"

    def test_nobody_is_mailed_at_night(self, client, entry, rosa, clock):
        clock.move_to("2026-11-24T02:00Z")  # 9 p.m.
        client.force_login(make.front_desk())

        refused = client.post(LIST, {"entry": entry})

        assert says(refused)[0].startswith("Nobody is asked at night.")
        assert not rosa.appointments.exists()

    def test_the_first_five_are_shown_and_the_rest_counted(self, desk, doctor, entry):
        visit = doctor.schedules.get().visit_type
        for _ in range(6):
            waiting_list.wait(
                inquiry=make.inquiry(), visit_type=visit, practitioner=None, half_days=[], by=VISITOR
            )  # fmt: skip
        wednesday = {"valid_from": "2026-11-25", "valid_until": "2026-11-25"}
        doctor.working_hours.create(weekday=2, opens="17:30", closes="18:00", **wednesday)

        html = desk.get(LIST).content.decode()

        assert html.count('name="entry"') == 1 + 5
        assert "1 more waits for it." in html
