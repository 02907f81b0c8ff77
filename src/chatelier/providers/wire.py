"""Which addresses may be reached at all. Tests, and an instance that is offline, close the way out for everything."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from chatelier.providers.base import FailureKind, ProviderError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_LOCAL_NAMES = (".local", ".lan", ".internal", ".home.arpa", ".localhost")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")

_closed = False


def close_the_way_out(closed: bool) -> None:
    """From now on nothing outside this machine and its network is called. One switch for the process."""
    global _closed
    _closed = closed


def check(url: str) -> None:
    """Raises ProviderError, unsent, for an address outside while the way out is closed."""
    check_host(urlsplit(url).hostname or "")


def check_host(host: str) -> None:
    if _closed and not is_private(host):
        raise ProviderError(FailureKind.UNAVAILABLE, f"CHATELIER_OFFLINE is set, {host} is outside", sent=False)


def is_private(host: str) -> bool:
    """Whether an address belongs to this machine or network, by its name alone."""
    try:
        return not is_public(ipaddress.ip_address(host))
    except ValueError:
        return host == "localhost" or "." not in host or host.endswith(_LOCAL_NAMES)


def is_public(address: Address) -> bool:
    """Whether it is reached through the open internet, also where it hides inside a longer one."""
    inner = _inner(address)
    if inner is not None:
        return is_public(inner)
    if address.is_multicast or address.is_reserved or address.is_unspecified or address in _NAT64_LOCAL:
        return False
    return address.is_global


def _inner(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address within an IPv6 one: mapped, translated (NAT64), 6to4, Teredo or the old compatible form."""
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    low = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _NAT64 or (int(address) >> 32 == 0 and int(address) > 1):
        return low
    return None
