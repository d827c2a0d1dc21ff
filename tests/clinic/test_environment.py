"""Variables that say nothing, or might mean either of two things, are refused in a sentence that names them."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from clinic import environment
from clinic.settings import env

bind = environment.address("BIND", "localhost")
proxies = environment.addresses("TRUSTED_PROXIES")
debug = environment.switch("DEBUG")


@pytest.mark.parametrize(("text", "read_as"), [(" 192.0.2.7", "192.0.2.7"), ("::", "::"), ("localhost", "localhost")])
def test_the_server_listens_at_one_address(text, read_as):
    assert bind(text) == read_as


@pytest.mark.parametrize("text", ["", "everywhere", "[::1]", "127.0.0.1,::1", "10.0.0.0/8", "127.0.0.1:8000"])
def test_a_server_that_might_listen_everywhere_or_nowhere_does_not_start(text):
    with pytest.raises(ImproperlyConfigured, match=r"^BIND is "):
        bind(text)


def test_proxies_are_addresses():
    assert proxies("127.0.0.1, 0:0::1,") == ["127.0.0.1", "::1"]
    assert proxies("") == []


@pytest.mark.parametrize("text", ["front", "localhost", "10.0.0.0/8", "*"])
def test_a_proxy_that_would_be_believed_by_half_of_the_site_is_refused(text):
    """gunicorn knows networks; what counts by a visitor's address compares addresses."""
    with pytest.raises(ImproperlyConfigured, match=r"^TRUSTED_PROXIES is "):
        proxies(text)


@pytest.mark.parametrize(("text", "read_as"), [("1", True), ("True", True), ("on ", True), ("", False), ("off", False)])
def test_a_switch_is_on_or_off(text, read_as):
    assert debug(text) is read_as


@pytest.mark.parametrize("text", ["ture", "2", "enabled"])
def test_a_switch_that_is_neither_is_not_taken_for_off(text):
    with pytest.raises(ImproperlyConfigured, match=r"^DEBUG is .*: it must be 1 or 0$"):
        debug(text)


def test_no_setting_reads_a_switch_in_another_way():
    assert [name for name, (read, _default) in env.scheme.items() if read is bool] == []
