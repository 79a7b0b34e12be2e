"""A gate with a real journal in this process, and peers that talk to it over real sockets."""

import asyncio
import contextlib
import itertools
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from protocol.codec import decode, encode_sealed
from protocol.framing import FrameDecoder, frame
from protocol.message import Message, Value
from protocol.security.keys import derive_terminal_key
from protocol.security.mac import Mac
from protocol.spec import load_spec
from switch.gate.commit import GroupCommit
from switch.gate.echo import EchoWriter
from switch.gate.exchange import Exchange
from switch.gate.forwarding import Forwarding
from switch.gate.late_replies import LateReplies
from switch.gate.link_plan import ClientLink, GateLimits, LinkLimits, ServerLink
from switch.gate.named_link import LinkStatus
from switch.gate.server import Gate
from switch.gate.shedding import Shedder
from switch.journal.entries import RuleTableEntry
from switch.journal.system import OPERATING_SYSTEM, System
from switch.journal.writer import Journal
from switch.keyring import Keyring
from switch.ledger.records import Role, Status, TerminalRecord
from switch.ledger.state import State
from switch.metrics.store import Metrics
from switch.rules.compiler import load_rules

MASTER_KEY = bytes(range(32))
SPEC = load_spec("vafa")
HOST = "HOST0001"
TERMINAL = "T0000001"
CARD = "6280000000000017"
WAIT_S = 60.0
LIMITS = LinkLimits(
    connections_max=256,
    terminals_max=64,
    frame_bytes_max=1024,
    in_flight_max=16,
    write_buffer_bytes_max=65_536,
    queue_age_max_ms=30_000,
    idle_timeout_s=60.0,
    sign_on_timeout_s=60.0,
)
PLAIN = ServerLink(role="server", name="terminals", address="127.0.0.1:0")
_STANS = itertools.count(1)


class StallingJournal(Journal):
    """A real journal on a disk that can be made to stand still."""

    def __init__(
        self, directory: Path, key_check: bytes, segment_bytes: int, system: System = OPERATING_SYSTEM
    ) -> None:
        super().__init__(directory, key_check, segment_bytes, system)
        self.moves = threading.Event()
        self.moves.set()

    def commit(self, entries: Sequence[bytes], now_ms: int) -> int:
        assert self.moves.wait(WAIT_S)
        return super().commit(entries, now_ms)


class RunningGate:
    """Everything of a switch but its operations port, in the running loop."""

    def __init__(
        self,
        directory: Path,
        planned: Sequence[ServerLink | ClientLink] = (PLAIN,),
        *,
        limits: LinkLimits = LIMITS,
        handshakes_max: int = 8,
        handshake_timeout_s: float = 5.0,
        connections_max: int = 256,
        forwarding: Callable[[LateReplies], Forwarding] | None = None,
    ) -> None:
        self._planned = planned
        self.keyring = Keyring(MASTER_KEY)
        self.counters = Metrics()
        self.state = State(TerminalRecord(HOST, "", 0, 1, Role.HOST, Status.ACTIVE))
        opened = StallingJournal.open(
            directory / "journal",
            key_check=self.keyring.key_check,
            segment_bytes=1 << 24,
            now_ms=1,
            on_entry=lambda _: None,
        )
        assert isinstance(opened, StallingJournal)
        self.journal = opened
        self.failures: list[Exception] = []
        late = LateReplies(self.state, self.failures.append)
        partner = None if forwarding is None else forwarding(late)
        self.exchange = Exchange(SPEC, self.state, self.keyring, self.counters, forwarding=partner)
        loop = asyncio.get_running_loop()
        self.gate = Gate(
            self.exchange,
            shedder=Shedder(SPEC, self.state, self.keyring),
            echoes=EchoWriter(SPEC, self.state, self.keyring),
            counters=self.counters,
            limits=GateLimits(connections_max, handshakes_max, handshake_timeout_s, limits),
            loop=loop,
            on_failure=self.failures.append,
            forwarding=partner,
            late=late,
        )
        self.commit = GroupCommit(
            self.journal, loop, self.counters, lambda _: self.gate.schedule(), self.failures.append
        )
        self.addresses: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        now_ms = int(datetime.now(UTC).timestamp() * 1000)
        self.exchange.journal(RuleTableEntry(now_ms, 1, load_rules(None).packed))
        self.journal.commit(self.exchange.take_staged(), now_ms)
        try:
            self.addresses = await self.gate.open(self.commit, self._planned)
        except BaseException:
            self._close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.journal.moves.set()
        self.gate.abort()
        await eventually(lambda: not self.gate.links)
        self._close()
        assert self.failures == [], self.failures

    def status(self, name: str = "terminals") -> LinkStatus:
        """A link by its name."""
        (found,) = [status for status in self.gate.statuses() if status.name == name]
        return found

    async def drain(self) -> None:
        """As the process does at SIGTERM."""
        async with asyncio.timeout(WAIT_S):
            await self.gate.drain()
            await self.commit.drained()

    def _close(self) -> None:
        self.commit.stop()
        self.journal.close()


