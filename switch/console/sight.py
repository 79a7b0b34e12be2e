"""What the page shows once a second: readiness, links, partner, readers, rules, the business day, alarms."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final

from protocol.reconciliation import BatchTotals
from switch.console.alarms.desk import Desk
from switch.console.frame import Told
from switch.console.live import Sight
from switch.gate.named_link import LinkStatus
from switch.ledger.business_day import DayBook
from switch.ledger.state import State
from switch.ledger.tables import TableInForce
from switch.metrics.catalogue import Metric
from switch.metrics.store import Reading
from switch.operations.readiness import Obstacle, told
from switch.rules.local_time import iso_date

_NS_PER_MS: Final = 1_000_000
_TERMINALS_A_SLICE: Final = 250
# Of a processor, at most so much goes into the sums of a day.
_SHARE: Final = 100
_WAIT_S: Final = 1.0


class DaySums:
    """The sums of the open business day over all terminals, made anew in small slices."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.day = 0
        self.terminals = 0
        self.totals = BatchTotals()

    async def keep(self, is_wanted: Callable[[], bool]) -> None:
        """Make them again and again while they are wanted, until cancelled."""
        while True:
            used_s = await self._walk() if is_wanted() else 0.0
            await asyncio.sleep(max(_WAIT_S, _SHARE * used_s))

    async def _walk(self) -> float:
        book = self._state.business.open_day
        terminals = book.terminals
        sums = [0] * len(BatchTotals._fields)
        used_s = 0.0
        for begin in range(0, len(terminals), _TERMINALS_A_SLICE):
            began_s = time.perf_counter()
            _add(book, terminals[begin : begin + _TERMINALS_A_SLICE], sums)
            used_s += time.perf_counter() - began_s
            await asyncio.sleep(0)
        self.day, self.terminals, self.totals = book.day, len(terminals), BatchTotals(*sums)
        return used_s


class SightMaker:
    """In the event loop's thread.

    Parameters:
        links: every link by its name.
        partner: what the link to a partner's switch tells, empty where there is none.
        obstacles: what stands in the way of authorising.
    """

    def __init__(
        self,
        state: State,
        desk: Desk,
        *,
        links: Callable[[], Sequence[LinkStatus]],
        partner: Callable[[], dict[str, int | str | bool]],
        obstacles: Callable[[], Sequence[Obstacle]],
    ) -> None:
        self._state = state
        self._desk = desk
        self._links = links
        self._partner = partner
        self._obstacles = obstacles
        self.day = DaySums(state)

    def make(self, seen: Told) -> Sight:
        """All of it as JSON; ages in milliseconds."""
        asked, state = seen.asked, self._state
        return {
            "at_ms": seen.frame.at_ms,
            "started_ms": _one(asked.get(Metric.START_TIME, 0)) // _NS_PER_MS,
            "time_zone": state.rule_table.programme.time_zone,
            "obstacles": [told(obstacle) for obstacle in self._obstacles()],
            "links": [_link(link) for link in self._links()],
            "partner": self._partner(),
            "readers": _readers(seen),
            "segments": _one(asked.get(Metric.JOURNAL_SEGMENTS, 0)),
            "rules": self._rules(),
            "records": {
                "cards": len(state.cards),
                "members": len(state.members),
                "terminals": len(state.terminals),
            },
            "day": self._day(),
            "alarms": self._alarms(),
        }

    def _rules(self) -> dict[str, object]:
        tables = self._state.tables
        published = next((table for table in reversed(tables.kept) if table.is_published), None)
        return {
            **_table(tables.newest),
            "digest": tables.newest.table.digest,
            "rules": len(tables.newest.table.rules),
            "published": None if published is None else _table(published),
        }

    def _day(self) -> dict[str, object]:
        book, sums = self._state.business.open_day, self.day
        totals = sums.totals if sums.day == book.day else BatchTotals()
        return {
            "date": iso_date(book.day) if book.day else None,
            "first_position": book.first_position,
            "terminals": sums.terminals,
            **totals._asdict(),
        }

    def _alarms(self) -> dict[str, object]:
        history = self._desk.history
        return {
            "raised": {severity: count for (severity,), count in self._desk.counts().items()},
            # A page asks for the alarms again whenever this changes.
            "changed": f"{history[-1].at_ms}.{len(history)}" if history else "",
        }


def _add(book: DayBook, terminals: Sequence[str], sums: list[int]) -> None:
    for terminal_id in terminals:
        for place, number in enumerate(book.totals(terminal_id)):
            sums[place] += number


def _link(link: LinkStatus) -> dict[str, object]:
    return link._asdict()


def _table(table: TableInForce) -> dict[str, object]:
    return {"version": table.version, "at_ms": table.at_ms}


def _readers(seen: Told) -> list[dict[str, object]]:
    asked = seen.asked
    positions, behind, silence = (
        _by_name(asked.get(metric, {}))
        for metric in (Metric.FEED_POSITION, Metric.FEED_BEHIND, Metric.FEED_SILENCE)
    )
    return [
        {
            "name": name,
            "position": position,
            "behind_entries": max(0, seen.frame.durable_position - position),
            "behind_ms": behind.get(name, 0) // _NS_PER_MS,
            "silent_ms": silence.get(name, 0) // _NS_PER_MS,
        }
        for name, position in positions.items()
    ]


def _by_name(reading: Reading) -> dict[str, int]:
    return {} if isinstance(reading, int) else {labels[0]: value for labels, value in reading.items()}


def _one(reading: Reading) -> int:
    return reading if isinstance(reading, int) else sum(reading.values())
