"""What becomes of a code: held, given, used, withdrawn, expired."""

import secrets
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows
from host_api.services.discount_codes.code_text import as_kept
from host_api.services.discount_codes.events import (
    CODE_TAKEN,
    CODE_USED,
    CodeTaken,
    CodeUsed,
)
from host_api.services.discount_codes.listing import CodeQuery, OwnCodeQuery
from host_api.services.discount_codes.models import CodePool, DiscountCode
from host_api.services.discount_codes.pools import find, is_free, tell_if_low
from host_api.services.discount_codes.problems import (
    CodeNotFound,
    CodeOver,
    PoolEmpty,
)
from host_api.services.discount_codes.schemas import (
    CodeBrief,
    CodeRead,
    CodeState,
)
from host_api.services.discount_codes.telling import tell_code
from host_api.services.members import logic as members
from host_api.services.messages.member_text import MemberText

SERVICE: Final = "discount_codes"

_GIFT_BYTES: Final = 8


async def read_codes(session: ReadSession, pool_id: int, query: CodeQuery) -> Page[CodeBrief]:
    """A page of a pool's codes, without the codes themselves.

    Raises:
        PoolNotFound
    """
    await find(session, pool_id)
    codes, next_cursor = await read_rows(
        session, select(DiscountCode).where(DiscountCode.pool_id == pool_id), query
    )
    now = utc_now()
    return Page(items=[_brief(code, now) for code in codes], next_cursor=next_cursor)


async def read_own(session: ReadSession, member_id: int, query: OwnCodeQuery) -> Page[CodeRead]:
    """A page of the codes that a member was given, as their owner sees them.

    Raises:
        members.MemberNotFound
    """
    await members.read(session, member_id)
    codes, next_cursor = await read_rows(
        session, select(DiscountCode).where(DiscountCode.member_id == member_id), query
    )
    rows = await session.scalars(select(CodePool).where(CodePool.id.in_({code.pool_id for code in codes})))
    pools = {pool.id: pool for pool in rows}
    now = utc_now()
    return Page(items=[_read(code, pools[code.pool_id], now) for code in codes], next_cursor=next_cursor)


async def take_code(
    session: WriteSession,
    pool_id: int,
    member_id: int,
    *,
    service: str,
    reference: str,
    occasion: MemberText | None = None,
) -> CodeRead:
    """Give a member a free code and text it to them; once for each (service, reference).

    Parameters:
        occasion: what it is given for, told in the same text.

    Raises:
        PoolNotFound, PoolEmpty
    """
    await hold_code(session, pool_id, member_id, service=service, reference=reference)
    return await give_held(session, service=service, reference=reference, occasion=occasion)


