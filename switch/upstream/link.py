"""The link to the partner's switch as it runs: sockets, clock, thread and file around the pure cores."""

import asyncio
import logging
import random
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from protocol.message import Message
from protocol.spec import SpecDocument
from switch.authoriser.request import Financial, Request, Reversal
from switch.gate.forwarding import Answer
from switch.gate.link_plan import Address, read_address
from switch.gate.tls import LinkContext
from switch.journal.forwarded import ForwardedEntry
from switch.ledger.records import TerminalRecord
from switch.ledger.requests import request_key
from switch.upstream.actions import Connect, Disconnect, Now, Send
from switch.upstream.assembly import Parts, assemble
from switch.upstream.connection import UpstreamConnection
from switch.upstream.forwarder import Action
from switch.upstream.questions import Question, Record, Reply
from switch.upstream.recording import told_of
from switch.upstream.router import Route, Router
from switch.upstream.saf_types import Item
from switch.upstream.settings import UpstreamDocument
from switch.upstream.staging import Write
from switch.upstream.states import UpstreamPhase
from switch.upstream.store import Store, store_key
from switch.upstream.terminals import load_terminals
from switch.upstream.translation import PinKey
from switch.upstream.writer import StoreWriter

_LOG = logging.getLogger("switch.upstream")
_SHUTDOWN_TIMEOUT_S = 2.0


class Books(Protocol):
    """The journal, for what forwarded requests come to."""

    @property
    def position(self) -> int:
        """Of the newest entry, durable or not."""

    def record(self, entry: ForwardedEntry, answers: Iterable[Answer]) -> int:
        """Take an entry for the next commit, with which its answers leave; its position.

        `Upstream.durable` is to tell when that is done.
        """

    def flush(self) -> None:
        """Commit what was recorded."""


