"""A stand-in for the switch's host side: a real TCP server that speaks the protocol with stored replies."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from protocol.balances import Balance, pack_balances
from protocol.codec import decode, encode_sealed
from protocol.dialect import (
    NetworkCode,
    Processing,
    TransactionType,
    is_debit_return,
    read_processing_code,
)
from protocol.framing import FrameDecoder, frame
from protocol.message import Message, Value
from protocol.message_type import original_of, response_of
from protocol.original_data import OriginalData
from protocol.security.key_exchange import read_request, response_tags
from protocol.security.keys import derive_terminal_key
from protocol.security.mac import Mac
from protocol.security.session_keys import SessionKeys
from protocol.spec import load_spec

MASTER_KEY = bytes(range(32))
HOST_ID = "HOST0001"
CLUB_TERMINAL = "CLUB-OWN"

_HOST_KEY = derive_terminal_key(MASTER_KEY, HOST_ID, 1)
_ROLL_OVER_MS = 60_000
_ECHOED = (3, 4, 7, 11, 12, 13, 41, 42, 49, 70, 90, 91, 101)
_GIVES = (TransactionType.CREDIT_ADJUSTMENT, TransactionType.EVENT, TransactionType.LOAD)

Identity = tuple[str, str]
Reply = dict[int, Value]


@dataclass
class Record:
    """A file action that the peer applied; binary tags in hexadecimal."""

    file: str
    card_number: str | None
    tags: dict[str, str]


@dataclass
class Posted:
    """An approved movement; `is_undone` once it was reversed."""

    rrn: str
    message: Message
    moves: dict[int, int]
    is_undone: bool = False


@dataclass
class SwitchPeer:
    """Applies messages once by identity and answers a repeat with the stored reply.

    `fate` decides what becomes of each request, by its count from 1: "serve"; "lose" (apply, then cut the
    link without an answer); "cut" (cut before it is applied); "silent" (apply, never answer); "late" (apply,
    answer when something else comes); "forge" (answer with a wrong MAC); or a response code to answer with,
    unapplied. `ignore` names requests that are never applied nor answered, `mangle` those whose answer has
    balances that nobody can read.
    """

    fate: Callable[[int], str] = lambda count: "serve"
    refuse: Callable[[Message], str | None] = lambda message: None
    ignore: Callable[[Message], bool] = lambda message: False
    mangle: Callable[[int], bool] = lambda count: False
    sign_on_code: str = "00"
    applied: list[Record] = field(default_factory=list)
    posted: dict[Identity, Posted] = field(default_factory=dict)
    balances: dict[int, int] = field(default_factory=dict)
    received: list[Identity] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    sign_ons: int = 0
    key_changes: int = 0
    echoes: int = 0
    conflicts: int = 0

    def __post_init__(self) -> None:
        self._spec = load_spec("vafa")
        self._stored: dict[Identity, tuple[Message, Reply]] = {}
        self._undone: set[Identity] = set()
        self._position = 0
        self._late: list[tuple[asyncio.StreamWriter, bytes]] = []
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

    @property
    def links(self) -> int:
        """Connections that are open."""
        return len(self._writers)

    @property
    def standing(self) -> list[Posted]:
        """Movements that were approved and not undone."""
        return [posted for posted in self.posted.values() if not posted.is_undone]

    def records(self) -> list[Record]:
        """What the club's services have sent, without the club's own record."""
        return [record for record in self.applied if record.tags.get("DF28") != CLUB_TERMINAL]

    async def wait_for(self, condition: Callable[[], bool], timeout_s: float = 20) -> None:
        async with asyncio.timeout(timeout_s), self.changed:
            await self.changed.wait_for(condition)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        decoder, keys = FrameDecoder(), SessionKeys(_HOST_KEY, HOST_ID)
        try:
            while data := await reader.read(4096):
                for payload in decoder.feed(data):
                    if not await self._answer(payload, writer, keys):
                        return
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()
            self._writers.discard(writer)
            self._tasks.discard(task)

    async def _answer(self, payload: bytes, writer: asyncio.StreamWriter, keys: SessionKeys) -> bool:
        mac = keys.verify(payload, 0)
        assert mac is not None
        request = decode(self._spec, payload)
        assert request.text(41) == HOST_ID
        for late_writer, late in self._late:
            late_writer.write(late)
        self._late.clear()
        if request.mti == "0800":
            writer.write(self._sealed(request, self._network(request, keys), mac))
            return True
        identity = (request.text(11), request.text(7))
        self.received.append(identity)
        self.messages.append(request)
        if self.ignore(request):
            await self._notify()
            return True
        fate = self.fate(len(self.received))
        if fate == "cut":
            await self._notify()
            return False
        reply: Reply = {39: fate} if fate.isdigit() else self._reply(identity, request)
        await self._notify()
        if self.mangle(len(self.received)):
            reply = reply | {54: "91029"}
        if fate == "lose":
            return False
        if fate == "late":
            self._late.append((writer, self._sealed(request, reply, mac)))
        elif fate == "forge":
            writer.write(self._sealed(request, reply, Mac(bytes(16))))
        elif fate != "silent":
            writer.write(self._sealed(request, reply, mac))
        return True

    def _network(self, request: Message, keys: SessionKeys) -> Reply:
        if request.text(70) == NetworkCode.KEY_CHANGE:
            self.key_changes += 1
            offer = keys.offer(read_request(request.tags(48)), 0, _ROLL_OVER_MS)
            return {39: "00", 48: response_tags(offer)}
        self.sign_ons += request.text(70) == NetworkCode.SIGN_ON
        self.echoes += request.text(70) == NetworkCode.ECHO
        return {39: self.sign_on_code}

    def _reply(self, identity: Identity, request: Message) -> Reply:
        request = Message(original_of(request.mti), request.fields)
        request.fields.pop(64, None)
        request.fields.pop(128, None)
        if identity in self._stored:
            known, stored = self._stored[identity]
            if known != request:
                self.conflicts += 1
                return {39: "94"}
            return {39: "21"} if identity in self._undone else stored
        reply: Reply = {39: "21"} if identity in self._undone else self._decide(identity, request)
        self._stored[identity] = (request, reply)
        return reply

    def _decide(self, identity: Identity, request: Message) -> Reply:
        code = self.refuse(request)
        if code is not None:
            return {39: code}
        if request.mti == "0300":
            tags = {
                tag: value.hex() if isinstance(value, bytes) else str(value)
                for tag, value in request.tags(120).items()
            }
            number = request.text(2) if 2 in request.fields else None
            self.applied.append(Record(request.text(101), number, tags))
            return {39: "00"}
        self._position += 1
        rrn = f"{self._position:012d}"
        if request.mti == "0400":
            return self._reverse(request, rrn)
        processing = read_processing_code(request.text(3))
        assert processing is not None
        moves = _moves(request, processing)
        for member, delta in moves.items():
            if self.balances.get(member, 0) + delta < 0:
                return {37: rrn, 39: "51", 54: self._told_balances(request)}
        self._move(moves, 1)
        self.posted[identity] = Posted(rrn, request, moves)
        tags = {"DF05": "نام", "DF07": "00000001"}
        return {37: rrn, 38: rrn[-6:], 39: "00", 48: tags, 54: self._told_balances(request)}

    def _told_balances(self, request: Message) -> str:
        member = int(request.tag_text(48, "DF20"))
        return pack_balances([Balance("91", "02", "999", self.balances.get(member, 0))])

    def _reverse(self, request: Message, rrn: str) -> Reply:
        original = OriginalData.unpack(request.text(90))
        key = (original.stan, original.transmission_time)
        posted = self.posted.get(key)
        self._undone.add(key)
        if posted is None or posted.is_undone:
            return {37: rrn, 39: "00"}
        posted.is_undone = True
        self._move(posted.moves, -1)
        return {37: rrn, 39: "00", 48: {"DF0E": posted.rrn}}

    def _move(self, moves: dict[int, int], sign: int) -> None:
        for member, delta in moves.items():
            self.balances[member] = self.balances.get(member, 0) + sign * delta

    def _sealed(self, request: Message, reply: Reply, mac: Mac) -> bytes:
        echoed = {number: request.fields[number] for number in _ECHOED if number in request.fields}
        answer = Message(response_of(request.mti), echoed | reply)
        return frame(encode_sealed(self._spec, answer, mac))

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()


def _moves(request: Message, processing: Processing) -> dict[int, int]:
    """What a movement of points gives and takes, by member."""
    member, amount = int(request.tag_text(48, "DF20")), int(request.text(4))
    gives_back = is_debit_return(request.text(3))
    if processing.type in _GIVES or gives_back:
        return {member: amount}
    if processing.type is TransactionType.TRANSFER:
        return {member: -amount, int(request.tag_text(48, "DF17")): amount}
    if processing.type is TransactionType.RELEASE:
        return {}
    return {member: -amount}
