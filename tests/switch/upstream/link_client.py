"""The gate's part towards a link that really runs: a journal, and a client that asks as the gate does."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from protocol.message import Message
from switch.gate.forwarding import Answer
from switch.journal.entries import ForwardedEntry
from switch.ledger.records import TerminalRecord
from switch.upstream.link import Upstream
from switch.upstream.questions import Record
from switch.upstream.settings import load_upstream
from switch.upstream.translation import Fields
from tests.switch.conftest import MASTER_KEY, SPEC
from tests.switch.upstream.club_journal import ClubJournal
from tests.switch.upstream.club_requests import purchase, question, reversal_of

PATIENCE_S = 60.0

_stans = itertools.count(1)


class Journaling:
    """The gate's part: what is recorded is durable soon after."""

    def __init__(self, journal: ClubJournal) -> None:
        self.journal = journal
        self.upstream: Upstream | None = None

    @property
    def position(self) -> int:
        return len(self.journal.raws)

    def record(self, entry: ForwardedEntry, answers: Iterable[Answer]) -> int:
        self.journal.record(Record(0, entry, tuple(answers)))
        return self.position

    def flush(self) -> None:
        if self.journal.durable < self.position:
            asyncio.get_running_loop().call_soon(self._commit)

    def _commit(self) -> None:
        self.journal.commit()
        assert self.upstream is not None
        self.upstream.durable(self.journal.durable)


class Client:
    """Asks a link as the gate does."""

    def __init__(self, upstream: Upstream, journal: ClubJournal) -> None:
        self.upstream = upstream
        self.journal = journal
        self.sent_s = int(time.time())

    def sale(self, mti: str = "0200", processing_code: str = "000000") -> Message:
        return purchase(next(_stans), 2_500_000, mti=mti, processing_code=processing_code, sent_s=self.sent_s)

    def reversal(self, sale: Message) -> Message:
        return reversal_of(sale, next(_stans), sent_s=self.sent_s)

    async def ask(self, message: Message) -> Fields | None:
        answered: asyncio.Future[Fields | None] = asyncio.get_running_loop().create_future()
        asked = question(message, answered.set_result, self.sent_s)
        known = self.journal.reply_to(asked, time.time_ns() // 1_000_000)
        if known is not None:
            return known
        assert self.upstream.claims(message, asked.request, "")
        self.upstream.ask(asked.message, asked.request, asked.terminal, asked.answer)
        async with asyncio.timeout(PATIENCE_S):
            return await answered

    async def code(self, message: Message) -> object:
        fields = await self.ask(message)
        return None if fields is None else fields[39]

    async def until(self, name: str, value: object) -> None:
        """Wait for a number of the status."""
        async with asyncio.timeout(PATIENCE_S):
            while self.upstream.status()[name] != value:
                await self.upstream.changed()


@contextlib.asynccontextmanager
async def running(path: Path, journal: ClubJournal | None = None) -> AsyncIterator[Client]:
    def pin_key(_: TerminalRecord, serial: bytes) -> bytes:
        assert serial == b""
        return bytes(16)

    journaling = Journaling(journal or ClubJournal())
    upstream = Upstream(
        load_upstream(path),
        spec=SPEC,
        master_key=MASTER_KEY,
        pin_key=pin_key,
        books=journaling,
        loop=asyncio.get_running_loop(),
    )
    journaling.upstream = upstream
    try:
        upstream.recover(journaling.journal.behind)
        upstream.start()
        yield Client(upstream, journaling.journal)
    finally:
        await upstream.close()
