from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clinic.server.http import for_everyone
from procedures.models import GLOSSARY, OVERVIEW, Page, Procedure


@for_everyone
@require_safe
def procedures(request: HttpRequest) -> HttpResponse:
    return render(request, "procedures/procedures.html", {"procedures": Procedure.objects.published()})


@for_everyone
@require_safe
def page(request: HttpRequest, procedure: str, page: str = "") -> HttpResponse:
    if page == OVERVIEW:  # It has one address: the procedure's own.
        raise Http404
    pages = _pages(procedure)
    place = next((n for n, each in enumerate(pages) if each.slug == (page or OVERVIEW)), None)
    if place is None:
        raise Http404
    context = {
        "page": pages[place],
        "revision": pages[place].live_revision(),
        "is_overview": pages[place].slug == OVERVIEW,
        "pages": pages,
        "previous": pages[place - 1] if place else None,
        "next": pages[place + 1] if place + 1 < len(pages) else None,
    }
    return render(request, "procedures/page.html", context)


@for_everyone
@require_safe
def sheet(request: HttpRequest, procedure: str) -> HttpResponse:
    """All pages of a procedure on paper, to take home."""
    pages = _pages(procedure)
    if not any(each.slug == OVERVIEW for each in pages):
        raise Http404
    context = {"procedure": pages[0].procedure, "revisions": [each.live_revision() for each in pages]}
    return render(request, "procedures/sheet.html", context)


@for_everyone
@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    page = get_object_or_404(Page.objects.live(), procedure=None, slug=GLOSSARY, language="en")
    return render(request, "procedures/glossary.html", {"revision": page.live_revision()})


def _pages(procedure: str) -> list[Page]:
    return list(Page.objects.public().filter(procedure__slug=procedure, language="en"))
