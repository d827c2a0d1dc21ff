"""A procedure in the admin: begun with three drafts, shown to visitors by one press, and hidden again."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from clinic.admin_site import ShownOnTheSite
from procedures import publishing, wording
from procedures.admin.links_said import say_that_it_moved
from procedures.models import Procedure

HIDE = "hide"


class ProcedureAdmin(ShownOnTheSite):
    list_display = ["name", "is_published", "position"]
    fields = ["shown", "name", "slug", "position", "is_surgery"]
    readonly_fields = ["shown"]
    prepopulated_fields = {"slug": ["name"]}

    def view_on_site(self, row: Procedure) -> str | None:
        return super().view_on_site(row) if row.is_published else None

    def has_delete_permission(self, request: HttpRequest, obj: Procedure | None = None) -> bool:
        """Inquiries keep what they are about: a procedure that is no longer offered is hidden instead."""
        return False

    def get_prepopulated_fields(self, request: HttpRequest, obj: Procedure | None = None) -> dict[str, Any]:
        """An address that visitors know stays as it is while the name is corrected."""
        return {} if obj else super().get_prepopulated_fields(request, obj)

    @admin.display(description=_("visitors"))
    def shown(self, procedure: Procedure) -> str:
        return wording.shown(procedure) if procedure.pk else gettext("They see it once it is written, and shown.")

    def save_model(self, request: HttpRequest, obj: Procedure, form: Any, change: bool) -> None:
        pages = list(obj.pages.select_related("procedure")) if change else []
        old = {page.pk: page.get_absolute_url() for page in pages}
        super().save_model(request, obj, form, change)
        for page in pages:
            page.procedure = obj
            say_that_it_moved(request, page, old[page.pk])
        if not change:
            publishing.begin(obj, by=request.user)

    def response_add(self, request: HttpRequest, obj: Procedure, post_url_continue: str | None = None) -> HttpResponse:
        words = gettext("%s is begun: fill in its three pages. Visitors see nothing of it yet.")
        messages.success(request, words % obj.name)
        return redirect("admin:procedures_procedure_show", obj.pk)

    def get_urls(self) -> list[Any]:
        def show(request: HttpRequest, pk: int) -> HttpResponse:
            return view(request, self, pk)

        show.model_admin = self  # type: ignore[attr-defined]  # As Django says it of its own pages.
        return [
            path("<int:pk>/show/", self.admin_site.admin_view(show), name="procedures_procedure_show"),
            *super().get_urls(),
        ]


@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest, procedure_admin: ProcedureAdmin, pk: int) -> HttpResponse:
    """Where the procedure's pages stand, and the press that shows it to visitors or hides it."""
    if not procedure_admin.has_view_permission(request):
        raise PermissionDenied
    procedure = get_object_or_404(Procedure, pk=pk)
    may_change = procedure_admin.has_change_permission(request, procedure)
    asked = None
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        asked = _pressed(request, procedure)
        if not asked:
            return redirect("admin:procedures_procedure_show", pk)
    context = {
        **procedure_admin.admin_site.each_context(request),
        "opts": procedure_admin.opts,
        "title": procedure.name,
        "procedure": procedure,
        "shown": wording.shown(procedure),
        "parts": [(part, wording.state(part.page)) for part in publishing.parts(procedure)],
        "unsigned_facts": procedure.facts.unsigned().count(),
        "facts": procedure.facts.count(),
        "may_change": may_change,
        "asked": asked,
        "hide": HIDE,
    }
    return TemplateResponse(request, "admin/procedures/procedure/show.html", context)


def _pressed(request: HttpRequest, procedure: Procedure) -> dict[str, str] | None:
    """Do what was pressed, and say it; where it has to be asked first, the question."""
    if request.POST.get("do") == HIDE:
        publishing.hide(procedure)
        messages.success(request, gettext("Visitors do not see %s any longer. Nothing is lost.") % procedure.name)
        return None
    try:
        publishing.show(procedure, agreed=request.POST.get("sure", ""))
    except publishing.NotReady as refused:
        first, *more = refused.problems
        words = (
            gettext("Nothing is shown yet. %s And more: see below.") if more else gettext("Nothing is shown yet. %s")
        )
        messages.warning(request, words % first)
        return None
    except publishing.NotSigned as refused:
        pages = ", ".join(page.label for page in refused.pages)
        return {
            "words": gettext("No clinician has signed this: publish anyway? Not signed: %s.") % pages,
            "button": gettext("Publish anyway"),
            "do": refused.agreed,
        }
    messages.success(request, gettext("Visitors see %s now.") % procedure.name)
    return None
