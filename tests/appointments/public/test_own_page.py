import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from appointments.models import Inquiry, Schedule
from appointments.public.own_page import OwnPage
from tests import make

pytestmark = pytest.mark.django_db


def words(answer) -> str:
    html = re.sub(r"</?span[^>]*>", "", answer.content.decode())  # Within a sentence.
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_it_says_what_we_got_and_by_when_we_answer(client):
    with time_machine.travel("2026-11-24T15:00:00Z", tick=False):  # Tuesday 10 a.m. in New York
        answer = client.post("/appointments/", make.form_data(), follow=True)

    inquiry = Inquiry.objects.get()
    page = words(answer)
    assert "We have your question" in page
    assert inquiry.shown_reference in page
    assert "We will contact you by Wednesday, November 25, 5 p.m. (New York time)." in page
    assert "Emergency: call 911 now" in page
    assert (
        f"We can’t send you this link. Write down {inquiry.shown_reference}, or print this page. "
        "You can always call us instead." in page
    )


def test_it_repeats_nothing_of_what_was_typed(client):
    inquiry = make.inquiry(
        kind="question", message="Private matter", email="rosa@example.com", reach_note="after dark", name="Rosa Lind"
    )
    page = client.get(inquiry.own_page_url()).content.decode()

    for typed in ("Private matter", "rosa@example.com", "after dark", "Rosa", "212 555 0123"):
        assert typed not in page


def test_it_is_private(client):
    answer = client.get(make.inquiry().own_page_url())

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert '<meta name="robots" content="noindex">' in answer.content.decode()
    assert not answer.cookies


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"status": "closed"}, "This is closed. If you need anything else, call us or write to us again."),
        ({"status": "waiting_for_patient"}, "We are waiting to hear from you. Please call us."),
        (
            {"status": "open", "answered_at": timezone.now()},
            "We have been in touch. Our staff are still working on it.",
        ),
    ],
)
def test_it_says_where_things_stand(client, fields, sentence):
    inquiry = make.inquiry()
    Inquiry.objects.update(**fields)

    assert sentence in words(client.get(inquiry.own_page_url()))


def test_past_the_promise_it_apologizes(client):
    inquiry = make.inquiry()
    with time_machine.travel(inquiry.answer_by + timedelta(seconds=1), tick=False):
        page = words(client.get(inquiry.own_page_url()))

    assert (
        "We are late with our answer. We are sorry. Your message is safe. We still plan to call you. If you do not "
        f"want to wait, call (212) 555-0100 and tell us {inquiry.shown_reference}." in page
    )
    assert "We will contact you by" not in page


def test_past_the_promise_the_title_has_no_mark_of_success():
    inquiry = make.inquiry()

    on_time = OwnPage(inquiry, inquiry.answer_by)
    late = OwnPage(inquiry, inquiry.answer_by + timedelta(seconds=1))

    assert (on_time.mark, late.mark) == ("check", "warning")


def test_past_the_promise_who_asked_for_an_email_is_not_promised_a_call(client):
    inquiry = make.inquiry(contact_by="email", email="rosa@example.com")
    with time_machine.travel(inquiry.answer_by + timedelta(seconds=1), tick=False):
        page = words(client.get(inquiry.own_page_url()))

    assert "We still plan to write to you." in page
    assert "We still plan to call you." not in page


def test_a_fresh_question_is_said_to_have_arrived_once(client):
    page = words(client.post("/appointments/", make.form_data(), follow=True))

    assert page.count("We have your question") == 2  # In the browser's title and on the page.
    assert page.count("It has arrived. You don’t need to send it again.") == 1


def test_one_that_is_checked_by_hand_or_spam_looks_like_any_other(client):
    pages = [
        words(client.get(make.inquiry(screening=screening, screening_reason=reason).own_page_url()))
        for screening, reason in (("passed", ""), ("by_hand", "trap"), ("spam", "staff"))
    ]

    assert len({re.sub(r"[2-9A-Z]{4}-[2-9A-Z]{4}", "", page) for page in pages}) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_sent_to_it(client, method):
    assert client.generic(method, make.inquiry().own_page_url()).status_code == 405


def test_looking_changes_nothing(client):
    inquiry = make.inquiry()
    client.get(inquiry.own_page_url())
    client.head(inquiry.own_page_url())

    assert inquiry.events.count() == 1


def test_keys_and_references_are_not_guessed():
    made = [make.inquiry() for _ in range(50)]

    assert len({i.key for i in made}) == len({i.reference for i in made}) == 50
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", i.key) for i in made)
    assert all(re.fullmatch(r"[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}", i.shown_reference) for i in made)


def test_the_old_address_of_the_form_leads_to_it(client):
    answer = client.get("/contact/")

    assert (answer.status_code, answer.headers["Location"]) == (301, "/appointments/")


