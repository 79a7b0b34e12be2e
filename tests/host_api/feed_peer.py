"""A stand-in for the switch's operations port: a real HTTP server with the journal feed and the totals."""

import asyncio
import json
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from protocol.feed import NEVER_S

TOKEN = "feed-token-of-the-tests"


def lot(
    account: str,
    delta: int,
    *,
    purse: str = "points",
    available_from_s: int = 0,
    expires_at_s: int = NEVER_S,
) -> dict[str, object]:
    """What is added to a lot, by default one that never expires."""
    return {
        "account": account,
        "purse": purse,
        "available_from_s": available_from_s,
        "expires_at_s": expires_at_s,
        "delta": delta,
    }


def grant(beneficiary: str, granted: int = 250, **changes: object) -> dict[str, object]:
    """What a rule gave in whole."""
    line: dict[str, object] = {
        "rule": "EARN-01",
        "version": 1,
        "type": "earn",
        "purse": "points",
        "beneficiary": beneficiary,
        "desired": granted,
        "granted": granted,
        "reason": "granted",
    }
    return line | changes


def maintenance(position: int, *lots: dict[str, object]) -> dict[str, object]:
    """A feed line of lots that ended by time alone."""
    return {
        "version": 3,
        "position": position,
        "kind": "maintenance",
        "at_ms": 1_790_000_000_000 + position * 1000,
        "transfers": [],
        "lots": list(lots),
        "released_holds": [],
    }


def transaction(
    position: int, *, member: int | None = 12, points: int = 0, **changes: object
) -> dict[str, object]:
    """A feed line of an approved purchase that leaves `member` with `points`, 250 more than before."""
    event: dict[str, object] = {
        "version": 3,
        "position": position,
        "kind": "transaction",
        "at_ms": 1_790_000_000_000 + position * 1000,
        "mti": "0200",
        "processing_code": "000000",
        "terminal_id": "TERM0001",
        "merchant_id": "SHOP01",
        "branch_number": 1,
        "stan": f"{position % 999_999 + 1:06d}",
        "transmitted_at": "0321063112",
        "rrn": f"{position:012d}",
        "card_reference": None if member is None else member + 100,
        "member_number": member,
        "amount": 2_500_000,
        "discount": 0,
        "tendered": 0,
        "net_amount": 2_500_000,
        "currency": "364",
        "response_code": "00",
        "rule_table_version": 1,
        "reverses": None,
        "concerns": None,
        "hold_until_s": None,
        "line_count": 0,
        "grants": [] if member is None else [grant(f"member:{member}")],
        "transfers": []
        if member is None
        else [
            {
                "purse": "points",
                "debit": "programme:liability",
                "credit": f"member:{member}",
                "amount": 250,
                "reason": "earn",
                "stage": "posted",
                "rule": "EARN-01",
            }
        ],
        "lots": [] if member is None else [lot(f"member:{member}", 250)],
        "records": [],
        "balances": {} if member is None else {"points": points, "credit": points * 200},
    }
    return event | changes


class FeedPeer:
    """Serves `lines` as the switch's feed would: by position, bounded, with long polls and a bearer token."""

    def __init__(self, lines: list[dict[str, object]] | None = None, *, batch: int = 1000) -> None:
        self.lines = list(lines or [])
        self.batch = batch
        self.polls = 0
        self.totals: dict[str, object] | None = None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._added = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def add(self, *lines: dict[str, object]) -> None:
        async with self._added:
            self.lines.extend(lines)
            self._added.notify_all()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
                self.polls += head.startswith("GET /feed")
                status, body = await self._respond(head)
                writer.write(
                    f"HTTP/1.1 {status} X\r\ncontent-type: application/x-ndjson\r\n"
                    f"content-length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _respond(self, head: str) -> tuple[int, bytes]:
        request_line, *headers = head.split("\r\n")
        if f"authorization: bearer {TOKEN}" not in [header.lower() for header in headers]:
            return 401, b""
        if request_line.startswith("GET /totals"):
            return (404, b"") if self.totals is None else (200, json.dumps(self.totals).encode())
        if not request_line.startswith("GET /feed"):
            return 404, b""
        query = {
            name: int(values[0])
            for name, values in parse_qs(urlsplit(request_line.split()[1]).query).items()
            if name != "reader"
        }
        newer = self._newer(query)
        if not newer:
            try:
                async with asyncio.timeout(query["wait_ms"] / 1000), self._added:
                    await self._added.wait_for(lambda: self._newer(query))
            except TimeoutError:
                pass
            newer = self._newer(query)
        return 200, b"".join(json.dumps(line).encode() + b"\n" for line in newer)

    def _newer(self, query: dict[str, int]) -> list[dict[str, object]]:
        newer = [line for line in self.lines if int(str(line["position"])) > query["after"]]
        return newer[: min(query["limit"], self.batch)]
