"""Debts and their settlement, and reading merchants' books."""

from collections.abc import Sequence

from sqlalchemy import case, func, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.tehran_time import period_of_days
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus
from host_api.services.members.succession import survivor_of
from host_api.services.merchants import logic as merchants
from host_api.services.store_accounts.books import Part, StoreDocument, post
from host_api.services.store_accounts.listing import (
    StoreDebtActQuery,
    StoreDebtorQuery,
    StoreEntryFilters,
    StoreEntryQuery,
)
from host_api.services.store_accounts.models import StoreDebtAct, StoreDebtor, StoreEntry
from host_api.services.store_accounts.problems import DebtorNotServed, StoreFileTooLong
from host_api.services.store_accounts.schemas import (
    StoreAccount,
    StoreAccountSum,
    StoreDebtActKind,
    StoreDebtActRead,
    StoreDebtCreate,
    StoreDebtorRead,
    StoreDocumentKind,
    StoreEntryRead,
    StorePeriodQuery,
    StoreSettlementCreate,
    StoreTrialBalance,
)
from host_api.services.store_accounts.store_file import MOST_ENTRIES, FileEntry, store_file
from host_api.services.store_accounts.till_documents import TillReferenceUsed, digest_of, known_document


async def write_debt(session: WriteSession, wanted: StoreDebtCreate, caller: Caller) -> StoreDebtActRead:
    """Write a debt down that comes from elsewhere.

    Raises:
        merchants.BranchNotFound, members.MemberNotFound, DebtorNotServed, TillReferenceUsed
    """
    return await _act(session, wanted, StoreDebtActKind.DEBT, StoreAccount.OPENING, wanted.amount, caller)


async def settle(session: WriteSession, wanted: StoreSettlementCreate, caller: Caller) -> StoreDebtActRead:
    """Settle some or all of a debt, or give it up.

    Raises:
        merchants.BranchNotFound, members.MemberNotFound, DebtExceeded, TillReferenceUsed
    """
    kind, account = StoreDebtActKind.WRITE_OFF, StoreAccount.WRITE_OFF
    if wanted.method is not None:
        kind, account = StoreDebtActKind.SETTLEMENT, wanted.method.account
    return await _act(session, wanted, kind, account, -wanted.amount, caller)


async def check_debtor(session: WriteSession, member_id: int) -> None:
    """See that a member may owe something, and stays one who may until the transaction ends.

    Raises:
        members.MemberNotFound, DebtorNotServed
    """
    member = await members.lock(session, member_id)
    if member.status != MemberStatus.ACTIVE or member.merged_into is not None:
        raise DebtorNotServed