class Peer:
    """The other end of a link; speaks for any terminal."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._decoder = FrameDecoder()
        self._waiting: list[bytes] = []

    @staticmethod
    def mac(terminal_id: str = TERMINAL) -> Mac:
        """MAC of a terminal's own key."""
        return Mac(derive_terminal_key(MASTER_KEY, terminal_id, 1))

    @staticmethod
    def framed(message: Message, mac: Mac | None = None) -> bytes:
        """The frame of a message."""
        return frame(encode_sealed(SPEC, message, mac or Peer.mac(message.text(41))))

    def send(self, *messages: Message, mac: Mac | None = None) -> None:
        """Send in one piece."""
        self.writer.write(b"".join(self.framed(message, mac) for message in messages))

    async def receive_payload(self) -> bytes | None:
        """The next payload, None where the switch has closed the link."""
        async with asyncio.timeout(WAIT_S):
            while not self._waiting:
                try:
                    data = await self.reader.read(65_536)
                except (ConnectionError, ssl.SSLError):
                    return None
                if not data:
                    return None
                self._waiting += self._decoder.feed(data)
        return self._waiting.pop(0)

    async def receive(self, mac: Mac | None = None) -> Message:
        """The next message, which this MAC must authenticate."""
        payload = await self.receive_payload()
        assert payload is not None, "the link was closed"
        message = decode(SPEC, payload)
        assert (mac or self.mac(message.text(41))).verify(payload)
        return message

    async def call(self, message: Message, mac: Mac | None = None) -> Message:
        """Send and get the reply."""
        self.send(message, mac=mac)
        return await self.receive(mac)

    async def code(self, message: Message, mac: Mac | None = None) -> Value:
        """Response code of the reply."""
        return (await self.call(message, mac)).fields[39]

    async def sign_on(self, terminal_id: str = TERMINAL) -> None:
        """Must be approved."""
        assert await self.code(network("001", terminal_id)) == "00"

    async def is_closed(self) -> bool:
        """Wait for the switch to close."""
        return await self.receive_payload() is None

    async def close(self) -> None:
        """Close this end."""
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


@contextlib.asynccontextmanager
async def connected(address: str, context: ssl.SSLContext | None = None) -> AsyncIterator[Peer]:
    """A peer at an address."""
    host, _, port = address.rpartition(":")
    async with asyncio.timeout(WAIT_S):
        peer = Peer(*await asyncio.open_connection(host, int(port), ssl=context))
    try:
        yield peer
    finally:
        await peer.close()


@contextlib.asynccontextmanager
async def listening(
    context: ssl.SSLContext | None = None, port: int = 0
) -> AsyncIterator[tuple[str, "asyncio.Queue[Peer]"]]:
    """A concentrator that the switch is to dial: its address, and the links as they come."""
    arrived: asyncio.Queue[Peer] = asyncio.Queue()
    peers: list[Peer] = []

    async def arrive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peers.append(Peer(reader, writer))
        await arrived.put(peers[-1])

    server = await asyncio.start_server(arrive, "127.0.0.1", port, ssl=context)
    host, port = server.sockets[0].getsockname()
    try:
        yield f"{host}:{port}", arrived
    finally:
        server.close()
        for peer in peers:
            await peer.close()


async def next_of(arrived: "asyncio.Queue[Peer]") -> Peer:
    """The next link that comes."""
    async with asyncio.timeout(WAIT_S):
        return await arrived.get()


async def eventually(condition: Callable[[], bool]) -> None:
    """Look until it is so."""
    for _ in range(int(WAIT_S / 0.005)):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("did not come about")


async def furnish(address: str, *terminal_ids: str, context: ssl.SSLContext | None = None) -> None:
    """Let the host make a shop with these terminals, a member and a card."""
    async with connected(address, context) as host:
        await host.sign_on(HOST)
        for terminal_id in terminal_ids or (TERMINAL,):
            record = {"DF28": terminal_id, "DF22": "SHOP1", "DF23": "000007", "DF25": "0001", "DF26": "T"}
            assert await host.code(file_action("TERMINAL", {**record, "DF21": "A"})) == "00"
        member = {"DF20": f"{12:012d}", "DF05": "سارا", "DF21": "A"}
        assert await host.code(file_action("MEMBER", member)) == "00"
        card = {"DF20": f"{12:012d}", "DF21": "A", "DF24": "LOYAL", "DF29": f"{34:012d}"}
        message = file_action("CARD", card)
        message.fields[2] = CARD
        assert await host.code(message) == "00"


def stamp() -> dict[int, Value]:
    """Fields 7 and 11 of a new message; no two are alike."""
    return {7: datetime.now(UTC).strftime("%m%d%H%M%S"), 11: f"{next(_STANS) % 999_999 + 1:06d}"}


def network(code: str = "001", terminal_id: str = TERMINAL, tags: dict[str, Value] | None = None) -> Message:
    """An 0800."""
    private: dict[int, Value] = {48: tags} if tags is not None else {}
    return Message("0800", {**stamp(), 41: terminal_id, **private, 70: code})


def purchase(amount: int = 1_000_000, terminal_id: str = TERMINAL) -> Message:
    """An 0200."""
    fields: dict[int, Value] = {
        3: "000000",
        4: f"{amount:012d}",
        **stamp(),
        12: "101500",
        13: "0830",
        22: "021",
        35: f"{CARD}=99125010000",
        41: terminal_id,
        42: "SHOP1",
        49: "364",
    }
    return Message("0200", fields)


def file_action(name: str, tags: Mapping[str, Value]) -> Message:
    """An 0300 of the host."""
    return Message("0300", {**stamp(), 41: HOST, 91: "1", 101: name, 120: tags})
