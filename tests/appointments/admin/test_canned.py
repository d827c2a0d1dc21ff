"""Answers that are given often: the manager writes them, the desk puts one in, and nothing is sent before it sends."""

import re
from html import unescape

import pytest
from django.urls import reverse

from appointments.models import CannedReply, Email, Inquiry, Message
from clinic.accounts import roles
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def inquiry():
    make.clinic()
    return make.inquiry(name="Rosa Lind", contact_by="email", email="rosa@example.com")


@pytest.fixture
def reply():
    return CannedReply.objects.create(title="Parking", words="Dear {first name}, park behind the house.")


@pytest.fixture
def desk(client):
    client.force_login(make.front_desk())
    return client


def page_of(inquiry: Inquiry) -> str:
    return reverse("admin:appointments_inquiry_change", args=[inquiry.pk])


def pressed(desk, inquiry, do: str, **typed: str):
    hidden = make.hidden_fields(desk.get(page_of(inquiry)).content.decode())
    hidden.pop("csrfmiddlewaretoken", None)
    return desk.post(page_of(inquiry), {**hidden, "do": do, **typed})


def answer_in(page) -> str:
    return unescape(re.search(r'<textarea name="answer"[^>]*>\s*(.*?)</textarea>', page.content.decode(), re.DOTALL)[1])


def test_the_chosen_reply_comes_back_filled_in_after_what_was_typed(desk, inquiry, reply):
    page = pressed(desk, inquiry, "fill", canned=str(reply.pk), answer="Thank you.", note="Asked twice.")

    assert page.status_code == 200
    assert answer_in(page) == "Thank you.\n\nDear Rosa, park behind the house."
    assert ">\nAsked twice.</textarea>" in page.content.decode()
    assert "errornote" not in page.content.decode()


@pytest.mark.parametrize("chosen", ["", "0", "x", "٣", "9" * 40])
def test_no_choice_leaves_what_was_typed(desk, inquiry, reply, chosen):
    assert answer_in(pressed(desk, inquiry, "fill", canned=chosen, answer="Thank you.")) == "Thank you."


def test_nothing_is_sent_or_changed_before_the_desk_sends(desk, inquiry, reply):
    before = Inquiry.objects.values().get(), Email.objects.count()

    pressed(desk, inquiry, "fill", canned=str(reply.pk), outcome="reached", note="Asked twice.")

    assert (Inquiry.objects.values().get(), Email.objects.count()) == before
    assert (inquiry.calls.count(), inquiry.notes.count(), Message.objects.count()) == (0, 0, 0)

    pressed(desk, inquiry, "reply", answer="Dear Rosa, park behind the house.")
    assert Message.objects.get().words == "Dear Rosa, park behind the house."


def test_what_could_not_be_filled_in_is_not_sent(desk, inquiry):
    page = pressed(desk, inquiry, "reply", answer="We expect you {time}.")

    assert "Write what {time} stands for, or take it out: there was nothing to put in." in page.content.decode()
    assert Message.objects.count() == 0


def test_without_replies_there_is_nothing_to_choose(desk, inquiry):
    assert 'name="canned"' not in desk.get(page_of(inquiry)).content.decode()


def test_an_unknown_placeholder_is_an_error_that_names_those_there_are(client):
    client.force_login(make.user(roles.MANAGER))
    add = reverse("admin:appointments_cannedreply_add")

    page = client.post(add, {"title": "Parking", "words": "Dear {firstname}, {time}"})

    assert "There is no {firstname}. There are: {first name}, {name}, {reference}, {time}," in page.content.decode()
    assert not CannedReply.objects.exists()
    client.post(add, {"title": "Parking", "words": "Dear {first name}, {time}"})
    assert CannedReply.objects.get().words == "Dear {first name}, {time}"


def test_the_manager_reads_a_reply_as_patients_will(client, reply):
    client.force_login(make.user(roles.MANAGER))

    page = client.get(reverse("admin:appointments_cannedreply_change", args=[reply.pk]))

    assert "Dear Rosa, park behind the house." in page.content.decode()


def test_only_the_manager_writes_replies(desk, reply):
    assert desk.get(reverse("admin:appointments_cannedreply_add")).status_code == 403
    assert desk.get(reverse("admin:appointments_cannedreply_change", args=[reply.pk])).status_code == 403
