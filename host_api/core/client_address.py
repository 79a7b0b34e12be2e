"""Where a request comes from, as far as the host API can believe it."""

import ipaddress

from fastapi import Request

_UNKNOWN = "unknown"
_LONGEST_HEADER = 1024


def client_address(request: Request, proxies_in_front: int) -> str:
    """Address of the client, shortened to what one subscriber has: an IPv6 network of 64 bits.

    Parameters:
        proxies_in_front: how many of our own reverse proxies each request passes; each adds the address it
        was called from to X-Forwarded-For. Everything before their entries is the client's own invention.
    """
    peer = request.client.host if request.client else _UNKNOWN
    if proxies_in_front:
        header = ",".join(request.headers.getlist("x-forwarded-for"))[-_LONGEST_HEADER:]
        forwarded = header.split(",")
        if header and len(forwarded) >= proxies_in_front:
            peer = forwarded[-proxies_in_front].strip()
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return _UNKNOWN
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return str(address)
