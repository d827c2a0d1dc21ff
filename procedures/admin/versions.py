"""Every version of a page's words: looked at as a page, compared with another, brought back."""

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from clinic.as_read import AsRead
from procedures import comparing, reading, wording
from procedures.models import Page, Revision


def seen_page(request: HttpRequest, page_admin: ModelAdmin, pk: int) -> Page:
    """The page, for those who may see it."""
    page = get_object_or_404(Page.objects.with_state().select_related("procedure"), pk=pk)
    if not page_admin.has_view_permission(request, page):
        raise PermissionDenied
    return page


def _changed_page(request: HttpRequest, page_admin: ModelAdmin, pk: int) -> Page:
    page = seen_page(request, page_admin, pk)
    if not page_admin.has_change_permission(request, page):
        raise PermissionDenied
    return page


@require_safe
def preview(request: HttpRequest, page_admin: ModelAdmin, pk: int) -> HttpResponse:
    """The page as it would look with its newest words."""
    page = seen_page(request, page_admin, pk)
    return _as_page(request, page, page.newest())


@require_safe
def published(request: HttpRequest, page_admin: ModelAdmin, pk: int) -> HttpResponse:
    page = seen_page(request, page_admin, pk)
    return _as_page(request, page, page.live_revision())


@require_safe
def show(request: HttpRequest, page_admin: ModelAdmin, pk: int, version: int) -> HttpResponse:
    page = seen_page(request, page_admin, pk)
    return _as_page(request, page, get_object_or_404(page.revisions, pk=version))


def _as_page(request: HttpRequest, page: Page, revision: Revision | None) -> HttpResponse:
    if revision is None:
        raise Http404
    context = {
        "page": page,
        "revision": revision,
        # Alone, and drawn for whoever looks now: a draft may say something else in a moment.
        "shown": reading.Shown(AsRead((object(),), [revision]), 0),
        "version": wording.version(revision, page.live_revision()),
        "template": "procedures/page.html" if page.procedure else "procedures/glossary.html",
    }
    return render(request, "admin/procedures/page/version.html", context)


@require_safe
def compare(request: HttpRequest, page_admin: ModelAdmin, pk: int) -> HttpResponse:
    """Two versions side by side: `old` and `new` name them; left out, they are the live one and the draft."""
    page = seen_page(request, page_admin, pk)
    versions = list(page.revisions.newest_first().select_related("created_by"))
    if not versions:
        raise Http404
    live = page.live_revision()
    old = _chosen(request, "old", versions) or live or versions[-1]
    new = _chosen(request, "new", versions) or page.draft() or versions[0]
    rows = comparing.side_by_side(_text(old), _text(new))
    context = {
        **page_admin.admin_site.each_context(request),
        "opts": page_admin.opts,
        "title": gettext("Compare versions of %s") % page,
        "page": page,
        "versions": [(each.pk, wording.version(each, live)) for each in versions],
        "labels": [wording.version(each, live) for each in (old, new)],
        "old": old,
        "new": new,
        "rows": comparing.only_near_changes(rows) if any(row.differs for row in rows) else [],
        "can_go_back": page_admin.has_change_permission(request, page) and new.has_been_live and new != live,
        "replaced": wording.replaced(live.sign_off) if live and live.sign_off and not new.sign_off else "",
        "can_withdraw": page_admin.has_change_permission(request, page) and new.is_planned,
    }
    return TemplateResponse(request, "admin/procedures/page/compare.html", context)


def _chosen(request: HttpRequest, name: str, versions: list[Revision]) -> Revision | None:
    return next((each for each in versions if str(each.pk) == request.GET.get(name)), None)


def _text(revision: Revision) -> str:
    return f"{revision.title}\n{revision.lead}\n\n{revision.body}"


@require_POST
def go_back(request: HttpRequest, page_admin: ModelAdmin, pk: int, version: int) -> HttpResponse:
    page = _changed_page(request, page_admin, pk)
    page.go_back_to(get_object_or_404(page.revisions.live(), pk=version), by=request.user)
    messages.success(request, gettext("Visitors see these words again. The draft, if there is one, is untouched."))
    return redirect("admin:procedures_page_change", pk)


@require_POST
def withdraw(request: HttpRequest, page_admin: ModelAdmin, pk: int, version: int) -> HttpResponse:
    page = _changed_page(request, page_admin, pk)
    planned = next((each for each in page.revisions.filter(pk=version) if each.is_planned), None)
    if planned is None:
        messages.warning(request, gettext("These words show already. Go back to earlier ones instead."))
    elif page.draft():
        messages.warning(request, gettext("There is a draft already, and a page has one. These words stay planned."))
    else:
        planned.withdraw()
        messages.success(request, gettext("These words will not show by themselves. They are the draft again."))
    return redirect("admin:procedures_page_change", pk)
