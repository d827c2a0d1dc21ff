from django import template
from django.utils.safestring import SafeString

from procedures import markdown as markdown_module
from procedures.models import Procedure

register = template.Library()


@register.filter
def markdown(body: str) -> SafeString:
    return markdown_module.render(body)


@register.inclusion_tag("procedures/_cards.html")
def procedure_cards() -> dict[str, object]:
    """The published procedures as cards, for pages of apps below this one."""
    return {"procedures": Procedure.objects.published()}
