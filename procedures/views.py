from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.csp import CSP
from django.utils.html import strip_tags
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from clinic.languages import SITE_LANGUAGE
from clinic.server.http import for_everyone
from procedures import addresses, markdown, reading
from procedures.models import GLOSSARY, OVERVIEW, Drawing, Procedure, Revision

# Opened by itself a drawing is a document of its own: it may do nothing, wherever it is shown.
DRAWING_CSP: Any = {"default-src": [CSP.NONE], "frame-ancestors": [CSP.NONE], "sandbox": True}


@for_everyone
@require_safe
def procedures(request: HttpRequest) -> HttpResponse:
    return render(request, "procedures/procedures.html", {"procedures": Procedure.objects.published()})


@for_everyone
@require_safe
def page(request: HttpRequest, procedure: str, page: str = "") -> HttpResponse:
    if page == OVERVIEW:  # It has one address: the procedure's own.
        raise Http404
    revisions = reading.live_revisions(procedure)
    place = next((n for n, each in enumerate(revisions) if each.page.slug == (page or OVERVIEW)), None)
    if place is None:
        return _moved(request.path_info)
    return render(request, "procedures/page.html", {"shown": reading.Shown(revisions, place)})


def _moved(path: str, below: str = "") -> HttpResponse:
    """Lead from the address that a page had before to where it is now."""
    if led := addresses.leads_to(path):
        return redirect(f"{led}{below}", permanent=True)
    raise Http404


@for_everyone
@require_safe
def sheet(request: HttpRequest, procedure: str) -> HttpResponse:
    """All pages of a procedure on paper, to take home."""
    revisions = reading.live_revisions(procedure)
    if not any(each.page.slug == OVERVIEW for each in revisions):
        return _moved(reverse("procedure", args=[procedure]), "print/")
    parts = [(each, markdown.render(each.body, signed=bool(each.sign_off), on_paper=True)) for each in revisions]
    # A page that is only for the screen has no part in it.
    context = {
        "procedure": revisions[0].page.procedure,
        "parts": [(revision, words) for revision, words in parts if strip_tags(words).strip()],
    }
    return render(request, "procedures/sheet.html", context)


@for_everyone
@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    revisions = Revision.objects.live().with_sign_off()
    revision = revisions.filter(page__procedure=None, page__slug=GLOSSARY, page__language=SITE_LANGUAGE).first()
    if revision is None:
        raise Http404
    return render(request, "procedures/glossary.html", {"revision": revision})


@for_everyone
@require_safe
@csp_override(DRAWING_CSP)
def drawing(request: HttpRequest, digest: str) -> HttpResponse:
    """An uploaded drawing. Its address says what it is, byte for byte: browsers keep it."""
    found = Drawing.objects.filter(digest=digest).first()
    if found is None:
        raise Http404
    response = HttpResponse(found.svg, content_type="image/svg+xml")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
