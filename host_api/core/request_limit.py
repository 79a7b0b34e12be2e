"""Bounds the size of request bodies."""

import asyncio

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from host_api.core.error_handlers import problem_response
from host_api.core.errors import BodyTooLarge

LARGEST_BODY_BYTES = 65_536

_LARGEST_DRAIN_BYTES = 1_048_576
_DRAIN_TIMEOUT_S = 2.0


class RequestLimit:
    """Middleware that refuses a body over `LARGEST_BODY_BYTES`, whether its length is announced or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        announced = request.headers.get("content-length", "0")
        if announced.isascii() and announced.isdigit() and int(announced) > LARGEST_BODY_BYTES:
            refusal = BodyTooLarge(headers=await _drain(receive))
            await problem_response(request, refusal)(scope, receive, send)
            return
        received = 0

        async def bounded_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > LARGEST_BODY_BYTES:
                raise BodyTooLarge(headers=await _drain(receive) if message.get("more_body") else None)
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