class Upstream:
    """A partner's switch. All methods belong to the event loop's thread. `recover` comes before all else.

    `parts` are its cores, for whoever watches; `tls` is None for a plain link.

    `pin_key` gives the PIN key of a terminal of ours; `books` journal what forwarded requests come to.
    Raises UpstreamFault, StoreFault or LinksFault where it can't be as it is set up.
    """

    def __init__(
        self,
        document: UpstreamDocument,
        *,
        spec: SpecDocument,
        master_key: bytes,
        pin_key: PinKey,
        books: Books,
        loop: asyncio.AbstractEventLoop,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._document = document
        self._books = books
        # Of records that aren't durable yet: position in the journal, number in the queue file.
        self._recorded: deque[tuple[int, int]] = deque()
        self._loop = loop
        self.tls = None if document.tls is None else LinkContext(document.tls)
        self._addresses = [read_address(text) for text in document.addresses]
        self._router = Router(document.card_prefixes, document.card_types)
        terminals = load_terminals(document.terminals)
        store = Store.open(document.queue.file, spec, store_key(master_key))
        try:
            self.parts: Parts = assemble(
                document, spec, terminals, store.load(), pin_key=pin_key, chance=chance
            )
        except BaseException:
            store.close()
            raise
        self._forwarder = self.parts.forwarder
        self._writer = StoreWriter(store, loop, self._on_written)
        self._connection: UpstreamConnection | None = None
        self._dialling: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._progress = asyncio.Event()
        self._is_open = False

    def recover(self, behind: Callable[[int], Iterable[ForwardedEntry]]) -> None:
        """End what a process before this one had begun; `behind` gives what is journaled behind a position.

        It happens with `start`. Raises what `behind` raises.
        """
        forwarder = self._forwarder
        positions = [each.position for each in forwarder.pending]
        told = {told_of(entry) for entry in behind(min(positions))} if positions else set()
        forwarder.recover(told, self._now())

    def start(self) -> None:
        """Connect, and again whenever the connection is lost."""
        self._is_open = True
        self._run(self._forwarder.tick(self._now()))

    def claims(self, message: Message, request: Request, card_type: str) -> bool:
        """Whether a checked request is for the partner; `card_type` is what its card's record here says.

        A reversal is where its original went; a repeat too, whatever the cards' prefixes are by now.
        """
        if not isinstance(request, Financial | Reversal):
            return False
        terminal_id = request.identity.terminal_id
        if (terminal_id, request.identity.key) in self.parts.memory:
            return True
        if isinstance(request, Reversal):
            original_key = request_key(request.original_s, request.original_stan)
            return (terminal_id, original_key) in self.parts.memory
        if request.card_token is None:
            return False
        number = message.text(2) if 2 in message.fields else message.text(35).partition("=")[0]
        return self._router.route(number, card_type) is Route.UPSTREAM

    def claims_sale(self, terminal_id: str, key: int, card_number: str, card_type: str) -> bool:
        """The same of a sale, named by its key, with a card that has a record here."""
        is_known = (terminal_id, key) in self.parts.memory
        return is_known or self._router.route(card_number, card_type) is Route.UPSTREAM

    def may_have_forgotten(self, reversal: Reversal) -> bool:
        """Whether the original of a reversal that isn't known may have gone to the partner long ago."""
        key = request_key(reversal.original_s, reversal.original_stan)
        return self.parts.memory.is_forgotten((reversal.identity.terminal_id, key))

    def knows(self, terminal_id: str, key: int) -> bool:
        """Whether a request of ours, named by its key (see `Identity`), went to the partner, or may have."""
        return (terminal_id, key) in self.parts.memory

    def ask(
        self, message: Message, request: Financial | Reversal, terminal: TerminalRecord, answer: Answer
    ) -> None:
        """Forward a request. `answer` gets its own fields of the reply, or None for no reply at all; once,
        perhaps before this returns."""
        question = Question(message, request, terminal, answer)
        self._run(self._forwarder.ask(question, self._now()))

    @property
    def name(self) -> str:
        """The link's, in logs and metrics."""
        return self._document.name

    def dead_letters(self, after: int = 0, limit: int | None = None) -> list[Item]:
        """What the partner refused for good, or too often; oldest first, behind a number, at most `limit`."""
        return self.parts.queue.dead(after, limit)

    def dead_letter(self, number: int) -> Item:
        """One of them. KeyError where there is none of this number."""
        return self.parts.queue.dead_letter(number)

    async def revive(self, number: int) -> None:
        """Try a dead letter again. KeyError where there is none of this number.

        Returns once that is durable, and not before; while the disk fails it is tried again and again.
        """
        await self._written(self._forwarder.revive(number, self._now()))

    async def discard(self, number: int) -> None:
        """Give a dead letter up. Raises and returns as `revive`."""
        await self._written(self._forwarder.discard(number, self._now()))

    def status(self) -> dict[str, int | str | bool]:
        """Numbers for /status and metrics; ages in milliseconds."""
        return {"writable": self._forwarder.is_writable, **self.parts.status(time.time_ns() // 1_000_000)}

    async def changed(self) -> None:
        """Wait until something has happened."""
        self._progress.clear()
        await self._progress.wait()

    async def drain(self) -> None:
        """Take no more, wait for what is in flight and for the disk, sign off. The queue stays for the next
        start."""
        self._run(self._forwarder.drain(self._now()))
        while not (self.parts.mux.phase is UpstreamPhase.STOPPED and self._forwarder.is_settled):
            await self.changed()

    async def close(self) -> None:
        """End the connection and the thread, and give the file up. Nobody is answered any more."""
        self._is_open = False
        if self._timer is not None:
            self._timer.cancel()
        if self._dialling is not None:
            self._dialling.cancel()
            await asyncio.gather(self._dialling, return_exceptions=True)
        if self._connection is not None:
            self._connection.abort()
            self._connection = None
        self._writer.stop()

    def on_connected(self, connection: UpstreamConnection) -> None:
        if connection is not self._connection:
            connection.abort()
            return
        self._run(self._forwarder.connected(self._now()))

    def on_payloads(self, connection: UpstreamConnection, payloads: list[bytes]) -> None:
        if connection is self._connection:
            self._run(self._forwarder.feed(payloads, self._now()))

    def on_lost(self, connection: UpstreamConnection, reason: str) -> None:
        if connection is self._connection:
            self._connection = None
            self._run(self._forwarder.lost(self._now(), reason))

    def durable(self, position: int) -> None:
        """The journal is durable up to a position."""
        numbers = []
        while self._recorded and self._recorded[0][0] <= position:
            numbers.append(self._recorded.popleft()[1])
        if numbers:
            self._run(self._forwarder.journaled(numbers, self._now()))

    async def _written(self, actions: list[Action]) -> None:
        """Do what the core wants, and wait until what it has to write is written."""
        staging = self._forwarder.staging
        self._run(actions)
        write = staging.last_write
        while staging.writes < write:
            await self.changed()

    def _on_written(self, error: sqlite3.Error | None) -> None:
        if error is None:
            self._run(self._forwarder.written(self._now()))
            return
        _LOG.error("upstream queue file can't be written: %s", error)
        self._forwarder.write_failed(self._now())
        self._run([])

    def _run(self, actions: list[Action]) -> None:
        """Do what the core wants, in its order; frames in one piece."""
        frames: list[bytes] = []
        for action in actions:
            match action:
                case Send(frame):
                    frames.append(frame)
                case Reply(answer, fields):
                    answer(fields)
                case Record(number, entry, answers):
                    self._recorded.append((self._books.record(entry, answers), number))
                case Write(changes):
                    self._writer.submit(changes)
                case Connect(attempt):
                    self._dial(attempt)
                case Disconnect(_, gracefully):
                    self._send(frames)
                    frames = []
                    self._hang_up(gracefully)
        self._send(frames)
        self._books.flush()
        self._progress.set()
        self._set_timer()

    def _send(self, frames: list[bytes]) -> None:
        if frames and self._connection is not None:
            self._connection.write(b"".join(frames))

    def _hang_up(self, gracefully: bool) -> None:
        connection, self._connection = self._connection, None
        if self._dialling is not None:
            self._dialling.cancel()
            self._dialling = None
        if connection is not None:
            if gracefully:
                connection.close()
            else:
                connection.abort()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        wake_s = self._forwarder.wake_s
        if self._is_open and wake_s != float("inf"):
            self._timer = self._loop.call_at(wake_s, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._run(self._forwarder.tick(self._now()))

    def _dial(self, attempt: int) -> None:
        connection = UpstreamConnection(self, self._document.frame_bytes_max)
        self._connection = connection
        address = self._addresses[attempt % len(self._addresses)]
        self._dialling = self._loop.create_task(self._connect(connection, address))

    async def _connect(self, connection: UpstreamConnection, address: Address) -> None:
        timeout_s = self._document.connect_timeout_s
        tls = self._document.tls
        try:
            if tls is None or self.tls is None:
                await self._loop.create_connection(lambda: connection, address.host, address.port)
            else:
                await self._loop.create_connection(
                    lambda: connection,
                    address.host,
                    address.port,
                    ssl=self.tls.current,
                    server_hostname=tls.server_name or address.host,
                    ssl_handshake_timeout=timeout_s,
                    ssl_shutdown_timeout=_SHUTDOWN_TIMEOUT_S,
                )
        except (OSError, UnicodeError) as error:  # a host name may be none in IDNA
            told = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
            self.on_lost(connection, f"{address} does not answer: {told}")

    def _now(self) -> Now:
        return Now(time.time_ns() // 1_000_000, self._loop.time(), self._books.position)
