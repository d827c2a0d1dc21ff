import json

from django import template
from django.template import Context
from django.utils.safestring import SafeString, mark_safe

from procedures import markdown as markdown_module
from procedures import structured_data as structured_data_module
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


@register.simple_tag(takes_context=True)
def structured_data(context: Context) -> SafeString:
    """The page's JSON-LD: data in a script element, which no browser runs."""
    page = context["page"]
    data = structured_data_module.page(page.procedure, page, context["revision"], context["practice"])
    # The signs that could end the element, as in Django's json_script.
    text = json.dumps(data, ensure_ascii=False).translate({ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"})
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308


@register.inclusion_tag("procedures/_cards.html")
def procedure_cards() -> dict[str, object]:
    """The published procedures as cards, for pages of apps below this one; their headings are of the third rank."""
    return {"procedures": Procedure.objects.published(), "rank": 3}
