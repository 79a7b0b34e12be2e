"""Transactions and balances, as projected from the journal feed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from host_api.core.clock import from_epoch_ms, to_epoch_ms, utc_now
from host_api.core.database import AnySession, ReadSession
from host_api.core.errors import Problem
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.services.transactions import repository, search
from host_api.services.transactions.listing import TransactionFilters, TransactionQuery
from host_api.services.transactions.models import (
    Balance,
    Lot,
    LotLineRow,
    RecordLineRow,
    Transaction,
)
from host_api.services.transactions.operation import Operation
from host_api.services.transactions.schemas import (
    BalancesRead,
    GrantRead,
    PurseBalance,
    TransactionRead,
    TransferRead,
)
from host_api.services.transactions.standing import Standing
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
    found = await find(session, rrn)
    if found is None:
        raise TransactionNotFound
    return found


async def find(session: AnySession, rrn: str) -> TransactionRead | None:
    """One transaction, None where there is none."""
    transaction = await repository.find(session, rrn)
    return None if transaction is None else _read(transaction)


async def journal_lines_of(
    session: AnySession, rrn: str
) -> tuple[Sequence[LotLineRow], Sequence[RecordLineRow]]:
    """What a transaction added to lots, and the records it changed.

    Raises:
        TransactionNotFound
    """
    transaction = await repository.find(session, rrn)
    if transaction is None:
        raise TransactionNotFound
    return transaction.lot_lines, transaction.record_lines


async def read_page(session: ReadSession, query: TransactionQuery) -> Page[TransactionRead]:
    """A page of transactions.

    Raises:
        ValidationFailed: the period ends before it begins, or a range of amounts is too wide.
    """
    found, next_cursor = await read_rows(session, await search.statement_of(session, query), query)
    transactions = await repository.with_parts(session, found)
    return Page(items=[_read(transaction) for transaction in transactions], next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: TransactionFilters, cursor: str | None, limit: int
) -> tuple[list[TransactionRead], str | None]:
    """Up to `limit` transactions after `cursor`, and the cursor of those behind them.

    Raises:
        ValidationFailed
    """
    statement = await search.statement_of(session, query)
    found, next_cursor = await read_rows_after(session, statement, query, cursor, limit)
    return [_read(transaction) for transaction in await repository.with_parts(session, found)], next_cursor


async def linked_to(session: AnySession, rrn: str) -> list[TransactionRead]:
    """What came later and names the transaction: its reversals, returns, completion; in order."""
    return [_read(transaction) for transaction in await repository.linked_to(session, rrn)]


async def of_identity(session: AnySession, transaction: TransactionRead) -> list[TransactionRead]:
    """Other transactions of the same terminal under the same STAN and transmission time; in order."""
    found = await repository.of_identity(
        session, transaction.terminal_id, transaction.stan, transaction.transmitted_at
    )
    return [_read(row) for row in found if row.rrn != transaction.rrn]


async def balances_of(session: AnySession, member_id: int, household: int | None) -> BalancesRead:
    """A member's purses now, also those that the household holds; one that never changed counts zero."""
    accounts = [f"member:{member_id}"]
    if household is not None:
        accounts.append(f"household:{household}")
    purses = await _purses(session, accounts, _PURSES)
    amounts = {entry.purse: entry.amount for entry in purses}
    return BalancesRead(
        member_id=member_id, points=amounts["points"], credit=amounts["credit"], purses=purses
    )


async def purses_of_gift_card(session: AnySession, reference: int) -> list[PurseBalance]:
    """What is on a gift card now; one that was never loaded has no purses."""
    return await _purses(session, [f"gift_card:{reference}"], ())


async def _purses(session: AnySession, accounts: Sequence[str], always: Sequence[str]) -> list[PurseBalance]:
    """The purses of accounts together: those that are always told, and those that ever changed."""
    moved = await repository.balances(session, accounts)
    lots = await repository.lots(session, accounts)
    now_s = int(utc_now().timestamp())
    names = [*always, *sorted({row.purse for row in moved}.difference(always))]
    return [
        _purse(
            name,
            [row for row in moved if row.purse == name],
            [lot for lot in lots if lot.purse == name],
            now_s,
        )
        for name in names
    ]


@dataclass(frozen=True, slots=True)
class Purchases:
    """When a member last bought something, and how often within a period."""

    last_at: datetime
    count: int


async def purchases_since(
    session: AnySession, member_ids: Sequence[int], since: datetime
) -> dict[int, Purchases]:
    """Purchases that were approved and not reversed from `since` on, of those of the members who have any."""
    found = await repository.purchases_since(session, member_ids, to_epoch_ms(since))
    return {member_id: Purchases(from_epoch_ms(last_at_ms), count) for member_id, last_at_ms, count in found}


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
        operation=Operation(transaction.operation),
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
        standing=Standing(transaction.standing),
        returned_amount=transaction.returned_amount,
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
