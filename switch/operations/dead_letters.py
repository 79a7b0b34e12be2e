"""HTTP of the dead letters: what a partner's switch refused for good. A person looks, revives or discards.

    GET  /dead-letters?after=&limit=     oldest first
    GET  /dead-letters/NUMBER            with its message, masked
    POST /dead-letters/NUMBER/revive     into the queue again, in its place
    POST /dead-letters/NUMBER/discard    {"reason": "…"}: the partner will never get it

All of them want the token, and every one of them is logged. An action is answered when it is durable; 503
says that the disk hangs: the action was taken, and gets onto the disk as soon as that goes on.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final, TypedDict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from protocol.codec import encode
from protocol.presentation.masking import Masking
from protocol.presentation.spans import read
from protocol.presentation.text import document
from protocol.spec import SpecDocument
from switch.logs import ACTIONS_LOGGER, FieldValue, fields
from switch.operations.access import Access, unauthorised
from switch.operations.query import number_in_query, number_of
from switch.upstream.link import Upstream
from switch.upstream.saf_types import Item

_LOG = logging.getLogger(ACTIONS_LOGGER)

LIST_MAX: Final = 1000
REASON_CHARACTERS_MAX: Final = 200
_NUMBER_MAX: Final = (1 << 63) - 1
_BODY_BYTES_MAX: Final = 4096
_DURABLE_TIMEOUT_S: Final = 5.0

Endpoint = Callable[[Request], Awaitable[Response]]
Change = Callable[[int], Awaitable[None]]


class LetterHead(TypedDict):
    """A dead letter without its message. `terminal` is ours, `queued_at` UTC, `amount` in minor units."""

    number: int
    terminal: str
    kind: str
    mti: str
    amount: int
    queued_at: str
    attempts: int
    reason: str


class _Refused(Exception):  # noqa: N818  (an answer, not an error of ours)
    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(text)


class DeadLetterEndpoints:
    """Of the link to a partner's switch; `upstream` is None where there is none."""

    def __init__(self, upstream: Upstream | None, spec: SpecDocument, access: Access) -> None:
        self._upstream = upstream
        self._spec = spec
        self._access = access

    def routes(self) -> list[Route]:
        """Of all of them."""
        return [
            Route("/dead-letters", self._guarded(self._list)),
            Route("/dead-letters/{number}", self._guarded(self._show)),
            Route("/dead-letters/{number}/revive", self._guarded(self._revive), methods=["POST"]),
            Route("/dead-letters/{number}/discard", self._guarded(self._discard), methods=["POST"]),
        ]

    def _guarded(self, endpoint: Callable[[Request, Upstream], Awaitable[Response]]) -> Endpoint:
        async def serve(request: Request) -> Response:
            if not self._access.holds_token(request):
                return unauthorised()
            try:
                if self._upstream is None:
                    raise _Refused(404, "this switch has no partner's switch, and so no dead letters")
                return await endpoint(request, self._upstream)
            except _Refused as refused:
                return JSONResponse({"error": str(refused)}, status_code=refused.status)

        return serve

    async def _list(self, request: Request, upstream: Upstream) -> Response:
        try:
            after = number_in_query(request, "after", 0, _NUMBER_MAX)
            limit = number_in_query(request, "limit", LIST_MAX, LIST_MAX)
        except ValueError as fault:
            raise _Refused(422, str(fault)) from None
        found = [head_of(letter) for letter in upstream.dead_letters(after, limit)]
        _LOG.info(
            "dead letters listed",
            extra=fields(link=upstream.name, after=after, listed=len(found), client=_client(request)),
        )
        count = upstream.parts.queue.dead_depth
        return JSONResponse({"link": upstream.name, "count": count, "letters": found})

    async def _show(self, request: Request, upstream: Upstream) -> Response:
        letter = _letter(request, upstream)
        reading = read(self._spec, encode(self._spec, letter.message))
        _note("dead letter shown", request, upstream, letter)
        return JSONResponse({**head_of(letter), "message": document(reading, Masking(reading))})

    async def _revive(self, request: Request, upstream: Upstream) -> Response:
        letter = _letter(request, upstream)
        is_durable = await _made_durable(upstream.revive, letter)
        _note("dead letter revived", request, upstream, letter, durable=is_durable)
        return _done(letter, "revived", is_durable=is_durable)

    async def _discard(self, request: Request, upstream: Upstream) -> Response:
        reason = await _reason(request)
        letter = _letter(request, upstream)
        is_durable = await _made_durable(upstream.discard, letter)
        _note("dead letter discarded", request, upstream, letter, durable=is_durable, discarded_for=reason)
        return _done(letter, "discarded", is_durable=is_durable)


def head_of(letter: Item) -> LetterHead:
    """What is told of a dead letter in a list."""
    return LetterHead(
        number=letter.number,
        terminal=letter.order,
        kind="reversal" if letter.message.mti[1] == "4" else "advice",
        mti=letter.message.mti,
        amount=int(letter.message.text(4)) if 4 in letter.message.fields else 0,
        queued_at=_time_text(letter.queued_ms),
        attempts=letter.attempts,
        reason=letter.dead_reason,
    )


def _letter(request: Request, upstream: Upstream) -> Item:
    try:
        return upstream.dead_letter(number_of(request.path_params["number"], "number", _NUMBER_MAX))
    except ValueError as fault:
        raise _Refused(422, str(fault)) from None
    except KeyError:
        raise _Refused(404, "there is no dead letter of this number") from None


async def _reason(request: Request) -> str:
    """Why a letter is given up: whoever reads the log later must find out."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _BODY_BYTES_MAX:
            raise _Refused(413, f"a body has at most {_BODY_BYTES_MAX} bytes")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    reason = found.get("reason") if isinstance(found, dict) else None
    if not isinstance(reason, str) or not 0 < len(reason.strip()) <= REASON_CHARACTERS_MAX:
        raise _Refused(422, f'the body is {{"reason": "…"}} with 1 to {REASON_CHARACTERS_MAX} characters')
    return reason.strip()


async def _made_durable(change: Change, letter: Item) -> bool:
    try:
        async with asyncio.timeout(_DURABLE_TIMEOUT_S):
            await change(letter.number)
    except TimeoutError:
        return False
    return True


def _done(letter: Item, what: str, *, is_durable: bool) -> Response:
    if is_durable:
        return JSONResponse({"number": letter.number, "done": what})
    return JSONResponse(
        {"error": f"{what}, but not on the disk yet: the queue file can't be written"}, status_code=503
    )


def _note(what: str, request: Request, upstream: Upstream, letter: Item, **more: FieldValue) -> None:
    """Log an action with all that the list tells of the letter."""
    head = head_of(letter)
    told: dict[str, FieldValue] = {
        "link": upstream.name,
        "number": head["number"],
        "terminal": head["terminal"],
        "mti": head["mti"],
        "amount": head["amount"],
        "queued_at": head["queued_at"],
        "attempts": head["attempts"],
        "dead_reason": head["reason"],
        **more,
        "client": _client(request),
    }
    _LOG.info(what, extra=fields(**told))


def _client(request: Request) -> str:
    return "" if request.client is None else request.client.host


def _time_text(epoch_ms: int) -> str:
    return datetime.fromtimestamp(epoch_ms // 1000, UTC).isoformat().replace("+00:00", "Z")
