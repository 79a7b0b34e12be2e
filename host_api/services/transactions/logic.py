"""Transactions and balances, as projected from the journal feed."""

from collections.abc import Sequence

from pydantic import TypeAdapter
from sqlalchemy import select

from host_api.core.clock import from_epoch_ms, utc_now
from host_api.core.database import AnySession, ReadSession
from host_api.core.error_handlers import field_problem
from host_api.core.errors import Problem, ValidationFailed
from host_api.core.listing import Page, read_rows
from host_api.services.transactions import repository
from host_api.services.transactions.listing import TransactionQuery
from host_api.services.transactions.models import Balance, Lot, Transaction
from host_api.services.transactions.operation import operation_of
from host_api.services.transactions.schemas import (
    BalancesRead,
    GrantRead,
    PurseBalance,
    TransactionRead,
    TransferRead,
)
from protocol.dialect import ResponseCode

# Purses that a member has from the beginning.
_PURSES = ("points", "credit")
_TRANSFERS = TypeAdapter(list[TransferRead])
_GRANTS = TypeAdapter(list[GrantRead])


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


async def read_page(session: ReadSession, query: TransactionQuery) -> Page[TransactionRead]:
    """A page of transactions.

    Raises:
        ValidationFailed: the period ends before it begins.
    """
    if query.begin is not None and query.end is not None and query.end <= query.begin:
        raise ValidationFailed([field_problem("period", "`to` must be later than `from`", "to", "query")])
    statement = select(Transaction).options(*repository.PARTS)
    transactions, next_cursor = await read_rows(session, statement, query)
    return Page(items=[_read(transaction) for transaction in transactions], next_cursor=next_cursor)


async def balances_of(session: AnySession, member_id: int, household: int | None) -> BalancesRead:
    """A member's purses now, also those that the household holds; one that never changed counts zero."""
    accounts = [f"member:{member_id}"]
    if household is not None:
        accounts.append(f"household:{household}")
    moved = await repository.balances(session, accounts)
    lots = await repository.lots(session, accounts)
    now_s = int(utc_now().timestamp())
    names = [*_PURSES, *sorted({row.purse for row in moved}.difference(_PURSES))]
    purses = [
        _purse(
            name,
            [row for row in moved if row.purse == name],
            [lot for lot in lots if lot.purse == name],
            now_s,
        )
        for name in names
    ]
    amounts = {entry.purse: entry.amount for entry in purses}
    return BalancesRead(
        member_id=member_id, points=amounts["points"], credit=amounts["credit"], purses=purses
    )


def _purse(name: str, moved: Sequence[Balance], lots: Sequence[Lot], now_s: int) -> PurseBalance:
    last = max(moved, key=lambda row: row.position, default=None)
    return PurseBalance(
        purse=name,
        # Debt has no times and always counts.
        amount=sum(
            lot.amount
            for lot in lots
            if lot.expires_at_s == 0 or lot.available_from_s <= now_s < lot.expires_at_s
        ),
        pending=sum(lot.amount for lot in lots if now_s < lot.available_from_s),
        position=None if last is None else last.position,
        at=None if last is None else from_epoch_ms(last.at_ms),
    )


def _read(transaction: Transaction) -> TransactionRead:
    hold_until_s = transaction.hold_until_s
    return TransactionRead(
        rrn=transaction.rrn,
        position=transaction.position,
        at=from_epoch_ms(transaction.at_ms),
        operation=operation_of(transaction.mti, transaction.processing_code),
        approved=transaction.response_code == ResponseCode.APPROVED,
        response_code=transaction.response_code,
        amount=transaction.amount,
        discount=transaction.discount,
        tendered=transaction.tendered,
        net_amount=transaction.net_amount,
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
        concerns_rrn=transaction.concerns_rrn,
        hold_until=None if hold_until_s is None else from_epoch_ms(hold_until_s * 1000),
        line_count=transaction.line_count,
        balances_after=transaction.balances_after,
        transfers=_TRANSFERS.validate_python(
            [
                {
                    "purse": transfer.purse,
                    "debit": transfer.debit_account,
                    "credit": transfer.credit_account,
                    "amount": transfer.amount,
                    "reason": transfer.reason,
                    "stage": transfer.stage,
                    "rule": transfer.rule,
                }
                for transfer in transaction.transfers
            ]
        ),
        grants=_GRANTS.validate_python(
            [
                {
                    "rule": grant.rule,
                    "version": grant.version,
                    "type": grant.type,
                    "purse": grant.purse,
                    "beneficiary": grant.beneficiary,
                    "desired": grant.desired,
                    "granted": grant.granted,
                    "reason": grant.reason,
                }
                for grant in transaction.grants
            ]
        ),
    )
