"""
Forms that came back with their mistakes: Back from another page shows them again, with what was typed.

Without that, a browser asks whether to send it all once more, or says that it has lost it. So this browser may keep
them, in place of no-store: them alone.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.forms import BaseForm, BaseFormSet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

CACHE_CONTROL = "private, max-age=0"


def else_never_cached(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of the admin: kept by nobody unless it is such a form."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = never_cache(view)(request, *args, **kwargs)
        if shows_mistakes(request, response):
            response.headers["Cache-Control"] = CACHE_CONTROL
        return response

    return answer


def shows_mistakes(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether a page of the admin for rows is a form that came back. Those for passwords and codes are none."""
    match = request.resolver_match
    if request.method != "POST" or not (match and hasattr(match.func, "model_admin")):
        return False
    context: dict[str, Any] = getattr(response, "context_data", None) or {}
    # Django's own pages gather the mistakes of all their forms there.
    return bool(context.get("errors")) or any(map(_has_mistakes, context.values()))


def _has_mistakes(shown: object) -> bool:
    return isinstance(shown, BaseForm | BaseFormSet) and shown.is_bound and not shown.is_valid()
