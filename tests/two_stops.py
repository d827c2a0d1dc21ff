"""A sentence that ends with "9:30 a.m." has one full stop: every page that any test shows is looked at."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Begins with its own letters: words before them would be tried at every sign of every page.
# Between the two stops may stand what has no width: the end of a <strong> or a <time>, and no end of a paragraph.
TWO_STOPS = re.compile(rb"(?:[ap]\.m|M\.D|Jr|Sr)\.(?:</?(?:a|b|span|strong|time)\b[^>]*>)*\.(?!\.)")
SHOWN_BEFORE = 60


def refused(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.streaming and (found := TWO_STOPS.search(response.content)):
            words = response.content[max(0, found.start() - SHOWN_BEFORE) : found.end()]
            raise AssertionError(f"two full stops at {request.path}: {words.decode(errors='replace')}")
        return response

    return middleware
