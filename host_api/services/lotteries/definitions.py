"""Making, changing, copying and cancelling lotteries."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import func, select

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import FieldProblem, ValidationFailed
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.core.tehran_time import start_of_day, tehran_date
from host_api.services.draws import logic as draws
from host_api.services.groups.audience import stored_audience
from host_api.services.groups.query_schema import Expression, Query
from host_api.services.lotteries.events import LOTTERY_CANCELLED, LotteryCancelled
from host_api.services.lotteries.listing import LotteryQuery
from host_api.services.lotteries.models import Lottery, LotteryRound
from host_api.services.lotteries.problems import (
    LotteryAlreadyDrawn,
    LotteryEndsInThePast,
    LotteryNotFound,
)
from host_api.services.lotteries.schemas import (
    LotteryCancel,
    LotteryCopy,
    LotteryCostMode,
    LotteryCreate,
    LotteryModel,
    LotteryPrize,
    LotteryRead,
    LotteryRoundState,
    LotteryState,
    LotteryTierChances,
    LotteryUpdate,
)
from host_api.services.prizes import logic as prizes

SERVICE = "lotteries"

_QUERY: TypeAdapter[Expression] = TypeAdapter(Query)
_ONE_DAY = timedelta(days=1)
_OVER = (LotteryRoundState.DONE.value, LotteryRoundState.CANCELLED.value)
_COPIED = tuple(LotteryCreate.model_fields)
_TIMES = FieldProblem(
    field="ends_at",
    location="body",
    code="lottery-times",
    message="It ends before it starts, or has too many days",
    message_fa="پایان پیش از آغاز است یا روزها بیش از اندازه است.",
)


async def create(
    session: WriteSession, cipher: FieldCipher, wanted: LotteryCreate, caller: Caller, now: datetime
) -> Lottery:
    """Store a lottery with the commitments of all its draws.

    Raises:
        LotteryEndsInThePast, prizes.PrizeNotFound
    """
    if wanted.ends_at <= now:
        raise LotteryEndsInThePast
    for prize_id in sorted({prize.prize_id for prize in wanted.prizes}):
        await prizes.find(session, prize_id)
    lottery = Lottery(
        **wanted.model_dump(mode="json", exclude={"audience", "starts_at", "ends_at"}),
        audience=stored_audience(wanted.audience),
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        is_once_each=wanted.model is not LotteryModel.PER_TICKET,
        created_by=caller.key,
        created_by_name=caller.name,
        created_at=now,
    )
    session.add(lottery)
    await session.flush()
    for number, (opens_at, closes_at) in enumerate(_rounds(wanted), 1):
        draw = await draws.commit(
            session,
            cipher,
            service=SERVICE,
            reference=f"{lottery.id}:{number}",
            winners=lottery.winners,
            is_once_each=lottery.is_once_each,
            public_value_source=lottery.public_value_source,
            created_by=caller.key,
            now=now,
        )
        session.add(
            LotteryRound(
                lottery_id=lottery.id,
                number=number,
                opens_at=opens_at,
                closes_at=closes_at,
                draw_id=draw.id,
                state=LotteryRoundState.OPEN.value,
                listed_up_to=-1,
            )
        )
    await session.flush()
    return lottery


async def copy(
    session: WriteSession,
    cipher: FieldCipher,
    lottery_id: int,
    wanted: LotteryCopy,
    *,
    caller: Caller,
    now: datetime,
) -> Lottery:
    """The same lottery at another time, with seeds of its own.

    Raises:
        LotteryNotFound, LotteryEndsInThePast, prizes.PrizeNotFound
        ValidationFailed: it doesn't fit the times.
    """
    lottery = await find(session, lottery_id)
    kept = {name: getattr(lottery, name) for name in _COPIED}
    changed = wanted.model_dump(exclude_none=True)
    try:
        again = LotteryCreate.model_validate(kept | changed)
    except ValidationError:
        raise ValidationFailed([_TIMES]) from None
    return await create(session, cipher, again, caller, now)


async def change(session: WriteSession, lottery_id: int, if_match: str, wanted: LotteryUpdate) -> Lottery:
    """Change what is only shown.

    Raises:
        LotteryNotFound, ChangedMeanwhile
    """
    lottery = await find(session, lottery_id, for_update=True)
    check_version(lottery, if_match)
    for name, value in wanted.model_dump(exclude_unset=True).items():
        if value is not None or name == "occasion":
            setattr(lottery, name, value)
    await session.flush()
    return lottery


async def cancel(
    session: WriteSession, lottery_id: int, wanted: LotteryCancel, caller: Caller, now: datetime
) -> Lottery:
    """Give up all draws that were not held; what their tickets cost goes back. Again: refunds that the switch
    declined are asked for anew.

    Raises:
        LotteryNotFound, LotteryAlreadyDrawn
    """
    await find(session, lottery_id)
    # Rounds before the lottery: whoever enters holds a round when the entry refers to the lottery.
    rounds = await session.scalars(
        select(LotteryRound)
        .where(LotteryRound.lottery_id == lottery_id)
        .order_by(LotteryRound.number)
        .with_for_update()
    )
    lottery = await find(session, lottery_id, for_update=True)
    given_up = 0
    for one in rounds.all():
        if one.state in {LotteryRoundState.OPEN, LotteryRoundState.CLOSED, LotteryRoundState.CANCELLED}:
            one.state = LotteryRoundState.REFUNDING.value
            await draws.cancel(session, one.draw_id)
            given_up += 1
        elif one.state == LotteryRoundState.REFUNDING:
            given_up += 1
    if not given_up:
        raise LotteryAlreadyDrawn
    if lottery.cancelled_at is None:
        lottery.cancelled_at, lottery.cancelled_by_name = now, caller.name
        lottery.cancel_reason = wanted.reason
        emit(
            session,
            LOTTERY_CANCELLED,
            Subject("lottery", lottery_id),
            LotteryCancelled(lottery_id=lottery_id),
        )
    await session.flush()
    return lottery


async def find(session: AnySession, lottery_id: int, *, for_update: bool = False) -> Lottery:
    """The lottery with this id.

    Raises:
        LotteryNotFound
    """
    lottery = await session.get(Lottery, lottery_id, with_for_update=for_update or None)
    if lottery is None:
        raise LotteryNotFound
    return lottery


async def find_round(session: AnySession, lottery_id: int, number: int) -> LotteryRound:
    """A round by its number.

    Raises:
        LotteryNotFound
    """
    found = await session.scalar(
        select(LotteryRound).where(LotteryRound.lottery_id == lottery_id, LotteryRound.number == number)
    )
    if found is None:
        raise LotteryNotFound
    return found


async def rounds_of(
    session: AnySession, lottery_id: int, *, after: int = 0, limit: int = 100
) -> list[LotteryRound]:
    """Rounds behind a number, in order."""
    found = await session.scalars(
        select(LotteryRound)
        .where(LotteryRound.lottery_id == lottery_id, LotteryRound.number > after)
        .order_by(LotteryRound.number)
        .limit(limit)
    )
    return list(found)


async def read_page(session: ReadSession, query: LotteryQuery, now: datetime) -> Page[LotteryRead]:
    """A page of lotteries."""
    lotteries, next_cursor = await read_rows(session, select(Lottery), query)
    return Page(items=[await shown(session, each, now) for each in lotteries], next_cursor=next_cursor)


async def shown(session: AnySession, lottery: Lottery, now: datetime) -> LotteryRead:
    """A lottery as people of the club see it."""
    return LotteryRead(
        id=lottery.id,
        title=lottery.title,
        title_fa=lottery.title_fa,
        occasion=lottery.occasion,
        model=LotteryModel(lottery.model),
        cost_mode=LotteryCostMode(lottery.cost_mode),
        price=lottery.price,
        purse=lottery.purse,
        tickets_per_entry=lottery.tickets_per_entry,
        entries_per_day=lottery.entries_per_day,
        tickets_per_member=lottery.tickets_per_member,
        free_daily_tickets=lottery.free_daily_tickets,
        winners=lottery.winners,
        prizes=prizes_of(lottery),
        tier_chances=tier_chances_of(lottery),
        audience=None if lottery.audience is None else _QUERY.validate_python(lottery.audience),
        public_value_source=lottery.public_value_source,
        starts_at=lottery.starts_at,
        ends_at=lottery.ends_at,
        state=await state_of(session, lottery, now),
        rounds=await count_rounds(session, lottery.id),
        created_by=lottery.created_by_name,
        created_at=lottery.created_at,
        cancelled_at=lottery.cancelled_at,
        cancelled_by=lottery.cancelled_by_name,
        cancel_reason=lottery.cancel_reason,
    )


async def state_of(session: AnySession, lottery: Lottery, now: datetime) -> LotteryState:
    """Where a lottery stands at `now`."""
    if lottery.cancelled_at is not None:
        return LotteryState.CANCELLED
    if now < lottery.starts_at:
        return LotteryState.PLANNED
    if now < lottery.ends_at:
        return LotteryState.OPEN
    under_way = select(LotteryRound.id).where(
        LotteryRound.lottery_id == lottery.id, LotteryRound.state.not_in(_OVER)
    )
    is_under_way = await session.scalar(under_way.limit(1)) is not None
    return LotteryState.DRAWING if is_under_way else LotteryState.DRAWN


async def count_rounds(session: AnySession, lottery_id: int) -> int:
    """How many draws a lottery has."""
    return await session.scalar(select(func.count()).where(LotteryRound.lottery_id == lottery_id)) or 0


def tier_chances_of(lottery: Lottery) -> list[LotteryTierChances]:
    """Chances of a ticket by tier; others have one."""
    return [LotteryTierChances.model_validate(each) for each in lottery.tier_chances]


def prizes_of(lottery: Lottery) -> list[LotteryPrize]:
    """What can be won."""
    return [LotteryPrize.model_validate(each) for each in lottery.prizes]


def _rounds(wanted: LotteryCreate) -> Iterator[tuple[datetime, datetime]]:
    if wanted.model is not LotteryModel.DAILY:
        yield wanted.starts_at, wanted.ends_at
        return
    opens_at = wanted.starts_at
    while opens_at < wanted.ends_at:
        closes_at = min(start_of_day(tehran_date(opens_at) + _ONE_DAY), wanted.ends_at)
        yield opens_at, closes_at
        opens_at = closes_at
