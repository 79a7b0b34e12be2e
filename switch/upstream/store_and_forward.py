"""Advices and reversals that the partner must get: which goes out when, in which order, how often. No I/O.

Items of one terminal go out one after another; those of different terminals side by side, a window of them.
An item that fails rests, longer each time; one that is refused for good, or fails too often, becomes a dead
letter and lets the next one of its terminal go.
"""

import heapq
from bisect import bisect
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from protocol.dialect import ResponseCode
from switch.upstream.saf_types import Attempted, Bury, Change, Item, Remove, Revive

DEAD_REASON_TRIES = "attempts used up"
# A reversal has a new identity with each attempt: where one is taken already, the next will do.
DUPLICATE = ResponseCode.DUPLICATE_TRANSMISSION.value


class QueuePlan(NamedTuple):
    """Bounds, waits in seconds, and what the partner's codes mean; every other code is final."""

    depth_max: int
    window: int
    attempts_max: int
    first_wait_s: float
    longest_wait_s: float
    done_codes_of_advices: frozenset[str]
    done_codes_of_reversals: frozenset[str]
    retry_codes: frozenset[str]


@dataclass(slots=True)
class QueueCounts:
    """What has happened since the start."""

    queued: int = 0
    attempts: int = 0
    delivered: int = 0
    retries: int = 0
    buried: int = 0
    revived: int = 0
    discarded: int = 0


