"""Transactions and balances, as projected from the journal feed."""

from datetime import datetime
from typing import get_args

from pydantic import TypeAdapter

from host_api.core.clock import from_epoch_ms, to_epoch_ms
from host_api.core.database import AnySession, ReadSession
from host_api.core.errors import Problem
from host_api.core.pagination import Page, cut_page, encode_cursor
from host_api.services.transactions import repository
from host_api.services.transactions.models import Transaction
from host_api.services.transactions.schemas import (
    BalancesRead,
    Operation,
    PurseBalance,
    TransactionRead,
    TransferRead,
)
from protocol.dialect import ProcessingCode, ResponseCode
from protocol.feed import Purse

_PURSES: tuple[Purse, ...] = get_args(Purse)
_TRANSFERS = TypeAdapter(list[TransferRead])
_OPERATIONS: dict[str, Operation] = {
    ProcessingCode.PURCHASE: Operation.PURCHASE,
    ProcessingCode.PURCHASE_FROM_POINTS: Operation.POINTS_REDEMPTION,
    ProcessingCode.PURCHASE_FROM_CREDIT: Operation.CREDIT_REDEMPTION,
    ProcessingCode.BALANCE_INQUIRY: Operation.BALANCE_INQUIRY,
}


class TransactionNotFound(Problem):
    """No transaction has this RRN."""

    status = 404
    code = "transaction-not-found"
    title = "Transaction not found"
    title_fa = "تراکنش پیدا نشد"
    detail = "There is no transaction with this RRN, or it has not been projected yet."
    detail_fa = "تراکنشی با این شمارهٔ مرجع وجود ندارد یا هنوز به این‌جا نرسیده است."


async def read(session: AnySession, rrn: str) -> TransactionRead:
    """One transaction.

    Raises:
        TransactionNotFound
    """
    transaction = await repository.find(session, rrn)
    if transaction is None:
        raise TransactionNotFound
    return _read(transaction)


async def read_page(
    session: ReadSession,
    *,
    member_id: int | None,
    terminal_id: str | None,
    rrn: str | None,
    begin: datetime | None,
    end: datetime | None,
    before: int | None,
    limit: int,
) -> Page[TransactionRead]:
    """A page of transactions, latest first; `begin` is included, `end` isn't."""
    rows = await repository.page(
        session,
        member_number=member_id,
        terminal_id=terminal_id,
        rrn=rrn,
        from_ms=None if begin is None else to_epoch_ms(begin),
        to_ms=None if end is None else to_epoch_ms(end),
        before=before,
        limit=limit + 1,
    )
    transactions, more = cut_page(rows, limit)
    return Page(
        items=[_read(transaction) for transaction in transactions],
        next_cursor=encode_cursor(transactions[-1].position) if more else None,
    )


async def balances_of(session: AnySession, member_id: int) -> BalancesRead:
    """A member's purses; one that never changed counts zero."""
    rows = {row.purse: row for row in await repository.balances(session, member_id)}
    purses = [
        PurseBalance(purse=purse, amount=row.amount, position=row.position, at=from_epoch_ms(row.at_ms))
        if (row := rows.get(purse)) is not None
        else PurseBalance(purse=purse, amount=0, position=None, at=None)
        for purse in _PURSES
    ]
    amounts = {entry.purse: entry.amount for entry in purses}
    return BalancesRead(
        member_id=member_id, points=amounts["points"], credit=amounts["credit"], purses=purses
    )


def _read(transaction: Transaction) -> TransactionRead:
    is_reversal = transaction.mti.startswith("04")
    operation = _OPERATIONS.get(transaction.processing_code, Operation.OTHER)
    return TransactionRead(
        rrn=transaction.rrn,
        position=transaction.position,
        at=from_epoch_ms(transaction.at_ms),
        operation=Operation.REVERSAL if is_reversal else operation,
        approved=transaction.response_code == ResponseCode.APPROVED,
        response_code=transaction.response_code,
        amount=transaction.amount,
        currency=transaction.currency,
        terminal_id=transaction.terminal_id,
        merchant_id=transaction.merchant_id,
        branch_number=transaction.branch_number,
        stan=transaction.stan,
        transmitted_at=transaction.transmitted_at,
        mti=transaction.mti,
        processing_code=transaction.processing_code,
        member_id=transaction.member_number,
        card_id=transaction.card_reference,
        rule_table_version=transaction.rule_table_version,
        reverses_rrn=transaction.reverses_rrn,
        reversed_by_rrn=transaction.reversed_by_rrn,
        balances_after={
            purse: transaction.balances_after[purse]
            for purse in _PURSES
            if purse in transaction.balances_after
        },
        transfers=_TRANSFERS.validate_python(
            [
                {
                    "purse": transfer.purse,
                    "debit": transfer.debit_account,
                    "credit": transfer.credit_account,
                    "amount": transfer.amount,
                    "reason": transfer.reason,
                    "rule": transfer.rule,
                }
                for transfer in transaction.transfers
            ]
        ),
    )
