import os
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

from clinic.server import newer_words
from clinic.server.bodies import Bodies
from clinic.server.page_store import PageStore
from clinic.server.turns import Turns

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
_django = get_wsgi_application()


def readable(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """
    Django, kept from Content-Types that it cannot make a request of.

    Python knows codecs that are no text ("hex", "idna"); given one as a charset, Django decodes even the query
    string with it and raises before any middleware or error handler is there. Our pages only ever send UTF-8:
    anything else is marked here and refused by clinic.server.middleware.refuse_what_is_marked.
    """
    if not _is_readable(environ.get("CONTENT_TYPE", "")):
        environ["CONTENT_TYPE"] = ""
        environ["clinic.refused_with"] = 415
    return _django(environ, start_response)


def told_by_headers(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The same, whose answer to HEAD has no body. Django leaves that to the server; gunicorn does it with a warning."""
    answer: Any = readable(environ, start_response)
    if environ["REQUEST_METHOD"] != "HEAD":
        return answer
    answer.close()
    return []


def _is_readable(content_type: str) -> bool:
    try:
        _, parameters = parse_header_parameters(content_type)
    except (ValueError, LookupError):
        return False
    return parameters.get("charset", "utf-8").lower() == "utf-8"


django = Bodies(told_by_headers)
# A developer who changes a template wants to see it at once.
application = django if settings.DEBUG else PageStore(Turns(django), settings.SITE_URL, newer_words.look)
