"""The desk ends the link to a patient's page, or sends another, to a corrected address, too."""

from datetime import timedelta

import pytest
from django.test import Client

from appointments.models import Inquiry
from appointments.models.own_link import LinkState
from clinic.accounts import roles
from tests import make, security_lines

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    client.force_login(make.front_desk())
    return client


@pytest.fixture
def sam() -> Inquiry:
    make.clinic()
    return make.inquiry(name="Sam Poe", email="mistyped@example.com", phone="212 555 0123")


def address(inquiry: Inquiry) -> str:
    return f"/admin/appointments/inquiry/{inquiry.pk}/link/"


def post(desk, inquiry: Inquiry, do: str, **data):
    version = Inquiry.objects.get(pk=inquiry.pk).version
    return desk.post(address(inquiry), {"do": do, "version": version, **data}, follow=True)


def main_of(answer) -> str:
    return answer.content.decode().partition('id="content"')[2]


def test_the_desk_leads_there_and_the_address_that_they_gave_stands_in_the_form(desk, sam):
    page = desk.get(f"/admin/appointments/inquiry/{sam.pk}/change/").content.decode()

    assert f'<a href="{address(sam)}">Send a new link, or end the link</a>' in page
    assert 'value="mistyped@example.com"' in main_of(desk.get(address(sam)))


def test_a_new_link_goes_to_the_corrected_address_and_the_old_one_and_its_proof_are_dead_at_once(desk, sam):
    patient = Client()
    patient.post(sam.own_page_url(), {"digits": "0123", "then": "look"})
    assert patient.get(sam.own_page_url()).status_code == 200

    with security_lines.kept() as lines:
        said = post(desk, sam, "send", email="sam@example.com").content.decode()

    after = Inquiry.objects.get()
    assert "A new link is on its way. The old one is dead." in said
    assert ("link_sent", sam.pk) in lines.events("inquiry")
    assert after.email == "sam@example.com"
    assert [patient.get(each.own_page_url()).status_code for each in (sam, after)] == [404, 200]
    assert "Please confirm that it is you" in patient.get(after.own_page_url()).content.decode()
    assert [key for key in (sam.key, after.key) if key in said] == []


def test_another_link_for_who_is_not_contacted_says_that_nobody_hears_of_it(desk, sam):
    Inquiry.objects.update(no_contact="never")

    said = post(desk, sam, "send", email="sam@example.com").content.decode()

    assert "There is a new link. Nobody hears of it: they are not contacted." in said
    assert "A new link is on its way" not in said


def test_a_link_that_was_ended_shows_a_stranger_nothing_and_the_desk_why(desk, sam):
    with security_lines.kept() as lines:
        said = post(desk, sam, "revoke").content.decode()

    assert Inquiry.objects.get().link_state == LinkState.REVOKED
    assert "The link has ended. Nothing is mailed with it." in said
    assert "The link to their page has ended: one of us ended it." in said
    assert "Nothing is mailed, since the link has ended: somebody has to call them." in said
    assert ("link_revoked", sam.pk) in lines.events("inquiry")
    assert Client().get(sam.own_page_url()).status_code == 410
    assert 'value="revoke"' not in main_of(desk.get(address(sam)))


def test_what_is_no_address_of_a_mailbox_stays_in_the_form(desk, sam):
    for typed in ("", "sam@", "sam@localhost", '"sam"@example.com'):
        answer = post(desk, sam, "send", email=typed)
        assert 'class="errornote"' in main_of(answer), typed
    assert Inquiry.objects.get().key == sam.key


def test_a_colleague_who_was_faster_is_not_overwritten(desk, sam):
    for data in ({"do": "revoke"}, {"do": "send", "email": "sam@example.com"}):
        answer = desk.post(address(sam), {**data, "version": 9}, follow=True)
        assert "A colleague changed this inquiry meanwhile." in answer.content.decode()
    assert (Inquiry.objects.get().key, Inquiry.objects.get().link_state) == (sam.key, LinkState.WORKS)


def test_a_post_that_is_no_step_is_a_400(desk, sam):
    assert post(desk, sam, "x").status_code == 400


def test_who_may_not_change_inquiries_is_refused(client, sam):
    client.force_login(make.user(roles.CONTENT_EDITOR))
    for do in ("send", "revoke"):
        assert post(client, sam, do, email="sam@example.com").status_code == 403
    assert (Inquiry.objects.get().key, Inquiry.objects.get().link_state) == (sam.key, LinkState.WORKS)


def test_of_one_that_is_erased_there_is_no_link(desk, sam):
    Inquiry.objects.update(erased_at=sam.created_at)

    assert desk.get(address(sam)).status_code == 404


def test_the_desk_says_quietly_that_a_link_has_ended_by_its_age(desk):
    make.clinic()
    old = make.inquiry(sent=timedelta(days=91))

    page = desk.get(f"/admin/appointments/inquiry/{old.pk}/change/").content.decode()

    said = "The link to their page has ended: nothing has happened for 90 days."
    assert f'<p class="quiet">{said}</p>' in page
    assert said in desk.get(address(old)).content.decode()
