"""Who may sell, and what other services take from sellers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.core.second_person import asked_by, decide
from host_api.core.service import Notice
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus
from host_api.services.merchants import logic as merchants
from host_api.services.sellers.accounts import account_of, book, free, hold, lock_accounts
from host_api.services.sellers.events import SELLER_DECIDED, SellerDecided
from host_api.services.sellers.listing import SellerQuery
from host_api.services.sellers.models import Seller, SellerAccount, SellerMovement
from host_api.services.sellers.problems import (
    SellerExists,
    SellerLimitReached,
    SellerMemberNotActive,
    SellerNotActive,
    SellerNotFound,
)
from host_api.services.sellers.schemas import SellerApproval, SellerCreate, SellerRead, SellerUpdate
from host_api.services.sellers.states import SellerLineKind, SellerMovementState, SellerState

__all__ = [
    "SellerLimitReached",
    "SellerLineKind",
    "SellerMemberNotActive",
    "SellerNotActive",
    "SellerNotFound",
    "active_ids",
    "book",
    "check_member",
    "find",
    "find_active",
    "free",
    "hold",
    "ids_of_member",
    "lock_accounts",
]


async def apply(session: WriteSession, caller: Caller, wanted: SellerCreate) -> Seller:
    """Ask for a member or a merchant to be let sell; again after a rejection.

    Raises:
        members.MemberNotFound, SellerMemberNotActive, merchants.MerchantNotFound, SellerExists
    """
    if wanted.member_id is not None:
        await members.lock(session, wanted.member_id)
        await check_member(session, wanted.member_id)
    elif wanted.merchant_key is not None:
        await merchants.find_merchant(session, wanted.merchant_key)
    row = await session.scalar(
        select(Seller)
        .where(Seller.member_id == wanted.member_id, Seller.merchant_key == wanted.merchant_key)
        .with_for_update()
    )
    if row is None:
        row = Seller(
            **wanted.model_dump(),
            **asked_by(caller),
            state=SellerState.ASKED.value,
            credit_limit_rials=0,
            point_rials=1,
            commission_bp=0,
        )
        session.add(row)
        async with conflict_as(SellerExists()):
            await session.flush()
        session.add(SellerAccount(seller_id=row.id, owed_rials=0, held_rials=0))
    elif row.state == SellerState.REJECTED:
        row.state = SellerState.ASKED.value
        row.decided_by = row.decided_by_name = row.decided_at = None
        for name, value in asked_by(caller).items():
            setattr(row, name, value)
    else:
        raise SellerExists
    await session.flush()
    return row


async def approve(session: WriteSession, caller: Caller, seller_id: int, terms: SellerApproval) -> Seller:
    """Let somebody sell, as the second person.

    Raises:
        SellerNotFound, AlreadyDecided, OwnAct
    """
    row = await _lock(session, seller_id)
    decide(row, SellerState.ACTIVE, caller)
    for name, value in terms:
        setattr(row, name, value)
    _tell(session, row)
    await session.flush()
    return row


async def reject(session: WriteSession, caller: Caller, seller_id: int) -> Seller:
    """Don't let somebody sell, as the second person.

    Raises:
        SellerNotFound, AlreadyDecided, OwnAct
    """
    row = await _lock(session, seller_id)
    decide(row, SellerState.REJECTED, caller)
    _tell(session, row)
    await session.flush()
    return row


async def change(session: WriteSession, seller_id: int, if_match: str, wanted: SellerUpdate) -> Seller:
    """Change terms, or suspend a seller, for what begins from now on.

    Raises:
        SellerNotFound, SellerNotActive, ChangedMeanwhile
    """
    row = await _lock(session, seller_id)
    check_version(row, if_match)
    if row.state not in (SellerState.ACTIVE, SellerState.SUSPENDED):
        raise SellerNotActive
    for name in wanted.model_fields_set:
        value = getattr(wanted, name)
        if value is not None:
            setattr(row, "state" if name == "status" else name, value)
    await session.flush()
    return row


async def find(session: AnySession, seller_id: int) -> Seller:
    """One seller.

    Raises:
        SellerNotFound
    """
    row = await session.get(Seller, seller_id)
    if row is None:
        raise SellerNotFound
    return row


async def find_active(session: AnySession, seller_id: int) -> Seller:
    """One who may begin something new; a member who sells is active too.

    Raises:
        SellerNotFound, SellerNotActive
    """
    row = await find(session, seller_id)
    if row.state != SellerState.ACTIVE:
        raise SellerNotActive
    if row.member_id is not None:
        member = await members.find(session, row.member_id)
        if member.status != MemberStatus.ACTIVE:
            raise SellerNotActive
    return row


def active_ids() -> Select[int]:
    """Subquery of the sellers who may begin something new."""
    return select(Seller.id).where(Seller.state == SellerState.ACTIVE.value)


def ids_of_member(member_id: int) -> Select[int]:
    """Subquery of the seller that a member is."""
    return select(Seller.id).where(Seller.member_id == member_id)


async def check_member(session: AnySession, member_id: int) -> None:
    """See that a member may sell or buy.

    Raises:
        members.MemberNotFound, SellerMemberNotActive
    """
    member = await members.find(session, member_id)
    if member.status != MemberStatus.ACTIVE:
        raise SellerMemberNotActive


async def read_page(session: ReadSession, query: SellerQuery) -> Page[SellerRead]:
    """A page of sellers."""
    rows, next_cursor = await read_rows(session, select(Seller), query)
    return Page(items=[await shown(session, row) for row in rows], next_cursor=next_cursor)


async def shown(session: AnySession, row: Seller) -> SellerRead:
    """A seller as callers see it."""
    account = await account_of(session, row.id)
    return SellerRead(
        id=row.id,
        member_id=row.member_id,
        merchant_key=row.merchant_key,
        state=SellerState(row.state),
        credit_limit_rials=row.credit_limit_rials,
        point_rials=row.point_rials,
        commission_bp=row.commission_bp,
        owed_rials=account.owed_rials,
        held_rials=account.held_rials,
        asked_by=row.asked_by_name,
        asked_at=row.asked_at,
        decided_by=row.decided_by_name,
        decided_at=row.decided_at,
    )


async def notices(session: ReadSession) -> Sequence[Notice]:
    """Units that the switch would not give, or not give back."""
    is_bonus = (SellerMovement.kind == "bonus", SellerMovement.state == SellerMovementState.REFUSED.value)
    unreturned = (SellerMovement.state == SellerMovementState.UNRETURNED.value,)
    found: list[Notice] = []
    for code, text, text_fa, conditions in (
        (
            "seller-bonus-refused",
            "The switch has refused {} gifts of points by sellers; ask again",
            "سوئیچ {} امتیاز هدیهٔ فروشندگان را نپذیرفته است؛ دوباره بفرستید.",
            is_bonus,
        ),
        (
            "seller-payment-unreturned",
            "The switch has refused to give back {} payments to sellers; ask again",
            "سوئیچ برگشت {} پرداخت به فروشندگان را نپذیرفته است؛ دوباره بفرستید.",
            unreturned,
        ),
    ):
        statement = select(func.count(SellerMovement.id), func.min(SellerMovement.asked_at))
        count, since = (await session.execute(statement.where(*conditions))).one()
        if count and isinstance(since, datetime):
            found.append(Notice(code, text.format(count), text_fa.format(count), since))
    return found


def _tell(session: WriteSession, row: Seller) -> None:
    decided = SellerDecided(
        seller_id=row.id,
        member_id=row.member_id,
        merchant_key=row.merchant_key,
        state=SellerState(row.state),
    )
    emit(session, SELLER_DECIDED, Subject("seller", row.id), decided)


async def _lock(session: WriteSession, seller_id: int) -> Seller:
    row = await session.get(Seller, seller_id, with_for_update=True)
    if row is None:
        raise SellerNotFound
    return row
