"""What typed values need wherever they stand in a template: a builtin, since no template should have to load it."""

from typing import Any

from django import template

from clinic.typed_text import isolated

register = template.Library()


@register.filter("isolated", is_safe=True)
def isolated_in_template(value: Any) -> Any:
    """A name that runs right to left leaves numbers and words beside it as they are."""
    return isolated(value) if isinstance(value, str) else value
