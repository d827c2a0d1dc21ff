"""
The addresses of the sign-in with a clinic's own account.

What is behind them (oidc.py) loads two libraries that take a twentieth of the site's start: where there is no such
sign-in, they stay unloaded.
"""

import logging

from django.conf import settings
from django.contrib.admin import AdminSite
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from clinic.accounts import refusals
from clinic.accounts.lockout import LockedOut
from clinic.server.security_log import Event, record

logger = logging.getLogger(__name__)


def urls(site: AdminSite) -> list[URLPattern]:
    begin, end = (never_cache(lambda request, name=name: _asked(request, site, name)) for name in ("begin", "end"))
    return [path("clinic-account/", begin, name="oidc"), path("clinic-account/callback/", end, name="oidc_callback")]


def _asked(request: HttpRequest, site: AdminSite, name: str) -> HttpResponse:
    if not settings.OIDC_URL:
        raise Http404
    from clinic.accounts import oidc  # noqa: PLC0415  (where it is used, AUTHENTICATION_BACKENDS has loaded it)

    try:
        return getattr(oidc, name)(request)
    except LockedOut as refusal:
        return refusals.page(request, site, refusal)
    except (DatabaseError, Http404):
        raise
    except Exception as error:  # The provider's answers and addresses that anybody may write: none lets somebody in.
        record(Event.SIGN_IN_FAILED, request)
        logger.warning("A sign-in with a clinic account was refused: %s", type(error).__name__)
    context = {**site.each_context(request), "title": gettext("Not signed in"), "has_permission": False}
    return TemplateResponse(request, "admin/oidc_refused.html", context, status=403)
