"""What a queue file must hold after some changes, said plainly; and items to put into it."""

from collections.abc import Iterable

from protocol.message import Message
from switch.journal.entries import Fate, ForwardedEntry
from switch.upstream.saf_types import (
    Attempted,
    Bury,
    Change,
    Enqueue,
    Forget,
    Forwarded,
    Item,
    Journaled,
    Loaded,
    Pending,
    Remember,
    Remove,
    Revive,
    Undo,
)

CARD = "6280010000000017"


class Content:
    """The model of a queue file."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, int], Forwarded] = {}
        self.items: dict[int, Item] = {}
        self.pending: dict[int, Pending] = {}
        self.floors: dict[str, int] = {}

    def apply(self, changes: Iterable[Change]) -> None:
        """Take changes over."""
        for change in changes:
            self._apply(change)

    def _apply(self, change: Change) -> None:
        match change:
            case Remember(row):
                self.rows.setdefault((row.local_terminal_id, row.local_key), row)
            case Undo(terminal_id, key, undone):
                if (terminal_id, key) in self.rows:
                    self.rows[terminal_id, key] = self.rows[terminal_id, key]._replace(undone=undone)
            case Forget(row, floor):
                self.rows.pop((row.local_terminal_id, row.local_key), None)
                self.floors[row.local_terminal_id] = floor
            case Pending():
                self.pending[change.number] = change
            case Journaled(number):
                self.pending.pop(number, None)
            case Enqueue(item):
                self.items.setdefault(item.number, item)
            case Attempted(number, attempts):
                self._replace(number, attempts=attempts)
            case Remove(number):
                self.items.pop(number, None)
            case Bury(number, attempts, reason):
                self._replace(number, attempts=attempts, dead_reason=reason)
            case Revive(number):
                self._replace(number, attempts=0, dead_reason="")

    def _replace(self, number: int, *, attempts: int, dead_reason: str = "") -> None:
        """One that is gone stays gone: changes may be written twice."""
        if number in self.items:
            self.items[number] = self.items[number]._replace(attempts=attempts, dead_reason=dead_reason)

    def loaded(self) -> Loaded:
        """The same as `Store.load` tells it."""
        rows = tuple(sorted(self.rows.values()))
        items = tuple(self.items[number] for number in sorted(self.items))
        pending = tuple(self.pending[number] for number in sorted(self.pending))
        numbers = [row.number for row in rows] + list(self.items) + list(self.pending)
        return Loaded(rows, items, pending, dict(self.floors), max(numbers, default=0) + 1)


def told(number: int, fate: Fate = Fate.STORED, terminal_id: str = "T0000001") -> ForwardedEntry:
    """What the journal tells of a request."""
    return ForwardedEntry(
        at_ms=0,
        mti="0220",
        terminal_id=terminal_id,
        stan=number,
        transmitted_s=1_795_291_200,
        digest=b"d" * 16,
        processing_code="000000",
        amount=100_000,
        currency="364",
        merchant_id="SHOP1",
        branch_number=1,
        fate=fate,
        response_code="00",
        original_s=0,
        original_stan=0,
        partner="sister",
        partner_terminal_id="CLUB0001",
        partner_s=1_795_291_200,
        partner_stan=number,
    )


def reversal(number: int, order: str = "T0000001", queued_ms: int = 0) -> Item:
    """A reversal in the queue."""
    named = f"0200{number:06d}1121200000".ljust(42, "0")
    fields = {3: "000000", 4: "000000100000", 12: "101500", 13: "0830", 41: "CLUB0001", 42: "CLUB"}
    return Item(number, order, Message("0400", {**fields, 49: "364", 90: named}), queued_ms, told(number))


def advice(number: int, order: str = "T0000001", queued_ms: int = 0) -> Item:
    """An advice in the queue, with its card."""
    fields = {3: "000000", 4: "000000100000", 7: "1121200000", 11: f"{number:06d}", 12: "101500", 13: "0830"}
    others = {2: CARD, 22: "021", 41: "CLUB0001", 42: "CLUB", 49: "364"}
    return Item(number, order, Message("0220", {**fields, **others}), queued_ms, told(number))


def forwarded(number: int, local_terminal_id: str = "T0000001", key: int | None = None) -> Forwarded:
    """A request that went out."""
    local_key = 1_795_291_200_000_000 + number if key is None else key
    return Forwarded(
        number, local_terminal_id, local_key, b"d" * 16, "0200", "CLUB0001", 1_795_291_200, number
    )
