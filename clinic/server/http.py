"""
What the public site promises about its answers: one page for everyone, and a private own page.

Nobody is signed in on these pages, so Django's CSRF token has nothing to guard: posts_from_here stands in for it.
"""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt

from clinic.server import came_back, error_pages

View = Callable[..., HttpResponse]

# Browsers ask again each time and mostly hear 304; a cache in front may answer for five seconds by itself, for three
# more while it asks, and for a day when the site does not answer. With the two seconds of clinic.server.page_store a
# withdrawn page is gone after ten.
EVERYONE = "public, max-age=0, must-revalidate, s-maxage=5, stale-while-revalidate=3, stale-if-error=86400"
# What is true for a moment: a cache in front may give it away for two seconds.
FOR_SECONDS = "public, max-age=0, must-revalidate, s-maxage=2"


class SeeOther(HttpResponseRedirect):
    """What was posted is done; its page is read with GET. Source: RFC 9110, 15.4.4."""

    status_code = 303


def for_everyone(view: View) -> View:
    """A page whose bytes are the same for every visitor: it may be kept. Refusals and posts may not."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        kept = request.method in ("GET", "HEAD") and response.status_code == 200
        mostly = came_back.CACHE_CONTROL if response.status_code == 422 else "no-store"
        response.headers.setdefault("Cache-Control", EVERYONE if kept else mostly)
        return response

    return csrf_exempt(answer)


def for_seconds(view: View) -> View:
    """A page for everyone that is true for a moment: found by no search engine, which would show it for weeks."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return true_for_seconds(view(request, *args, **kwargs))

    return csrf_exempt(answer)


def true_for_seconds(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = FOR_SECONDS
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def for_one(view: View) -> View:
    """A page that is one person's: found by no search engine, kept by no cache unless it is a form that came back."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = came_back.CACHE_CONTROL if response.status_code == 422 else "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        # "no-referrer" would make browsers send "Origin: null" with what the page posts.
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    return csrf_exempt(answer)


def posts_from_here(view: View) -> View:
    """
    Refuse a post that another site's page made, without a token or a cookie. What it holds is shown, to be sent again.

    Some that are refused are no attack: a proxy that translates the page, a browser that hides where it comes from.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method == "POST" and not is_from_here(request):
            return error_pages.not_from_here(request)
        return view(request, *args, **kwargs)

    return answer


def is_from_here(request: HttpRequest) -> bool:
    """
    Whether a post may be one of our own page's.

    It may when Sec-Fetch-Site is same-origin or none; without that header (Safari before 16.4), when Origin is ours;
    with neither (old browsers, command lines): nobody is signed in here, so there is nothing to abuse.

    Source: OWASP Cross-Site Request Forgery Prevention Cheat Sheet, "Fetch Metadata headers".
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or _is_ours(request, origin)


def _is_ours(request: HttpRequest, origin: str) -> bool:
    """Whether an origin is SITE_URL's or that of the host that was asked, which is one of ALLOWED_HOSTS."""
    return origin in (settings.SITE_URL, f"{request.scheme}://{request.get_host()}")


def was_sent_from_here(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this site sent this; who says nothing of it is not believed."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    return _is_ours(request, request.headers.get("Origin", ""))
