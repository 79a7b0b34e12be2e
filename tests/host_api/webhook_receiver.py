"""A receiver of webhooks: a real HTTP server on loopback that treats each message as it is told to."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from ssl import SSLContext
from types import TracebackType
from typing import Self

from standardwebhooks import Webhook as Verifier

_ANSWERS = {
    "ok": b"HTTP/1.1 204 No Content\r\n\r\n",
    "500": b"HTTP/1.1 500 Oops\r\ncontent-length: 4\r\n\r\noops",
    "410": b"HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n",
    "503": b"HTTP/1.1 503 Later\r\nretry-after: 3600\r\ncontent-length: 0\r\n\r\n",
    "garbage": b"\x16\x03\x01 this is no HTTP\r\n\r\n",
    "hang up": b"",
    "half": b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf",
}
_PIECE = b"x" * 4096


@dataclass(frozen=True)
class Received:
    """One message as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message_id(self) -> str:
        return self.headers["webhook-id"]

    def verify(self, secret: str) -> dict[str, object]:
        """The body, once the library of Standard Webhooks has found the signature good."""
        content: dict[str, object] = Verifier(secret).verify(self.body, self.headers)
        return content


class Receiver:
    """Answers by `fate`, which gets the count of messages so far: a key of the answers above, or "redirect",
    "huge" (an answer without end) or "silent" (none)."""

    def __init__(
        self, fate: Callable[[int], str] = lambda count: "ok", *, tls: SSLContext | None = None
    ) -> None:
        self.fate = fate
        self.received: list[Received] = []
        self.accepted: list[str] = []
        self.sent_bytes = 0
        self.connections = 0
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
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
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/events"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            request_line, *lines = head.rstrip("\r\n").split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            body = await reader.readexactly(int(headers["content-length"]))
            await self._answer(Received(request_line.split()[1], headers, body), writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort() if self._tls is None else writer.close()
            self._tasks.discard(task)

    async def _answer(self, message: Received, writer: asyncio.StreamWriter) -> None:
        self.received.append(message)
        fate = self.fate(len(self.received))
        if fate == "silent":
            await asyncio.Event().wait()
        elif fate == "redirect":
            writer.write(f"HTTP/1.1 307 X\r\nlocation: {self.url}/else\r\ncontent-length: 0\r\n\r\n".encode())
        elif fate == "huge":
            writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            while True:
                writer.write(b"%x\r\n%b\r\n" % (len(_PIECE), _PIECE))
                await writer.drain()
                self.sent_bytes += len(_PIECE)
        else:
            if fate == "ok":
                self.accepted.append(message.message_id)
            writer.write(_ANSWERS[fate])
        await writer.drain()
        writer.write_eof() if writer.can_write_eof() else None
