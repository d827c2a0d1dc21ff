from collections.abc import Callable, Iterator
from functools import partial, update_wrapper, wraps
from typing import Any

import pghistory
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from clinic import busy, one_line
from clinic.accounts import (
    hashing,
    known_browsers,
    new_password,
    oidc_addresses,
    own_sign_in,
    refusals,
    second_step,
    sessions,
    step_up,
    typed,
    views,
)
from clinic.accounts.forms import ChangeOwnPasswordForm
from clinic.accounts.lockout import LockedOut
from clinic.accounts.notices import Notice, later
from clinic.began_with import BeganWith
from clinic.models import Clinic
from clinic.operations import ready
from clinic.server import came_back
from clinic.server.security_log import Event, record

# Addresses of Django's that no page here needs: a redirect to a row's page on the site, which tells whoever asks that
# the row is there, and choices for a field while somebody types, which named patients without a line in the access log.
_NOT_SHOWN = ("view_on_site", "autocomplete")

# Before any ModelAdmin is made.
one_line.use_in_admin()


class ShownOnTheSite(BeganWith):
    """Rows that have a page of their own: the admin links to it, with no redirect that asks for any row."""

    def view_on_site(self, row: Any) -> str | None:
        return row.get_absolute_url()


class ClinicAdminSite(AdminSite):
    """The staff's side of the site, in the clinic's own time; the history gets the name of who changes something."""

    site_title = _("Clinic")
    index_title = _("Work and settings")
    site_url = "/"
    enable_nav_sidebar = False
    password_change_form = ChangeOwnPasswordForm  # type: ignore[assignment]  # Django's asks for the old one, too.

    @property
    def site_header(self) -> str:  # type: ignore[override]
        return Clinic.current().name

    def __init__(self, name: str = "admin"):
        super().__init__(name)
        self._pages: list[tuple[str, Callable[..., HttpResponse], str, type[Model] | None]] = []

    def add_page(
        self, address: str, view: Callable[..., HttpResponse], name: str, about: type[Model] | None = None
    ) -> None:
        """
        A page of an app above, at `address` right below /admin/, named admin:`name`. `view` is called with the request,
        what stands in the address and, where the page is `about` a model, the admin of its rows.
        """
        self._pages.append((address, view, name, about))

    def _added(self) -> Iterator[URLPattern]:
        for address, view, name, about in self._pages:
            shown = view
            if about:
                shown = partial(view, model_admin=self.get_model_admin(about))
                update_wrapper(shown, view)
                shown.model_admin = self.get_model_admin(about)  # type: ignore[attr-defined]  # As Django says it.
            yield path(address, self.admin_view(shown), name=name)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """What the first page lists: made when a page shows it, which most do not, and once."""
        return SimpleLazyObject(lambda: super(ClinicAdminSite, self).get_app_list(request, app_label))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "has_clinic_accounts": bool(settings.OIDC_URL)}

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff who gave password and second factor."""
        return super().has_permission(request) and second_step.is_passed(request)

    def after_password(self, view: Callable[..., HttpResponse]) -> Any:
        """A page for staff who gave the password; the second factor may be still to come."""

        def shown(request: HttpRequest, **at: Any) -> HttpResponse:
            return view(request, self, **at)

        return self.admin_view(shown, asks_second_factor=False)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False, asks_second_factor: bool = True) -> Any:
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
                typed.forget_sent(request, response)
                if hasattr(response, "render"):
                    response.render()
                return response

        @wraps(view)
        def behind_both_doors(request: HttpRequest, *args: object, **kwargs: object) -> Any:
            is_leaving = request.path == reverse("admin:logout")
            if not second_step.is_staff(request):
                wanted = reverse("admin:index") if is_leaving else request.get_full_path()
                return redirect_to_login(wanted, reverse("admin:login"))
            # Who stops halfway can sign out.
            if asks_second_factor and not is_leaving:
                if not second_step.is_passed(request):
                    return second_step.lead_here(request)
                if leading := typed.lead_there(request):
                    return leading
            return in_the_clinic(request, *args, **kwargs)

        protected = behind_both_doors if getattr(view, "csrf_exempt", False) else csrf_protect(behind_both_doors)
        return protected if cacheable else came_back.else_never_cached(protected)

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Ask for the password; who gave it already is led on to the second factor."""
        if request.method == "GET" and second_step.is_staff(request) and not second_step.is_passed(request):
            return second_step.lead_here(request, second_step.next_address(request))
        try:
            response = super().login(request, {**(extra_context or {}), "is_kept": typed.is_kept(request)})
        except (hashing.NoPlace, LockedOut) as refusal:
            return refusals.page(request, self, refusal)
        if request.method == "POST" and request.user.is_authenticated and response.status_code == 302:
            known_browsers.remember(request, response, request.user.get_username())
        return response

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            *second_step.urls(self),
            *own_sign_in.urls(self),
            *new_password.urls(self),
            *oidc_addresses.urls(self),
            path("sessions/", self.admin_view(lambda request: views.own_sessions(request, self)), name="sessions"),
            path("step-up/", self.admin_view(lambda request: step_up.ask(request, self)), name="step_up"),
            path("ready/", self.admin_view(lambda request: ready.page(request, self)), name="ready"),
            path("typed/", self.admin_view(lambda request: typed.page(request, self)), name="typed"),
            path("session/", views.ask_seconds_left, name="seconds_left"),
            path("session/stay/", views.seconds_left, name="stay"),
            path("signed-out/", self.signed_out, name="signed_out"),
            *self._added(),
            *(each for each in super().get_urls() if getattr(each, "name", "") not in _NOT_SHOWN),
        ]

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Sign out, and have the browser forget all it has of the site but that it is known."""
        carried = known_browsers.carried(request)
        response: Any = super().logout(request, extra_context)
        if response.status_code == 200:
            query = QueryDict(mutable=True)
            query["browser"] = carried
            response = redirect(f"{reverse('admin:signed_out')}?{query.urlencode()}")
            response.headers["Clear-Site-Data"] = sessions.CLEAR_SITE_DATA
        return response

    @method_decorator(never_cache)
    def signed_out(self, request: HttpRequest) -> HttpResponse:
        context = {**self.each_context(request), "title": _("Signed out")}
        response = TemplateResponse(request, "registration/logged_out.html", context)
        known_browsers.put_back(response, request.GET.get("browser", ""))
        return response

    @method_decorator(step_up.asks_again)
    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        trail = [(_("Your sign-in"), reverse("admin:own_sign_in"))]
        response = super().password_change(request, {"trail": trail, **(extra_context or {})})
        if request.method == "POST" and response.status_code == 302:
            record(Event.PASSWORD_CHANGED, request)
            later(request.user.pk, Notice.PASSWORD_CHANGED)
        return response

    @staticmethod
    def _recorded(view, request, *args, **kwargs):
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with pghistory.context(user=request.user.pk):
            return view(request, *args, **kwargs)
