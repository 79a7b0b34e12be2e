"""From an award's day to its last prize, in pieces that may each be done again."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import to_epoch_ms
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.events.emission import Subject, emit
from host_api.services.budgets import logic as budgets
from host_api.services.draws import logic as draws
from host_api.services.draws.logic import Ticket
from host_api.services.draws.models import DrawState, DrawWin
from host_api.services.festivals import awards, counting, definitions
from host_api.services.festivals.award_schemas import (
    FestivalAwardMethod,
    FestivalAwardState,
    FestivalPrizeInstead,
    FestivalWinRead,
    FestivalWins,
    FestivalWinState,
)
from host_api.services.festivals.definitions import SERVICE
from host_api.services.festivals.events import (
    FESTIVAL_AWARDED,
    FESTIVAL_SETTLED,
    FestivalAwarded,
    FestivalSettled,
)
from host_api.services.festivals.models import Festival, FestivalAward, FestivalWin
from host_api.services.festivals.problems import FestivalAwardNotFound
from host_api.services.members.succession import survivor_of
from host_api.services.messages.logic import tell_members
from host_api.services.messages.member_text import MemberText, Telling
from host_api.services.prizes import logic as prizes

_LISTED_AT_ONCE: Final = 10_000
_PRIZES_AT_ONCE: Final = 25
_WINS_AT_ONCE: Final = 200


async def close(session: WriteSession, award_id: int, now: datetime) -> None:
    """Begin to settle an award."""
    award = await awards.lock(session, award_id)
    if award.state == FestivalAwardState.PLANNED and awards.is_due(award, now):
        award.state = FestivalAwardState.CLOSED.value
        if award.draw_id is not None:
            await draws.close(session, award.draw_id, now)


async def list_some(session: WriteSession, cipher: FieldCipher, award_id: int) -> bool:
    """Put some more members into a draw's list; whether there are more."""
    award = await awards.lock(session, award_id)
    if award.state != FestivalAwardState.CLOSED or award.draw_id is None:
        return False
    draw = await draws.find(session, award.draw_id)
    if draw.state != DrawState.LISTING:
        return False
    members = await counting.members_with(
        session,
        award.festival_id,
        min_score=award.min_score,
        joined_before_ms=to_epoch_ms(award.at),
        after=max(0, award.listed_up_to),
        limit=_LISTED_AT_ONCE,
    )
    tickets = (Ticket(member_id, None, _chances(award, score)) for member_id, score in members)
    await draws.append(session, draw, draws.participants_of(cipher, draw), tickets)
    award.listed_up_to = members[-1][0] if members else max(0, award.listed_up_to)
    return len(members) == _LISTED_AT_ONCE


async def best(session: AnySession, award: FestivalAward, festival: Festival) -> list[FestivalWin]:
    """Who wins an award by ranking, which is counted; nothing is written."""
    categories = await counting.categories_of(session, festival) if award.is_by_category else [None]
    wins: list[FestivalWin] = []
    for category in categories:
        found = await counting.best_of(
            session,
            festival.id,
            category=category,
            winners=award.winners,
            min_score=award.min_score,
            joined_before_ms=to_epoch_ms(award.at),
        )
        wins += [
            _win(award, category or "", rank, member_id, score)
            for rank, (member_id, score) in enumerate(found, 1)
        ]
    return wins


async def keep_best(session: WriteSession, award_id: int, wins: Sequence[FestivalWin]) -> bool:
    """Write down what `best` found, once; whether this was that time."""
    award = await awards.lock(session, award_id)
    if award.state != FestivalAwardState.CLOSED or award.method != FestivalAwardMethod.RANKING:
        return False
    session.add_all(wins)
    _settled(session, award, len(wins))
    return True


async def keep_drawn(session: WriteSession, award_id: int, drawn: Sequence[DrawWin], now: datetime) -> bool:
    """Write down what `draws.find_winners` found, once; whether this was that time."""
    award = await awards.lock(session, award_id)
    if award.state != FestivalAwardState.CLOSED or award.draw_id is None:
        return False
    if not await draws.keep_winners(session, award.draw_id, drawn, now):
        return False
    session.add_all(_win(award, "", win.rank, win.member_id, 0) for win in drawn)
    _settled(session, award, len(drawn))
    return True


async def award_some(session: WriteSession, award_id: int, caller: Caller, now: datetime) -> bool:
    """Give some more prizes; whether there are more."""
    award = await awards.lock(session, award_id)
    if award.state != FestivalAwardState.WON:
        return False
    festival = await definitions.find(session, award.festival_id)
    found = await session.scalars(
        select(FestivalWin)
        .where(FestivalWin.award_id == award_id, FestivalWin.state == FestivalWinState.WAITING.value)
        .order_by(FestivalWin.rank, FestivalWin.category)
        .limit(_PRIZES_AT_ONCE)
    )
    wins = found.all()
    await prizes.lock_stocks(session, {win.prize_id for win in wins if win.prize_id is not None})
    text = MemberText(
        f"شما در «{festival.title_fa}» ({award.title_fa}) برنده شدید.",
        f"You have won in “{festival.title}” ({award.title}).",
    )
    for win in wins:
        state = await _give(session, award, win, text, caller)
        win.state = state.value
        if state is FestivalWinState.AWARDED:
            win.awarded_at = now
            award.spent_units += win.cost_units
        _tell_others(session, award, win)
    # A prize is told with what it is for.
    await tell_members(
        session,
        [
            Telling(win.member_id, "festival-award", _reference(win), text)
            for win in wins
            if win.state != FestivalWinState.AWARDED
        ],
    )
    if len(wins) == _PRIZES_AT_ONCE:
        return True
    award.state = FestivalAwardState.DONE.value
    if award.settled_at is None:  # what is given in place of something later isn't charged any more
        award.settled_at = now
        if award.budget_id is not None:
            await budgets.consume(session, service=SERVICE, reference=str(award.id), units=award.spent_units)
    return False


