"""The addresses of the admin, read from its URL patterns: no page can be added that is not asked for here."""

import re
from collections.abc import Iterator

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver, reverse


def everywhere() -> list[str]:
    """Every address below /admin/, Django's own, too, with {} for what is filled in."""
    found = (path for path in _patterns(get_resolver()) if path.startswith("admin/"))
    plain = (re.sub(r"<[^>]+>|\(\?P<[^>]+>[^)]*\)", "{}", path) for path in found)
    return sorted({"/" + path.replace("^", "").replace("$", "").replace("\\Z", "") for path in plain})


def _patterns(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for each in resolver.url_patterns:
        path = before + str(each.pattern)
        if isinstance(each, URLPattern):
            yield path
        else:
            yield from _patterns(each, path)


def of_the_site() -> Iterator[tuple[str, str]]:
    """Each address of the admin that belongs to no model, under its name."""
    for pattern in admin.site.get_urls():
        if isinstance(pattern, URLPattern) and "<" not in str(pattern.pattern) and pattern.name:
            yield pattern.name, reverse(f"admin:{pattern.name}")


def of_other_apps() -> Iterator[tuple[str, str]]:
    """Each address right below /admin/ that another app has put there; `filled` puts a day in place of <day:day>."""
    for address, _view, name, _about in admin.site._pages:
        yield name, f"/admin/{address}"


def of_model(model_admin: admin.ModelAdmin) -> Iterator[tuple[str | None, str]]:
    """
    Each address of one model's admin under its name; `filled` puts ids in place of its parts like <int:pk>.

    Without a name an address only leads on, to the page that changes the row.
    """
    opts = model_admin.opts
    base = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    for pattern in model_admin.urls:
        yield pattern.name, base + str(pattern.pattern)


def filled(address: str, pk: str, version: str = "") -> str:
    """The address about the row `pk` and, where it asks for one, about this version of a page."""
    return re.sub("<[^>]+>", pk, re.sub("<int:version>", version, address))
