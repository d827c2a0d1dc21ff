"""Who is stopped, or loses the role, holds no patient back."""

import re

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appointments.actors import Actor
from appointments.inquiries import doctor_questions, lifecycle
from appointments.models import DoctorQuestion, Inquiry
from clinic.accounts import roles
from tests import make
from tests.clinic.accounts.test_step_up import at_work, give_again

pytestmark = pytest.mark.django_db

LIST = "/admin/auth/user/"


@pytest.fixture(autouse=True)
def clock(settings):
    settings.SECOND_FACTOR = True
    with time_machine.travel("2026-11-25T15:00:10Z", tick=False):
        yield


@pytest.fixture
def manager():
    """A manager's browser, who gave password and code again a moment ago."""
    _user, client, codes = at_work(roles.MANAGER)
    give_again(client, codes[0])
    return client


@pytest.fixture
def ann():
    """Somebody of the front desk who has taken three inquiries."""
    user = make.front_desk(username="ann", email="ann@clinic.example")
    for _ in range(3):
        inquiry = make.inquiry()
        lifecycle.take(inquiry=inquiry, version=inquiry.version, by=Actor.staff(user))
    return user


def saved(manager, account, *, role: str = roles.FRONT_DESK, **fields):
    """The list after the manager has saved the account."""
    group = Group.objects.get(name=role)
    data = {"username": account.username, "first_name": "Ann", "last_name": "Reyes", "email": account.email}
    data |= {"is_active": "on", "groups": [group.pk], **fields}
    posted = {name: value for name, value in data.items() if value is not None}
    answer = manager.post(f"{LIST}{account.pk}/change/", posted, follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    return answer.content.decode()


def taken_by(account) -> int:
    return Inquiry.objects.filter(assigned_to=account).count()


def test_who_is_stopped_gives_their_open_work_back(manager, ann):
    page = saved(manager, ann, is_active=None)

    assert "3 inquiries are in the queue again." in page
    assert taken_by(ann) == 0


@pytest.mark.parametrize("role", [roles.CLINICIAN, roles.CONTENT_EDITOR])
def test_who_loses_the_role_gives_their_open_work_back(manager, ann, role):
    assert "3 inquiries are in the queue again." in saved(manager, ann, role=role)
    assert taken_by(ann) == 0


@pytest.mark.parametrize("role", [roles.FRONT_DESK, roles.MANAGER])
def test_who_may_go_on_keeps_it(manager, ann, role):
    assert "in the queue again" not in saved(manager, ann, role=role)
    assert taken_by(ann) == 3


@pytest.fixture
def asked():
    """A question that waits for a doctor with an account."""
    doctor = make.doctor()
    inquiry, ann = make.inquiry(), Actor.staff(make.front_desk())
    return doctor_questions.ask(inquiry=inquiry, practitioner=doctor, note="", version=inquiry.version, by=ann)


def test_a_doctor_who_is_stopped_gives_their_questions_back(manager, asked):
    page = saved(manager, asked.practitioner.account, role=roles.CLINICIAN, is_active=None)

    assert "1 question to a doctor is taken back: they can no longer answer it here." in page
    assert not DoctorQuestion.objects.open().exists()


def test_a_doctor_who_may_go_on_keeps_them(manager, asked):
    assert "taken back" not in saved(manager, asked.practitioner.account, role=roles.CLINICIAN, first_name="Amara")
    assert DoctorQuestion.objects.open().exists()


def test_one_inquiry_is_said_as_one(manager, ann):
    Inquiry.objects.exclude(pk=Inquiry.objects.first().pk).update(assigned_to=None)

    assert "1 inquiry is in the queue again." in saved(manager, ann, is_active=None)


def test_the_list_says_role_last_sign_in_and_open_work(manager, ann):
    page = manager.get(LIST).content.decode()

    row = page.partition(">ann<")[2].partition("</tr>")[0]
    cells = dict(re.findall(r'<td class="field-(\w+)">(.*?)</td>', row))
    assert (cells["role"], cells["last_sign_in"], cells["open_work"]) == ("Front desk", "never", "3 inquiries")


def test_the_list_takes_as_many_statements_with_many_accounts(manager, ann):
    counts = []
    for more in (0, 10):
        for _ in range(more):
            make.front_desk()
        with CaptureQueriesContext(connection) as asked:
            assert manager.get(LIST).status_code == 200
        counts.append(len(asked))

    assert counts[0] == counts[1]
