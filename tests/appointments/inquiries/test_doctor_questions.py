"""A doctor is asked, and the answer comes back as a draft: the promise runs on, and nobody is told by it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from appointments.actors import Actor
from appointments.admin.desk import asking
from appointments.admin.lists.waiting_facts import Facts
from appointments.errors import ChangedMeanwhile, NotPossible
from appointments.inquiries import conversation, doctor_questions, lifecycle
from appointments.models import CallTask, DoctorQuestion, Email, Inquiry, InquiryStatus
from appointments.models.log import Outcome
from appointments.records import history
from tests import make

pytestmark = pytest.mark.django_db


def current(inquiry: Inquiry) -> DoctorQuestion | None:
    """The question that the desk of this inquiry shows; the lists say the same of it."""
    shown = asking.current(list(inquiry.doctor_questions.with_state()))
    listed = {inquiry.pk: (shown.practitioner.name, shown.answered_at is not None)} if shown else {}
    assert Facts([inquiry.pk], timezone.now()).doctors == listed
    return shown


@pytest.fixture
def ann():
    return Actor.staff(make.front_desk(first_name="Ann", last_name="Reyes"))


@pytest.fixture
def doctor():
    return make.doctor()


@pytest.fixture
def inquiry():
    return make.inquiry(name="Rosa Lind", kind="question", message="When can I garden again?")


def ask(inquiry: Inquiry, doctor, by: Actor, note: str = "She gardens a lot.") -> DoctorQuestion:
    inquiry.refresh_from_db()
    return doctor_questions.ask(inquiry=inquiry, practitioner=doctor, note=note, version=inquiry.version, by=by)


def told() -> int:
    return Email.objects.exclude(kind__startswith="staff").count() + CallTask.objects.count()


def test_the_promise_runs_on_and_the_inquiry_stays_the_desks(inquiry, doctor, ann):
    promised = inquiry.answer_by

    ask(inquiry, doctor, ann)

    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.assigned_to) == (InquiryStatus.OPEN, ann.user)
    assert (inquiry.answer_by, inquiry.answered_at, inquiry.is_promised) == (promised, None, True)


def test_asking_twice_asks_once(inquiry, doctor, ann):
    first = doctor_questions.ask(inquiry=inquiry, practitioner=doctor, note="", version=1, by=ann)

    assert doctor_questions.ask(inquiry=inquiry, practitioner=doctor, note="", version=1, by=ann) == first
    assert DoctorQuestion.objects.count() == 1


def test_one_doctor_is_asked_at_a_time(inquiry, doctor, ann):
    ask(inquiry, doctor, ann)

    with pytest.raises(NotPossible):
        ask(inquiry, make.doctor("John Roe, MD"), ann)

    question = DoctorQuestion.objects.get()
    with pytest.raises(IntegrityError, match="an_inquiry_waits_for_one_doctor_at_a_time"), transaction.atomic():
        DoctorQuestion.objects.create(inquiry=inquiry, practitioner=question.practitioner)


@pytest.mark.parametrize("account", [None, {"is_active": False}, {"is_staff": False}])
def test_who_could_not_read_it_is_not_asked(inquiry, ann, account):
    doctor = make.practitioner()
    if account:
        doctor.account = make.user()
        doctor.save()
        type(doctor.account).objects.filter(pk=doctor.account_id).update(**account)

    with pytest.raises(NotPossible):
        ask(inquiry, doctor, ann)


@pytest.mark.parametrize("status", [InquiryStatus.CLOSED, InquiryStatus.WAITING_FOR_PATIENT])
def test_nobody_is_asked_about_what_does_not_wait_for_us(doctor, ann, status):
    with pytest.raises(NotPossible):
        ask(make.inquiry(status=status), doctor, ann)


def test_a_colleagues_question_is_noticed(inquiry, doctor, ann):
    lifecycle.take(inquiry=inquiry, version=1, by=ann)
    inquiry.refresh_from_db()
    seen = inquiry.version
    ask(inquiry, doctor, ann)

    with pytest.raises(ChangedMeanwhile):
        conversation.reply(inquiry=inquiry, words="In six weeks.", version=seen, by=ann)
    with pytest.raises(ChangedMeanwhile):
        doctor_questions.ask(inquiry=inquiry, practitioner=make.doctor("John Roe, MD"), note="", version=seen, by=ann)


def test_the_answer_is_a_draft_that_tells_nobody_anything(inquiry, doctor, ann):
    question, before = ask(inquiry, doctor, ann), told()

    doctor_questions.give_back(question=question, answer="In six weeks.", by=Actor.staff(doctor.account))

    inquiry.refresh_from_db()
    assert (inquiry.answered_at, inquiry.messages.count(), told()) == (None, 0, before)
    assert inquiry.status == InquiryStatus.OPEN
    shown = current(inquiry)
    assert (shown.answer, shown.answered_by) == ("In six weeks.", doctor.account)


def test_an_answer_is_noticed_by_who_has_the_page_open_and_given_back_once(inquiry, doctor, ann):
    question = ask(inquiry, doctor, ann)
    inquiry.refresh_from_db()
    seen, by = inquiry.version, Actor.staff(doctor.account)
    doctor_questions.give_back(question=question, answer="In six weeks.", by=by)

    doctor_questions.give_back(question=question, answer="In six weeks.", by=by)
    with pytest.raises(NotPossible):
        doctor_questions.give_back(question=question, answer="In ten weeks.", by=by)
    with pytest.raises(ChangedMeanwhile):
        doctor_questions.take_back(inquiry=inquiry, version=seen, by=ann)

    question.refresh_from_db()
    assert (question.answer, question.taken_back_at) == ("In six weeks.", None)


def test_what_was_taken_back_is_not_answered(inquiry, doctor, ann):
    question = ask(inquiry, doctor, ann)
    inquiry.refresh_from_db()
    doctor_questions.take_back(inquiry=inquiry, version=inquiry.version, by=ann)

    with pytest.raises(NotPossible):
        doctor_questions.give_back(question=question, answer="In six weeks.", by=Actor.staff(doctor.account))
    inquiry.refresh_from_db()
    with pytest.raises(NotPossible):
        doctor_questions.take_back(inquiry=inquiry, version=inquiry.version, by=ann)

    assert current(inquiry) is None
    assert not DoctorQuestion.objects.open().exists()


def test_an_answer_to_what_the_desk_has_closed_is_read_all_the_same(inquiry, doctor, ann):
    make.clinic()
    question = ask(inquiry, doctor, ann)
    inquiry.refresh_from_db()
    lifecycle.transition(inquiry=inquiry, to=InquiryStatus.CLOSED, version=inquiry.version, by=ann)

    doctor_questions.give_back(question=question, answer="In six weeks.", by=Actor.staff(doctor.account))

    assert Inquiry.objects.waiting_for_us().get() == inquiry


@pytest.mark.parametrize("how", ["sent", "read out"])
def test_a_draft_ends_once_its_people_have_heard(inquiry, doctor, ann, how):
    question = ask(inquiry, doctor, ann)
    doctor_questions.give_back(question=question, answer="In six weeks.", by=Actor.staff(doctor.account))
    DoctorQuestion.objects.update(answered_at=timezone.now() - timedelta(minutes=1))
    inquiry.refresh_from_db()

    conversation.log_call(inquiry=inquiry, outcome=Outcome.NO_ANSWER, by=ann)
    assert current(inquiry)
    if how == "sent":
        conversation.reply(inquiry=inquiry, words="In six weeks.", version=inquiry.version, by=ann)
        Inquiry.objects.update(status=InquiryStatus.OPEN)
    else:
        conversation.log_call(inquiry=inquiry, outcome=Outcome.REACHED, by=ann)

    assert current(inquiry) is None


def test_the_history_has_both(inquiry, doctor, ann):
    question = ask(inquiry, doctor, ann)
    doctor_questions.give_back(question=question, answer="In six weeks.", by=Actor.staff(doctor.account))

    said = [(line.who, line.what) for line in history.lines(inquiry) if line.kind == "note"]

    assert said == [
        ("Ann Reyes", "Asked Jane Doe, MD: She gardens a lot."),
        (doctor.account.username, "Answer for the front desk to pass on: In six weeks."),
    ]


def test_of_what_waits_for_us_those_that_a_doctor_was_asked_about(inquiry, doctor, ann):
    make.inquiry()
    answered, back = make.inquiry(), make.inquiry()
    question = ask(answered, doctor, ann)
    doctor_questions.give_back(question=question, answer="Yes.", by=Actor.staff(doctor.account))
    ask(back, doctor, ann)
    back.refresh_from_db()
    doctor_questions.take_back(inquiry=back, version=back.version, by=ann)
    ask(inquiry, doctor, ann)

    assert list(Inquiry.objects.with_a_doctor()) == [inquiry]
