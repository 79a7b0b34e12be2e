"""Writes what the journal feed tells of transactions and balances into the projection tables."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from sqlalchemy import delete, insert, select

from host_api.core.database import WriteSession
from host_api.core.isolation import programme_of
from host_api.services.transactions.models import (
    Balance,
    Lot,
    LotLineRow,
    RecordLineRow,
    Transaction,
    TransactionGrant,
    TransactionRule,
    Transfer,
)
from host_api.services.transactions.operation import operation_of
from host_api.services.transactions.standing import change_standings, standing_at_first
from protocol.feed import Event, MaintenanceEvent, TransactionEvent

# So many accounts are looked up at once: databases bound the parameters of a statement.
_ACCOUNTS_AT_ONCE = 500

_LotKey = tuple[str, str, int, int]


class TransactionProjector:
    """Transactions, their transfers and grants, and lots; other events mean nothing to them.

    What it writes depends on the events alone, not on how they were cut into batches.
    """

    async def apply(self, session: WriteSession, events: Sequence[Event]) -> None:
        """Add the transactions among `events` and what all of them move."""
        transactions = [event for event in events if isinstance(event, TransactionEvent)]
        session.add_all(_transaction_row(event) for event in transactions)
        # Rows first: a reversal may name an original of the same batch, and transfers point at their
        # transaction.
        await session.flush()
        session.add_all(row for event in transactions for row in _transfer_rows(event))
        session.add_all(row for event in transactions for row in _grant_rows(event))
        if rules := _rule_rows(programme_of(session.sync_session), transactions):
            await session.execute(insert(TransactionRule), rules)
        await change_standings(session, events)
        await _move_lots(
            session, [event for event in events if isinstance(event, TransactionEvent | MaintenanceEvent)]
        )
        await session.flush()

    async def clear(self, session: WriteSession) -> None:
        """Empty the six tables."""
        for table in (Transfer, TransactionGrant, TransactionRule, Transaction, Lot, Balance):
            await session.execute(delete(table).execution_options(synchronize_session=False))


async def _move_lots(session: WriteSession, events: Sequence[TransactionEvent | MaintenanceEvent]) -> None:
    deltas: dict[_LotKey, int] = {}
    latest: dict[tuple[str, str], TransactionEvent | MaintenanceEvent] = {}
    for event in events:
        for lot in event.lots:
            key = (lot.account, lot.purse, lot.available_from_s, lot.expires_at_s)
            deltas[key] = deltas.get(key, 0) + lot.delta
            latest[lot.account, lot.purse] = event
    for accounts in _chunks(sorted({account for account, _ in latest}), _ACCOUNTS_AT_ONCE):
        lots = {
            (row.account, row.purse, row.available_from_s, row.expires_at_s): row
            for row in await session.scalars(select(Lot).where(Lot.account.in_(accounts)))
        }
        balances = {
            (row.account, row.purse): row
            for row in await session.scalars(select(Balance).where(Balance.account.in_(accounts)))
        }
        wanted = set(accounts)
        for lot_key, delta in deltas.items():
            if lot_key[0] in wanted:
                await _add_to_lot(session, lots.get(lot_key), lot_key, delta)
        for balance_key, event in latest.items():
            if balance_key[0] in wanted:
                _mark_balance(session, balances.get(balance_key), balance_key, event)


async def _add_to_lot(session: WriteSession, row: Lot | None, key: _LotKey, delta: int) -> None:
    amount = delta if row is None else row.amount + delta
    if row is None:
        if amount:
            account, purse, available_from_s, expires_at_s = key
            session.add(
                Lot(
                    account=account,
                    purse=purse,
                    available_from_s=available_from_s,
                    expires_at_s=expires_at_s,
                    amount=amount,
                )
            )
    elif amount:
        row.amount = amount
    else:
        await session.delete(row)


def _mark_balance(
    session: WriteSession,
    row: Balance | None,
    key: tuple[str, str],
    event: TransactionEvent | MaintenanceEvent,
) -> None:
    if row is None:
        account, purse = key
        session.add(Balance(account=account, purse=purse, position=event.position, at_ms=event.at_ms))
    else:
        row.position, row.at_ms = event.position, event.at_ms


def _chunks(items: Iterable[str], size: int) -> Iterator[list[str]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _transaction_row(event: TransactionEvent) -> Transaction:
    return Transaction(
        position=event.position,
        at_ms=event.at_ms,
        mti=event.mti,
        processing_code=event.processing_code,
        terminal_id=event.terminal_id,
        merchant_id=event.merchant_id,
        branch_number=event.branch_number,
        stan=event.stan,
        transmitted_at=event.transmitted_at,
        rrn=event.rrn,
        card_reference=event.card_reference,
        member_number=event.member_number,
        amount=event.amount,
        discount=event.discount,
        tendered=event.tendered,
        net_amount=event.net_amount,
        currency=event.currency,
        response_code=event.response_code,
        rule_table_version=event.rule_table_version,
        reverses_rrn=event.reverses,
        reversed_by_rrn=None,
        concerns_rrn=event.concerns,
        hold_until_s=event.hold_until_s,
        line_count=event.line_count,
        balances_after=dict(event.balances),
        operation=operation_of(event.mti, event.processing_code).value,
        standing=standing_at_first(event).value,
        returned_amount=0,
        lot_lines=[
            LotLineRow(
                account=line.account,
                purse=line.purse,
                available_from_s=line.available_from_s,
                expires_at_s=line.expires_at_s,
                delta=line.delta,
            )
            for line in event.lots
        ],
        record_lines=[
            RecordLineRow(
                file=line.file,
                action=line.action,
                member_number=line.member_number,
                card_reference=line.card_reference,
            )
            for line in event.records
        ],
    )


def _rule_rows(programme_id: int, events: Iterable[TransactionEvent]) -> list[dict[str, object]]:
    return [
        {"programme_id": programme_id, "rule": rule, "position": event.position}
        for event in events
        for rule in sorted({grant.rule for grant in event.grants if grant.granted})
    ]


def _transfer_rows(event: TransactionEvent) -> list[Transfer]:
    return [
        Transfer(
            position=event.position,
            sequence=sequence,
            purse=line.purse,
            debit_account=line.debit,
            credit_account=line.credit,
            amount=line.amount,
            reason=line.reason,
            stage=line.stage,
            rule=line.rule,
        )
        for sequence, line in enumerate(event.transfers)
    ]


def _grant_rows(event: TransactionEvent) -> list[TransactionGrant]:
    return [
        TransactionGrant(position=event.position, sequence=sequence, **line.model_dump())
        for sequence, line in enumerate(event.grants)
    ]