async def award_instead(
    session: WriteSession, festival_id: int, number: int, wanted: FestivalPrizeInstead
) -> None:
    """Have a prize given, or another in its place, that could not be given before.

    Raises:
        FestivalAwardNotFound: there is no such win, or nothing is left to be given.
        prizes.PrizeNotFound
    """
    award = await awards.lock(session, (await awards.find(session, festival_id, number)).id)
    win = await session.scalar(
        select(FestivalWin)
        .where(
            FestivalWin.award_id == award.id,
            FestivalWin.category == wanted.category,
            FestivalWin.rank == wanted.rank,
        )
        .with_for_update()
    )
    if win is None or win.state != FestivalWinState.GONE:
        raise FestivalAwardNotFound
    if wanted.prize_id is not None:
        await prizes.find(session, wanted.prize_id)
        win.prize_id = wanted.prize_id
    win.state, award.state = FestivalWinState.WAITING.value, FestivalAwardState.WON.value
    await session.flush()


async def wins_page(
    session: AnySession, festival_id: int, number: int, *, after_category: str, after_rank: int
) -> FestivalWins:
    """Who is awarded, behind a category and rank.

    Raises:
        FestivalAwardNotFound
    """
    award = await awards.find(session, festival_id, number)
    is_behind = (FestivalWin.category > after_category) | (
        (FestivalWin.category == after_category) & (FestivalWin.rank > after_rank)
    )
    found = await session.scalars(
        select(FestivalWin)
        .where(FestivalWin.award_id == award.id, is_behind)
        .order_by(FestivalWin.category, FestivalWin.rank)
        .limit(_WINS_AT_ONCE)
    )
    wins = found.all()
    return FestivalWins(wins=[_shown_win(win) for win in wins], is_more=len(wins) == _WINS_AT_ONCE)


def _chances(award: FestivalAward, score: int) -> int:
    if award.score_per_chance is None:
        return 1
    return min(1 + score // award.score_per_chance, award.most_chances)


def _win(award: FestivalAward, category: str, rank: int, member_id: int, score: int) -> FestivalWin:
    prize = next((one for one in awards.prizes_of(award) if one.from_rank <= rank <= one.to_rank), None)
    return FestivalWin(
        award_id=award.id,
        category=category,
        rank=rank,
        member_id=member_id,
        score=score,
        prize_id=None if prize is None else prize.prize_id,
        quantity=0 if prize is None else prize.quantity,
        cost_units=0 if prize is None else prize.cost_units,
        state=FestivalWinState.WAITING.value,
    )


def _settled(session: WriteSession, award: FestivalAward, winners: int) -> None:
    award.state = FestivalAwardState.WON.value
    payload = FestivalSettled(festival_id=award.festival_id, award=award.number, winners=winners)
    emit(session, FESTIVAL_SETTLED, Subject("festival", award.festival_id), payload)


def _reference(win: FestivalWin) -> str:
    category = hashlib.sha256(win.category.encode()).hexdigest()[:16] if win.category else ""
    return f"{win.award_id}:{win.rank}:{category}"


async def _give(
    session: WriteSession, award: FestivalAward, win: FestivalWin, text: MemberText, caller: Caller
) -> FestivalWinState:
    if win.prize_id is None:
        return FestivalWinState.NONE
    if award.budget_id is not None and award.spent_units + win.cost_units > award.budget_units:
        return FestivalWinState.OVER_BUDGET
    try:
        async with session.begin_nested():
            await prizes.award(
                session,
                win.prize_id,
                await survivor_of(session, win.member_id),
                service=SERVICE,
                reference=_reference(win),
                caller=caller,
                quantity=win.quantity,
                occasion=text,
            )
    except (prizes.PrizeGone, prizes.PrizeNotFound):
        return FestivalWinState.GONE
    return FestivalWinState.AWARDED


def _tell_others(session: WriteSession, award: FestivalAward, win: FestivalWin) -> None:
    payload = FestivalAwarded(
        festival_id=award.festival_id,
        award=award.number,
        rank=win.rank,
        member_id=win.member_id,
        prize_id=win.prize_id,
    )
    emit(session, FESTIVAL_AWARDED, Subject("member", win.member_id), payload)


def _shown_win(win: FestivalWin) -> FestivalWinRead:
    return FestivalWinRead(
        category=win.category,
        rank=win.rank,
        member_id=win.member_id,
        score=win.score,
        prize_id=win.prize_id,
        quantity=win.quantity,
        cost_units=win.cost_units,
        state=FestivalWinState(win.state),
        awarded_at=win.awarded_at,
    )
