"""Posts one message: a fresh connection to a checked address, no redirect followed, little read back."""

import asyncio
import ssl
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import httpcore2

from host_api.core.outgoing.addresses import AddressPolicy, UrlRefused
from host_api.core.outgoing.checked_connections import CheckedBackend, ConnectionRefused
from host_api.services.webhooks.outcome import AttemptError, Outcome, Outgoing

_CONNECT_TIMEOUT_S: Final = 5.0
_LARGEST_ANSWER_BYTES: Final = 16_384
_RETRY_STATUSES: Final = (429, 503)
_LONGEST_RETRY_AFTER_DIGITS: Final = 6


class Sender:
    """Sends messages, each over a connection of its own.

    Parameters:
        timeout_s: for one attempt as a whole.
        connections: most at the same time.
        certificates: what to trust; None for the system's certificate authorities.
    """

    def __init__(
        self,
        policy: AddressPolicy,
        *,
        timeout_s: float,
        connections: int,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        self._policy = policy
        self._timeout_s = timeout_s
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=certificates or ssl.create_default_context(),
            max_connections=connections,
            max_keepalive_connections=0,
            network_backend=CheckedBackend(policy),
        )

    async def close(self) -> None:
        """Close what is open; attempts under way fail."""
        await self._pool.aclose()

    async def send(self, message: Outgoing) -> Outcome:
        """Make one attempt; its outcome tells every failure but a bug."""
        began = time.monotonic()
        error: AttemptError | None
        status: int | None = None
        retry_after: timedelta | None = None
        try:
            self._policy.check_url(message.url)
            async with asyncio.timeout(self._timeout_s):
                status, retry_after = await self._exchange(message)
            error = _judge(status)
        except UrlRefused:
            error = AttemptError.ADDRESS
        except ConnectionRefused as refused:
            error = AttemptError.NAME if refused.is_unknown_name else AttemptError.ADDRESS
        except (TimeoutError, httpcore2.TimeoutException):
            error = AttemptError.TIMEOUT
        except httpcore2.ConnectError as fault:
            error = AttemptError.TLS if _is_about_tls(fault) else AttemptError.CONNECTION
        except httpcore2.NetworkError:
            error = AttemptError.CONNECTION
        except httpcore2.ProtocolError:
            error = AttemptError.ANSWER
        latency_ms = int((time.monotonic() - began) * 1000)
        return Outcome(error, status, latency_ms, retry_after)

    async def _exchange(self, message: Outgoing) -> tuple[int, timedelta | None]:
        async with self._pool.stream(
            "POST",
            message.url,
            headers=list(message.headers),
            content=message.body,
            extensions={"timeout": {"connect": _CONNECT_TIMEOUT_S}},
        ) as response:
            received = 0
            # What the receiver says is of no use here; a polite one still gets its few bytes taken.
            async for chunk in response.aiter_stream():
                received += len(chunk)
                if received > _LARGEST_ANSWER_BYTES:
                    break
            return response.status, _retry_after(response.status, response.headers)


def _judge(status: int) -> AttemptError | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return AttemptError.REDIRECT
    return AttemptError.GONE if status == 410 else AttemptError.STATUS


def _retry_after(status: int, headers: Iterable[tuple[bytes, bytes]]) -> timedelta | None:
    if status not in _RETRY_STATUSES:
        return None
    for name, value in headers:
        if name.lower() == b"retry-after" and value.isdigit() and len(value) <= _LONGEST_RETRY_AFTER_DIGITS:
            return timedelta(seconds=int(value))
    return None


def _is_about_tls(fault: BaseException) -> bool:
    cause: BaseException | None = fault
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
