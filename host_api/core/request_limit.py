"""Bounds the size of request bodies."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from host_api.core.error_handlers import problem_response
from host_api.core.errors import BodyTooLarge, Problem

LARGEST_BODY_BYTES = 65_536

_LARGEST_DRAIN_BYTES = 33_554_432  # a rule document of the largest size by mistake in the body
_DRAIN_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """How large the bodies of one address may be, and what is said of a larger one."""

    largest_bytes: int
    refusal: type[Problem]


_USUAL = BodyLimit(LARGEST_BODY_BYTES, BodyTooLarge)


class RequestLimit:
    """Middleware that refuses a body over its limit, whether its length is announced or not.

    Parameters:
        limits: by method and path, where a limit isn't `LARGEST_BODY_BYTES`.
    """

    def __init__(self, app: ASGIApp, limits: Mapping[tuple[str, str], BodyLimit]) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        announced = request.headers.get("content-length", "0")
        limit = self._limits.get((scope["method"], scope["path"]), _USUAL)
        if announced.isascii() and announced.isdigit() and int(announced) > limit.largest_bytes:
            refusal = limit.refusal(headers=await _drain(receive))
            await problem_response(request, refusal)(scope, receive, send)
            return
        received = 0

        async def bounded_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit.largest_bytes:
                raise limit.refusal(headers=await _drain(receive) if message.get("more_body") else None)
            return message

        await self._app(scope, bounded_receive, send)


async def _drain(receive: Receive) -> dict[str, str]:
    """Read away the rest of a refused body, within bounds; the headers the answer then needs.

    A connection closed while its client is still sending is reset, and the client never sees the answer.
    """
    drained = 0
    try:
        async with asyncio.timeout(_DRAIN_TIMEOUT_S):
            while drained < _LARGEST_DRAIN_BYTES:
                message = await receive()
                drained += len(message.get("body", b""))
                if not message.get("more_body"):
                    return {}
    except TimeoutError:
        pass
    return {"Connection": "close"}