class TestOneObject:
    """What the page says of a time and offers, in each state that a time can be in."""

    @pytest.fixture(autouse=True)
    def noon(self):
        make.clinic()
        with time_machine.travel("2026-11-23T17:00:00Z", tick=False):
            yield

    def page(self, **fields) -> OwnPage:
        visit = make.visit_type()
        practitioner = make.practitioner(visit=visit)
        start = f"{fields.pop('day', '2026-11-24')}T16:00:00+00:00"
        appointment = make.appointment(starts_at=start, practitioner=practitioner, visit_type=visit, **fields)
        return OwnPage(appointment.inquiry, timezone.now())

    @pytest.mark.parametrize(
        ("fields", "title", "panel", "links"),
        [
            ({}, "Your appointment is booked", "Your appointment", 4),
            ({"status": "pending"}, "Your appointment is held, not confirmed yet", "Held, not confirmed yet", 4),
            (
                {"displaced_at": "2026-11-23T16:00Z"},
                "We have to move your appointment",
                "We can’t see you at this time",
                2,
            ),
            ({"status": "cancelled"}, "Your appointment is canceled", "The appointment that was canceled", 0),
            ({"status": "noshow"}, "We have your appointment request", "We missed you", 0),
            ({"status": "fulfilled"}, "We have your appointment request", "Your last appointment", 0),
            (
                {"day": "2026-11-20"},
                "We have your appointment request",
                "Your last appointment",
                0,
            ),
        ],
    )
    def test_each_state_has_its_title_its_panel_and_what_can_be_done(self, fields, title, panel, links):
        page = self.page(**fields)

        assert (page.title, page.time.title, len(page.time.links)) == (title, panel, links)

    def test_a_time_to_come_is_moved_and_one_that_is_over_is_chosen_anew(self):
        coming, over = self.page(), self.page(status="cancelled")

        assert [link.words for link in coming.time.links] == [
            "Add it to your calendar", "Print an appointment card", "Move this appointment", "Cancel this appointment",
        ]  # fmt: skip
        assert (coming.choose, coming.next_step) == (None, [])
        assert over.choose.words == "Choose a new time"
        assert over.time.earlier is None

    @pytest.mark.parametrize(
        ("said", "sentence"),
        [
            ({}, "You do not need to do anything. To come another day, choose a new time or call us."),
            ({"message": "Is the parking free?"}, "We will contact you by"),
            ({"reach_note": "After six"}, "We will contact you by"),
            ({"waiting_list_since": "2026-11-23T17:00Z"}, "We will contact you by"),
        ],
    )
    def test_after_canceling_nothing_is_promised_but_answers_to_other_words(self, said, sentence):
        inquiry = self.page(status="cancelled").inquiry
        Inquiry.objects.filter(pk=inquiry.pk).update(**said)
        inquiry.refresh_from_db()

        (line,) = OwnPage(inquiry, timezone.now()).next_step

        assert inquiry.is_promised
        assert line.words.startswith(sentence)

    @pytest.mark.parametrize(("from_patient", "is_owed"), [(True, True), (False, False)])
    def test_after_canceling_the_last_message_says_whose_turn_it_is(self, from_patient, is_owed):
        inquiry = self.page(status="cancelled").inquiry
        Inquiry.objects.filter(pk=inquiry.pk).update(message="Is the parking free?")
        inquiry.refresh_from_db()
        inquiry.messages.create(words="One more thing.", from_patient=from_patient)

        assert OwnPage(inquiry, timezone.now()).owes_words is is_owed

    def test_who_cannot_choose_anew_after_canceling_can_ask_or_call(self):
        page = self.page(status="cancelled")
        Schedule.objects.update(is_online=False)

        expected = "You do not need to do anything. To come another day, ask for a new time or call us."
        assert page.next_step[0].words == expected

    @pytest.mark.parametrize(
        ("fields", "mark", "stops"),
        [
            (
                {},
                "check",
                [
                    "Your appointment is booked.",
                    "If you can’t come, move it or cancel it here, or call us.",
                    "You come to us: Tuesday, November 24, 11 a.m.",
                ],
            ),
            ({"displaced_at": "2026-11-23T16:00Z"}, "clock", []),
            ({"status": "cancelled"}, "cross", []),
        ],
    )
    def test_what_happens_next_is_three_stops(self, fields, mark, stops):
        page = self.page(**fields)

        assert (page.mark, [stop.words for stop in page.stops]) == (mark, stops)

    def test_what_is_held_is_confirmed_by_a_moment_and_the_zone_is_said_once(self, client):
        page = self.page(status="pending")

        assert [re.sub("<[^>]+>", "", stop.words) for stop in page.stops] == [
            "We have your request.",
            "We will contact you by Tuesday, November 24, 5 p.m.",
            "You come to us: Tuesday, November 24, 11 a.m.",
        ]
        main = client.get(page.inquiry.own_page_url()).content.decode().split("<main")[1].split("</main>")[0]
        assert main.count("New York time") == 1

    def test_what_is_booked_for_another_person_says_so_without_the_name(self, client):
        page = self.page()
        Inquiry.objects.update(patient_name="Edith Lind")

        html = client.get(page.inquiry.own_page_url()).content.decode()

        assert '<p class="lead">You booked for another person.</p>' in html
        assert "Edith" not in html

    def test_whoever_gave_no_email_writes_the_reference_down_or_prints_the_card(self, client):
        inquiry = self.page().inquiry

        html = words(client.get(inquiry.own_page_url()))

        assert f"Write down {inquiry.shown_reference}, or print the card. You can always call us instead." in html
        assert "Print the card" in html

    def test_the_title_is_the_status(self, client):
        for status, title in (
            ("booked", "Your appointment is booked"),
            ("pending", "Your appointment is held, not confirmed yet"),
            ("cancelled", "Your appointment is canceled"),
        ):
            html = client.get(self.page(status=status).inquiry.own_page_url()).content.decode()
            assert f"<title>{title} –" in html
            assert f"{title}</h1>" in html

    def test_writing_to_us_is_folded_away_unless_something_was_wrong_with_it(self, client):
        inquiry = self.page().inquiry

        assert "<details><summary>Write to us" in client.get(inquiry.own_page_url()).content.decode()
        answer = client.post(f"{inquiry.own_page_url()}reply/", {"words": ""})
        assert "<details open><summary>Write to us" in answer.content.decode()

    def test_without_a_time_there_is_no_panel(self):
        page = OwnPage(make.inquiry(), timezone.now())

        assert (page.time, page.choose, page.ask) == (None, None, None)
