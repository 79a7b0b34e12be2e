"""Which addresses a connection may lead to that somebody else asked for.

A webhook or a message gateway makes this host connect for somebody else, so it must not reach what only this
host can reach (server-side request forgery). A name is checked by what it resolves to, at each attempt, and
the connection goes to the very address that was checked: a name server that answers differently next time
changes nothing.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

LONGEST_URL: Final = 2000

_LOOPBACK_NAMES = ("localhost",)
_PRIVATE = tuple(
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")  # RFC 8215

Address = IPv4Address | IPv6Address


class UrlRefused(Exception):  # noqa: N818
    """The URL can't be a webhook's; the text says why and doesn't repeat it."""


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """What is allowed beside public addresses.

    Parameters:
        private: the private networks of RFC 1918, RFC 6598 and RFC 4193.
        loopback: this machine itself, there also by plain HTTP.
    """

    private: bool = False
    loopback: bool = False

    def permits(self, text: str) -> bool:
        """Whether a connection to the IP address `text` is allowed."""
        try:
            address = _meant(ip_address(text.partition("%")[0]))
        except ValueError:
            return False
        if address.is_loopback:
            return self.loopback
        if address.is_multicast or address.is_unspecified or address.is_link_local or address.is_reserved:
            return False
        if any(address.version == network.version and address in network for network in _PRIVATE):
            return self.private
        return address.is_global and not (isinstance(address, IPv6Address) and address.is_site_local)

    def check_url(self, url: str) -> None:
        """See that `url` can be a webhook's, as far as it tells without a name server.

        Raises:
            UrlRefused
        """
        if (
            len(url) > LONGEST_URL
            or not url.isascii()
            or any(letter <= " " or letter == "\x7f" for letter in url)
        ):
            raise UrlRefused("The URL must have at most 2000 ASCII characters and no blank")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise UrlRefused("The URL can't be read") from None
        if not host or port == 0 or "\\" in url:
            raise UrlRefused("The URL can't be read")
        if parts.username is not None or parts.password is not None or parts.fragment:
            raise UrlRefused("The URL must have no user, password or fragment")
        is_loopback = host in _LOOPBACK_NAMES or _is_loopback_address(host)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback and self.loopback):
            raise UrlRefused("The URL must begin with https://")
        if (is_loopback and not self.loopback) or (_is_address(host) and not self.permits(host)):
            raise UrlRefused("The URL leads to an address that is not public")


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, where it stands for one."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64 or address in _NAT64_LOCAL:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour or address


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback_address(host: str) -> bool:
    return _is_address(host) and ip_address(host).is_loopback
