import pytest
from django.test import RequestFactory

from clinic.server.client_address import client_address


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        # What stands before the nearest proxy's word anybody may have written.
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9, 10.0.0.5", "203.0.113.9"),
        ("10.0.0.5", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:203.0.113.9", "", "203.0.113.9"),
        ("127.0.0.1", "", ""),
        ("127.0.0.1", "unknown", ""),
        ("", "", ""),
    ],
)
def test_only_named_proxies_are_believed(settings, remote, forwarded, address):
    settings.TRUSTED_PROXIES = ["10.0.0.5"]
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote)

    assert client_address(request) == address
