"""
A question answered in writing, over a real worker and a real mail server.

Given a patient who wants mails, when the front desk answers at the desk, then a mail with a link arrives, the words
stand on the patient's page, and what the patient writes there is back in the inbox.
"""

import re

import pytest
from playwright.sync_api import expect

from appointments.models import Email
from appointments.notifications import queue
from clinic import email_url
from tests import make, smtp, workers
from tests.journeys.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(settings):
    with smtp.running() as server:
        settings.MAILERS = email_url.mailers(f"smtp://127.0.0.1:{server.port}", outbox=None)
        yield server


def test_a_question_is_answered_in_writing(browser, live_server, settings, server):
    settings.SITE_URL = live_server.url
    make.clinic()
    make.front_desk(username="ann", first_name="Ann")
    make.inquiry(
        kind="question",
        name="Rosa Lind",
        contact_by="email",
        email="rosa@example.com",
        message="When can I garden?",
        phone="(212) 555-0123",
    )
    desk, patient = (browser.new_page(base_url=live_server.url, java_script_enabled=False) for _ in range(2))

    sign_in(desk, "ann")
    desk.goto("/admin/")
    desk.get_by_role("link", name="Rosa Lind").click()
    desk.get_by_label("Your answer").fill("Your doctor tells you at your next visit.")
    desk.get_by_role("button", name="Send the answer").click()
    expect(desk.locator(".history")).to_contain_text("Mail “We have answered” to rosa@example.com: on its way")
    make.two_minutes_pass()
    queue.wake_outbox()  # As the minute's job does.
    assert workers.start(server, "--until-done").wait(30) == 0
    desk.reload()
    expect(desk.locator(".history")).to_contain_text("Mail “We have answered” to rosa@example.com: sent")

    answered = next(mail for mail in server.mails if "answered" in mail["Subject"])
    words = answered.get_body(("plain",)).get_content()
    assert "garden" not in words + answered["Subject"]
    patient.goto(re.search(r"/appointments/\S+", words).group())
    expect(patient.locator("main")).not_to_contain_text("Your doctor tells you")
    patient.get_by_label("The last four digits of the phone number").fill("0123")
    patient.get_by_role("button", name="Open my page").click()
    expect(patient.locator("main")).to_contain_text("Your doctor tells you at your next visit.")
    patient.get_by_label("Write to us").fill("Thank you. Which visit?")
    patient.get_by_role("button", name="Send").click()
    expect(patient.locator("main")).to_contain_text("You wrote to us. We have your message.")

    desk.goto("/admin/")
    desk.get_by_role("link", name="Rosa Lind").click()
    expect(desk.locator(".history")).to_contain_text("Thank you. Which visit?")
    expect(desk.locator(".badge-state")).to_have_text("Open")
    assert Email.objects.filter(kind="staff_waiting").exists()
    desk.close()
    patient.close()


def test_a_mail_reads_well_where_it_arrives(browser, live_server):
    make.clinic()
    inquiry = make.inquiry(contact_by="email", email="rosa@example.com")
    make.front_desk(username="ann")
    context = browser.new_context(base_url=live_server.url, viewport={"width": 360, "height": 700})
    page = context.new_page()
    sign_in(page, "ann")
    page.goto(f"/admin/appointments/email/{inquiry.emails.get().pk}/as-it-arrives/")

    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert float(page.evaluate("getComputedStyle(document.body).fontSize").removesuffix("px")) >= 16
        expect(page.get_by_role("link", name="911")).to_be_visible()
    context.close()
