"""Pools of codes: making and changing them, filling them, and looking at their stock."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, update

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.discount_codes.code_text import new_code
from host_api.services.discount_codes.events import (
    POOL_LOW,
    PoolLow,
)
from host_api.services.discount_codes.listing import PoolQuery
from host_api.services.discount_codes.models import CodePool, DiscountCode
from host_api.services.discount_codes.problems import (
    PoolNotFound,
    PoolTaken,
)
from host_api.services.discount_codes.schemas import (
    CodesAdded,
    CodeState,
    CodesWanted,
    PoolCreate,
    PoolRead,
    PoolUpdate,
)


async def create(session: WriteSession, wanted: PoolCreate) -> CodePool:
    """Make a pool without codes.

    Raises:
        PoolTaken
    """
    pool = CodePool(**wanted.model_dump(), is_low=False, is_open=True, created_at=utc_now())
    session.add(pool)
    async with conflict_as(PoolTaken()):
        await session.flush()
    return pool


async def find(session: AnySession, pool_id: int) -> CodePool:
    """One pool.

    Raises:
        PoolNotFound
    """
    pool = await session.get(CodePool, pool_id)
    if pool is None:
        raise PoolNotFound
    return pool


async def change(session: WriteSession, pool_id: int, if_match: str, wanted: PoolUpdate) -> CodePool:
    """Change what is given.

    Raises:
        PoolNotFound, ChangedMeanwhile
    """
    pool = await find(session, pool_id)
    check_version(pool, if_match)
    for name, value in wanted.model_dump(exclude_unset=True, exclude_none=True).items():
        setattr(pool, name, value)
    await session.flush()
    await tell_if_low(session, pool)
    return pool


async def shown(session: AnySession, pools: Sequence[CodePool]) -> list[PoolRead]:
    """Pools with the numbers of their codes."""
    rows = await session.execute(
        select(DiscountCode.pool_id, DiscountCode.state, func.count(DiscountCode.id))
        .where(DiscountCode.pool_id.in_([pool.id for pool in pools]))
        .group_by(DiscountCode.pool_id, DiscountCode.state)
    )
    counted = {(pool_id, state): number for pool_id, state, number in rows}
    return [
        PoolRead(
            id=pool.id,
            code=pool.code,
            title=pool.title,
            title_fa=pool.title_fa,
            worth=pool.worth,
            worth_fa=pool.worth_fa,
            supplier=pool.supplier,
            cost=pool.cost,
            prefix=pool.prefix,
            valid_from=pool.valid_from,
            valid_until=pool.valid_until,
            low_stock=pool.low_stock,
            is_open=pool.is_open,
            is_low=pool.is_low,
            codes={state: counted.get((pool.id, state.value), 0) for state in CodeState},
            created_at=pool.created_at,
        )
        for pool in pools
    ]


async def read_pools(session: ReadSession, query: PoolQuery) -> Page[PoolRead]:
    """A page of pools."""
    pools, next_cursor = await read_rows(session, select(CodePool), query)
    return Page(items=await shown(session, pools), next_cursor=next_cursor)


async def generate(session: WriteSession, pool_id: int, wanted: CodesWanted) -> CodesAdded:
    """Make new codes that nobody can guess.

    Raises:
        PoolNotFound
    """
    pool = await find(session, pool_id)
    codes: set[str] = set()
    while len(codes) < wanted.quantity:
        codes |= {new_code(pool.prefix) for _ in range(wanted.quantity - len(codes))}
        codes -= (await ids_of_codes(session, pool_id, codes)).keys()
    await add_codes(session, pool, [(code, wanted.valid_until) for code in sorted(codes)])
    return CodesAdded(added=len(codes))


async def ids_of_codes(session: AnySession, pool_id: int, codes: Iterable[str]) -> dict[str, int]:
    """Those of some codes that a pool has, with their ids."""
    rows = await session.execute(
        select(DiscountCode.code, DiscountCode.id).where(
            DiscountCode.pool_id == pool_id, DiscountCode.code.in_(list(codes))
        )
    )
    return {row.code: row.id for row in rows}


async def pools_by_code(session: AnySession, codes: Iterable[str]) -> dict[str, CodePool]:
    """Pools by their short codes."""
    rows = await session.scalars(select(CodePool).where(CodePool.code.in_(list(codes))))
    return {pool.code: pool for pool in rows}


async def add_codes(
    session: WriteSession, pool: CodePool, codes: Sequence[tuple[str, datetime | None]]
) -> list[int]:
    """Add codes with their own ends, None for the pool's; their ids in the same order."""
    now = utc_now()
    rows = [
        DiscountCode(
            pool_id=pool.id,
            code=code,
            state=CodeState.FREE.value,
            ends_at=ends_at or pool.valid_until,
            added_at=now,
        )
        for code, ends_at in codes
    ]
    session.add_all(rows)
    await session.flush()
    return [row.id for row in rows]


async def note_stock(session: WriteSession) -> None:
    """Look at every pool's stock again, after codes have come or gone by other ways."""
    for pool in await session.scalars(select(CodePool).where(CodePool.low_stock > 0)):
        await tell_if_low(session, pool)


async def tell_if_low(session: WriteSession, pool: CodePool) -> None:
    """Tell once that a pool runs low, and remember when it no longer does."""
    some = (
        select(DiscountCode.id)
        .where(DiscountCode.pool_id == pool.id, is_free(utc_now()))
        .limit(pool.low_stock)
        .subquery()
    )
    free = await session.scalar(select(func.count()).select_from(some)) or 0
    is_low = free < pool.low_stock
    if pool.is_low == is_low:
        return
    changed = await session.scalars(
        update(CodePool)
        .where(CodePool.id == pool.id, CodePool.is_low.is_not(is_low))
        .values(is_low=is_low)
        .returning(CodePool.id)
        .execution_options(synchronize_session=False)
    )
    if changed.first() is not None and is_low:
        emit(
            session,
            POOL_LOW,
            Subject("code_pool", pool.id),
            PoolLow(pool_id=pool.id, code=pool.code, free=free),
        )
    await session.refresh(pool, ["is_low"])


def is_free(now: datetime) -> ColumnElement[bool]:
    is_in_time = or_(DiscountCode.ends_at.is_(None), DiscountCode.ends_at > now)
    return (DiscountCode.state == CodeState.FREE.value) & is_in_time
