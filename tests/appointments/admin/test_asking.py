"""The desk asks a doctor, sees who was asked, and passes the answer on itself."""

import re
from uuid import uuid4

import pytest

from appointments.actors import Actor
from appointments.inquiries import doctor_questions
from appointments.models import Call, DoctorQuestion, Inquiry, Message
from clinic.accounts import roles
from tests import make

pytestmark = pytest.mark.django_db

INBOX = "/admin/appointments/inquiry/"


@pytest.fixture
def doctor():
    return make.doctor("Amara Osei, MD")


@pytest.fixture
def rosa(doctor) -> Inquiry:
    make.clinic()
    return make.inquiry(name="Rosa Lind", kind="question", message="When can I garden again?")


@pytest.fixture
def desk(client):
    client.force_login(make.front_desk(first_name="Ann", last_name="Reyes"))
    return client


def page_of(inquiry: Inquiry) -> str:
    return f"{INBOX}{inquiry.pk}/change/"


def press(client, inquiry: Inquiry, do: str, **typed):
    version = typed.pop("version", Inquiry.objects.get(pk=inquiry.pk).version)
    return client.post(
        page_of(inquiry), {"do": do, "version": version, "idempotency_key": uuid4(), **typed}, follow=True
    )


def text(answer) -> str:
    return " ".join(re.sub("<[^>]+>", " ", answer.content.decode()).split())


def answered(inquiry: Inquiry, doctor, words: str = "In six weeks.\n\nNot before.") -> DoctorQuestion:
    inquiry.refresh_from_db()
    by = Actor.staff(make.front_desk())
    question = doctor_questions.ask(
        inquiry=inquiry, practitioner=doctor, note="She gardens.", version=inquiry.version, by=by
    )
    return doctor_questions.give_back(question=question, answer=words, by=Actor.staff(doctor.account))


def test_the_desk_asks_with_a_note_and_sees_who_was_asked_everywhere(desk, rosa, doctor):
    said = press(desk, rosa, "ask-doctor", doctor=doctor.pk, doctor_note="She gardens.")

    question = DoctorQuestion.objects.get()
    assert (question.practitioner, question.note, question.asked_by.first_name) == (doctor, "She gardens.", "Ann")
    assert "Rosa Lind: Amara Osei, MD is asked." in text(said)
    assert "Ann Reyes asked Amara Osei, MD" in text(said)
    inbox = desk.get(INBOX)
    assert "asked Amara Osei, MD “When can I garden again?”" in text(inbox)
    assert "Open, asked Amara Osei, MD" in text(inbox)
    assert "Asked a doctor (1)" in text(inbox)
    assert "Rosa Lind" in text(desk.get(INBOX, {"list": "asked"}))
    assert "asked Amara Osei, MD “When" in text(desk.get("/admin/"))


def test_only_who_was_asked_stands_in_that_list(desk, rosa, doctor):
    make.inquiry(name="Sam Okoro")

    assert "Sam Okoro" not in text(desk.get(INBOX, {"list": "asked"}))


def test_pressed_twice_it_asks_once(desk, rosa, doctor):
    for _press in range(2):
        press(desk, rosa, "ask-doctor", doctor=doctor.pk, doctor_note="She gardens.", version=1)

    assert DoctorQuestion.objects.count() == 1


def test_a_colleague_who_asked_meanwhile_is_noticed(desk, rosa, doctor):
    other = make.doctor("John Roe, MD")
    press(desk, rosa, "ask-doctor", doctor=other.pk, doctor_note="", version=1)

    said = press(desk, rosa, "ask-doctor", doctor=doctor.pk, doctor_note="She gardens.", version=1)

    assert "A colleague changed this inquiry meanwhile." in text(said)
    assert "You wrote this, and it was not sent: She gardens." in text(said)
    assert DoctorQuestion.objects.get().practitioner == other


