"""Where a visit may go: addresses that editors typed and servers name lead to the public internet and nowhere else."""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext as _

# Of IPv6, what the registries give out. All else is local, reserved or a way to write an address of another kind.
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # an IPv4 address, where a network has IPv6 alone
AZURE_METADATA = ipaddress.ip_address("168.63.129.16")  # the one metadata address that looks public
PORTS = {"http": 80, "https": 443}
PUBLIC_PORTS = frozenset(PORTS.values())
WRITTEN = "%/?:@!$&'()*+,;=[]~|"  # is as it stands in an address; the rest is encoded


class Refused(Exception):
    """An address that is not visited. The message says why."""


@dataclass(frozen=True)
class Target:
    """Where one request goes: ``addresses`` are IP addresses of ``host``, all of them checked, in order."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple

    @property
    def host_header(self):
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def is_public(address):
    """Whether ``address`` (an ``ipaddress`` object) is of a machine on the public internet."""
    if address.version == 6:
        embedded = address.ipv4_mapped
        if address in NAT64:
            embedded = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if embedded:
            return is_public(embedded)
        if address not in GLOBAL_UNICAST:
            return False
    return address.is_global and not address.is_multicast and address != AZURE_METADATA


def target_of(url, *, is_allowed=is_public, ports=PUBLIC_PORTS, resolve=socket.getaddrinfo):
    """The ``Target`` of ``url``; ``Refused`` where it may not be visited.

    The name is resolved here, once; whoever connects does so to what was checked, whatever the name means a moment
    later. One address that is not allowed refuses them all.
    """
    try:
        parts = urlsplit(url)
        port = PORTS.get(parts.scheme) if parts.port is None else parts.port
        host = _ascii(parts.hostname or "")
    except ValueError:
        raise Refused(_("It is no address that can be visited.")) from None
    if parts.scheme not in PORTS:
        raise Refused(_("Only http and https addresses are visited."))
    if not host or parts.username is not None or parts.password is not None:
        raise Refused(_("Addresses without a host name, or with a user's name, are not visited."))
    if port not in ports:
        raise Refused(_("Only ports 80 and 443 are visited."))
    found = resolve(host, port, type=socket.SOCK_STREAM)
    addresses = tuple(dict.fromkeys(ipaddress.ip_address(sockaddr[0]) for *_family, sockaddr in found))
    if not addresses or not all(map(is_allowed, addresses)):
        raise Refused(_("It leads to a machine that is not on the public internet."))
    path = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=WRITTEN)
    return Target(parts.scheme, host, port, path, tuple(map(str, addresses)))


def _ascii(host):
    return host if host.isascii() else host.encode("idna").decode("ascii")
