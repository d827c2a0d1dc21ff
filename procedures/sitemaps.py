"""The pages that search engines should know, always under the address of SITE_URL."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse

from clinic.languages import SITE_LANGUAGE
from clinic.models import Notice
from procedures.models import GLOSSARY, Page, Revision


class OfThisSite(Sitemap):
    @property
    def protocol(self) -> str:  # type: ignore[override]
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc


class Fixed(OfThisSite):
    def items(self) -> list[str]:
        fixed = ("home", "procedures", "appointments", "about", "privacy", "accessibility")
        return [*map(reverse, fixed), *(reverse("notice", args=[slug]) for slug in Notice.Slug)]

    def location(self, item: Any) -> str:
        return item


class Pages(OfThisSite):
    def items(self) -> QuerySet[Page]:
        published = Revision.objects.live().filter(page=OuterRef("pk")).values("published_at")[:1]
        pages = Page.objects.public() | Page.objects.live().filter(slug=GLOSSARY).select_related("procedure")
        # Only pages in this language have an address yet.
        found = pages.filter(language=SITE_LANGUAGE).annotate(published_at=Subquery(published))
        return found.order_by("procedure", "position", "pk")

    def lastmod(self, item: Any) -> datetime:
        return item.published_at


SITEMAPS = {"fixed": Fixed, "pages": Pages}
