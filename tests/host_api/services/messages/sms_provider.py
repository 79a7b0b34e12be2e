"""An SMS provider with an API as Kavenegar's, on a real socket: each local id goes out once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs


class SmsProvider:
    """What it was asked, and what went out.

    Attributes:
        sent: number and text of each message that went out, by local id.
        refused: numbers that spoil a call (411).
        failing: HTTP statuses for the next calls of send.
        stopped: set once `stop_at` messages went out.
    """

    def __init__(self) -> None:
        self.sent: dict[str, tuple[str, str]] = {}
        self.calls = 0
        self.refused: set[str] = set()
        self.failing: list[int] = []
        self.url = ""
        self.stop_at: int | None = None
        self.stopped = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Requests of one connection."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = next(
                    int(line.split(":")[1])
                    for line in head.split("\r\n")
                    if line.lower().startswith("content-length")
                )
                form = {
                    name: values[0]
                    for name, values in parse_qs((await reader.readexactly(length)).decode()).items()
                }
                status, answer = self._answer(head.split()[1], form)
                body = json.dumps(answer).encode()
                writer.write(b"HTTP/1.1 %d X\r\ncontent-length: %d\r\n\r\n" % (status, len(body)) + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, path: str, form: dict[str, str]) -> tuple[int, object]:
        assert path.startswith("/v1/s3cret/sms/")
        if path.endswith("status.json"):
            entries = [{"messageid": int(name), "status": 10} for name in form["messageid"].split(",")]
            return 200, {"return": {"status": 200, "message": ""}, "entries": entries}
        self.calls += 1
        if self.failing:
            status = self.failing.pop(0)
            return status, {"return": {"status": status, "message": ""}, "entries": None}
        receptors, names = form["receptor"].split(","), form["localid"].split(",")
        if self.refused & set(receptors):
            return 411, {"return": {"status": 411, "message": ""}, "entries": None}
        for name, receptor in zip(names, receptors, strict=True):
            self.sent.setdefault(name, (receptor, form["message"]))
        if self.stop_at is not None and len(self.sent) >= self.stop_at:
            self.stopped.set()
        entries = [{"messageid": 8_000_000 + int(name), "status": 1, "cost": 120} for name in names]
        return 200, {"return": {"status": 200, "message": ""}, "entries": entries}


@asynccontextmanager
async def sms_provider() -> AsyncIterator[SmsProvider]:
    """A provider that listens."""
    provider = SmsProvider()
    connections: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(writer)
        await provider.serve(reader, writer)
        connections.discard(writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    provider.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield provider
    finally:
        server.close()
        for writer in connections:
            writer.close()
