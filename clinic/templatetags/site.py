from django import template
from django.conf import settings

from clinic import phones
from clinic.sentences import ended, untranslated

register = template.Library()
register.filter("dialed", phones.dialed)
register.filter("ended", ended)
register.filter("untranslated", untranslated)


@register.simple_tag
def site_url(path: str = "") -> str:
    """An address of this site in full, from SITE_URL: never from what the visitor's request claims."""
    return f"{settings.SITE_URL}{path}"
