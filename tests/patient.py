"""A patient's browser, which has proved each own page that it opens."""

import re

from django.db import connection
from django.test import Client

from appointments.models import Inquiry
from appointments.public import proofs

OWN_PAGE = re.compile(r"/appointments/([A-Za-z0-9_-]{22})/")


class Patient(Client):
    """The question itself is tested with Django's own Client."""

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
