"""No address of the admin breaks, whatever is filled in: odd words in a form or a list; for every role."""

from urllib.parse import urlencode

import pytest
from django.contrib import admin

from clinic.accounts import roles
from tests import admin_pages, make

pytestmark = pytest.mark.django_db

ODD_WORDS = ("abc", "2026-11-27", "٣", "9" * 30, "👍")
OF_LISTS = ("q", "p", "o", "list", "e", "all", "after", "day", "_facets", "_popup", "_changelist_filters")
NO_PAGES = ("logout", "jsi18n")
# test_admin_site.py opens each of these as each role.
OURS = tuple(f"/admin/{app}/" for app in ("clinic", "procedures", "appointments"))


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
    forms = []
    for model, its_admin in admin.site._registry.items():
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        if user.has_perm(f"{model._meta.app_label}.add_{model._meta.model_name}"):
            fields = {*(field.name for field in model._meta.get_fields()), *its_admin.form.declared_fields}
            forms += [f"{base}add/?{urlencode(dict.fromkeys(sorted(fields), odd))}" for odd in ODD_WORDS]
        if user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}"):
            forms += [f"{base}?{urlencode(dict.fromkeys(OF_LISTS, odd))}" for odd in ODD_WORDS]
            forms += [f"{base}?{name}=abc" for name in (*OF_LISTS, *its_admin.search_fields)]
    return forms


@pytest.mark.many_pages
@pytest.mark.parametrize("role", roles.ROLES)
def test_nothing_odd_breaks_a_page(client, everybody, role):
    client.force_login(everybody[role])
    broken = [address for address in odd_addresses(everybody[role]) if status(client, address) >= 500]
    assert broken == []


@pytest.mark.parametrize("role", roles.ROLES)
def test_every_address_that_is_of_no_row_of_ours_answers_every_role(client, everybody, role):
    client.force_login(everybody[role])
    plain = [a for a in admin_pages.everywhere() if "{}" not in a and not a.startswith(OURS)]
    plain = [a for a in plain if not any(name in a for name in NO_PAGES)]
    assert "/admin/sign-in/" in plain
    assert [address for address in plain if status(client, address) >= 500] == []
