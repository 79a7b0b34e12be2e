"""How far each terminal's reconciliation of a business day has come."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from protocol.dialect import ResponseCode, SettlementCode
from protocol.reconciliation import BatchTotals
from switch.journal.entries import MET, ReconciliationEntry, UploadedItem, Verdict
from switch.ledger.business_day import DayBook
from switch.settlement.totals import SettlementTotals


class Standing(StrEnum):
    """NONE: nothing came. UPLOADING: totals differ, the upload isn't ended. LATER: agreed, but more was
    counted since."""

    NONE = "none"
    IN_BALANCE = "in_balance"
    LATER = "later"
    UPLOADING = "uploading"
    OUT_OF_BALANCE = "out_of_balance"


class TerminalStanding(NamedTuple):
    """One terminal's day: what the switch counted, what the terminal claims, and where an upload differs.

    `items` are the uploaded transactions that aren't EQUAL, `missing` the positions of counted messages that
    an ended upload lacks.
    """

    terminal_id: str
    merchant_id: str
    branch_number: int
    standing: Standing
    counted: BatchTotals
    claimed: BatchTotals | None
    items: tuple[UploadedItem, ...]
    missing: tuple[int, ...]


def standings(totals: SettlementTotals, book: DayBook) -> Iterator[TerminalStanding]:
    """All terminals that did or claimed anything on a day, by name."""
    told: dict[str, list[ReconciliationEntry]] = {}
    for entry in totals.reconciliations:
        if entry.day == book.day:
            told.setdefault(entry.terminal_id, []).append(entry)
    for terminal_id in sorted({*told, *book.terminals}):
        yield _standing(totals, book, terminal_id, told.get(terminal_id, []))


def _standing(
    totals: SettlementTotals, book: DayBook, terminal_id: str, told: list[ReconciliationEntry]
) -> TerminalStanding:
    counted = book.totals(terminal_id)
    standing, claimed = Standing.NONE, None
    items: list[UploadedItem] = []
    missing: tuple[int, ...] = ()
    for entry in told:
        if entry.mti != "0500":
            items += entry.items
            continue
        claimed = entry.claimed
        if entry.announced is None:
            items, missing = [], ()
        elif entry.response_code == ResponseCode.APPROVED:
            met = {item.position for item in items if item.verdict in MET}
            missing = tuple(
                position for position in totals.positions.get(terminal_id, ()) if position not in met
            )
        standing = _after(entry, counted)
    record = totals.state.terminals.get(terminal_id)
    return TerminalStanding(
        terminal_id=terminal_id,
        merchant_id=told[-1].merchant_id if told else "" if record is None else record.merchant_id,
        branch_number=told[-1].branch_number if told else 0 if record is None else record.branch_number,
        standing=standing,
        counted=counted,
        claimed=claimed,
        items=tuple(item for item in items if item.verdict is not Verdict.EQUAL),
        missing=missing,
    )


def _after(entry: ReconciliationEntry, counted: BatchTotals) -> Standing:
    """What stands after a 0500 was answered."""
    if entry.response_code != ResponseCode.APPROVED:
        return Standing.UPLOADING
    if entry.counted != counted:
        return Standing.LATER
    balanced = entry.settlement_code == SettlementCode.IN_BALANCE
    return Standing.IN_BALANCE if balanced else Standing.OUT_OF_BALANCE
