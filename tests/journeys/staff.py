"""Somebody of the staff at a browser, who has signed in."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Page


def sign_in(page: Page, name: str) -> None:
    """
    Let the page's browser be signed in, as after a password: to type one costs two pages.

    Where it is typed: test_patient_and_front_desk, test_morning, test_second_step, test_signed_out_while_typing.
    """
    theirs = Client()
    theirs.force_login(get_user_model().objects.get(username=name))
    value = theirs.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": value, "domain": "localhost", "path": "/"}]
    )
