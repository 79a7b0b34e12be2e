"""The journal feed: durable entries as lines of `protocol.feed`."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from protocol.dialect import FileUpdateCode, Tag, TransactionType, read_processing_code
from protocol.feed import (
    CutOverEvent,
    Event,
    FileEvent,
    ForwardedEvent,
    GrantLine,
    LotLine,
    MaintenanceEvent,
    OrderEvent,
    ReconciliationEvent,
    RecordLine,
    RuleTableEvent,
    TransactionEvent,
    TransferLine,
)
from switch.authoriser.dates import transmission_text
from switch.journal.entries import (
    NO_GRANT,
    CutOverEntry,
    Entry,
    FileActionEntry,
    ForwardedEntry,
    GrantRecord,
    LotMove,
    MaintenanceEntry,
    OrderEntry,
    ReconciliationEntry,
    RecordChange,
    TransactionEntry,
    Transfer,
    unpack,
)
from switch.journal.reader import SparseIndex, read_after
from switch.ledger.accounts import ProgrammeAccount, account_parts
from switch.operations.feed_readers import FeedReaders
from switch.rules.local_time import iso_date
from switch.rules.outcome import EffectType, Party

FEED_LIMIT_MAX = 1000
FEED_WAIT_MS_MAX = 30_000

_NUMBERS = frozenset({Tag.MEMBER_NUMBER.value, Tag.CARD_REFERENCE.value})

# Name of a purse by its code, None where the rules don't declare it.
PurseNames = Callable[[int], str | None]


class Naming(NamedTuple):
    """How numbers in entries are told: merchants by ordinal, purses by code."""

    merchants: Sequence[str]
    purse_names: PurseNames

    def purse(self, code: int) -> str:
        """A purse, also one that the present rules no longer have."""
        return self.purse_names(code) or f"purse-{code:02d}"

    def party(self, party: Party, number: int) -> str:
        """An owner of accounts, as "member:12"."""
        if party is Party.MERCHANT:
            return f"merchant:{self.merchants[number - 1]}"
        if party is Party.PROGRAMME:
            return f"programme:{ProgrammeAccount(number).name.lower()}"
        return f"{party.name.lower()}:{number}"

    def account(self, number: int) -> str:
        """An account's owner; the purse is told beside it."""
        party, owner, _ = account_parts(number)
        return self.party(party, owner)


