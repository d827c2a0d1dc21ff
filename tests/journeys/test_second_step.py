"""Signing in with a passkey, in a browser whose authenticator is a virtual one; and the same pages on a phone."""

import pytest
from django_otp_webauthn.models import WebAuthnCredential
from playwright.sync_api import Page, expect

from clinic.accounts import roles, second_factor
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(browser, live_server, settings) -> Page:
    settings.SITE_URL = live_server.url
    settings.SECOND_FACTOR = True
    settings.OTP_WEBAUTHN_RP_ID, settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = "localhost", [live_server.url]
    make.clinic()
    context = browser.new_context(base_url=live_server.url, viewport={"width": 360, "height": 780})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield page
    context.close()


def sign_in(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_label("Username").fill("ann")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Log in").click()


def test_a_passkey_is_made_and_opens_the_account_with_the_password(page):
    user = make.user(roles.FRONT_DESK, username="ann")

    sign_in(page)
    page.get_by_role("button", name="Make a passkey instead").click()
    expect(page.get_by_role("heading", name="Print these codes")).to_be_visible()
    assert page.locator(".backup-codes code").count() == 10
    assert second_factor.has_passkey(user) is True
    page.context.clear_cookies()

    sign_in(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator("#user-tools")).to_be_visible()


def test_a_passkey_stands_for_the_code_before_a_new_password(page):
    make.user(roles.FRONT_DESK, username="ann")
    sign_in(page)
    page.get_by_role("button", name="Make a passkey instead").click()
    page.get_by_role("link", name="I have them on paper").click()

    page.goto("/admin/password_change/")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Use a passkey instead of a code").click()

    expect(page.get_by_role("button", name="Change my password")).to_be_visible()


def test_a_passkey_is_added_on_ones_own_page_under_its_name(page):
    user = make.user(roles.FRONT_DESK, username="ann")
    codes = make.give_factor(user)
    sign_in(page)
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Go on").click()

    page.get_by_role("link", name="Your sign-in").click()
    expect(page.get_by_role("link", name="Add a passkey")).to_be_visible()
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_label("Code").fill(codes[1])
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name").fill("Desk computer")
    page.get_by_role("button", name="Make a passkey").click()

    expect(page.get_by_role("link", name="Desk computer")).to_be_visible()
    assert second_factor.has_passkey(user) is True


def test_a_passkey_with_another_key_than_the_stored_one_opens_nothing(page):
    make.user(roles.FRONT_DESK, username="ann")
    sign_in(page)
    page.get_by_role("button", name="Make a passkey instead").click()
    expect(page.get_by_role("heading", name="Print these codes")).to_be_visible()
    page.context.clear_cookies()
    WebAuthnCredential.objects.update(public_key=b"another key")

    sign_in(page)
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_text("This passkey was not accepted.")).to_be_visible()
    assert page.goto("/admin/").url.endswith("/admin/second-step/?next=%2Fadmin%2F")


def test_on_a_phone_nothing_scrolls_sideways_and_no_fault_is_named_before_there_is_one(page):
    make.user(roles.FRONT_DESK, username="ann")

    sign_in(page)
    expect(page.get_by_role("heading", name="Protect your account")).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert [each for each in page.get_by_role("alert").all() if each.is_visible()] == []
