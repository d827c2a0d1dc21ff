import gc
import os
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.template.loader import get_template
from django.urls import get_resolver
from django.utils.http import parse_header_parameters
from django.utils.module_loading import import_string

from clinic.server import newer_words
from clinic.server.at_once import in_threads_only
from clinic.server.bodies import Bodies
from clinic.server.page_store import PageStore
from clinic.server.turns import Turns

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
# What is loaded stays. To look through all of it for garbage, time and again while more is loaded, takes a tenth of the
# start; looking through it later, each process would get a copy of its own of what it was forked with.
gc.disable()
_django = get_wsgi_application()


def load() -> None:
    """
    Load what would be loaded when a request first needs it: addresses with their views, tags, what settings name.

    Of two threads that load at once, one may meet a module that is half there. And processes share what they were
    forked with.
    """
    get_resolver().url_patterns  # noqa: B018  (asking for it loads them)
    get_template("base.html")
    validators: Any = settings.AUTH_PASSWORD_VALIDATORS
    of_templates: Any = settings.TEMPLATES[0]["OPTIONS"]
    named = [*settings.AUTHENTICATION_BACKENDS, *(each["NAME"] for each in validators)]
    for name in [*named, *of_templates["context_processors"]]:
        import_string(name)
    for name in [*settings.DOCTOR, *settings.METRICS]:
        import_module(name)


load()
gc.freeze()
gc.enable()


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
application: Any = django
if not settings.DEBUG:
    application = PageStore(in_threads_only(Turns(django)), settings.SITE_URL, in_threads_only(newer_words.look))
