"""Double entry: each document's parts sum to zero, and nobody owes less than nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select

from host_api.core.clock import utc_now
from host_api.core.counted_rows import change_count
from host_api.core.database import AnySession, WriteSession
from host_api.core.default_rows import insert_missing
from host_api.services.members import selection
from host_api.services.store_accounts.models import StoreDebtor, StoreEntry
from host_api.services.store_accounts.problems import DebtExceeded
from host_api.services.store_accounts.schemas import StoreAccount, StoreDocumentKind


@dataclass(frozen=True, slots=True)
class StoreDocument:
    """What entries are of.

    Parameters:
        merchant: id of the merchant.
        at: when it was, by the shop's clock.
    """

    kind: StoreDocumentKind
    id: int
    merchant: int
    branch_id: int
    at: datetime
    by_name: str


@dataclass(frozen=True, slots=True)
class Part:
    """One account's part: a debit above zero. `member_id` is whose debt, of `receivable` only."""

    account: StoreAccount
    amount: int
    member_id: int | None = None


async def post(session: WriteSession, document: StoreDocument, parts: Sequence[Part]) -> None:
    """Write a document's parts down.

    Raises:
        DebtExceeded
        ValueError: they don't sum to zero.
    """
    if sum(part.amount for part in parts):
        raise ValueError("the parts of a document sum to zero")
    for part in parts:
        if part.amount == 0:
            continue
        if part.member_id is not None:
            await _change_debt(session, document.merchant, part.member_id, part.amount)
        session.add(
            StoreEntry(
                merchant=document.merchant,
                branch_id=document.branch_id,
                document_kind=document.kind.value,
                document_id=document.id,
                account=part.account.value,
                member_id=part.member_id,
                amount=part.amount,
                at=document.at,
                by_name=document.by_name,
            )
        )
    await session.flush()


async def owes_anything(session: AnySession, member_id: int) -> bool:
    """Whether a member owes any merchant."""
    owing = exists().where(StoreDebtor.member_id == member_id, StoreDebtor.balance != 0)
    return bool(await session.scalar(select(owing)))


async def absorb(session: WriteSession, act_id: int, from_member_id: int, to_member_id: int) -> None:
    """Move what a merged record owes to the one it went into; `act_id` is the merge's."""
    await selection.lock(session, [from_member_id, to_member_id])
    owed = await session.scalars(
        select(StoreDebtor)
        .where(StoreDebtor.member_id == from_member_id, StoreDebtor.balance > 0)
        .order_by(StoreDebtor.merchant)
        .with_for_update()
    )
    for debtor in list(owed):
        branch_id = await session.scalar(
            select(func.max(StoreEntry.branch_id)).where(
                StoreEntry.merchant == debtor.merchant, StoreEntry.member_id == from_member_id
            )
        )
        if branch_id is None:
            raise LookupError("a debt without an entry")
        document = StoreDocument(
            StoreDocumentKind.MERGE, act_id, debtor.merchant, branch_id, utc_now(), "member_merging"
        )
        parts = [
            Part(StoreAccount.RECEIVABLE, debtor.balance, to_member_id),
            Part(StoreAccount.RECEIVABLE, -debtor.balance, from_member_id),
        ]
        await post(session, document, parts)


async def _change_debt(session: WriteSession, merchant: int, member_id: int, change: int) -> None:
    await insert_missing(session, StoreDebtor, [{"merchant": merchant, "member_id": member_id, "balance": 0}])
    row = [StoreDebtor.merchant == merchant, StoreDebtor.member_id == member_id]
    if await change_count(session, StoreDebtor.balance, row, change) is None:
        raise DebtExceeded
