"""Several inquiries of a list go to spam with one press."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from django.utils.html import strip_tags

from appointments.actors import Actor
from appointments.inquiries import lifecycle
from appointments.models import AppointmentStatus, Inquiry, InquiryScreening
from tests import make

pytestmark = pytest.mark.django_db

INBOX = "/admin/appointments/inquiry/"
SPAM = f"{INBOX}spam/"


@pytest.fixture
def desk(client):
    make.clinic()
    client.force_login(make.front_desk(username="ann"))
    return client


def boxes(answer) -> list[str]:
    """What the rows of a list would post."""
    return re.findall(r'name="tick" value="([\d:]+)"', answer.text)


def said(answer) -> list[str]:
    """The sentences on top."""
    found = re.findall(r'<li class="(?:success|warning|error|info)">(.*?)</li>', answer.text, re.DOTALL)
    return [" ".join(strip_tags(each).split()) for each in found]


def spam() -> set[str]:
    return set(Inquiry.objects.filter(screening=InquiryScreening.SPAM).values_list("name", flat=True))


def test_what_is_ticked_is_spam_and_one_press_takes_it_back(desk):
    for name in ("Buy Now", "Cheap Pills", "Agnes Moreau"):
        make.inquiry(name=name)
    ticked = boxes(desk.get(INBOX))[:2]

    answer = desk.post(f"{SPAM}?whose=nobody", {"tick": ticked}, follow=True)

    assert answer.redirect_chain == [(f"{INBOX}?whose=nobody", 302)]
    assert said(answer) == ["Buy Now and Cheap Pills: spam. Undo"]
    assert spam() == {"Buy Now", "Cheap Pills"}
    assert len(boxes(answer)) == 1
    assert boxes(desk.get(f"{INBOX}?list=spam")) == []

    assert said(desk.post(SPAM, {"tick": ticked}, follow=True)) == ["They are spam already."]
    [name] = re.findall(r'name="undo" value="(\w+)"', answer.text)
    pk = ticked[0].partition(":")[0]
    assert said(desk.post(f"{INBOX}{pk}/undo/", {"undo": name}, follow=True)) == [
        "Buy Now and Cheap Pills: taken back."
    ]
    assert spam() == set()


def test_where_visits_are_booked_it_asks_first(desk):
    sender = make.inquiry(name="Agnes Moreau")
    visit = make.appointment(sender, (timezone.now() + timedelta(days=9)).isoformat())
    make.inquiry(name="Buy Now")
    ticked = boxes(desk.get(f"{INBOX}?list=all"))

    asked = desk.post(SPAM, {"tick": ticked})

    assert "Spam cancels 1 visit" in asked.text
    assert "Mark these 2 inquiries as spam" in asked.text
    assert spam() == set()
    known = make.hidden_fields(asked.text)["known"]
    assert known == str(visit.pk)
    answer = desk.post(SPAM, {"tick": ticked, "known": known}, follow=True)
    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.CANCELLED
    assert spam() == {"Agnes Moreau", "Buy Now"}
    assert len(said(answer)) == 1


def test_what_a_colleague_changed_meanwhile_stays_and_is_named(desk):
    make.inquiry(name="Buy Now")
    agnes = make.inquiry(name="Agnes Moreau")
    ticked = boxes(desk.get(INBOX))
    ben = Actor.staff(make.front_desk(username="ben"))
    lifecycle.take(inquiry=agnes, version=agnes.version, by=ben)

    answer = desk.post(SPAM, {"tick": ticked}, follow=True)

    assert said(answer) == [
        "Agnes Moreau: changed meanwhile, and not spam. Look again, then decide.",
        "Buy Now: spam. Undo",
    ]
    assert spam() == {"Buy Now"}


@pytest.mark.parametrize("ticked", [[], ["x"], ["99999:1"], ["1" * 30 + ":1"]])
def test_nothing_that_is_there_is_a_sentence(desk, ticked):
    sentence = "They are spam already." if ticked else "Tick at least one inquiry."

    assert said(desk.post(SPAM, {"tick": ticked}, follow=True)) == [sentence]


def test_who_only_reads_ticks_nothing(client):
    make.clinic()
    reader = make.user(username="reader")
    reader.user_permissions.add(Permission.objects.get(codename="view_inquiry"))
    client.force_login(reader)
    inquiry = make.inquiry(name="Buy Now")

    assert boxes(client.get(INBOX)) == []
    assert client.post(SPAM, {"tick": f"{inquiry.pk}:{inquiry.version}"}).status_code == 403
    assert spam() == set()
