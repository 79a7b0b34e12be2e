"""Prizes, and giving them to members."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from host_api.core import audit
from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.events.event_type import EventType
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import credit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.discount_codes import logic as discount_codes
from host_api.services.discount_codes import pools
from host_api.services.discount_codes.problems import PoolEmpty
from host_api.services.members import logic as members
from host_api.services.messages.member_text import MemberText
from host_api.services.prizes.events import (
    PRIZE_AWARDED,
    PRIZE_EXPIRED,
    PRIZE_FAILED,
    PRIZE_HANDED_OVER,
    AwardChanged,
)
from host_api.services.prizes.listing import AwardQuery, OwnAwardQuery, PrizeQuery
from host_api.services.prizes.models import Prize, PrizeAward
from host_api.services.prizes.problems import (
    AwardNotFound,
    AwardNotWaiting,
    PrizeGone,
    PrizeNotFound,
    StockEndless,
)
from host_api.services.prizes.schemas import (
    AwardRead,
    AwardState,
    PrizeCreate,
    PrizeKind,
    PrizeRead,
    PrizeUpdate,
)
from host_api.services.prizes.showing import read_award, shown, state_of
from host_api.services.prizes.stock import change_stock, lock_stocks
from host_api.services.prizes.telling import occasion_of, tell_awards

SERVICE: Final = "prizes"
CLAIM_DAYS: Final = 30

__all__ = ["PrizeGone", "PrizeKind", "PrizeNotFound", "award", "find", "lock_stocks"]


async def create(session: WriteSession, wanted: PrizeCreate) -> Prize:
    """Make a prize.

    Raises:
        PoolNotFound
    """
    if wanted.pool_id is not None:
        await pools.find(session, wanted.pool_id)
    values = wanted.model_dump(exclude={"kind", "claim_days"})
    claim_days = (wanted.claim_days or CLAIM_DAYS) if wanted.kind is PrizeKind.THING else None
    prize = Prize(**values, kind=wanted.kind.value, claim_days=claim_days, is_open=True, created_at=utc_now())
    session.add(prize)
    await session.flush()
    return prize


async def find_row(session: AnySession, prize_id: int) -> Prize:
    """One prize's row, for its version.

    Raises:
        PrizeNotFound
    """
    prize = await session.get(Prize, prize_id)
    if prize is None:
        raise PrizeNotFound
    return prize


async def find(session: AnySession, prize_id: int) -> PrizeRead:
    """One prize.

    Raises:
        PrizeNotFound
    """
    return shown(await find_row(session, prize_id))


async def change(session: WriteSession, prize_id: int, if_match: str, wanted: PrizeUpdate) -> Prize:
    """Change what is given.

    Raises:
        PrizeNotFound, ChangedMeanwhile
    """
    prize = await find_row(session, prize_id)
    check_version(prize, if_match)
    for name, value in wanted.model_dump(exclude_unset=True, exclude_none=True).items():
        setattr(prize, name, value)
    await session.flush()
    return prize


async def restock(session: WriteSession, prize_id: int, change: int) -> PrizeRead:
    """Let pieces come or go.

    Raises:
        PrizeNotFound, StockEndless, PrizeGone
    """
    prize = await find_row(session, prize_id)
    if prize.stock is None:
        raise StockEndless
    if not await change_stock(session, prize, change):
        raise PrizeGone
    audit.note(session, "stock", Prize.__tablename__, str(prize_id), after={"change": change})
    return shown(prize)


async def read_page(session: ReadSession, query: PrizeQuery) -> Page[PrizeRead]:
    """A page of prizes."""
    prizes, next_cursor = await read_rows(session, select(Prize), query)
    return Page(items=[shown(prize) for prize in prizes], next_cursor=next_cursor)


async def award(
    session: WriteSession,
    prize_id: int,
    member_id: int,
    *,
    service: str,
    reference: str,
    caller: Caller,
    quantity: int = 1,
    occasion: MemberText | None = None,
) -> AwardRead:
    """Take a prize from its stock and give it to a member; once for each (service, reference).

    Parameters:
        occasion: what it is given for; told to the member in the prize's own text, whenever that comes.

    Raises:
        PrizeNotFound, PrizeGone
    """
    known = await _known(session, service, reference)
    if known is not None:
        return read_award(known)
    prize = await find_row(session, prize_id)
    if not prize.is_open:
        raise PrizeGone
    now = utc_now()
    row = PrizeAward(
        prize_id=prize_id,
        member_id=member_id,
        service=service,
        reference=reference,
        kind=prize.kind,
        quantity=quantity,
        state=AwardState.ASKED.value,
        attempt=0,
        occasion_fa=None if occasion is None else occasion.fa,
        occasion_en=None if occasion is None else occasion.en,
        awarded_at=now,
    )
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
            if not await change_stock(session, prize, -quantity):
                raise PrizeGone
            await _give(session, row, prize, caller, now)
    except IntegrityError:
        # Somebody asked under this reference at the same moment.
        known = await _known(session, service, reference)
        if known is None:
            raise
        return read_award(known)
    return read_award(row)


async def retry(session: WriteSession, award_id: int, caller: Caller) -> AwardRead:
    """Ask the switch once more for units that it refused.

    Raises:
        AwardNotFound, AwardNotWaiting, PrizeGone
    """
    row = await _lock(session, award_id)
    if row.state != AwardState.FAILED:
        raise AwardNotWaiting
    prize = await find_row(session, row.prize_id)
    if not await change_stock(session, prize, -row.quantity):
        raise PrizeGone
    row.state, row.finished_at = AwardState.ASKED.value, None
    row.attempt += 1
    await _ask_units(session, row, prize, caller)
    await session.flush()
    return read_award(row)


async def hand_over(session: WriteSession, award_id: int, caller: Caller) -> AwardRead:
    """Note that a member has come for a thing and got it.

    Raises:
        AwardNotFound, AwardNotWaiting
    """
    row = await _lock(session, award_id)
    now = utc_now()
    if state_of(row, now) is not AwardState.WAITING:
        raise AwardNotWaiting
    row.state, row.finished_at, row.handed_over_by = AwardState.HANDED_OVER.value, now, caller.name
    _tell(session, PRIZE_HANDED_OVER, row)
    await session.flush()
    return read_award(row)


async def expire(session: WriteSession, now: datetime, limit: int) -> int:
    """End up to `limit` awards of things that nobody came for; the stock has them again."""
    rows = list(
        await session.scalars(
            select(PrizeAward)
            .where(PrizeAward.state == AwardState.WAITING.value, PrizeAward.claim_until <= now)
            .order_by(PrizeAward.prize_id, PrizeAward.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
    for row in rows:
        row.state, row.finished_at = AwardState.EXPIRED.value, now
        await change_stock(session, await find_row(session, row.prize_id), row.quantity)
        _tell(session, PRIZE_EXPIRED, row)
    await session.flush()
    return len(rows)


async def find_award(session: AnySession, award_id: int) -> AwardRead:
    """One award.

    Raises:
        AwardNotFound
    """
    row = await session.get(PrizeAward, award_id)
    if row is None:
        raise AwardNotFound
    return read_award(row)


async def read_awards(session: ReadSession, query: AwardQuery) -> Page[AwardRead]:
    """A page of awards."""
    rows, next_cursor = await read_rows(session, select(PrizeAward), query)
    return Page(items=[read_award(row) for row in rows], next_cursor=next_cursor)


async def read_own(session: ReadSession, member_id: int, query: OwnAwardQuery) -> Page[AwardRead]:
    """A page of what a member was given.

    Raises:
        members.MemberNotFound
    """
    await members.read(session, member_id)
    rows, next_cursor = await read_rows(
        session, select(PrizeAward).where(PrizeAward.member_id == member_id), query
    )
    return Page(items=[read_award(row) for row in rows], next_cursor=next_cursor)


async def on_outcomes(session: WriteSession, outcomes: Sequence[Outcome], /) -> None:
    """Keep what became of the units of awards."""
    award_of = {outcome.request_id: int(outcome.reference.partition("-")[0]) for outcome in outcomes}
    rows = await session.scalars(
        select(PrizeAward)
        .where(PrizeAward.id.in_(set(award_of.values())))
        .order_by(PrizeAward.id)
        .with_for_update()
    )
    awards = {row.id: row for row in rows}
    found = await session.scalars(
        select(Prize).where(Prize.id.in_({row.prize_id for row in awards.values()}))
    )
    prize_of = {prize.id: prize for prize in found}
    told: list[tuple[Prize, PrizeAward]] = []
    back: list[PrizeAward] = []
    for outcome in outcomes:
        row = awards[award_of[outcome.request_id]]
        row.response_code, row.rrn = outcome.response_code, outcome.rrn
        row.finished_at = utc_now()
        match outcome.state:
            case RequestState.APPROVED:
                row.state = AwardState.GIVEN.value
                _tell(session, PRIZE_AWARDED, row)
                told.append((prize_of[row.prize_id], row))
            case RequestState.DOUBTFUL:
                row.state = AwardState.DOUBTFUL.value
            case _:
                row.state = AwardState.FAILED.value
                _tell(session, PRIZE_FAILED, row)
                back.append(row)
    await session.flush()
    await tell_awards(session, told)
    await lock_stocks(session, [row.prize_id for row in back])
    for row in back:
        await change_stock(session, prize_of[row.prize_id], row.quantity)


async def _give(session: WriteSession, row: PrizeAward, prize: Prize, caller: Caller, now: datetime) -> None:
    match PrizeKind(prize.kind):
        case PrizeKind.UNITS:
            await _ask_units(session, row, prize, caller)
        case PrizeKind.CODE:
            row.code_ids = await _take_codes(session, row, prize)
            row.state, row.finished_at = AwardState.GIVEN.value, now
            _tell(session, PRIZE_AWARDED, row)
        case PrizeKind.THING:
            row.state = AwardState.WAITING.value
            row.claim_until = now + timedelta(days=prize.claim_days or CLAIM_DAYS)
            _tell(session, PRIZE_AWARDED, row)
            await tell_awards(session, [(prize, row)])
    await session.flush()


async def _ask_units(session: WriteSession, row: PrizeAward, prize: Prize, caller: Caller) -> None:
    """Without an end to the patience: what is won is given once the switch answers, however late."""
    reason = f"prize {row.id}"
    await request_points(
        session,
        credit(
            row.member_id,
            prize.purse or 0,
            (prize.units or 0) * row.quantity,
            reason,
            valid_days=prize.valid_days,
        ),
        service=SERVICE,
        reference=f"{row.id}-{row.attempt}",
        asked_by=caller,
        reason=f"{reason}: {row.service} {row.reference}",
    )


async def _take_codes(session: WriteSession, row: PrizeAward, prize: Prize) -> list[int]:
    """Raises: PrizeGone."""
    try:
        return [
            (
                await discount_codes.take_code(
                    session,
                    prize.pool_id or 0,
                    row.member_id,
                    service=SERVICE,
                    reference=f"{row.id}-{number}",
                    occasion=None if number else occasion_of(row),
                )
            ).id
            for number in range(row.quantity)
        ]
    except PoolEmpty:
        raise PrizeGone from None


def _tell(session: WriteSession, event_type: EventType[AwardChanged], row: PrizeAward) -> None:
    changed = AwardChanged(
        award_id=row.id,
        prize_id=row.prize_id,
        member_id=row.member_id,
        kind=PrizeKind(row.kind),
        quantity=row.quantity,
        state=AwardState(row.state),
    )
    emit(session, event_type, Subject("prize_award", row.id), changed)


async def _known(session: AnySession, service: str, reference: str) -> PrizeAward | None:
    row: PrizeAward | None = await session.scalar(
        select(PrizeAward).where(PrizeAward.service == service, PrizeAward.reference == reference)
    )
    return row


async def _lock(session: WriteSession, award_id: int) -> PrizeAward:
    row = await session.get(PrizeAward, award_id, with_for_update=True)
    if row is None:
        raise AwardNotFound
    return row
