"""A stand-in for the switch's host side: a real TCP server that speaks the protocol with stored replies."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from protocol.codec import decode, encode_sealed
from protocol.framing import FrameDecoder, frame
from protocol.message import Message
from protocol.message_type import response_of
from protocol.security.keys import derive_terminal_key
from protocol.security.mac import Mac
from protocol.spec import load_spec

MASTER_KEY = bytes(range(32))
HOST_ID = "HOST0001"


@dataclass
class Record:
    """A file action that the peer applied; binary tags in hexadecimal."""

    file: str
    card_number: str | None
    tags: dict[str, str]


@dataclass
class SwitchPeer:
    """Applies 0300 messages once by identity and answers a repeat with the stored reply.

    `fate` decides what becomes of each request, by its count from 1: "serve"; "lose" (apply, then cut the
    link without an answer); "cut" (cut before it is applied); "silent" (apply, never answer); "forge" (answer
    with a wrong MAC); or a response code to answer with, unapplied.
    """

    fate: Callable[[int], str] = lambda count: "serve"
    refuse: Callable[[Message], str | None] = lambda message: None
    sign_on_code: str = "00"
    applied: list[Record] = field(default_factory=list)
    received: list[tuple[str, str]] = field(default_factory=list)
    sign_ons: int = 0
    conflicts: int = 0

    def __post_init__(self) -> None:
        self._spec = load_spec("vafa")
        self._mac = Mac(derive_terminal_key(MASTER_KEY, HOST_ID, 1))
        self._stored: dict[tuple[str, str], tuple[Message, str]] = {}
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.changed = asyncio.Condition()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        if self._tasks:
            await asyncio.gather(*self._tasks)
        await self._server.wait_closed()

    @property
    def endpoint(self) -> tuple[str, int]:
        assert self._server is not None
        host, port = self._server.sockets[0].getsockname()
        return host, port

    async def wait_for(self, condition: Callable[[], bool], timeout_s: float = 20) -> None:
        async with asyncio.timeout(timeout_s), self.changed:
            await self.changed.wait_for(condition)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        decoder = FrameDecoder()
        try:
            while data := await reader.read(4096):
                for payload in decoder.feed(data):
                    if not await self._answer(payload, writer):
                        return
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()
            self._writers.discard(writer)
            self._tasks.discard(task)

    async def _answer(self, payload: bytes, writer: asyncio.StreamWriter) -> bool:
        assert self._mac.verify(payload)
        request = decode(self._spec, payload)
        assert request.text(41) == HOST_ID
        if request.mti == "0800":
            self.sign_ons += 1
            writer.write(self._sealed(request, self.sign_on_code))
            return True
        identity = (request.text(11), request.text(7))
        self.received.append(identity)
        fate = self.fate(len(self.received))
        if fate == "cut":
            await self._notify()
            return False
        code = fate if fate.isdigit() else self._apply(identity, request)
        await self._notify()
        if fate == "lose":
            return False
        if fate == "forge":
            writer.write(self._sealed(request, code, mac=Mac(bytes(16))))
        elif fate != "silent":
            writer.write(self._sealed(request, code))
        return True

    def _apply(self, identity: tuple[str, str], request: Message) -> str:
        if identity in self._stored:
            known, stored_code = self._stored[identity]
            if known != request:
                self.conflicts += 1
                return "94"
            return stored_code
        code = self.refuse(request)
        if code is None:
            tags = {
                tag: value.hex() if isinstance(value, bytes) else str(value)
                for tag, value in request.tags(120).items()
            }
            number = request.text(2) if 2 in request.fields else None
            self.applied.append(Record(request.text(101), number, tags))
            code = "00"
        self._stored[identity] = (request, code)
        return code

    def _sealed(self, request: Message, code: str, mac: Mac | None = None) -> bytes:
        echoed = {
            number: request.fields[number] for number in (7, 11, 41, 70, 91, 101) if number in request.fields
        }
        answer = Message(response_of(request.mti), echoed | {39: code})
        return frame(encode_sealed(self._spec, answer, mac or self._mac))

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()
