"""Thirty-two people send the form for the last time at the same moment, to the site as production runs it."""

from collections import Counter
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from appointments.models import Appointment, Inquiry
from appointments.scheduling import slot_codes
from tests import make
from tests.bench import client, servers
from tests.racing import held

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_time]
PEOPLE = 32


def location(answer: bytes) -> str:
    head = answer.partition(b"\r\n\r\n")[0].decode()
    return next(line[10:] for line in head.split("\r\n") if line.startswith("Location: "))


def next_page(answer: bytes, port: int) -> bytes:
    """What the browser asks for that got this answer to its form."""
    head = answer.partition(b"\r\n\r\n")[0].decode()
    cookie = next(line[12:].partition(";")[0] for line in head.split("\r\n") if line.startswith("Set-Cookie: "))
    return client.get(location(answer), port, **{"Accept-Encoding": "identity", "Cookie": cookie})


def sent_by_all(site: servers.Server, code: str) -> list[bytes]:
    """The answers to everybody's form."""
    forms = (
        make.form_data(kind="appointment", name=f"Rosa Lind {number}", phone=f"212 555 01{number:02}", slot=code)
        for number in range(PEOPLE)
    )
    posts = [client.post("/appointments/", site.port, urlencode(form).encode()) for form in forms]
    return list(client.send(site.port, posts, connections=PEOPLE))


def test_one_gets_it_and_all_others_hear_it_and_see_free_times():
    slot = make.slots(make.practitioner(), timezone.localdate() + timedelta(days=3))[0]
    code = slot_codes.encode(slot)
    with servers.site() as site:
        sent = sent_by_all(site, code)
        pages = [next_page(answer, site.port) for answer in sent]
        shown = [answer.decode() for answer in client.send(site.port, pages)]

    winner = Appointment.objects.get().inquiry
    inquiries = Inquiry.objects.exclude(pk=winner.pk)
    told = {f"/appointments/{inquiry.key}/times/?{urlencode({'taken': code})}" for inquiry in inquiries}
    assert {location(answer) for answer in sent} == told | {f"{winner.own_page_url()}?done=booked"}
    assert len(told) == PEOPLE - 1
    said = Counter("Someone else just took that time." in page and '<button name="slot"' in page for page in shown)
    assert said == {True: PEOPLE - 1, False: 1}


def test_while_somebody_holds_the_practitioner_everybody_is_answered_and_every_request_stored():
    doctor = make.practitioner()
    slot = make.slots(doctor, timezone.localdate() + timedelta(days=3))[0]
    with servers.site() as site, held(doctor):
        sent = sent_by_all(site, slot_codes.encode(slot))

    inquiries = Inquiry.objects.all()
    assert {location(answer) for answer in sent} == {f"{each.own_page_url()}?done=front-desk" for each in inquiries}
    assert [inquiry.wish for inquiry in inquiries] == [slot] * PEOPLE
