"""After an answer: the link to what waits next."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from appointments.actors import Actor
from appointments.inquiries import doctor_questions, lifecycle
from appointments.models import Inquiry, InquiryScreening
from tests import make

pytestmark = pytest.mark.django_db


def answered(client, inquiry) -> list[tuple[str, str]]:
    """Where the sentence leads after an answer to this inquiry: address and words."""
    desk = f"/admin/appointments/inquiry/{inquiry.pk}/change/"
    version = Inquiry.objects.get(pk=inquiry.pk).version
    posted = {"do": "reply", "answer": "Come on Monday.", "version": version, "idempotency_key": uuid4()}
    html = client.post(desk, posted, follow=True).content.decode()
    said = html.partition('class="messagelist"')[2].partition("</ul>")[0]
    assert "your answer stands on their page." in said
    return re.findall(r'<a href="([^"]+)">([^<]+)</a>', said)


def test_it_is_the_oldest_promise_that_is_nobodys_or_ones_own(client):
    make.clinic()
    ann, ben = make.front_desk(), make.front_desk(username="ben")
    client.force_login(ann)
    first, doctor = make.inquiry(sent=timedelta(days=9)), make.doctor()
    asked, of_ben = make.inquiry(sent=timedelta(days=8)), make.inquiry(sent=timedelta(days=7))
    doctor_questions.ask(inquiry=asked, practitioner=doctor, note="?", version=asked.version, by=Actor.staff(ann))
    lifecycle.take(inquiry=of_ben, version=of_ben.version, by=Actor.staff(ben))
    make.inquiry(sent=timedelta(days=7), screening=InquiryScreening.SPAM, screening_reason="staff")
    agnes = make.inquiry(name="Agnes <b>", sent=timedelta(days=6))
    make.inquiry(sent=timedelta(days=5))

    assert answered(client, first) == [(f"/admin/appointments/inquiry/{agnes.pk}/change/", "Agnes &lt;b&gt;")]


def test_nothing_waits_but_what_was_answered(client):
    make.clinic()
    client.force_login(make.front_desk())

    assert answered(client, make.inquiry()) == []


def test_the_next_comes_by_itself_where_the_button_says_so(client):
    make.clinic()
    client.force_login(make.front_desk())
    first, second = (make.inquiry(sent=timedelta(days=days)) for days in (2, 1))

    def send(inquiry, answer):
        desk = f"/admin/appointments/inquiry/{inquiry.pk}/change/"
        posted = {"do": "reply", "answer": answer, "version": inquiry.version, "idempotency_key": uuid4()}
        return client.post(f"{desk}?then=next", posted)

    assert send(first, "").status_code == 200
    assert send(first, "Come on Monday.").url == f"/admin/appointments/inquiry/{second.pk}/change/"
    assert send(second, "Come on Tuesday.").url == f"/admin/appointments/inquiry/{second.pk}/change/"
