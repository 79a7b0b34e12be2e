"""Reads the switch's journal feed, and the sums of its ledger, over HTTP."""

import json
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2
from pydantic import ValidationError

from protocol.feed import FEED_EVENT, FEED_VERSION, Event
from protocol.ledger_totals import LedgerTotals

_BATCH_EVENTS = 500
_LINE_LIMIT_BYTES = 65_536
_CONNECT_TIMEOUT_S = 5.0
_ANSWER_MARGIN_S = 10.0
_TOTALS_TIMEOUT_S = 60.0


class FeedUnavailable(Exception):  # noqa: N818
    """The feed can't be read now; trying again may help."""


class FeedNotUnderstood(Exception):  # noqa: N818
    """The feed holds something this version can't apply; going on would skip it, so the projection stops."""


class FeedClient:
    """Polls ``GET /feed`` with the bearer token in `token_path`, read again at each failure.

    Parameters:
        operations_url: base URL of the switch's operations port.
        reader: a name under which the switch watches how far behind this reader is; "" for none.
    """

    def __init__(self, operations_url: str, token_path: Path, reader: str = "") -> None:
        self._reader = {"reader": reader} if reader else {}
        self._token_path = token_path
        self._token: str | None = None
        self._client = httpx2.AsyncClient(
            base_url=operations_url,
            timeout=httpx2.Timeout(_ANSWER_MARGIN_S, connect=_CONNECT_TIMEOUT_S),
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def poll(self, after: int, wait_ms: int) -> list[Event]:
        """Events with positions above `after`, in order; empty when none came within `wait_ms`.

        Raises:
            FeedUnavailable: no connection, no token, or an answer other than 200.
            FeedNotUnderstood: a line of another version, of another shape, or out of order.
        """
        if self._token is None:
            self._token = self._read_token()
        lines: list[bytes] = []
        try:
            async with self._client.stream(
                "GET",
                "/feed",
                params={"after": after, "limit": _BATCH_EVENTS, "wait_ms": wait_ms, **self._reader},
                headers={"Authorization": f"Bearer {self._token}"},
                timeout=httpx2.Timeout(wait_ms / 1000 + _ANSWER_MARGIN_S, connect=_CONNECT_TIMEOUT_S),
            ) as response:
                if response.status_code != 200:
                    self._token = None
                    raise FeedUnavailable(f"the feed answered with status {response.status_code}")
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > _BATCH_EVENTS * _LINE_LIMIT_BYTES:
                        raise FeedUnavailable("the feed sent more than was asked for")
                lines = bytes(body).split(b"\n")
        except httpx2.HTTPError as error:
            raise FeedUnavailable(f"the feed can't be reached: {type(error).__name__}") from None
        return parse_lines([line for line in lines if line.strip()], after)

    async def totals(self) -> LedgerTotals:
        """What the switch's ledger holds in sum, and at which position.

        Raises:
            FeedUnavailable: no connection, no token, an answer other than 200, or one that can't be read.
        """
        if self._token is None:
            self._token = self._read_token()
        try:
            answer = await self._client.get(
                "/totals",
                headers={"Authorization": f"Bearer {self._token}"},
                timeout=httpx2.Timeout(_TOTALS_TIMEOUT_S, connect=_CONNECT_TIMEOUT_S),
            )
        except httpx2.HTTPError as error:
            raise FeedUnavailable(f"the switch's totals can't be had: {type(error).__name__}") from None
        if answer.status_code != 200:
            self._token = None
            raise FeedUnavailable(f"the switch answered for its totals with status {answer.status_code}")
        try:
            return LedgerTotals.model_validate_json(answer.content)
        except ValidationError:
            raise FeedUnavailable("the switch's totals can't be read") from None

    def _read_token(self) -> str:
        try:
            return self._token_path.read_text("ascii").strip()
        except OSError as error:
            raise FeedUnavailable(f"feed token file {self._token_path}: {error.strerror}") from None
        except ValueError:
            raise FeedUnavailable(f"feed token file {self._token_path} is not plain text") from None


def parse_lines(lines: list[bytes], after: int) -> list[Event]:
    """Events of the feed's lines.

    Raises:
        FeedNotUnderstood: names the position and what is wrong, never a value.
    """
    events: list[Event] = []
    last = after
    for line in lines:
        event = _parse_line(line, last)
        if event.position <= last:
            raise FeedNotUnderstood(f"after position {last} the feed went back to {event.position}")
        last = event.position
        events.append(event)
    return events


def _parse_line(line: bytes, last: int) -> Event:
    try:
        document = json.loads(line)
    except ValueError:
        raise FeedNotUnderstood(f"the line after position {last} is not JSON") from None
    version = document.get("version") if isinstance(document, dict) else None
    if version != FEED_VERSION or isinstance(version, bool):
        shown = version if isinstance(version, int) else "missing"
        raise FeedNotUnderstood(
            f"the event after position {last} has version {shown}; this host API knows version {FEED_VERSION}"
        )
    try:
        return FEED_EVENT.validate_json(line)
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise FeedNotUnderstood(
            f"the event after position {last} is malformed at {place}: {fault['type']}"
        ) from None
