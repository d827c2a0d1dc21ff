"""A practitioner's own pages: their day, what they are asked, and nothing of any other patient."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from appointments.actors import Actor
from appointments.bookings import appointments, statuses
from appointments.inquiries import conversation, doctor_questions
from appointments.models import AccessLog, Appointment, AppointmentStatus, Closure, DoctorQuestion, Inquiry, Note
from appointments.records import erasure
from clinic.accounts import roles
from tests import make

pytestmark = pytest.mark.django_db

NOW = "2026-11-23T16:45:00Z"
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
OWN_DAY = "/admin/appointments/doctorquestion/"
AWAY = f"{OWN_DAY}away/"


@pytest.fixture(autouse=True)
def monday_noon():
    """A quarter to noon in New York: visits from noon on are still to come."""
    with time_machine.travel(NOW, tick=False):
        make.clinic()
        yield


@pytest.fixture
def doctor():
    return make.doctor(visit=make.visit_type("First visit"))


@pytest.fixture
def hers(client, doctor):
    client.force_login(doctor.account)
    return client


def booked(doctor, place: int = 0, day: date = MONDAY, **fields) -> Appointment:
    slot = make.slots(doctor, day)[place]
    return appointments.give(inquiry=make.inquiry(**fields), slot=slot, by=Actor.system())


def asked(doctor, note: str = "She gardens a lot.", **fields) -> DoctorQuestion:
    inquiry = make.inquiry(kind="question", message="When can I garden again?", **{"name": "Rosa Lind", **fields})
    by = Actor.staff(make.front_desk(first_name="Ann", last_name="Reyes"))
    return doctor_questions.ask(inquiry=inquiry, practitioner=doctor, note=note, version=1, by=by)


def text(answer) -> str:
    """What a reader sees, on one line."""
    return " ".join(re.sub("<[^>]+>", " ", answer.content.decode().partition('id="content"')[2]).split())


def seen() -> list[tuple]:
    return list(AccessLog.objects.values_list("action", "actor", "inquiry", "hits"))


def test_the_day_has_time_name_kind_state_and_what_to_mind(hers, doctor):
    here = booked(doctor, 0, name="Agnes Moreau", reach_note="low voice")
    conversation.note(inquiry=here.inquiry, words="Comes in a wheelchair", by=Actor.system())
    booked(doctor, 1, name="Sam Okoro")
    booked(doctor, 0, TUESDAY, name="Tom Tuesday")
    booked(make.practitioner(), 0, name="Olga Other")
    statuses.change_status(appointment=here, to=AppointmentStatus.ARRIVED, by=Actor.system(), version=here.version)

    said = text(hers.get(OWN_DAY))

    assert "Jane Doe, MD, Mon, Nov. 23 2 visits, 1 here" in said
    assert "noon Agnes Moreau First visit · ✓ here low voice Comes in a wheelchair" in said
    assert "1 p.m. Sam Okoro First visit · ● booked" in said
    assert [name for name in ("Tom Tuesday", "Olga Other") if name in said] == []


def test_other_days_are_a_link_away_and_an_odd_day_is_today(hers, doctor):
    booked(doctor, 0, TUESDAY, name="Tom Tuesday")

    assert "Tom Tuesday" in text(hers.get(OWN_DAY, {"day": "2026-11-24"}))
    for odd in ("abc", "0001-01-01", "9999-12-31", "٣", "2026-02-30"):
        assert "Mon, Nov. 23 0 visits" in text(hers.get(OWN_DAY, {"day": odd}))


def test_each_patient_that_the_day_names_is_a_row_of_the_access_log(hers, doctor):
    first, second = booked(doctor, 0), booked(doctor, 1)
    question = asked(doctor)
    booked(make.practitioner(), 0)

    hers.get(OWN_DAY)

    assert seen() == [
        ("read", doctor.account.pk, each, None) for each in (first.inquiry_id, second.inquiry_id, question.inquiry_id)
    ]


def test_the_day_takes_the_same_statements_however_full_it_is(hers, doctor, django_assert_num_queries):
    booked(doctor, 0)
    asked(doctor)
    hers.get(OWN_DAY)
    with CaptureQueriesContext(connection) as few:
        hers.get(OWN_DAY)
    for _more in range(4):
        booked(doctor, 0)
        asked(doctor)

    with django_assert_num_queries(len(few)):
        hers.get(OWN_DAY)
    assert len(few) <= 16


def test_a_question_shows_the_words_and_the_note_and_is_given_back(hers, doctor):
    question = asked(doctor)
    address = f"{OWN_DAY}{question.pk}/change/"

    day = hers.get(OWN_DAY)
    assert "Questions for you 1 Rosa Lind She gardens a lot." in text(day)
    assert f'href="{address}"' in day.content.decode()
    said = text(hers.get(address))
    assert "The front desk asks She gardens a lot. Ann Reyes" in said
    assert "When can I garden again?" in said

    answer = hers.post(address, {"answer": "In six weeks."}, follow=True)

    assert "Rosa Lind: given back. The front desk passes your answer on." in answer.content.decode()
    assert "Questions for you 0" in text(answer)
    question.refresh_from_db()
    assert (question.answer, question.answered_by) == ("In six weeks.", doctor.account)
    assert ("read", doctor.account.pk, question.inquiry_id, None) in seen()


def test_an_empty_answer_says_so_and_a_second_press_changes_nothing(hers, doctor):
    question = asked(doctor)
    address = f"{OWN_DAY}{question.pk}/change/"

    assert "Write your answer." in hers.post(address, {"answer": " "}).content.decode()
    for words in ("In six weeks.", "In six weeks.", "In ten weeks."):
        last = hers.post(address, {"answer": words}, follow=True)

    assert "you have answered it before" in last.content.decode()
    assert DoctorQuestion.objects.get().answer == "In six weeks."


def test_what_was_given_back_or_taken_back_is_no_longer_shown(hers, doctor):
    given, taken = asked(doctor, name="Gwen Given"), asked(doctor, name="Tara Taken")
    doctor_questions.give_back(question=given, answer="Yes.", by=Actor.staff(doctor.account))
    taken.inquiry.refresh_from_db()
    doctor_questions.take_back(inquiry=taken.inquiry, version=taken.inquiry.version, by=Actor.system())

    again = hers.get(f"{OWN_DAY}{given.pk}/change/", follow=True)

    assert ("given this one back already" in again.content.decode(), "Gwen Given" in text(again)) == (True, False)
    assert hers.get(f"{OWN_DAY}{taken.pk}/change/").status_code == 404
    assert hers.post(f"{OWN_DAY}{taken.pk}/change/", {"answer": "Yes."}).status_code == 404


class TestNothingElse:
    """A clinician sees what was handed to them, and their own days."""

    @pytest.fixture
    def others(self, doctor):
        colleague = make.doctor("John Roe, MD")
        visit = booked(colleague, 0, name="Olga Other", email="olga@example.com", contact_by="email")
        return visit, asked(colleague, name="Quentin Question")

    def test_no_page_of_another_patient_is_theirs(self, hers, doctor, others):
        visit, question = others
        own = asked(doctor).inquiry
        pages = [
            f"{OWN_DAY}{question.pk}/change/", f"{OWN_DAY}{question.pk}/history/",
            *(
                f"/admin/appointments/inquiry/{pk}/{page}/"
                for pk in (visit.inquiry_id, question.inquiry_id, own.pk)
                for page in ("change", "history", "chart", "data", "contact", "link", "times", "erase")
            ),
            f"/admin/appointments/appointment/{visit.pk}/change/",
            f"/admin/appointments/email/{visit.inquiry.emails.first().pk}/change/",
        ]  # fmt: skip

        found = {page: hers.get(page).status_code for page in pages}
        posted = {page: hers.post(page, {"answer": "Yes.", "do": "take"}).status_code for page in pages}

        assert {page: status for page, status in (found | posted).items() if status not in (403, 404, 405)} == {}
        assert DoctorQuestion.objects.get(pk=question.pk).answer == ""

    def test_no_list_and_no_search_is_theirs(self, hers, others):
        lists = [
            *(f"/admin/appointments/{rows}/" for rows in ("inquiry", "appointment", "email", "calltask", "closure")),
            "/admin/appointments/inquiry/?q=Olga", "/admin/appointments/inquiry/?list=asked",
            "/admin/appointments/appointment/displaced/", "/admin/appointments/appointment/earlier/",
            "/admin/appointments/calltask/tomorrow/", "/admin/appointments/inquiry/new/",
        ]  # fmt: skip

        assert {page: hers.get(page).status_code for page in lists} == dict.fromkeys(lists, 403)

    def test_their_day_names_nobody_elses_patients_whatever_is_asked(self, hers, others):
        for query in ("", "?q=Olga", "?practitioner=2", "?day=2026-11-24", "?list=all"):
            said = hers.get(f"{OWN_DAY}{query}").content.decode()
            assert [name for name in ("Olga Other", "Quentin Question") if name in said] == []
        assert "Olga Other" not in hers.get("/admin/").content.decode()
        assert seen() == []

    def test_nobody_elses_closure_is_ended(self, hers, others):
        visit, _question = others
        until = timezone.now() + timedelta(hours=1)
        theirs = [
            Closure.objects.create(practitioner=whose, name="Ill", starts_at=timezone.now(), ends_at=until)
            for whose in (visit.practitioner, None)
        ]

        answers = [hers.post(AWAY, {"do": "back", "closure": each.pk}).status_code for each in theirs]

        assert answers == [404, 404]
        assert Closure.objects.filter(ended_early_at=None).count() == 2

    @pytest.mark.parametrize("role", [roles.FRONT_DESK, roles.MANAGER, roles.CONTENT_EDITOR])
    def test_an_account_that_is_a_practitioners_needs_the_role_as_well(self, client, doctor, role):
        question = asked(doctor)
        doctor.account = make.user(role)
        doctor.save()
        client.force_login(doctor.account)

        pages = (OWN_DAY, f"{OWN_DAY}{question.pk}/change/", AWAY)
        assert [client.get(page).status_code for page in pages] == [403] * 3

    def test_a_clinician_whose_account_is_no_practitioners_reads_what_to_do(self, client, doctor):
        question = asked(doctor)
        client.force_login(make.user(roles.CLINICIAN))

        assert "Your account is no practitioner’s." in text(client.get(OWN_DAY))
        assert [client.get(f"{OWN_DAY}{question.pk}/change/").status_code, client.get(AWAY).status_code] == [403, 403]
        assert "Your day" not in client.get("/admin/").content.decode().partition('id="content"')[2]


class TestAway:
    def test_who_is_ill_has_the_rest_of_the_day_closed(self, hers, doctor):
        said = hers.post(AWAY, {"do": "ill"}, follow=True).content.decode()

        closure = Closure.objects.get()
        assert (closure.practitioner, closure.name) == (doctor, "Jane Doe, MD is ill")
        assert closure.entered_by == doctor.account
        assert closure.period == (timezone.now(), timezone.now() + timedelta(hours=12, minutes=15))
        assert "You see nobody from Mon, Nov. 23, 11:45 a.m. on. The front desk knows." in said

    def test_who_takes_times_away_is_asked_first_and_then_the_desk_has_the_list(self, hers, doctor):
        visit = booked(doctor, 4, name="Agnes Moreau")

        asked_first = hers.post(AWAY, {"do": "leave", "at": "13:00"})

        assert "This takes the time of 1 patient" in asked_first.content.decode()
        assert not Closure.objects.exists()
        sure = make.hidden_fields(asked_first.content.decode())
        said = hers.post(AWAY, sure, follow=True).content.decode()
        assert "1 patient is on the list of displaced patients now. The front desk tells them." in said
        assert Closure.objects.get().starts_at == timezone.now() + timedelta(hours=1, minutes=15)
        assert list(Appointment.objects.displaced(timezone.now())) == [visit]
        assert "⚠ closed then: they get another time" in text(hers.get(OWN_DAY))

    def test_pressed_twice_it_closes_once(self, hers):
        for _press in range(2):
            hers.post(AWAY, {"do": "ill"})

        assert Closure.objects.count() == 1

    @pytest.mark.parametrize("at", ["", "abc", "11:00", "11:45", "٣"])
    def test_who_leaves_says_when(self, hers, at):
        said = hers.post(AWAY, {"do": "leave", "at": at}, follow=True).content.decode()

        assert "Enter when you leave: a time that is still to come today." in said
        assert not Closure.objects.exists()

    def test_who_is_back_is_free_again_and_the_closure_is_kept(self, hers, doctor):
        hers.post(AWAY, {"do": "ill"})
        closure = Closure.objects.get()
        with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False):
            for _press in range(2):
                said = hers.post(AWAY, {"do": "back", "closure": closure.pk}, follow=True).content.decode()
            closure.refresh_from_db()
            assert (closure.ends_at, closure.ended_early_by) == (timezone.now(), doctor.account)
            assert "It is over already." in said
            assert make.slots(doctor, MONDAY) != []

    def test_a_link_alone_does_nothing(self, hers):
        assert hers.get(AWAY, {"do": "ill"}).headers["Location"] == OWN_DAY
        assert hers.post(AWAY, {"do": "dance"}).status_code == 400
        assert not Closure.objects.exists()


def test_what_waits_for_a_signature_leads_to_it(hers, doctor):
    page = make.procedure().pages.get(slug="benefits")
    make.sign_off(page.live_revision())
    unsigned = make.visit_type("Follow-up visit", preparation="Come early.")

    day = hers.get(OWN_DAY)

    assert "To sign 3 Kyphoplasty: Overview: never signed Kyphoplasty: Recovery: never signed" in text(day)
    assert reverse("admin:appointments_visittype_sign_off", args=[unsigned.pk]) in day.content.decode()


def test_the_first_page_leads_there(hers, doctor):
    asked(doctor)
    first = hers.get("/admin/")

    assert f'href="{OWN_DAY}">Your day</a> 1 question for you' in first.content.decode()


def test_the_manager_says_whose_account_it_is(client):
    client.force_login(make.user(roles.MANAGER))
    doctor, account = make.practitioner(), make.user(roles.CLINICIAN, first_name="Jane", last_name="Doe")
    page = client.get(f"/admin/appointments/practitioner/{doctor.pk}/change/").content.decode()

    assert f'<option value="{account.pk}">Jane Doe</option>' in page


def test_erasing_takes_the_note_and_the_answer(doctor):
    given, waits = asked(doctor, name="Gwen Given"), asked(doctor, name="Wanda Waits")
    doctor_questions.give_back(question=given, answer="Wanda heals.", by=Actor.staff(doctor.account))
    for inquiry in Inquiry.objects.filter(doctor_questions__isnull=False):
        assert erasure.erase(inquiry, reason="asked", by=Actor.system())

    assert list(DoctorQuestion.objects.order_by("pk").values_list("note", "answer")) == [("", "–"), ("", "")]
    assert not DoctorQuestion.objects.open().exists()
    waits.refresh_from_db()
    assert waits.taken_back_at == timezone.now()
    assert not Note.objects.exists()
