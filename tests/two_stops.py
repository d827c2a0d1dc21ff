"""A sentence that ends with "9:30 a.m." has one full stop: every page that any test shows is looked at."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

TWO_STOPS = re.compile(rb"[^<>]{0,60}(?:[ap]\.m|M\.D|Jr|Sr)\.\.(?!\.)")


def refused(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.streaming and (found := TWO_STOPS.search(response.content)):
            raise AssertionError(f"two full stops at {request.path}: {found[0].decode(errors='replace')}")
        return response

    return middleware
