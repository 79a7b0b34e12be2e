"""The pages that are open: each has a terminal, as many as there are terminal ids, and no more."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from protocol.feed import Event
from simulator.screen.cards import CARDS
from simulator.screen.journal_watch import JournalWatch
from simulator.screen.ledger import entry_document
from simulator.screen.place import Place
from simulator.screen.station import Station

Document = dict[str, object]

_WAITING_MAX = 512


class HallFull(Exception):  # noqa: N818
    """Every terminal has its page already."""


class Visit:
    """One page and its terminal: orders in, news out."""

    def __init__(self, terminal_id: str) -> None:
        self.terminal_id = terminal_id
        self._news: asyncio.Queue[str] = asyncio.Queue(_WAITING_MAX)
        self.has_fallen_behind = asyncio.Event()

    def publish(self, name: str, document: Document) -> None:
        """Have the page told; one that does not read is given up."""
        try:
            self._news.put_nowait(json.dumps({"event": name, **document}, ensure_ascii=False))
        except asyncio.QueueFull:
            self.has_fallen_behind.set()

    async def news(self) -> str:
        """The next thing to be told."""
        return await self._news.get()


class Hall:
    """Lends terminals to pages. `journal` is None where the feed is not open to us."""

    def __init__(self, place: Place, journal: JournalWatch | None) -> None:
        self._place = place
        self._journal = journal
        self._free = list(place.terminal_ids)
        self.open_pages = 0

    @asynccontextmanager
    async def visit(self, language: str) -> AsyncIterator[tuple[Visit, Station]]:
        """A terminal for as long as the page is there.

        Raises:
            HallFull: there is none left.
            TerminalFault, OSError: it can't be started.
        """
        if not self._free:
            raise HallFull
        terminal_id = self._free.pop(0)
        visit = Visit(terminal_id)
        self.open_pages += 1
        try:
            visit.publish("hello", self._hello(terminal_id))
            if self._journal is not None:
                self._journal.listen(terminal_id, lambda event: _tell(visit, event))
            async with Station(self._place, terminal_id, language, visit.publish) as station:
                yield visit, station
        finally:
            if self._journal is not None:
                self._journal.leave(terminal_id)
            self._free.append(terminal_id)
            self.open_pages -= 1

    def _hello(self, terminal_id: str) -> Document:
        return {
            "terminal": terminal_id,
            "merchant": self._place.merchant_id,
            "has_club": self._place.has_club,
            "has_journal": self._journal is not None,
            "cards": [
                {
                    "name": card.name,
                    "number": card.number,
                    "expiry": f"{card.expiry[2:]}/{card.expiry[:2]}",
                    "title": {"fa": card.title.fa, "en": card.title.en},
                    "about": {"fa": card.about.fa, "en": card.about.en},
                    "ways": [way.value for way in card.ways],
                }
                for card in CARDS
            ],
        }


def _tell(visit: Visit, event: Event) -> None:
    visit.publish("journal", entry_document(event))
