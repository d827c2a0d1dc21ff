"""Whether the links on a page lead somewhere."""

import re

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from clinic.languages import SITE_LANGUAGE
from clinic.models import Notice
from procedures import addresses, anchors, markdown
from procedures.models import GLOSSARY, OVERVIEW, Page, Procedure


def problem(body: str, procedure: Procedure | None = None) -> str | None:
    """
    A sentence about the first link that leads nowhere inside the site, or to where none may lead; or None.

    The pages of a `procedure` that visitors do not see yet may lead to each other: they are shown together.
    """
    headings = {f"#{id}" for id in re.findall(r'id="([^"]+)"', markdown.render(body))}
    for link in markdown.links(body):
        if link.startswith("#"):
            written = f"#{markdown.OF_A_HEADING}{link[1:]}"  # By its words, as editors write it.
            if not {link, written} & headings and link != "#contact":
                return _("The link to “%(link)s” is dead: no heading on this page has that address.") % {"link": link}
        elif inside := re.fullmatch(rf"(?:{re.escape(settings.SITE_URL)})?(/(?!/)[^?#]*)(?:[?#].*)?", link):
            if not _is_there(inside[1], procedure):
                if led := addresses.leads_to(inside[1]):
                    said = {"link": link, "now": led}
                    return _("The link to “%(link)s” leads to a page that has moved: write “%(now)s”.") % said
                return _("The link to “%(link)s” is dead: the site shows no such page.") % {"link": link}
            if page := _without_its_heading(link, inside[1], headings):
                words = _("The link to “%(link)s” is dead: %(page)s has no heading with that address.")
                return words % {"link": link, "page": page}
        elif not re.match(r"(https://|tel:|mailto:)\S", link):
            return _("The link to “%(link)s” begins with neither / nor https:// nor tel: nor mailto:.") % {"link": link}
    return None


def _without_its_heading(link: str, path: str, headings: set[str]) -> Page | None:
    """The page that a link leads to, where it has no such heading; the page that is written may be that page itself."""
    match, at = resolve(path), link.partition("#")[2]
    if not at or match.url_name not in ("procedure", "procedure_page") or f"#{anchors.as_id(at)}" in headings:
        return None
    pages = Page.objects.filter(procedure__slug=match.kwargs["procedure"], language=SITE_LANGUAGE)
    page = pages.select_related("procedure").filter(slug=match.kwargs.get("page", OVERVIEW)).first()
    return page if page and not anchors.is_there(page, at) else None


def _is_there(path: str, procedure: Procedure | None) -> bool:
    try:
        match = resolve(path)
    except Resolver404:
        return False
    about = match.kwargs
    if match.url_name == "glossary":
        return Page.objects.live().filter(procedure=None, slug=GLOSSARY, language=SITE_LANGUAGE).exists()
    if match.url_name in ("procedure", "procedure_sheet", "procedure_page"):
        is_own = procedure is not None and not procedure.is_published and procedure.slug == about["procedure"]
        pages = Page.objects.all() if is_own else Page.objects.public()
        pages = pages.filter(procedure__slug=about["procedure"], language=SITE_LANGUAGE)
        # The overview has one address: the procedure's own.
        return about.get("page") != OVERVIEW and pages.filter(slug=about.get("page", OVERVIEW)).exists()
    if match.url_name == "notice":
        return about["slug"] in Notice.Slug
    return not path.startswith("/admin/") and "key" not in about