def test_a_note_for_the_doctor_is_not_lost_by_another_button(desk, rosa, doctor):
    said = press(desk, rosa, "take", doctor=doctor.pk, doctor_note="She gardens.")

    assert "You have not asked the doctor. Ask, or empty the field." in text(said)
    assert "She gardens.</textarea>" in said.content.decode()
    assert Inquiry.objects.get().assigned_to is None


def test_it_is_undone_and_taken_back(desk, rosa, doctor):
    said = press(desk, rosa, "ask-doctor", doctor=doctor.pk, doctor_note="").content.decode()
    undo = re.search(r'name="undo" value="(\w+)"', said)
    said = desk.post(f"{INBOX}{rosa.pk}/undo/", {"undo": undo[1]}, follow=True)

    assert "Rosa Lind: taken back." in text(said)
    assert not DoctorQuestion.objects.open().exists()
    press(desk, rosa, "ask-doctor", doctor=doctor.pk, doctor_note="")
    assert "Rosa Lind: the question is taken back." in text(press(desk, rosa, "unask-doctor"))
    assert not DoctorQuestion.objects.open().exists()
    assert "not possible in its present state" in text(press(desk, rosa, "unask-doctor"))


def test_the_answer_comes_back_as_a_draft_with_who_wrote_it(desk, rosa, doctor):
    answered(rosa, doctor)

    page = desk.get(page_of(rosa))

    assert "In six weeks.\n\nNot before.</textarea>" in page.content.decode()
    assert f"Amara Osei, MD wrote this (signed in as {doctor.account.username})" in text(page)
    assert "Amara Osei, MD has answered: pass it on" in text(desk.get(INBOX))
    assert (Message.objects.count(), Inquiry.objects.get().answered_at) == (0, None)


def test_the_desk_sends_it(desk, rosa, doctor):
    answered(rosa, doctor)

    press(desk, rosa, "reply", answer="In six weeks.\r\n\r\nNot before.")

    assert Message.objects.get().created_by.first_name == "Ann"
    assert "wrote this" not in text(desk.get(page_of(rosa)))


def test_the_desk_reads_it_out(desk, rosa, doctor):
    answered(rosa, doctor)

    said = press(desk, rosa, "call-reached", answer="In six weeks.\r\n\r\nNot before.")

    assert (Call.objects.get().outcome, Message.objects.count()) == ("reached", 0)
    assert Inquiry.objects.get().answered_at is not None
    assert "wrote this" not in text(said)


def test_a_draft_that_nobody_touched_hinders_no_other_button_and_stays(desk, rosa, doctor):
    answered(rosa, doctor)

    said = press(desk, rosa, "save", note="Tried at noon.", answer="In six weeks.\r\n\r\nNot before.")

    assert "note saved" in text(said)
    assert "In six weeks." in said.content.decode()
    changed = press(desk, rosa, "save", note="Again.", answer="In six or seven weeks.")
    assert "You have not sent this answer." in text(changed)


def test_where_no_doctor_has_an_account_nobody_is_offered(desk):
    make.practitioner("Amara Osei, MD")
    inquiry = make.inquiry()

    assert "Ask the doctor" not in text(desk.get(page_of(inquiry)))
    assert "not possible in its present state" in text(press(desk, inquiry, "ask-doctor"))


@pytest.mark.parametrize("do", ["ask-doctor", "unask-doctor"])
def test_asking_needs_its_right(client, rosa, doctor, do):
    user = make.user(roles.FRONT_DESK)
    user.groups.get().permissions.filter(codename="add_doctorquestion").get().group_set.clear()
    client.force_login(user)

    page = client.get(page_of(rosa))
    assert "Ask the doctor" not in text(page)
    assert press(client, rosa, do, doctor=doctor.pk).status_code == 403


def test_the_chart_and_the_export_have_both(client, rosa, doctor):
    answered(rosa, doctor, words="In six weeks.")
    client.force_login(make.user(roles.MANAGER))

    for page in ("chart", "data"):
        said = client.get(f"{INBOX}{rosa.pk}/{page}/").content.decode()
        assert "Asked Amara Osei, MD: She gardens." in said
        assert "Answer for the front desk to pass on: In six weeks." in said
