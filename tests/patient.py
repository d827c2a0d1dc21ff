"""A patient's browser, which has proved each own page that it opens."""

import re

from django.conf import settings
from django.db import connection
from django.test import Client

from appointments.models import Inquiry
from appointments.public import proofs
from clinic.accounts.session_store import SessionStore

OWN_PAGE = re.compile(r"/appointments/([A-Za-z0-9_-]{22})/")


class Patient(Client):
    """The question itself is tested with Django's own Client."""

    @property
    def session(self):
        """Django's own stores one where there is none yet. To sign in throws it away: a third of the statements."""
        return super().session if settings.SESSION_COOKIE_NAME in self.cookies else SessionStore()

    def request(self, **request):
        if found := OWN_PAGE.match(request["PATH_INFO"]):
            # What a test counts are the statements of the site.
            counts, connection.force_debug_cursor = connection.force_debug_cursor, False
            inquiry = Inquiry.objects.filter(key=found[1]).first()
            connection.force_debug_cursor = counts
            if inquiry:
                self.cookies[proofs.cookie()] = proofs.signed(inquiry, proofs.SENT)
        return super().request(**request)


def prove(context, address: str) -> None:
    """Let a browser (Playwright's context) have proved the own page at this address of a live server."""
    found = OWN_PAGE.match(address)
    inquiry = Inquiry.objects.get(key=found[1])
    cookie = {"name": proofs.cookie(), "value": proofs.signed(inquiry, proofs.SENT)}
    context.add_cookies([cookie | {"domain": "localhost", "path": inquiry.own_page_url()}])
