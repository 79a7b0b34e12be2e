"""Merchants and their branches."""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.services.merchants import repository
from host_api.services.merchants.events import (
    BRANCH_OPENED,
    MERCHANT_REGISTERED,
    BranchOpened,
    MerchantRegistered,
)
from host_api.services.merchants.listing import BranchQuery, MerchantFilters, MerchantQuery
from host_api.services.merchants.models import Branch, Merchant
from host_api.services.merchants.schemas import BranchCreate, BranchRead, MerchantCreate, MerchantRead

_HIGHEST_BRANCH_NUMBER = 999_999


class MerchantNotFound(Problem):
    """No merchant has this id."""

    status = 404
    code = "merchant-not-found"
    title = "Merchant not found"
    title_fa = "پذیرنده پیدا نشد"
    detail = "There is no merchant with this id."
    detail_fa = "پذیرنده‌ای با این شناسه وجود ندارد."


class MerchantIdTaken(Problem):
    """Another merchant has the card acceptor id."""

    status = 409
    code = "merchant-id-taken"
    title = "Merchant id taken"
    title_fa = "کد پذیرنده تکراری است"
    detail = "Another merchant has this merchant id already."
    detail_fa = "پذیرندهٔ دیگری با همین کد ثبت شده است."
    field = "merchant_id"


class BranchNotFound(Problem):
    """No branch has this id."""

    status = 404
    code = "branch-not-found"
    title = "Branch not found"
    title_fa = "شعبه پیدا نشد"
    detail = "There is no branch with this id."
    detail_fa = "شعبه‌ای با این شناسه وجود ندارد."


class BranchNumbersUsedUp(Problem):
    """The merchant has as many branches as six digits can number."""

    status = 409
    code = "branch-numbers-used-up"
    title = "No branch number left"
    title_fa = "شمارهٔ شعبه تمام شده است"
    detail = "This merchant has no branch number left."
    detail_fa = "برای این پذیرنده شمارهٔ شعبهٔ آزادی نمانده است."


async def create_merchant(session: WriteSession, wanted: MerchantCreate) -> MerchantRead:
    """Store a new merchant.

    Raises:
        MerchantIdTaken
    """
    merchant_id = wanted.merchant_id or f"V{secrets.randbelow(10**14):014d}"
    if await repository.is_merchant_id_taken(session, merchant_id):
        raise MerchantIdTaken
    merchant = Merchant(merchant_id=merchant_id, name=wanted.name, created_at=utc_now())
    async with conflict_as(MerchantIdTaken()):
        await repository.add(session, merchant)
    emit(
        session,
        MERCHANT_REGISTERED,
        Subject("merchant", merchant.id),
        MerchantRegistered(id=merchant.id, merchant_id=merchant.merchant_id),
    )
    return _read_merchant(merchant)


async def read_merchant(session: AnySession, key: int) -> MerchantRead:
    """One merchant.

    Raises:
        MerchantNotFound
    """
    merchant = await repository.find_merchant(session, key)
    if merchant is None:
        raise MerchantNotFound
    return _read_merchant(merchant)


async def read_merchant_page(session: ReadSession, query: MerchantQuery) -> Page[MerchantRead]:
    """A page of merchants."""
    merchants, next_cursor = await read_rows(session, select(Merchant), query)
    return Page(items=[_read_merchant(merchant) for merchant in merchants], next_cursor=next_cursor)


async def read_merchants_after(
    session: AnySession, query: MerchantFilters, cursor: str | None, limit: int
) -> tuple[list[MerchantRead], str | None]:
    """Up to `limit` merchants after `cursor`, and the cursor of those behind them."""
    merchants, next_cursor = await read_rows_after(session, select(Merchant), query, cursor, limit)
    return [_read_merchant(merchant) for merchant in merchants], next_cursor


async def create_branch(session: WriteSession, merchant_key: int, wanted: BranchCreate) -> BranchRead:
    """Store a new branch under the merchant's next number.

    Raises:
        MerchantNotFound, BranchNumbersUsedUp
    """
    merchant = await repository.lock_merchant(session, merchant_key)
    if merchant is None:
        raise MerchantNotFound
    number = await repository.highest_branch_number(session, merchant_key) + 1
    if number > _HIGHEST_BRANCH_NUMBER:
        raise BranchNumbersUsedUp
    branch = Branch(
        merchant=merchant, branch_number=number, name=wanted.name, city=wanted.city, created_at=utc_now()
    )
    await repository.add(session, branch)
    emit(
        session,
        BRANCH_OPENED,
        Subject("branch", branch.id),
        BranchOpened(
            id=branch.id, merchant=merchant.id, merchant_id=merchant.merchant_id, branch_number=number
        ),
    )
    return _read_branch(branch)


async def read_branch(session: AnySession, branch_id: int) -> BranchRead:
    """One branch.

    Raises:
        BranchNotFound
    """
    branch = await repository.find_branch(session, branch_id)
    if branch is None:
        raise BranchNotFound
    return _read_branch(branch)


async def read_branch_page(session: ReadSession, query: BranchQuery) -> Page[BranchRead]:
    """A page of branches."""
    branches, next_cursor = await read_rows(
        session, select(Branch).options(joinedload(Branch.merchant)), query
    )
    return Page(items=[_read_branch(branch) for branch in branches], next_cursor=next_cursor)


def _read_merchant(merchant: Merchant) -> MerchantRead:
    return MerchantRead(
        id=merchant.id, merchant_id=merchant.merchant_id, name=merchant.name, created_at=merchant.created_at
    )


def _read_branch(branch: Branch) -> BranchRead:
    return BranchRead(
        id=branch.id,
        merchant=branch.merchant_key,
        merchant_id=branch.merchant.merchant_id,
        branch_number=branch.branch_number,
        name=branch.name,
        city=branch.city,
        created_at=branch.created_at,
    )
