"""Staff's sessions in a request: read under /admin/ alone, and seen there unless only a script asks for something."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from clinic.accounts import cookies, typed
from clinic.accounts.session_store import SessionStore
from clinic.models import StaffSession
from clinic.server.client_address import client_address

CLEAR_SITE_DATA = '"cache", "cookies", "storage"'


def no_activity[View: Callable[..., HttpResponse]](view: View) -> View:
    """Mark a view that a script asks by itself: it keeps nobody signed in."""
    view.counts_as_activity = False  # type: ignore[attr-defined]
    return view


def ignore_staff_cookies(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Have public pages not see the cookies of staff, which browsers send to every path of an https site."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/admin/"):
            for name in cookies.of_staff():
                request.COOKIES.pop(name, None)
        return get_response(request)

    return middleware


class Sessions(SessionMiddleware):
    """Django's, which tells the store where the request comes from, and leaves the cookie of an ended session."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if request.path_info.startswith("/admin/"):
            store: SessionStore = request.session  # type: ignore[assignment]
            store.address, store.browser = client_address(request), request.headers.get("User-Agent", "")

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        request.session.counts_as_activity = getattr(view, "counts_as_activity", True)  # type: ignore[attr-defined]
        # Here, since what was typed must be kept before the CSRF check of the next middleware may refuse it.
        return typed.keep_of_ended(request, view, kwargs) if request.path_info.startswith("/admin/") else None

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        store: SessionStore = request.session  # type: ignore[assignment]
        response = super().process_response(request, response)
        if store.accessed and not store.modified and response.status_code < 500:
            store.seen()
        # By this cookie the site knows who typed what comes next.
        if store.ended and "Clear-Site-Data" not in response.headers and not store.modified:
            response.cookies.pop(settings.SESSION_COOKIE_NAME, None)
        return response


def end_others(request: HttpRequest) -> int:
    """Sign the user of this request out everywhere else; return how many sessions that were."""
    rows = StaffSession.objects.of(request.user).exclude(session_key=request.session.session_key)
    return rows.end(timezone.now())
