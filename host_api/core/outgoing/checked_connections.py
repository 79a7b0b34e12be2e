"""Opens connections to permitted addresses only; the address that was checked is the one connected to."""

import asyncio
import socket
from collections.abc import Iterable

import httpcore2

from host_api.core.outgoing.addresses import AddressPolicy


class ConnectionRefused(Exception):  # noqa: N818
    """No connection is opened; `is_unknown_name` where no address was found, else none is permitted."""

    def __init__(self, *, is_unknown_name: bool) -> None:
        super().__init__("name unknown" if is_unknown_name else "address refused")
        self.is_unknown_name = is_unknown_name


async def permitted_addresses(policy: AddressPolicy, host: str, port: int) -> list[str]:
    """The addresses of `host` that may be connected to, at least one.

    Raises:
        ConnectionRefused
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ConnectionRefused(is_unknown_name=True) from None
    permitted = [address for entry in found if policy.permits(address := str(entry[4][0]))]
    if not permitted:
        raise ConnectionRefused(is_unknown_name=False)
    return permitted


class CheckedBackend(httpcore2.AsyncNetworkBackend):
    """What an HTTP client connects by; TLS still asks for the certificate of the name."""

    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy
        self._opens = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  (the base class's)
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Resolve, check, connect to the first address that answers.

        Raises:
            ConnectionRefused
        """
        permitted = await permitted_addresses(self._policy, host, port)
        for address in permitted[:-1]:
            try:
                return await self._opens.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await self._opens.connect_tcp(permitted[-1], port, timeout, local_address, socket_options)
