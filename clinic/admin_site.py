from collections.abc import Callable
from functools import wraps
from typing import Any

import pghistory
from django.contrib.admin import AdminSite, ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from clinic import busy
from clinic.accounts import hashing, known_browsers, refusals
from clinic.accounts.forms import ChangeOwnPasswordForm
from clinic.accounts.lockout import LockedOut
from clinic.models import Clinic


class ShownOnTheSite(ModelAdmin):
    """Rows that have a page of their own: the admin links to it, with no redirect that asks for any row."""

    def view_on_site(self, row: Any) -> str:
        return row.get_absolute_url()


class ClinicAdminSite(AdminSite):
    """The staff's side of the site, in the clinic's own time; the history gets the name of who changes something."""

    site_title = _("Clinic")
    index_title = _("Work and settings")
    site_url = "/"
    enable_nav_sidebar = False
    password_change_form = ChangeOwnPasswordForm

    @property
    def site_header(self) -> str:  # type: ignore[override]
        return Clinic.current().name

    def get_urls(self) -> list[Any]:
        """Django's own, but for the redirect to a row's page on the site, which tells whoever asks that it is there."""
        return [each for each in super().get_urls() if getattr(each, "name", "") != "view_on_site"]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """What the first page lists: made when a page shows it, which most do not, and once."""
        return SimpleLazyObject(lambda: super(ClinicAdminSite, self).get_app_list(request, app_label))

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        @wraps(view)
        def in_the_clinic(request: HttpRequest, *args: object, **kwargs: object) -> Any:
            with timezone.override(Clinic.current().zone):
                # Rendered here: a response that renders later would leave the clinic's time.
                try:
                    with busy.busy_after_waiting():
                        response = self._recorded(view, request, *args, **kwargs)
                except busy.Busy:
                    response = busy.page_for_staff(request, self)
                except (hashing.NoPlace, LockedOut) as refusal:
                    response = refusals.page(request, self, refusal)
                if hasattr(response, "render"):
                    response.render()
                return response

        return super().admin_view(in_the_clinic, cacheable)

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        try:
            response = super().login(request, extra_context)
        except (hashing.NoPlace, LockedOut) as refusal:
            return refusals.page(request, self, refusal)
        if request.method == "POST" and request.user.is_authenticated and response.status_code == 302:
            known_browsers.remember(request, response, request.user.get_username())
        return response

    @staticmethod
    def _recorded(view, request, *args, **kwargs):
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with pghistory.context(user=request.user.pk):
            return view(request, *args, **kwargs)
