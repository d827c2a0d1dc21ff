"""Answers that ask to come again later. They are no error of ours, and Django's log says nothing of them."""

from django.http import HttpResponse


def put_off(response: HttpResponse, seconds: int) -> HttpResponse:
    """Say after how many seconds it may be tried again. What there is to say of it, the caller has logged."""
    response.headers["Retry-After"] = str(seconds)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django would log an error or a warning for each.
    return response
