from django import template
from django.conf import settings
from django.utils.safestring import SafeString

from procedures import markdown as markdown_module
from procedures.models import Procedure

register = template.Library()


@register.filter
def markdown(body: str) -> SafeString:
    return markdown_module.render(body)


@register.filter
def sheet(body: str) -> SafeString:
    return markdown_module.render(body, on_paper=True)


@register.filter
def contents(body: str) -> list[tuple[str, str]]:
    return markdown_module.contents(body)


@register.simple_tag
def site_url(path: str = "") -> str:
    """An address of this site in full, from SITE_URL: never from what the visitor's request claims."""
    return f"{settings.SITE_URL}{path}"


@register.inclusion_tag("procedures/_cards.html")
def procedure_cards() -> dict[str, object]:
    """The published procedures as cards, for pages of apps below this one; their headings are of the third rank."""
    return {"procedures": Procedure.objects.published(), "rank": 3}
