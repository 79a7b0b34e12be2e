"""The journal feed: durable entries as lines of `protocol.feed`."""

import asyncio
from collections.abc import Sequence

from protocol.feed import FileEvent, RuleTableEvent, TransactionEvent, TransferLine
from switch.authoriser.dates import transmission_text
from switch.journal.entries import (
    Entry,
    FileActionEntry,
    Reason,
    TransactionEntry,
    Transfer,
    unpack,
)
from switch.journal.reader import SparseIndex, read_after
from switch.ledger.accounts import AccountKind, account_parts
from switch.ledger.purses import PURSES
from switch.rules.table import RuleTable

FEED_LIMIT_MAX = 1000
FEED_WAIT_MS_MAX = 30_000

_REASONS = {Reason.EARN: "earn", Reason.SPEND: "spend", Reason.REVERSE: "reverse"}


class JournalFeed:
    """Reads what is durable, by position; readers wait for the next commit.

    `merchants` are the merchants by ordinal, as the state keeps them: they are only ever appended.
    """

    def __init__(self, index: SparseIndex, merchants: Sequence[str], durable_position: int) -> None:
        self._index = index
        self._merchants = merchants
        self._advanced = asyncio.Event()
        self._is_stopped = False
        self.durable_position = durable_position

    def stop(self) -> None:
        """Send waiting readers away: nothing newer will come."""
        self._is_stopped = True
        self._advanced.set()

    def advance(self, durable_position: int) -> None:
        """Tell of a commit; wakes the readers."""
        self.durable_position = durable_position
        self._advanced.set()
        self._advanced = asyncio.Event()

    async def wait_beyond(self, position: int, wait_ms: int) -> None:
        """Return when something newer than `position` is durable, or after `wait_ms` milliseconds."""
        if wait_ms <= 0:
            return
        try:
            async with asyncio.timeout(wait_ms / 1000):
                while self.durable_position <= position and not self._is_stopped:
                    await self._advanced.wait()
        except TimeoutError:
            return

    async def lines(self, after: int, limit: int) -> bytes:
        """Up to `limit` lines behind a position. Made in a thread, so that a long catch-up doesn't hold up
        authorisation. Raises JournalFault."""
        return await asyncio.to_thread(self._lines, after, limit, self.durable_position)

    def _lines(self, after: int, limit: int, durable_position: int) -> bytes:
        lines = []
        for raw in read_after(self._index, after, durable_position, limit):
            entry = unpack(raw.kind, raw.version, raw.body)
            lines.append(event_of(raw.position, entry, self._merchants).model_dump_json())
        return "".join(f"{line}\n" for line in lines).encode("utf-8")


def event_of(
    position: int, entry: Entry, merchants: Sequence[str]
) -> TransactionEvent | FileEvent | RuleTableEvent:
    """The feed line of an entry. It holds no card number and no personal data."""
    if isinstance(entry, TransactionEntry):
        return _transaction(position, entry, merchants)
    if isinstance(entry, FileActionEntry):
        return FileEvent.model_validate(
            {
                "position": position,
                "at_ms": entry.at_ms,
                "file": entry.file_name,
                "action": entry.action,
                "response_code": entry.response_code,
            }
        )
    return RuleTableEvent(
        position=position,
        at_ms=entry.at_ms,
        table_version=entry.version,
        digest=RuleTable.unpack(entry.table).digest,
    )


def _transaction(position: int, entry: TransactionEntry, merchants: Sequence[str]) -> TransactionEvent:
    return TransactionEvent.model_validate(
        {
            "position": position,
            "at_ms": entry.at_ms,
            "mti": entry.mti,
            "processing_code": entry.processing_code,
            "terminal_id": entry.terminal_id,
            "merchant_id": entry.merchant_id,
            "branch_number": entry.branch_number,
            "stan": f"{entry.stan:06d}",
            "transmitted_at": transmission_text(entry.transmitted_s),
            "rrn": f"{position:012d}",
            "card_reference": entry.card_reference,
            "member_number": entry.member_number,
            "amount": entry.amount,
            "currency": entry.currency,
            "response_code": entry.response_code,
            "rule_table_version": entry.rule_table_version,
            "reverses": f"{entry.reverses:012d}" if entry.reverses else None,
            "transfers": tuple(_transfer(transfer, merchants) for transfer in entry.transfers),
            "balances": {PURSES[purse].name: balance for purse, balance in entry.balances},
        }
    )


def _transfer(transfer: Transfer, merchants: Sequence[str]) -> TransferLine:
    return TransferLine.model_validate(
        {
            "purse": PURSES[transfer.purse].name,
            "debit": account_name(transfer.debit, merchants),
            "credit": account_name(transfer.credit, merchants),
            "amount": transfer.amount,
            "reason": _REASONS[transfer.reason],
            "rule": transfer.rule_id,
        }
    )


def account_name(number: int, merchants: Sequence[str]) -> str:
    """An account for people and projections, as "member:12"."""
    kind, owner, _ = account_parts(number)
    if kind is AccountKind.MEMBER:
        return f"member:{owner}"
    if kind is AccountKind.MERCHANT:
        return f"merchant:{merchants[owner - 1]}"
    return "programme:liability"
