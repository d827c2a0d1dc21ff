from contextlib import nullcontext
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import waiting_list
from appointments.demo.history import rewritable
from appointments.errors import NotPossible
from appointments.inquiries import conversation, lifecycle
from appointments.models import Appointment, Inquiry, InquiryStatus
from appointments.models.log import Outcome
from appointments.records import history
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return Actor.staff(make.front_desk(first_name="Ann", last_name="Reyes"))


class TestHistory:
    @pytest.fixture(autouse=True)
    def one_clock(self, db):
        """Moments of the database's triggers stand beside ours, and its clock never travels: ours goes home to it."""
        real = time_machine.escape_hatch
        with time_machine.travel(real.time.time()) if real.is_travelling() else nullcontext():
            yield

    def told(self, inquiry) -> list[tuple[str, str, str]]:
        return [(line.who, line.what, line.kind) for line in history.lines(inquiry)]

    @pytest.mark.django_db(transaction=True)
    def test_it_tells_who_did_what(self, ann):
        inquiry = make.inquiry()
        lifecycle.take(inquiry=inquiry, version=1, by=ann)
        conversation.note(inquiry=inquiry, words="Prefers mornings.", by=ann)
        conversation.log_call(inquiry=inquiry, outcome=Outcome.NO_ANSWER, words="", by=ann)
        lifecycle.transition(inquiry=inquiry, to=InquiryStatus.CLOSED, version=2, by=ann)

        assert self.told(inquiry) == [
            ("The writer", "Sent", "change"),
            ("Ann Reyes", "State: New → Open; Taken by: none → Ann Reyes", "change"),
            ("Ann Reyes", "Prefers mornings.", "note"),
            ("Ann Reyes", "No answer.", "call"),
            ("Ann Reyes", "State: Open → Closed", "change"),
        ]

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize(
        ("source", "said"),
        [
            ("site", "Sent"),
            ("phone", "Entered by Ann Reyes, by phone"),
            ("walk_in", "Entered by Ann Reyes, in person"),
            ("file", "Brought in from another calendar"),
        ],
    )
    def test_its_first_line_says_how_it_came_in(self, ann, source, said):
        by_staff = {"entered_by": ann.user} if source in ("phone", "walk_in") else {}

        assert [what for _who, what, _kind in self.told(make.inquiry(source=source, **by_staff))] == [said]

    @pytest.mark.django_db(transaction=True)
    def test_a_change_by_psql_shows_as_outside_the_site(self):
        inquiry = make.inquiry(phone="212 555 0123")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE appointments_inquiry SET phone = '1', message = 'x' WHERE id = %s", [inquiry.pk])

        assert self.told(inquiry)[-1] == (
            "Outside the site", "Phone: 212 555 0123 → 1; Message changed", "change"
        )  # fmt: skip

    @pytest.mark.django_db(transaction=True)
    def test_a_bulk_update_shows_too(self):
        inquiry = make.inquiry()
        Inquiry.objects.update(status=InquiryStatus.CLOSED)

        assert self.told(inquiry)[-1] == ("Outside the site", "State: New → Closed", "change")

    def test_a_name_that_is_gone_leaves_its_line(self, ann):
        inquiry = make.inquiry()
        lifecycle.take(inquiry=inquiry, version=1, by=ann)
        with rewritable(type(ann.user)):  # As it was done before accounts had to stay.
            ann.user.delete()

        assert self.told(inquiry)[1] == (
            "An account that is gone", "State: New → Open; Taken by: none → gone", "change"
        )  # fmt: skip

    def test_the_site_is_named_only_for_what_it_did_itself(self, ann):
        by_mail = {"contact_by": "email", "email": "rosa@example.com", "sent": timedelta(minutes=5)}
        inquiry = make.inquiry(**by_mail)
        states = ("waiting", None), ("done", ann.user), ("done", None), ("by_mail", None), ("cancelled", None)
        for place, (state, who) in enumerate(states):
            ended = {} if state == "waiting" else {"done_at": timezone.now(), "done_by": who}
            kept = {"kind": "call_back", "due_at": timezone.now(), "dedupe_key": f"{place}"}
            inquiry.call_tasks.create(state=state, **kept, **ended)
        inquiry.emails.all().delete()
        for place, state in enumerate(("sent", "bounced", "by_phone")):
            at = {"due_at": timezone.now(), "next_try_at": timezone.now(), "sent_at": timezone.now()}
            inquiry.emails.create(kind="answered", to="rosa@example.com", dedupe_key=f"{place}", state=state, **at)

        told = [(who, what.rpartition(": ")[2]) for who, what, kind in self.told(inquiry) if kind in ("task", "mail")]
        said = {(who, "to be made" if what.startswith("to be made by") else what) for who, what in told}
        assert said == {
            ("The site", "to be made"), ("Ann Reyes", "done by Ann Reyes"), ("An account that is gone", "done"),
            ("The site", "told by mail instead"), ("The site", "not needed any longer"), ("The site", "sent"),
            ("The site", "came back"), ("Staff", "reached by phone instead"),
        }  # fmt: skip

    def test_it_takes_the_same_queries_however_long_it_is(self, ann, django_assert_num_queries):
        inquiry = make.inquiry(procedure=make.procedure())
        for version in range(1, 9):
            lifecycle.take(inquiry=inquiry, version=version, by=Actor.staff(make.front_desk()))
            conversation.note(inquiry=inquiry, words="x", by=ann)

        with django_assert_num_queries(11):
            assert len(history.lines(inquiry)) == 17

    def test_a_sentence_that_ends_in_a_time_has_one_full_stop(self, ann):
        inquiry, nine = make.inquiry(), datetime.fromisoformat("2099-11-24T14:00:00+00:00")
        words = {"outcome": Outcome.CALL_BACK, "words": "She sleeps."}
        conversation.log_call(inquiry=inquiry, **words, call_back_at=nine, by=ann)

        with timezone.override("America/New_York"):
            said = [what for _who, what, kind in self.told(inquiry) if kind == "call"]
        assert said == ["Call back later. She sleeps. Call back: Nov. 24, 9 a.m."]

    @pytest.mark.parametrize("status", ["proposed", "pending"])
    def test_so_has_the_end_of_what_was_held(self, status):
        past = timezone.now() - timedelta(days=1)
        held = make.appointment(status=status, starts_at="2099-11-24T14:00Z", held_until=past)
        Appointment.objects.update(status="cancelled")

        with timezone.override("America/New_York"):
            last = self.told(held.inquiry)[-1][1]
        begins = "The offer has ended" if status == "proposed" else "The time is no longer held"
        assert last == f"{begins}: Nov. 24, 9 a.m."

    def test_so_has_a_time_with_somebody_whose_name_ends_in_one(self):
        doctor = make.practitioner("John Roe, M.D.", visit=make.visit_type("Visit"))
        fields = {"practitioner": doctor, "visit_type": doctor.schedules.get().visit_type, "overbooked": True}
        given = make.appointment(starts_at="2099-11-24T14:00Z", overbook_reason="In great need.", **fields)

        with timezone.override("America/New_York"):
            last = self.told(given.inquiry)[-1][1]
        assert last == "Booked: Nov. 24, 9 a.m., Visit, John Roe, M.D. Overbooked: In great need."

    @pytest.mark.django_db(transaction=True)
    def test_it_tells_what_somebody_waits_for_and_who_wrote_it_down(self, ann):
        doctor = make.practitioner("Jane Doe, MD", visit=make.visit_type("First visit"))
        inquiry, about = make.inquiry(), {"visit_type": doctor.schedules.get().visit_type}
        waiting_list.wait(inquiry=inquiry, practitioner=None, half_days=[], by=Actor.visitor(), **about)
        waiting_list.wait(inquiry=inquiry, practitioner=doctor, half_days=[3, 2, 0], by=ann, **about)
        waiting_list.wait(inquiry=inquiry, practitioner=doctor, half_days=[0, 2, 3], by=ann, **about)

        assert [line[:2] for line in self.told(inquiry) if line[1].startswith("Waiting list")] == [
            ("The writer", "Waiting list: First visit, anybody, any day."),
            ("Ann Reyes", "Waiting list: First visit, Jane Doe, MD, Monday morning, Tuesday all day."),
        ]

    @pytest.mark.django_db(transaction=True)
    def test_yes_and_no_are_words(self, ann):
        inquiry = make.inquiry()
        lifecycle.legal_hold(inquiry=inquiry, on=True, version=1, by=ann)
        lifecycle.legal_hold(inquiry=inquiry, on=False, version=2, by=ann)

        assert [what for _who, what, _kind in self.told(inquiry)[1:]] == ["On hold: no → yes", "On hold: yes → no"]

    def test_what_rolls_back_leaves_no_history(self, ann):
        inquiry = make.inquiry()
        with pytest.raises(NotPossible):
            lifecycle.transition(inquiry=inquiry, to=InquiryStatus.NEW, version=1, by=ann)

        assert inquiry.events.count() == 1
