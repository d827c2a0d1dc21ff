"""Whoever may not do something hears it as who they are: staff with the way back to their work, others as visitors."""

import pytest
from django.test import Client

from tests import make

pytestmark = pytest.mark.django_db

MAY_NOT = "/admin/procedures/procedure/add/"


@pytest.fixture
def desk(client):
    make.clinic()
    client.force_login(make.front_desk())
    return client


def test_staff_hear_that_their_account_may_not_and_whom_to_ask(desk):
    answer = desk.get(MAY_NOT)

    assert answer.status_code == 403
    assert "Your account may not do this. If you need it for your work, ask the clinic’s manager." in answer.text
    assert '<a href="/admin/">Back to the first page</a>' in answer.text
    assert "Book an appointment or ask a question" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_post_of_staffs_without_its_token_says_that_nothing_was_done(desk):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = desk.cookies

    answer = strict.post("/admin/appointments/closure/add/", {"name": "Ill"})

    assert (answer.status_code, "Nothing was done" in answer.text) == (403, True)


def test_others_are_answered_as_visitors_are():
    make.clinic()

    answer = Client(enforce_csrf_checks=True).post("/admin/login/", {})

    assert (answer.status_code, "Back to the first page" in answer.text) == (403, False)
