from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from clinic import security_txt as security_txt_lines
from clinic.models import Notice
from clinic.server.http import for_everyone


@for_everyone
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "clinic/home.html")


@for_everyone
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "clinic/privacy.html")


@for_everyone
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "clinic/about.html")


@for_everyone
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "clinic/accessibility.html")


@for_everyone
@require_safe
def notice(request: HttpRequest, slug: str) -> HttpResponse:
    """A legal text; while the clinic has not written it, the page says how to get it."""
    if slug not in Notice.Slug:
        raise Http404
    notice = Notice.objects.filter(slug=slug).first() or Notice(slug=slug)
    return render(request, "clinic/notice.html", {"notice": notice})


@for_everyone
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Own pages are not listed here: they say "noindex" themselves, which a search engine must be able to read."""
    words = f"User-agent: *\nDisallow: /admin/\nSitemap: {settings.SITE_URL}{reverse('sitemap')}\n"
    return HttpResponse(words, content_type="text/plain; charset=utf-8")


@for_everyone
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    if (words := security_txt_lines.text()) is None:
        raise Http404
    return HttpResponse(words, content_type="text/plain; charset=utf-8")
