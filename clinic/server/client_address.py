"""Where a request comes from. Only the proxies that the operator named are believed."""

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

# A household or a machine has a network of this many bits to itself, and changes the rest at will.
_OWN_IPV6_NETWORK = 64


def client_address(request: HttpRequest) -> str:
    """
    The address of the client, of an IPv6 one its network; empty where it is not known.

    Behind a proxy it is what the nearest one that is not ours was seen by: the last entry of X-Forwarded-For that is
    no trusted proxy. What stands before it anybody may have written. A loopback address is a proxy that says nothing.
    """
    seen = [*request.META.get("HTTP_X_FORWARDED_FOR", "").split(","), request.META.get("REMOTE_ADDR", "")]
    trusted = {"127.0.0.1", "::1", *settings.TRUSTED_PROXIES}
    for entry in reversed(seen):
        if entry in trusted:
            continue
        try:
            address = ip_address(entry.strip())
        except ValueError:
            return ""
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        if str(address) in trusted:
            continue
        if isinstance(address, IPv6Address):
            return str(IPv6Address(int(address) >> _OWN_IPV6_NETWORK << _OWN_IPV6_NETWORK))
        return str(address)
    return ""