class StoreAndForward:
    """The queue. What it returns as changes must be written to the queue file, in that order.

    `chance` gives numbers from 0 up to 1, for the waits.
    """

    def __init__(self, plan: QueuePlan, items: Iterable[Item], chance: Callable[[], float]) -> None:
        self._plan = plan
        self._chance = chance
        self._items: dict[int, Item] = {}
        self._dead: dict[int, Item] = {}
        self._lanes: dict[str, deque[int]] = {}
        # Heads of lanes that aren't under way: when they are due, number. Each lane is here or under way.
        self._heads: list[tuple[float, int]] = []
        self._under_way: set[int] = set()
        self._reserved = 0
        self.counts = QueueCounts()
        for item in items:
            if item.dead_reason:
                self._dead[item.number] = item
            else:
                self._append(item)

    @property
    def depth(self) -> int:
        """Living items."""
        return len(self._items)

    def dead(self, after: int = 0, limit: int | None = None) -> list[Item]:
        """Dead letters behind a number, oldest first, at most `limit`."""
        numbers = [number for number in self._dead if number > after]
        first = sorted(numbers) if limit is None else heapq.nsmallest(limit, numbers)
        return [self._dead[number] for number in first]

    @property
    def dead_depth(self) -> int:
        """Number of dead letters."""
        return len(self._dead)

    @property
    def under_way(self) -> int:
        """Items that await their reply."""
        return len(self._under_way)

    @property
    def wake_s(self) -> float:
        """When the next item is due, if the window has room; infinite for never."""
        if not self._heads or len(self._under_way) >= self._plan.window:
            return float("inf")
        return self._heads[0][0]

    def age_ms(self, now_ms: int) -> int:
        """Age of the oldest living item, 0 where there is none. The first of each lane is its oldest."""
        oldest = min((self._items[lane[0]].queued_ms for lane in self._lanes.values()), default=now_ms)
        return max(0, now_ms - oldest)

    def reserve(self) -> bool:
        """Keep a place for an item that may come; False where the queue is full."""
        if len(self._items) + len(self._dead) + self._reserved >= self._plan.depth_max:
            return False
        self.make_place()
        return True

    def make_place(self) -> None:
        """Keep a place for an item that must come, be the queue full or not."""
        self._reserved += 1

    def release(self) -> None:
        """Give a reserved place back."""
        self._reserved -= 1

    def add(self, item: Item) -> None:
        """Take an item, which is durable by now, into a reserved place."""
        self._reserved -= 1
        self.counts.queued += 1
        self._append(item)

    def due(self, now_s: float) -> list[Item]:
        """Items to be sent now. Each then needs one `answered` or `failed`."""
        found = []
        heads = self._heads
        while heads and heads[0][0] <= now_s and len(self._under_way) < self._plan.window:
            _, number = heapq.heappop(heads)
            self._under_way.add(number)
            self.counts.attempts += 1
            found.append(self._items[number])
        return found

    def put_back(self, number: int, now_s: float) -> None:
        """An item that was due could not be sent at all; it is due again, and this was no attempt."""
        self._under_way.discard(number)
        self.counts.attempts -= 1
        heapq.heappush(self._heads, (now_s, number))

    def answered(self, number: int, code: str, now_s: float) -> list[Change]:
        """The partner's answer to an item, in time."""
        item = self._items[number]
        if code in self._done_codes(item):
            return self._deliver(item, now_s)
        if code in self._plan.retry_codes or (_is_reversal(item) and code == DUPLICATE):
            return self.failed(number, f"code {code}", now_s)
        return self._bury(item._replace(attempts=item.attempts + 1), f"refused with code {code}", now_s)

    def answered_late(self, number: int, code: str, now_s: float) -> list[Change]:
        """An answer to an earlier attempt: if it is good, and the item rests, no other is needed."""
        item = self._items.get(number)
        if item is None or number in self._under_way or code not in self._done_codes(item):
            return []
        self._drop_head(number)
        return self._deliver(item, now_s)

    def failed(self, number: int, reason: str, now_s: float) -> list[Change]:
        """An attempt came to nothing."""
        attempts = self._items[number].attempts + 1
        item = self._items[number] = self._items[number]._replace(attempts=attempts)
        if attempts >= self._plan.attempts_max:
            return self._bury(item, f"{DEAD_REASON_TRIES}: {reason}", now_s)
        self.counts.retries += 1
        self._under_way.discard(number)
        heapq.heappush(self._heads, (now_s + self._wait_s(attempts), number))
        return [Attempted(number, attempts)]

    def dead_letter(self, number: int) -> Item:
        """A dead letter; KeyError where there is none of this number."""
        return self._dead[number]

    def revive(self, number: int) -> list[Change]:
        """Try a dead letter again, with all its attempts, in its place among those of its terminal.

        KeyError where there is none of this number.
        """
        item = self._dead.pop(number)._replace(dead_reason="", attempts=0)
        self.counts.revived += 1
        self._put_in_order(item)
        return [Revive(number)]

    def discard(self, number: int) -> list[Change]:
        """Give a dead letter up; KeyError where there is none of this number."""
        del self._dead[number]
        self.counts.discarded += 1
        return [Remove(number)]

    def _append(self, item: Item) -> None:
        self._items[item.number] = item
        lane = self._lanes.setdefault(item.order, deque())
        lane.append(item.number)
        if len(lane) == 1:
            heapq.heappush(self._heads, (0.0, item.number))

    def _put_in_order(self, item: Item) -> None:
        """Before the newer ones of its lane, but for one that is under way."""
        self._items[item.number] = item
        lane = self._lanes.setdefault(item.order, deque())
        place = bisect(lane, item.number)
        if place == 0 and lane and lane[0] in self._under_way:
            place = 1
        lane.insert(place, item.number)
        if place == 0:
            if len(lane) > 1:
                self._drop_head(lane[1])
            heapq.heappush(self._heads, (0.0, item.number))

    def _drop_head(self, number: int) -> None:
        """Of a lane that is to go on later, or with another item."""
        self._heads = [head for head in self._heads if head[1] != number]
        heapq.heapify(self._heads)

    def _deliver(self, item: Item, now_s: float) -> list[Change]:
        self.counts.delivered += 1
        self._leave(item, now_s)
        return [Remove(item.number)]

    def _bury(self, item: Item, reason: str, now_s: float) -> list[Change]:
        self.counts.buried += 1
        self._leave(item, now_s)
        self._dead[item.number] = item._replace(dead_reason=reason)
        return [Bury(item.number, item.attempts, reason)]

    def _leave(self, item: Item, now_s: float) -> None:
        """An item goes; if it was the head of its lane, the next one is due."""
        del self._items[item.number]
        self._under_way.discard(item.number)
        lane = self._lanes[item.order]
        was_head = lane[0] == item.number
        lane.remove(item.number)
        if not lane:
            del self._lanes[item.order]
        elif was_head:
            heapq.heappush(self._heads, (now_s, lane[0]))

    def _wait_s(self, attempts: int) -> float:
        """Between half and all of a bound that doubles with each attempt."""
        bound = min(self._plan.first_wait_s * float(1 << min(attempts - 1, 30)), self._plan.longest_wait_s)
        return bound * (1 + self._chance()) / 2

    def _done_codes(self, item: Item) -> frozenset[str]:
        return self._plan.done_codes_of_reversals if _is_reversal(item) else self._plan.done_codes_of_advices


def _is_reversal(item: Item) -> bool:
    return item.message.mti[1] == "4"
