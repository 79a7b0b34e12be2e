"""Awards: made by people, counted, drawn and given by the job, in pieces that may each be done again."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.services.budgets import logic as budgets
from host_api.services.draws import logic as draws
from host_api.services.draws.models import Draw
from host_api.services.festivals import definitions
from host_api.services.festivals.award_schemas import (
    FestivalAwardCreate,
    FestivalAwardMethod,
    FestivalAwardPrize,
    FestivalAwardRead,
    FestivalAwardState,
)
from host_api.services.festivals.definitions import SERVICE
from host_api.services.festivals.models import Festival, FestivalAward
from host_api.services.festivals.problems import (
    FestivalAwardNotFound,
    FestivalAwardSettled,
    FestivalNotOpen,
    FestivalTimesDisagree,
    FestivalWithoutCategories,
)
from host_api.services.festivals.schemas import FestivalCancel
from host_api.services.prizes import logic as prizes

MOST_AWARDS: Final = 400
_LISTED_AT_ONCE: Final = 10_000
_PRIZES_AT_ONCE: Final = 25
_WINS_AT_ONCE: Final = 200
_OPEN: Final = (FestivalAwardState.PLANNED.value, FestivalAwardState.CLOSED.value)


async def create(
    session: WriteSession,
    cipher: FieldCipher,
    festival_id: int,
    wanted: FestivalAwardCreate,
    *,
    caller: Caller,
    now: datetime,
) -> FestivalAwardRead:
    """Store an award; a draw's commitment is public from now on.

    Raises:
        FestivalNotFound, FestivalNotOpen, FestivalTimesDisagree, FestivalWithoutCategories
        prizes.PrizeNotFound, budgets.BudgetNotFound, budgets.BudgetExhausted
    """
    festival = await definitions.find(session, festival_id, for_update=True)
    if festival.cancelled_at is not None:
        raise FestivalNotOpen
    begin = wanted.counts_from or festival.starts_at
    if not festival.starts_at <= begin < wanted.at <= festival.ends_at or wanted.at <= now:
        raise FestivalTimesDisagree
    if wanted.is_by_category and festival.category_by is None:
        raise FestivalWithoutCategories
    for prize_id in sorted({prize.prize_id for prize in wanted.prizes}):
        await prizes.find(session, prize_id)
    last = await session.scalar(
        select(func.max(FestivalAward.number)).where(FestivalAward.festival_id == festival_id)
    )
    award = FestivalAward(
        **wanted.model_dump(mode="json", exclude={"at", "counts_from", "public_value_source"}),
        festival_id=festival_id,
        number=(last or 0) + 1,
        counts_from=begin,
        at=wanted.at,
        spent_units=0,
        state=FestivalAwardState.PLANNED.value,
        listed_up_to=-1,
        created_by_name=caller.name,
        created_at=now,
    )
    session.add(award)
    await session.flush()
    if wanted.budget_id is not None:
        await budgets.reserve(
            session, wanted.budget_id, wanted.budget_units, service=SERVICE, reference=str(award.id)
        )
    if wanted.method is FestivalAwardMethod.DRAW:
        draw = await draws.commit(
            session,
            cipher,
            service=SERVICE,
            reference=str(award.id),
            winners=wanted.winners,
            is_once_each=True,
            public_value_source=wanted.public_value_source,
            created_by=caller.key,
            now=now,
        )
        award.draw_id = draw.id
        await session.flush()
    return await shown(session, award)


async def cancel(session: WriteSession, festival_id: int, number: int) -> FestivalAwardRead:
    """Give an award up whose winners are not known.

    Raises:
        FestivalAwardNotFound, FestivalAwardSettled
    """
    award = await lock(session, (await find(session, festival_id, number)).id)
    if award.state not in {
        FestivalAwardState.PLANNED,
        FestivalAwardState.CLOSED,
        FestivalAwardState.CANCELLED,
    }:
        raise FestivalAwardSettled
    await _give_up(session, award)
    return await shown(session, award)


async def cancel_festival(
    session: WriteSession, festival_id: int, wanted: FestivalCancel, now: datetime
) -> Festival:
    """Give a festival up with all awards whose winners are not known; again changes nothing.

    Raises:
        FestivalNotFound
    """
    festival = await definitions.find(session, festival_id, for_update=True)
    if festival.cancelled_at is None:
        festival.cancelled_at, festival.cancel_reason = now, wanted.reason
        (await definitions.board_of(session, festival_id)).due_at = None
        for award in await of_festival(session, festival_id):
            locked = await lock(session, award.id)
            if locked.state in _OPEN:
                await _give_up(session, locked)
        await session.flush()
    return festival


async def find(session: AnySession, festival_id: int, number: int) -> FestivalAward:
    """An award by its number.

    Raises:
        FestivalAwardNotFound
    """
    award = await session.scalar(
        select(FestivalAward).where(FestivalAward.festival_id == festival_id, FestivalAward.number == number)
    )
    if award is None:
        raise FestivalAwardNotFound
    return award


async def find_draw(session: AnySession, festival_id: int, number: int) -> int:
    """The draw of an award.

    Raises:
        FestivalAwardNotFound: none, or one by ranking.
    """
    award = await find(session, festival_id, number)
    if award.draw_id is None:
        raise FestivalAwardNotFound
    return award.draw_id


async def lock(session: WriteSession, award_id: int) -> FestivalAward:
    """An award that nobody else changes until the transaction ends."""
    return await session.get_one(FestivalAward, award_id, with_for_update=True)


async def of_festival(session: AnySession, festival_id: int) -> list[FestivalAward]:
    """All awards of a festival, in the order of their numbers."""
    found = await session.scalars(
        select(FestivalAward)
        .where(FestivalAward.festival_id == festival_id)
        .order_by(FestivalAward.number)
        .limit(MOST_AWARDS)
    )
    return list(found)


async def in_state(session: AnySession, state: FestivalAwardState) -> list[FestivalAward]:
    """Awards in a state, the earliest first."""
    found = await session.scalars(
        select(FestivalAward)
        .where(FestivalAward.state == state.value)
        .order_by(FestivalAward.at, FestivalAward.id)
        .limit(MOST_AWARDS)
    )
    return list(found)


def is_due(award: FestivalAward, now: datetime) -> bool:
    """Whether an award is to be settled."""
    return award.at + timedelta(minutes=award.delay_minutes) <= now


async def shown(session: AnySession, award: FestivalAward) -> FestivalAwardRead:
    """An award as it is told."""
    draw: Draw | None = None if award.draw_id is None else await draws.find(session, award.draw_id)
    return FestivalAwardRead(
        number=award.number,
        title=award.title,
        title_fa=award.title_fa,
        method=FestivalAwardMethod(award.method),
        is_by_category=award.is_by_category,
        winners=award.winners,
        min_score=award.min_score,
        score_per_chance=award.score_per_chance,
        most_chances=award.most_chances,
        prizes=prizes_of(award),
        delay_minutes=award.delay_minutes,
        budget_id=award.budget_id,
        budget_units=award.budget_units,
        spent_units=award.spent_units,
        state=FestivalAwardState(award.state),
        counts_from=award.counts_from,
        at=award.at,
        commitment=None if draw is None else draw.commitment,
        is_value_wanted=draw is not None and draws.is_waiting_for_value(draw),
        created_by=award.created_by_name,
        created_at=award.created_at,
        settled_at=award.settled_at,
    )


def prizes_of(award: FestivalAward) -> list[FestivalAwardPrize]:
    """What can be won."""
    return [FestivalAwardPrize.model_validate(each) for each in award.prizes]


async def _give_up(session: WriteSession, award: FestivalAward) -> None:
    if award.state == FestivalAwardState.CANCELLED:
        return
    award.state = FestivalAwardState.CANCELLED.value
    if award.budget_id is not None:
        await budgets.release(session, service=SERVICE, reference=str(award.id))
    if award.draw_id is not None:
        await draws.cancel(session, award.draw_id)
    await session.flush()