async def read_acts(session: ReadSession, query: StoreDebtActQuery) -> Page[StoreDebtActRead]:
    """A page of debts, settlements and write-offs."""
    rows, next_cursor = await read_rows(session, select(StoreDebtAct), query)
    return Page(items=[StoreDebtActRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def read_debtors(session: ReadSession, query: StoreDebtorQuery) -> Page[StoreDebtorRead]:
    """A page of a merchant's debtors."""
    rows, next_cursor = await read_rows(session, select(StoreDebtor), query)
    return Page(items=[StoreDebtorRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def read_entries(session: ReadSession, query: StoreEntryQuery) -> Page[StoreEntryRead]:
    """A page of entries."""
    items, next_cursor = await read_entries_after(session, query, query.cursor, query.limit)
    return Page(items=items, next_cursor=next_cursor)


async def read_entries_after(
    session: AnySession, query: StoreEntryFilters, cursor: str | None, limit: int
) -> tuple[list[StoreEntryRead], str | None]:
    """Up to `limit` entries after `cursor`, and the cursor of those behind them."""
    rows, next_cursor = await read_rows_after(session, select(StoreEntry), query, cursor, limit)
    return [StoreEntryRead.model_validate(row) for row in rows], next_cursor


async def trial_balance(session: AnySession, merchant: int) -> StoreTrialBalance:
    """What each of a merchant's accounts sums to.

    Raises:
        merchants.MerchantNotFound
    """
    await merchants.find_merchant(session, merchant)
    debits = func.sum(case((StoreEntry.amount > 0, StoreEntry.amount), else_=0))
    credits_ = func.sum(case((StoreEntry.amount < 0, -StoreEntry.amount), else_=0))
    rows = await session.execute(
        select(StoreEntry.account, debits, credits_)
        .where(StoreEntry.merchant == merchant)
        .group_by(StoreEntry.account)
        .order_by(StoreEntry.account)
    )
    accounts = [
        StoreAccountSum(
            account=StoreAccount(account),
            debits=int(debit),
            credits=int(credit),
            balance=int(debit) - int(credit),
        )
        for account, debit, credit in rows
    ]
    return StoreTrialBalance(
        merchant=merchant, accounts=accounts, sum=sum(account.balance for account in accounts)
    )


async def read_file(session: AnySession, query: StorePeriodQuery) -> str:
    """The entries of some days in the fixed format.

    Raises:
        merchants.MerchantNotFound, StoreFileTooLong
    """
    merchant = await merchants.find_merchant(session, query.merchant)
    period = period_of_days(query.first_day, query.last_day)
    rows = await session.scalars(
        select(StoreEntry)
        .where(
            StoreEntry.merchant == query.merchant,
            StoreEntry.at >= period.start,
            StoreEntry.at < period.end,
        )
        .order_by(StoreEntry.at, StoreEntry.id)
        .limit(MOST_ENTRIES + 1)
    )
    entries = list(rows)
    if len(entries) > MOST_ENTRIES:
        raise StoreFileTooLong
    numbers = await _branch_numbers(session, sorted({entry.branch_id for entry in entries}))
    return store_file(
        merchant.merchant_id,
        query.first_day,
        query.last_day,
        [_in_file(entry, numbers[entry.branch_id]) for entry in entries],
    )


async def _branch_numbers(session: AnySession, branch_ids: Sequence[int]) -> dict[int, int]:
    return {
        branch_id: (await merchants.find_branch(session, branch_id)).branch_number for branch_id in branch_ids
    }


def _in_file(entry: StoreEntry, branch_number: int) -> FileEntry:
    return FileEntry(
        at=entry.at,
        document_kind=entry.document_kind,
        document_id=entry.document_id,
        branch_number=branch_number,
        account=entry.account,
        member_id=entry.member_id or 0,
        amount=entry.amount,
    )


async def _act(  # noqa: PLR0917
    session: WriteSession,
    wanted: StoreDebtCreate | StoreSettlementCreate,
    kind: StoreDebtActKind,
    account: StoreAccount,
    change: int,
    caller: Caller,
) -> StoreDebtActRead:
    digest = digest_of(wanted, wanted.member_id)
    known = await known_document(session, StoreDebtAct, wanted.till, wanted.reference, digest)
    if known is not None:
        return StoreDebtActRead.model_validate(known)
    branch = await merchants.find_branch(session, wanted.branch_id)
    if change > 0:
        await check_debtor(session, wanted.member_id)
    member_id = await survivor_of(session, wanted.member_id)
    act = StoreDebtAct(
        till=wanted.till,
        reference=wanted.reference,
        digest=digest,
        kind=kind.value,
        merchant=branch.merchant_key,
        branch_id=wanted.branch_id,
        member_id=member_id,
        account=account.value,
        amount=wanted.amount,
        note=wanted.note,
        at=utc_now(),
        by_name=caller.name,
    )
    session.add(act)
    async with conflict_as(TillReferenceUsed()):
        await session.flush()
    document = StoreDocument(
        StoreDocumentKind(kind.value), act.id, act.merchant, act.branch_id, act.at, act.by_name
    )
    await post(session, document, [Part(StoreAccount.RECEIVABLE, change, member_id), Part(account, -change)])
    return StoreDebtActRead.model_validate(act)
