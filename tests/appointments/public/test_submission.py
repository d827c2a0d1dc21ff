"""Sent, it is one inquiry however often it is sent; one letter changed makes a second one."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.actors import Actor
from appointments.inquiries import lifecycle, promises
from appointments.models import Closure, Inquiry, NotificationKind
from appointments.scheduling import slot_codes
from clinic.models import Clinic, OpeningHours
from tests import make, wsgi

FORM = "application/x-www-form-urlencoded"


def at_once(posts: list[dict]) -> list[tuple[int, str]]:
    """Status and Location of each post, all sent to the application in the same moment, as threads of gunicorn do."""
    start = threading.Barrier(len(posts))

    def post(data: dict) -> tuple[int, str]:
        start.wait()
        try:
            answer = wsgi.call("POST", "/appointments/", content_type=FORM, body=urlencode(data).encode())
            return answer.status_code, answer.headers["Location"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(posts)) as threads:
        return list(threads.map(post, posts))


@pytest.mark.django_db(transaction=True)
def test_fifty_identical_posts_at_once_are_one_inquiry_at_one_address():
    data = make.form_data()

    answers = at_once([data] * 50)

    inquiry = Inquiry.objects.get()
    assert set(answers) == {(303, f"{inquiry.own_page_url()}?done=sent")}
    assert inquiry.events.count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_posts_that_differ_in_one_letter_are_fifty_inquiries():
    posts = [make.form_data(message=f"When can I garden again{chr(0x100 + n)}") for n in range(50)]

    answers = at_once(posts)

    assert len({location for status, location in answers if status == 303}) == 50
    assert Inquiry.objects.count() == 50


@pytest.mark.django_db
class TestAgain:
    def test_within_a_quarter_of_an_hour_it_leads_to_the_same_page(self, client):
        data = make.form_data()
        first = client.post("/appointments/", data)
        with time_machine.travel(timezone.now() + timedelta(minutes=14), tick=False):
            again = client.post("/appointments/", data)

        assert again.headers["Location"] == first.headers["Location"]

    def test_later_it_is_calm_and_leads_nowhere(self, client):
        data = make.form_data()
        client.post("/appointments/", data)
        with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
            again = client.post("/appointments/", data)

        page = again.content.decode()
        assert again.status_code == 200
        assert "We already have this message" in page
        assert (
            'Call us at <a href="tel:+12125550100"><span class="nb" translate="no">(212) 555-0100</span></a>.' in page
        )
        assert Inquiry.objects.get().key not in page
        assert again.headers["Cache-Control"] == "no-store"

    def test_how_the_sum_was_passed_makes_no_second_inquiry(self, client):
        data = make.form_data()
        client.post("/appointments/", data)
        client.post("/appointments/", data | {"sum": "", "check_by_hand": "on"})

        assert Inquiry.objects.count() == 1

    def test_spaces_around_a_word_make_no_second_inquiry(self, client):
        data = make.form_data(name="Rosa Lind")
        client.post("/appointments/", data)
        client.post("/appointments/", data | {"name": "  Rosa Lind "})

        assert Inquiry.objects.count() == 1

    def test_a_word_moved_to_the_next_field_is_another_inquiry(self, client):
        data = make.form_data(reach_note="ab", message="c")
        client.post("/appointments/", data)
        client.post("/appointments/", data | {"reach_note": "a", "message": "bc"})

        assert Inquiry.objects.count() == 2

    def test_the_same_words_another_day_are_another_inquiry(self, client):
        client.post("/appointments/", make.form_data())
        with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
            client.post("/appointments/", make.form_data())

        assert Inquiry.objects.count() == 2


@pytest.mark.django_db
class TestPromise:
    def test_it_is_the_end_of_the_next_opening_day_in_the_clinics_zone(self):
        make.clinic(time_zone="America/Los_Angeles")
        with time_machine.travel("2026-11-24T04:00:00Z", tick=False):  # Monday 8 p.m. in Los Angeles
            inquiry = make.inquiry()

        assert inquiry.answer_by.isoformat() == "2026-11-25T01:00:00+00:00"  # Tuesday 5 p.m. there

    @pytest.mark.parametrize("is_entered", [True, False])
    def test_closures_count_also_before_anybody_has_entered_the_clinic(self, is_entered):
        make.clinic()
        if not is_entered:
            Clinic.objects.all().delete()
        monday = timezone.now().fromisoformat("2026-11-23T15:00:00+00:00")
        Closure.objects.create(
            name="Ice storm", starts_at=monday + timedelta(hours=10), ends_at=monday + timedelta(hours=40)
        )

        assert promises.next_answer_by(monday).isoformat() == "2026-11-25T22:00:00+00:00"

    def test_opening_hours_count(self):
        make.clinic()
        for opens, closes in ((time(13), time(15, 30)), (time(8), time(12))):
            OpeningHours.objects.create(weekday=1, opens=opens, closes=closes)
        monday = timezone.now().fromisoformat("2026-11-23T15:00:00+00:00")

        assert promises.next_answer_by(monday).isoformat() == "2026-11-24T20:30:00+00:00"

    def test_a_closure_ends_after_it_starts(self):
        now = timezone.now()
        with pytest.raises(IntegrityError, match="a_closure_ends_after_it_starts"), transaction.atomic():
            Closure.objects.create(name="x", starts_at=now, ends_at=now)


@pytest.mark.django_db
class TestRules:
    """What the database keeps, by whatever code it is written."""

    @pytest.mark.parametrize(
        ("fields", "rule"),
        [
            ({"phone": "", "email": ""}, "we_have_what_the_writer_wants_to_be_reached_by"),
            ({"contact_by": "email"}, "we_have_what_the_writer_wants_to_be_reached_by"),
            ({"contact_by": "not_yet", "submission_id": "import:1"}, "we_have_what_the_writer_wants_to_be_reached_by"),
            ({"contact_by": "not_yet", "phone": ""}, "only_a_walk_in_or_what_came_by_file_has_no_number_yet"),
            ({"contact_person": "patient"}, "a_patient_to_be_called_has_a_name_and_a_phone"),
            ({"kind": "question"}, "a_question_asks_something"),
            ({"name": ""}, "an_inquiry_has_a_name"),
            ({"screening": "spam"}, "what_is_not_in_the_inbox_says_why"),
            ({"reference": "ABCD0000"}, "a_reference_is_eight_signs_that_nobody_mixes_up"),
        ],
    )
    def test_an_inquiry_that_cannot_be_worked_is_refused(self, fields, rule):
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            make.inquiry(**fields)

    def test_a_promise_lies_after_the_inquiry(self):
        inquiry = make.inquiry()
        with pytest.raises(IntegrityError, match="a_promise_lies_after_the_inquiry"), transaction.atomic():
            Inquiry.objects.update(answer_by=inquiry.created_at)

    def test_a_reference_that_is_taken_is_drawn_again(self, monkeypatch):
        taken = make.inquiry()
        second = make.inquiry(reference=taken.reference)

        assert second.reference != taken.reference
        assert Inquiry.objects.count() == 2

    def test_references_that_are_all_taken_are_not_drawn_for_ever(self, monkeypatch):
        taken = make.inquiry().reference
        drawn = []
        monkeypatch.setattr(lifecycle, "new_reference", lambda: drawn.append(taken) or taken)

        with pytest.raises(IntegrityError, match="reference"), transaction.atomic():
            make.inquiry(reference=taken)

        assert len(drawn) == lifecycle.DRAWS

    def test_another_value_that_is_taken_is_an_error_and_no_loop(self):
        taken = make.inquiry()

        with pytest.raises(IntegrityError, match="key"), transaction.atomic():
            make.inquiry(key=taken.key)

    def test_an_error_of_the_database_is_not_taken_for_a_duplicate(self):
        broken = Inquiry(submission_id="x", kind="appointment", name="", contact_by="phone", phone="212 555 0123")
        with pytest.raises(IntegrityError, match="an_inquiry_has_a_name"), transaction.atomic():
            lifecycle.submit(inquiry=broken, by=Actor.visitor())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("chosen", "message", "inside", "in_all"), [(False, "Hello", 2, 5), (True, "Hello", 11, 15), (True, "", 12, 16)]
)
def test_a_submission_takes_few_statements(client, chosen, message, inside, in_all):
    """Savepoints count; BEGIN and COMMIT don't. The mail to the desk is stored already."""
    make.clinic()
    make.inquiry()
    slot = make.slots(make.practitioner(), timezone.localdate() + timedelta(days=3))[0]
    data = make.form_data(
        kind="appointment", message=message, contact_by="email", phone="", email="rosa@example.com",
        slot=slot_codes.encode(slot) if chosen else None,
    )  # fmt: skip
    with CaptureQueriesContext(connection) as captured:
        client.post("/appointments/", data)

    is_inside, counted = False, {True: 0, False: 0}
    for query in captured:
        if query["sql"] in ("BEGIN", "COMMIT"):
            is_inside = query["sql"] == "BEGIN"
        else:
            counted[is_inside] += 1
    assert (counted[True], sum(counted.values())) == (inside, in_all)
    told = {NotificationKind.RECEIVED, NotificationKind.BOOKED} if chosen else {NotificationKind.RECEIVED}
    assert set(Inquiry.objects.latest("pk").emails.values_list("kind", flat=True)) == told


@pytest.mark.django_db(transaction=True)
def test_the_statement_that_stores_an_inquiry_alone_says_who_sent_it(client):
    """The mails have no history: setting its context in their statements too would only cost."""
    with CaptureQueriesContext(connection) as captured:
        client.post("/appointments/", make.form_data(contact_by="email", phone="", email="rosa@example.com"))

    stored = [query["sql"] for query in captured if 'INSERT INTO "' in query["sql"]]
    assert [("appointments_inquiry" in sql, "pghistory.context_id" in sql) for sql in stored] == [
        (True, True), (False, False), (False, False),
    ]  # fmt: skip
    assert Inquiry.objects.get().events.get().pgh_context.metadata == {"actor": "visitor", "user": None}