async def hold_code(
    session: WriteSession, pool_id: int, member_id: int, *, service: str, reference: str
) -> None:
    """Keep a free code for a member, until it is given or freed; one for each (service, reference).

    Raises:
        PoolNotFound, PoolEmpty
    """
    pool = await find(session, pool_id)
    if await _given_for(session, service, reference) is not None:
        return
    now = utc_now()
    if not pool.is_open or (pool.valid_from is not None and pool.valid_from > now):
        raise PoolEmpty
    try:
        async with session.begin_nested():
            code = await session.scalar(
                select(DiscountCode)
                .where(DiscountCode.pool_id == pool_id, is_free(now))
                .order_by(DiscountCode.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if code is None:
                raise PoolEmpty
            code.state, code.member_id = CodeState.HELD.value, member_id
            code.service, code.reference = service, reference
            await session.flush()
    except IntegrityError:
        # Somebody asked under this reference at the same moment.
        if await _given_for(session, service, reference) is None:
            raise
        return
    await tell_if_low(session, pool)


async def give_held(
    session: WriteSession, *, service: str, reference: str, occasion: MemberText | None = None
) -> CodeRead:
    """Give a member the code that is held for a wish, and text it to them; once.

    Raises:
        CodeNotFound
    """
    code = await _find_code(session, DiscountCode.service == service, DiscountCode.reference == reference)
    pool = await find(session, code.pool_id)
    member_id = code.member_id
    if code.state != CodeState.HELD or member_id is None:
        return _read(code, pool, utc_now())
    code.state, code.taken_at = CodeState.TAKEN.value, utc_now()
    await session.flush()
    given = _read(code, pool, utc_now())
    emit(
        session,
        CODE_TAKEN,
        Subject("discount_code", code.id),
        CodeTaken(code_id=code.id, pool_id=pool.id, member_id=member_id),
    )
    await tell_code(session, member_id, given, occasion)
    return given


async def free_held(session: WriteSession, *, service: str, reference: str) -> None:
    """Put the code back that is held for a wish, if there is one."""
    code = await _given_for(session, service, reference, for_update=True)
    if code is None or code.state != CodeState.HELD:
        return
    code.state, code.member_id, code.service, code.reference = CodeState.FREE.value, None, None, None
    await session.flush()
    await tell_if_low(session, await find(session, code.pool_id))


async def give(session: WriteSession, pool_id: int, member_id: int) -> CodeBrief:
    """Give a member a code by hand.

    Raises:
        members.MemberNotFound, PoolNotFound, PoolEmpty
    """
    await members.read(session, member_id)
    given = await take_code(
        session, pool_id, member_id, service=SERVICE, reference=f"gift-{secrets.token_hex(_GIFT_BYTES)}"
    )
    return _brief(await _find_code(session, DiscountCode.id == given.id), utc_now())


async def use(session: WriteSession, pool_id: int, typed: str) -> CodeBrief:
    """Mark a code that a member shows as used.

    Raises:
        PoolNotFound, CodeNotFound, CodeOver
    """
    await find(session, pool_id)
    code = await _find_code(
        session, DiscountCode.pool_id == pool_id, DiscountCode.code.in_({typed.strip(), as_kept(typed)})
    )
    if _state(code, utc_now()) is not CodeState.TAKEN:
        raise CodeOver
    code.state, code.finished_at = CodeState.USED.value, utc_now()
    emit(
        session,
        CODE_USED,
        Subject("discount_code", code.id),
        CodeUsed(code_id=code.id, pool_id=pool_id, member_id=code.member_id),
    )
    await session.flush()
    return _brief(code, utc_now())


async def withdraw(session: WriteSession, code_id: int) -> CodeBrief:
    """Make a code useless that is free or taken.

    Raises:
        CodeNotFound, CodeOver
    """
    code = await _find_code(session, DiscountCode.id == code_id)
    if code.state not in (CodeState.FREE, CodeState.TAKEN):
        raise CodeOver
    code.state, code.finished_at = CodeState.WITHDRAWN.value, utc_now()
    await session.flush()
    await tell_if_low(session, await find(session, code.pool_id))
    return _brief(code, utc_now())


async def withdraw_given(session: WriteSession, *, service: str, reference: str) -> bool:
    """Make what was given for a wish useless; whether its owner had not used it yet."""
    code = await _given_for(session, service, reference, for_update=True)
    if code is None or _state(code, utc_now()) is not CodeState.TAKEN:
        return False
    code.state, code.finished_at = CodeState.WITHDRAWN.value, utc_now()
    await session.flush()
    return True


async def expire(session: WriteSession, now: datetime, limit: int) -> int:
    """Mark up to `limit` codes whose time is over; how many."""
    codes = list(
        await session.scalars(
            select(DiscountCode)
            .where(
                DiscountCode.state.in_([CodeState.FREE.value, CodeState.TAKEN.value]),
                DiscountCode.ends_at <= now,
            )
            .order_by(DiscountCode.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
    for code in codes:
        code.state, code.finished_at = CodeState.EXPIRED.value, now
    await session.flush()
    for pool_id in sorted({code.pool_id for code in codes}):
        await tell_if_low(session, await find(session, pool_id))
    return len(codes)


async def _given_for(
    session: AnySession, service: str, reference: str, *, for_update: bool = False
) -> DiscountCode | None:
    statement = select(DiscountCode).where(
        DiscountCode.service == service, DiscountCode.reference == reference
    )
    if for_update:
        statement = statement.with_for_update()
    code: DiscountCode | None = await session.scalar(statement)
    return code


async def _find_code(session: WriteSession, *conditions: ColumnElement[bool]) -> DiscountCode:
    code = await session.scalar(select(DiscountCode).where(*conditions).with_for_update())
    if code is None:
        raise CodeNotFound
    return code


def _state(code: DiscountCode, now: datetime) -> CodeState:
    state = CodeState(code.state)
    if state in (CodeState.FREE, CodeState.TAKEN) and code.ends_at is not None and code.ends_at <= now:
        return CodeState.EXPIRED
    return state


def _brief(code: DiscountCode, now: datetime) -> CodeBrief:
    return CodeBrief(
        id=code.id,
        pool_id=code.pool_id,
        state=_state(code, now),
        ends_at=code.ends_at,
        member_id=code.member_id,
        service=code.service,
        reference=code.reference,
        added_at=code.added_at,
        taken_at=code.taken_at,
        finished_at=code.finished_at,
    )


def _read(code: DiscountCode, pool: CodePool, now: datetime) -> CodeRead:
    return CodeRead(
        id=code.id,
        pool_id=pool.id,
        title=pool.title,
        title_fa=pool.title_fa,
        worth=pool.worth,
        worth_fa=pool.worth_fa,
        supplier=pool.supplier,
        code=code.code,
        state=_state(code, now),
        ends_at=code.ends_at,
        taken_at=code.taken_at,
    )
