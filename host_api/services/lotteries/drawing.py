"""From the closing of a round to its last prize, in pieces that may each be done again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import exists, select, update

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.events.emission import Subject, emit
from host_api.services.draws import logic as draws
from host_api.services.draws.logic import Ticket
from host_api.services.draws.models import DrawState, DrawWin
from host_api.services.lotteries import definitions
from host_api.services.lotteries.definitions import SERVICE
from host_api.services.lotteries.entering import refund, tickets_of
from host_api.services.lotteries.entry_schemas import LotteryEntryState
from host_api.services.lotteries.events import LOTTERY_DRAWN, LOTTERY_WON, LotteryDrawn, LotteryWon
from host_api.services.lotteries.models import LotteryEntry, LotteryRound, LotteryWin
from host_api.services.lotteries.problems import LotteryNotFound
from host_api.services.lotteries.schemas import LotteryRoundState, LotteryWinState
from host_api.services.members.succession import survivor_of
from host_api.services.messages.logic import tell_members
from host_api.services.messages.member_text import MemberText, Telling
from host_api.services.prizes import logic as prizes

_ENTRIES_AT_ONCE: Final = 2_000
_PRIZES_AT_ONCE: Final = 25
_REFUNDS_AT_ONCE: Final = 100
_ROUNDS_AT_ONCE: Final = 100


async def rounds_in(
    session: AnySession, state: LotteryRoundState, before: datetime | None = None
) -> list[int]:
    """Some rounds in a state, those that close first; with `before` those that closed until then."""
    statement = select(LotteryRound.id).where(LotteryRound.state == state.value)
    if before is not None:
        statement = statement.where(LotteryRound.closes_at <= before)
    found = await session.scalars(
        statement.order_by(LotteryRound.closes_at, LotteryRound.id).limit(_ROUNDS_AT_ONCE)
    )
    return list(found)


async def close_round(session: WriteSession, round_id: int, now: datetime) -> None:
    """Take no more entries; those under way are waited for."""
    here = await _lock(session, round_id)
    if here.state == LotteryRoundState.OPEN and here.closes_at <= now:
        here.state = LotteryRoundState.CLOSED.value
        await draws.close(session, here.draw_id, now)


async def list_some(session: WriteSession, cipher: FieldCipher, round_id: int) -> bool | None:
    """Put some more entries into the list; whether there are more, None while a payment isn't decided."""
    here = await _lock(session, round_id)
    draw = await draws.find(session, here.draw_id)
    if here.state != LotteryRoundState.CLOSED or draw.state != DrawState.LISTING:
        return False
    is_being_paid = exists().where(
        LotteryEntry.round_id == round_id, LotteryEntry.state == LotteryEntryState.PAYING.value
    )
    if here.listed_up_to < 0 and await session.scalar(select(is_being_paid)):
        return None
    found = await session.scalars(
        select(LotteryEntry)
        .where(
            LotteryEntry.round_id == round_id,
            LotteryEntry.state == LotteryEntryState.VALID.value,
            LotteryEntry.id > here.listed_up_to,
        )
        .order_by(LotteryEntry.id)
        .limit(_ENTRIES_AT_ONCE)
    )
    entries = found.all()
    tickets = (
        Ticket(entry.member_id, code, entry.chances) for entry in entries for code in tickets_of(entry)
    )
    await draws.append(session, draw, draws.participants_of(cipher, draw), tickets)
    here.listed_up_to = entries[-1].id if entries else max(0, here.listed_up_to)
    return len(entries) == _ENTRIES_AT_ONCE


async def draw_round(session: WriteSession, round_id: int, wins: Sequence[DrawWin], now: datetime) -> bool:
    """Write the winners down that `draws.find_winners` found, once; whether this was that time."""
    here = await _lock(session, round_id)
    if here.state != LotteryRoundState.CLOSED or not await draws.keep_winners(
        session, here.draw_id, wins, now
    ):
        return False
    lottery = await definitions.find(session, here.lottery_id)
    prize_of = {
        rank: prize
        for prize in definitions.prizes_of(lottery)
        for rank in range(prize.from_rank, prize.to_rank + 1)
    }
    for win in wins:
        prize = prize_of.get(win.rank)
        session.add(
            LotteryWin(
                round_id=round_id,
                rank=win.rank,
                member_id=win.member_id,
                ticket=win.ticket,
                prize_id=prize and prize.prize_id,
                quantity=prize.quantity if prize else 0,
                state=LotteryWinState.WAITING.value,
            )
        )
    here.state = LotteryRoundState.DRAWN.value
    draw = await draws.find(session, here.draw_id)
    payload = LotteryDrawn(lottery_id=lottery.id, round=here.number, entries=draw.entries, winners=len(wins))
    emit(session, LOTTERY_DRAWN, Subject("lottery", lottery.id), payload)
    return True


