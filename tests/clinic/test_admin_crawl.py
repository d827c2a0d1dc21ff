"""No address of the admin breaks, whatever stands in it: odd ids, odd words in a form or a list; for every role."""

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver

from clinic.accounts import roles
from tests import make

pytestmark = pytest.mark.django_db

ODD_IDS = ("٣", "9" * 30, "abc", "²")
ODD_WORDS = ("abc", "2026-11-27", "٣", "9" * 30, "👍")
OF_LISTS = ("q", "p", "o", "list", "e", "all", "after", "day", "_facets", "_popup", "_changelist_filters")
NO_PAGES = ("logout", "jsi18n")


def patterns(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for each in resolver.url_patterns:
        path = before + str(each.pattern)
        if isinstance(each, URLPattern):
            yield path
        else:
            yield from patterns(each, path)


def addresses() -> list[str]:
    """Every address below /admin/, with {} for what is filled in."""
    found = (path for path in patterns(get_resolver()) if path.startswith("admin/"))
    plain = (re.sub(r"<[^>]+>|\(\?P<[^>]+>[^)]*\)", "{}", path) for path in found)
    return sorted({"/" + path.replace("^", "").replace("$", "").replace("\\Z", "") for path in plain})


def status(client, address: str) -> int:
    client.raise_request_exception = False
    return client.get(address).status_code


@pytest.fixture
def everybody():
    make.clinic()
    make.procedure()
    make.appointment()
    return {role: make.user(role) for role in roles.ROLES}


def odd_addresses(user) -> list[str]:
    with_ids = [address.replace("{}", odd) for address in addresses() if "{}" in address for odd in ODD_IDS]
    forms = []
    for model, its_admin in admin.site._registry.items():
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        if user.has_perm(f"{model._meta.app_label}.add_{model._meta.model_name}"):
            fields = {*(field.name for field in model._meta.get_fields()), *its_admin.form.declared_fields}
            forms += [f"{base}add/?{urlencode(dict.fromkeys(sorted(fields), odd))}" for odd in ODD_WORDS]
        if user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}"):
            forms += [f"{base}?{urlencode(dict.fromkeys(OF_LISTS, odd))}" for odd in ODD_WORDS]
            forms += [f"{base}?{name}=abc" for name in (*OF_LISTS, *its_admin.search_fields)]
    return with_ids + forms


@pytest.mark.many_pages
@pytest.mark.parametrize("role", roles.ROLES)
def test_nothing_odd_breaks_a_page(client, everybody, role):
    client.force_login(everybody[role])
    broken = [address for address in odd_addresses(everybody[role]) if status(client, address) >= 500]
    assert broken == []


@pytest.mark.parametrize("role", roles.ROLES)
def test_every_address_answers_every_role(client, everybody, role):
    client.force_login(everybody[role])
    plain = [a for a in addresses() if "{}" not in a and not any(name in a for name in NO_PAGES)]
    assert [address for address in plain if status(client, address) >= 500] == []
