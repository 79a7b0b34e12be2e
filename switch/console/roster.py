"""The terminals by merchant and branch, with what is known of each: last seen, firmware, signal, link."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from heapq import merge
from itertools import islice
from typing import Final, NamedTuple

from switch.fleet.health import HealthBook
from switch.gate.connection import TerminalLink
from switch.ledger.records import Role
from switch.ledger.state import State

LIMIT_MAX: Final = 200
_SORTED_AT_ONCE: Final = 500
_LOOKED_AT_ONCE: Final = 2000
_LINKS_AT_ONCE: Final = 500
_ROWS_AT_ONCE: Final = 20
_STANS: Final = 1_000_000
_MS_PER_S: Final = 1000


class _Place(NamedTuple):
    """A terminal where it stands; in this order they are listed."""

    merchant: str
    branch: int
    terminal: str


class Found(NamedTuple):
    """`number` is that of all that fit, `rows` are those that were asked for."""

    number: int
    rows: list[dict[str, object]]


class Roster:
    """In the event loop's thread, which it leaves to others every millisecond or so.

    Parameters:
        links: all open connections.
        clock_s: the event loop's.
        now_ms: the time of day, since 1970.
    """

    def __init__(
        self,
        state: State,
        fleet: HealthBook,
        links: Callable[[], Collection[TerminalLink]],
        clock_s: Callable[[], float],
        now_ms: Callable[[], int],
    ) -> None:
        self._state = state
        self._fleet = fleet
        self._links = links
        self._clock_s = clock_s
        self._now_ms = now_ms
        self._places: list[_Place] = []
        self._changes = -1

    async def find(self, text: str, skip: int, limit: int) -> Found:
        """Terminals whose id or merchant has a text in it, without regard to case."""
        await self._sort()
        wanted = text.upper()
        fitting: list[_Place] = []
        places = self._places
        for begin in range(0, len(places), _LOOKED_AT_ONCE):
            fitting += [
                place
                for place in places[begin : begin + _LOOKED_AT_ONCE]
                if wanted in place.terminal.upper() or wanted in place.merchant.upper()
            ]
            await asyncio.sleep(0)
        page = fitting[skip : skip + limit]
        serving = await self._serving({place.terminal for place in page})
        rows: list[dict[str, object]] = []
        for begin in range(0, len(page), _ROWS_AT_ONCE):
            rows += self._rows(page[begin : begin + _ROWS_AT_ONCE], serving)
            await asyncio.sleep(0)
        return Found(len(fitting), rows)

    async def _sort(self) -> None:
        changes = self._state.terminal_changes
        if changes == self._changes:
            return
        names = list(self._state.terminals)
        pieces: list[list[_Place]] = []
        for begin in range(0, len(names), _SORTED_AT_ONCE):
            pieces.append(sorted(self._named(names[begin : begin + _SORTED_AT_ONCE])))
            await asyncio.sleep(0)
        found: list[_Place] = []
        merged = merge(*pieces)
        while piece := list(islice(merged, _SORTED_AT_ONCE)):
            found += piece
            await asyncio.sleep(0)
        self._places, self._changes = found, changes

    def _named(self, names: Sequence[str]) -> Iterator[_Place]:
        for name in names:
            record = self._state.terminals.get(name)
            if record is not None and record.role is Role.TERMINAL:
                yield _Place(record.merchant_id, record.branch_number, name)

    async def _serving(self, names: set[str]) -> dict[str, TerminalLink]:
        """The connection on which each of some terminals has signed on."""
        links = list(self._links())
        found: dict[str, TerminalLink] = {}
        for begin in range(0, len(links), _LINKS_AT_ONCE):
            for link in links[begin : begin + _LINKS_AT_ONCE]:
                found.update(dict.fromkeys(names & link.state.terminals, link))
            await asyncio.sleep(0)
        return found

    def _rows(
        self, places: Sequence[_Place], serving: dict[str, TerminalLink]
    ) -> Iterator[dict[str, object]]:
        for place in places:
            record = self._state.terminals.get(place.terminal)
            if record is None:
                continue
            health = self._fleet.of(place.terminal)
            link = serving.get(place.terminal)
            yield {
                "terminal": place.terminal,
                "merchant": place.merchant,
                "branch": place.branch,
                "city": record.city,
                "status": record.status.name.lower(),
                "link": None if link is None else link.named.name,
                "peer": None if link is None else link.peer,
                "seen_ms": self._seen_ms(place.terminal, link),
                "told_ms": None if health is None else health.at_ms,
                "told": {} if health is None else health.told,
            }

    def _seen_ms(self, terminal_id: str, link: TerminalLink | None) -> int | None:
        """When it was heard of last: its link's last byte where it has one of its own, its last echo with a
        health record, its last request by its own clock."""
        seen = []
        now_ms = self._now_ms()
        if link is not None and link.terminals == 1:
            seen.append(now_ms - int((self._clock_s() - link.heard_s) * _MS_PER_S))
        health = self._fleet.of(terminal_id)
        if health is not None:
            seen.append(health.at_ms)
        window = self._state.window(terminal_id)
        keys = None if window is None else window.content().keys
        if keys:
            seen.append(min(keys[-1] // _STANS * _MS_PER_S, now_ms))
        return max(seen, default=None)