async def award_some(session: WriteSession, round_id: int, caller: Caller, now: datetime) -> bool:
    """Give some more prizes; whether there are more."""
    here = await _lock(session, round_id)
    if here.state != LotteryRoundState.DRAWN:
        return False
    lottery = await definitions.find(session, here.lottery_id)
    found = await session.scalars(
        select(LotteryWin)
        .where(LotteryWin.round_id == round_id, LotteryWin.state == LotteryWinState.WAITING.value)
        .order_by(LotteryWin.rank)
        .limit(_PRIZES_AT_ONCE)
    )
    wins = found.all()
    await prizes.lock_stocks(session, {win.prize_id for win in wins if win.prize_id is not None})
    for win in wins:
        text = MemberText(
            f"بلیت {win.ticket} شما در «{lottery.title_fa}» برنده شد.",
            f"Your ticket {win.ticket} has won in “{lottery.title}”.",
        )
        win.state = (await _give(session, win, text, caller)).value
        win.awarded_at = now if win.state == LotteryWinState.AWARDED else None
        payload = LotteryWon(
            lottery_id=lottery.id,
            round=here.number,
            rank=win.rank,
            member_id=win.member_id,
            prize_id=win.prize_id,
        )
        emit(session, LOTTERY_WON, Subject("member", win.member_id), payload)
        if win.state != LotteryWinState.AWARDED:  # a prize is told with what it is for
            await tell_members(
                session, [Telling(win.member_id, "lottery-won", f"{round_id}:{win.rank}", text)]
            )
    if len(wins) < _PRIZES_AT_ONCE:
        here.state = LotteryRoundState.DONE.value
        return False
    return True


async def award_again(
    session: WriteSession, lottery_id: int, number: int, rank: int, prize_id: int | None
) -> None:
    """Have a prize given, or another in its place, that could not be given before.

    Raises:
        LotteryNotFound: there is no such win, or nothing is left to be given.
        prizes.PrizeNotFound
    """
    here = await _lock(session, (await definitions.find_round(session, lottery_id, number)).id)
    win = await session.scalar(
        select(LotteryWin).where(LotteryWin.round_id == here.id, LotteryWin.rank == rank).with_for_update()
    )
    if win is None or win.state != LotteryWinState.GONE:
        raise LotteryNotFound
    if prize_id is not None:
        await prizes.find(session, prize_id)
        win.prize_id = prize_id
    win.state, here.state = LotteryWinState.WAITING.value, LotteryRoundState.DRAWN.value


async def refund_some(session: WriteSession, round_id: int) -> bool:
    """Have some more entries of a cancelled round given back; whether there are more."""
    here = await _lock(session, round_id)
    if here.state != LotteryRoundState.REFUNDING:
        return False
    found = await session.scalars(
        select(LotteryEntry)
        .where(
            LotteryEntry.round_id == round_id,
            LotteryEntry.state.in_([LotteryEntryState.VALID.value, LotteryEntryState.UNREFUNDED.value]),
            LotteryEntry.cost > 0,
        )
        .order_by(LotteryEntry.id)
        .limit(_REFUNDS_AT_ONCE)
        .with_for_update()
    )
    entries = found.all()
    for entry in entries:
        await refund(session, entry)
    if len(entries) == _REFUNDS_AT_ONCE:
        return True
    await session.execute(
        update(LotteryEntry)
        .where(LotteryEntry.round_id == round_id, LotteryEntry.state == LotteryEntryState.VALID.value)
        .values(state=LotteryEntryState.CANCELLED.value)
        .execution_options(synchronize_session=False)
    )
    here.state = LotteryRoundState.CANCELLED.value
    return False


async def wins_of(session: AnySession, round_id: int, after: int, limit: int) -> list[LotteryWin]:
    """Winners of a round behind a rank."""
    found = await session.scalars(
        select(LotteryWin)
        .where(LotteryWin.round_id == round_id, LotteryWin.rank > after)
        .order_by(LotteryWin.rank)
        .limit(limit)
    )
    return list(found)


async def draw_of(session: AnySession, round_id: int) -> int:
    """The draw of a round."""
    return (await session.get_one(LotteryRound, round_id)).draw_id


async def _give(session: WriteSession, win: LotteryWin, text: MemberText, caller: Caller) -> LotteryWinState:
    if win.prize_id is None:
        return LotteryWinState.NONE
    try:
        async with session.begin_nested():
            await prizes.award(
                session,
                win.prize_id,
                await survivor_of(session, win.member_id),
                service=SERVICE,
                reference=f"{win.round_id}:{win.rank}",
                caller=caller,
                quantity=win.quantity,
                occasion=text,
            )
    except (prizes.PrizeGone, prizes.PrizeNotFound):
        return LotteryWinState.GONE
    return LotteryWinState.AWARDED


async def _lock(session: WriteSession, round_id: int) -> LotteryRound:
    here = await session.get(LotteryRound, round_id, with_for_update=True)
    if here is None:
        raise LotteryNotFound
    return here