class JournalFeed:
    """Reads what is durable, by position; readers wait for the next commit.

    `merchants` are the merchants by ordinal, as the state keeps them: they are only ever appended.
    `purse_names` tells what the rules in force call a purse, whose code never changes its meaning; `naming`
    is made of both. `index` finds entries of the segments.
    """

    def __init__(
        self, index: SparseIndex, merchants: Sequence[str], durable_position: int, purse_names: PurseNames
    ) -> None:
        self.index = index
        self.naming = Naming(merchants, purse_names)
        self._advanced = asyncio.Event()
        self._is_stopped = False
        self.durable_position = durable_position
        self.readers = FeedReaders(time.monotonic_ns, lambda: self.durable_position)

    def stop(self) -> None:
        """Send waiting readers away: nothing newer will come."""
        self._is_stopped = True
        self._advanced.set()

    def purse(self, code: int) -> str:
        """What the lines call a purse."""
        return self.naming.purse(code)

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
        authorisation. Raises JournalFault, PositionGone where the journal no longer has the first of them."""
        return await asyncio.to_thread(self._lines, after, limit, self.durable_position)

    def _lines(self, after: int, limit: int, durable_position: int) -> bytes:
        lines = []
        for raw in read_after(self.index, after, durable_position, limit):
            entry = unpack(raw.kind, raw.version, raw.body)
            lines.append(event_of(raw.position, entry, self.naming).model_dump_json())
        return "".join(f"{line}\n" for line in lines).encode("utf-8")


def event_of(position: int, entry: Entry, naming: Naming) -> Event:
    """The feed line of an entry. It holds no card number and no personal data."""
    if isinstance(entry, TransactionEntry):
        return _transaction(position, entry, naming)
    if isinstance(entry, MaintenanceEntry):
        return MaintenanceEvent(
            position=position,
            at_ms=entry.at_ms,
            transfers=tuple(_transfer(transfer, (), naming) for transfer in entry.transfers),
            lots=tuple(_lot(move, naming) for move in entry.lot_moves),
            released_holds=tuple(f"{hold:012d}" for hold in entry.released_holds),
        )
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
    if isinstance(entry, CutOverEntry):
        return CutOverEvent(position=position, at_ms=entry.at_ms, business_date=iso_date(entry.day))
    if isinstance(entry, ReconciliationEntry):
        return ReconciliationEvent(
            position=position,
            at_ms=entry.at_ms,
            mti=entry.mti,
            terminal_id=entry.terminal_id,
            merchant_id=entry.merchant_id,
            branch_number=entry.branch_number,
            business_date=iso_date(entry.day),
            response_code=entry.response_code,
            settlement_code=entry.settlement_code or None,
            uploaded=len(entry.items),
            differences=entry.differences,
        )
    if isinstance(entry, ForwardedEntry):
        return _forwarded(position, entry)
    if isinstance(entry, OrderEntry):
        return OrderEvent.model_validate(
            {
                "position": position,
                "at_ms": entry.at_ms,
                "person": entry.person,
                "role": entry.role,
                "order": entry.order,
                "arguments": dict(entry.arguments),
                "outcome": entry.outcome.name.lower(),
                "began": entry.began or None,
                "told": entry.told,
            }
        )
    return RuleTableEvent(
        position=position,
        at_ms=entry.at_ms,
        table_version=entry.version,
        digest=hashlib.sha256(entry.table).hexdigest(),
    )


def _transaction(position: int, entry: TransactionEntry, naming: Naming) -> TransactionEvent:
    return TransactionEvent(
        position=position,
        at_ms=entry.at_ms,
        mti=entry.mti,
        processing_code=entry.processing_code,
        terminal_id=entry.terminal_id,
        merchant_id=entry.merchant_id,
        branch_number=entry.branch_number,
        stan=f"{entry.stan:06d}",
        transmitted_at=transmission_text(entry.transmitted_s),
        rrn=f"{position:012d}",
        card_reference=entry.card_reference,
        member_number=entry.member_number,
        amount=entry.amount,
        discount=entry.discount,
        tendered=entry.tendered,
        net_amount=entry.net_amount,
        currency=entry.currency,
        response_code=entry.response_code,
        rule_table_version=entry.rule_table_version,
        reverses=f"{entry.reverses:012d}" if entry.reverses else None,
        concerns=f"{entry.concerns:012d}" if entry.concerns else None,
        hold_until_s=entry.hold_until_s or None,
        line_count=len(entry.lines),
        grants=tuple(_grant(grant, naming) for grant in _own_grants(entry)),
        transfers=tuple(_transfer(transfer, entry.grants, naming) for transfer in entry.transfers),
        lots=tuple(_lot(move, naming) for move in entry.lot_moves),
        records=tuple(_record(change) for change in entry.record_changes),
        balances={naming.purse(purse): balance for purse, balance in entry.balances},
    )


def _forwarded(position: int, entry: ForwardedEntry) -> ForwardedEvent:
    undoes = entry.original_s > 0
    return ForwardedEvent.model_validate(
        {
            "position": position,
            "at_ms": entry.at_ms,
            "fate": entry.fate.name.lower(),
            "mti": entry.mti,
            "processing_code": entry.processing_code,
            "terminal_id": entry.terminal_id,
            "merchant_id": entry.merchant_id,
            "branch_number": entry.branch_number,
            "stan": f"{entry.stan:06d}",
            "transmitted_at": transmission_text(entry.transmitted_s),
            "amount": entry.amount,
            "currency": entry.currency,
            "response_code": entry.response_code,
            "original_stan": f"{entry.original_stan:06d}" if undoes else None,
            "original_transmitted_at": transmission_text(entry.original_s) if undoes else None,
            "partner": entry.partner,
            "partner_terminal_id": entry.partner_terminal_id,
            "partner_stan": f"{entry.partner_stan:06d}",
            "partner_transmitted_at": transmission_text(entry.partner_s),
            "partner_rrn": dict(entry.reply_fields).get(37),
            "discount": entry.discount,
            "tendered": entry.tendered,
            "net_amount": entry.net_amount,
            "voids_hold": entry.voids_hold,
        }
    )


def _own_grants(entry: TransactionEntry) -> tuple[GrantRecord, ...]:
    """What the rules decided here.

    Returns and reversals have the grants of their sale, for their transfers to name: told again, these would
    count twice.
    """
    processing = read_processing_code(entry.processing_code)
    gives_back = entry.reverses or (processing is not None and processing.type is TransactionType.RETURN)
    return () if gives_back else entry.grants


def _transfer(transfer: Transfer, grants: tuple[GrantRecord, ...], naming: Naming) -> TransferLine:
    return TransferLine.model_validate(
        {
            "purse": naming.purse(transfer.purse),
            "debit": naming.account(transfer.debit),
            "credit": naming.account(transfer.credit),
            "amount": transfer.amount,
            "reason": transfer.reason.name.lower(),
            "stage": transfer.stage.name.lower(),
            "rule": _rule(transfer, grants),
        }
    )


def _rule(transfer: Transfer, grants: tuple[GrantRecord, ...]) -> str:
    return "" if transfer.grant == NO_GRANT else grants[transfer.grant].rule_id


def _lot(move: LotMove, naming: Naming) -> LotLine:
    return LotLine(
        account=naming.account(move.account),
        purse=naming.purse(account_parts(move.account)[2]),
        available_from_s=move.available_from_s,
        expires_at_s=move.expires_at_s,
        delta=move.delta,
    )


def _grant(grant: GrantRecord, naming: Naming) -> GrantLine:
    return GrantLine.model_validate(
        {
            "rule": grant.rule_id,
            "version": grant.version,
            "type": grant.type.name.lower(),
            "purse": None if grant.type is EffectType.DISCOUNT else naming.purse(grant.purse),
            "beneficiary": naming.party(grant.party, grant.number),
            "desired": grant.desired,
            "granted": grant.granted,
            "reason": grant.reason.name.lower(),
        }
    )


def _record(change: RecordChange) -> RecordLine:
    numbers = {tag: int(value) for tag, value in change.record if tag in _NUMBERS and isinstance(value, str)}
    return RecordLine.model_validate(
        {
            "file": change.file_name,
            "action": FileUpdateCode.DELETE if change.delete else FileUpdateCode.ADD_OR_REPLACE,
            "member_number": numbers.get(Tag.MEMBER_NUMBER),
            "card_reference": numbers.get(Tag.CARD_REFERENCE),
        }
    )
