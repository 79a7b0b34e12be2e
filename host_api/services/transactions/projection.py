"""Writes the journal feed's transactions into the projection tables."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from host_api.core.database import WriteSession
from host_api.services.transactions.models import Balance, Transaction, Transfer
from protocol.dialect import ResponseCode
from protocol.feed import FileEvent, RuleTableEvent, TransactionEvent


class TransactionProjector:
    """Transactions, transfers and balances; other events mean nothing to them.

    What it writes depends on the events alone, not on how they were cut into batches.
    """

    async def apply(
        self, session: WriteSession, events: Sequence[TransactionEvent | FileEvent | RuleTableEvent]
    ) -> None:
        """Add the transactions among `events` and set the balances they end with."""
        transactions = [event for event in events if isinstance(event, TransactionEvent)]
        session.add_all(_transaction_row(event) for event in transactions)
        # Rows first: a reversal may name an original of the same batch, and transfers point at their
        # transaction.
        await session.flush()
        session.add_all(row for event in transactions for row in _transfer_rows(event))
        for event in transactions:
            if event.reverses is not None and event.response_code == ResponseCode.APPROVED:
                await session.execute(
                    update(Transaction)
                    .where(
                        Transaction.rrn == event.reverses,
                        Transaction.position < event.position,
                        Transaction.reversed_by_rrn.is_(None),
                    )
                    .values(reversed_by_rrn=event.rrn)
                    .execution_options(synchronize_session=False)
                )
        await _set_balances(session, transactions)
        await session.flush()

    async def clear(self, session: WriteSession) -> None:
        """Empty the three tables."""
        for table in (Transfer, Transaction, Balance):
            await session.execute(delete(table).execution_options(synchronize_session=False))


async def _set_balances(session: WriteSession, transactions: Sequence[TransactionEvent]) -> None:
    latest: dict[tuple[int, str], tuple[int, TransactionEvent]] = {}
    for event in transactions:
        if event.member_number is not None:
            for changed, balance in event.balances.items():
                latest[event.member_number, changed] = (balance, event)
    members = {member for member, _ in latest}
    known = {
        (row.member_number, row.purse): row
        for row in await session.scalars(select(Balance).where(Balance.member_number.in_(members)))
    }
    for (member, purse), (amount, event) in latest.items():
        row = known.get((member, purse))
        if row is None:
            session.add(
                Balance(
                    member_number=member,
                    purse=purse,
                    amount=amount,
                    position=event.position,
                    at_ms=event.at_ms,
                )
            )
        else:
            row.amount, row.position, row.at_ms = amount, event.position, event.at_ms


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
        currency=event.currency,
        response_code=event.response_code,
        rule_table_version=event.rule_table_version,
        reverses_rrn=event.reverses,
        reversed_by_rrn=None,
        balances_after=dict(event.balances),
    )


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
            rule=line.rule,
        )
        for sequence, line in enumerate(event.transfers)
    ]
