from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from clinic import phones, security_txt
from clinic.operations import doctor
from clinic.operations.doctor.findings import Finding
from clinic.practice import Practice
from clinic.sentences import ended, unbroken, untranslated

register = template.Library()
register.filter("dialed", phones.dialed)
register.filter("ended", ended)
register.filter("untranslated", untranslated)
register.filter("unbroken", unbroken, is_safe=True)


@register.simple_tag
def site_url(path: str = "") -> str:
    """An address of this site in full, from SITE_URL: never from what the visitor's request claims."""
    return f"{settings.SITE_URL}{path}"


@register.simple_tag(takes_context=True)
def security_problems(context: template.Context) -> list[str]:
    """What is wrong with security.txt, for the first page of those who look after the clinic's data."""
    may_see = settings.HTTPS and context["request"].user.has_perm("clinic.change_clinic")
    return security_txt.problems() if may_see else []


@register.simple_tag
def first_page_findings() -> list[Finding]:
    """What every one of the staff has to hear first: mails do not go out, there is no worker."""
    return doctor.errors(doctor.Part.FIRST_PAGE)


@register.simple_tag(takes_context=True)
def permissions(context: template.Context) -> str:
    """All that who reads the page may do, in one text: what differs by nothing else is drawn once for each."""
    user = context["request"].user
    return "everything" if user.is_superuser else " ".join(sorted(user.get_all_permissions()))


@register.simple_tag
def filter_choices(choices: list[dict[str, Any]]) -> SafeString:
    """What a filter of a list of staff's offers, as the admin's own template draws it, which takes thrice as long."""
    lines = (
        f"<li{' class="selected"' if each['selected'] else ''}>\n"
        f'<a href="{conditional_escape(each["query_string"])}">{conditional_escape(each["display"])}</a></li>'
        for each in choices
    )
    return SafeString("\n".join(lines))


@register.simple_tag
def drawn_once(template_name: str, practice: Practice, **said: Hashable) -> SafeString:
    """
    This template with `practice` and what else is `said` alone: words, or tuples of them.

    It is drawn anew when either says something else, and not for each page. Rows of models are not to be said here:
    those are equal whatever stands in them.
    """
    draw = _drawn.__wrapped__ if settings.DEBUG else _drawn  # Who works on a template sees it at once.
    return draw(template_name, practice, get_language(), frozenset(said.items()))


@lru_cache(maxsize=128)
def _drawn(template_name: str, practice: Practice, language: str | None, said: frozenset[Any]) -> SafeString:
    return render_to_string(template_name, {"practice": practice, **dict(said)})
