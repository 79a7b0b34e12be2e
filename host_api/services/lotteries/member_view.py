"""What members and everybody see of lotteries."""

from datetime import datetime
from typing import Final

from sqlalchemy import select

from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.tehran_time import tehran_date
from host_api.services.draws import logic as draws
from host_api.services.draws import publication
from host_api.services.draws.models import DrawState
from host_api.services.draws.publication import initials_of
from host_api.services.draws.schemas import DrawPartRead, DrawProofsRead
from host_api.services.groups.audience import is_in
from host_api.services.lotteries import definitions, drawing, entering
from host_api.services.lotteries.entry_schemas import LotteryPublic, MyLottery
from host_api.services.lotteries.models import Lottery, LotteryRound, LotteryWin
from host_api.services.lotteries.schemas import (
    LotteryCostMode,
    LotteryRoundRead,
    LotteryRoundState,
    LotteryState,
    LotteryWinRead,
    LotteryWins,
    LotteryWinState,
)
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus

_NAMES: Final = 20
_WINS_AT_ONCE: Final = 200


async def public(
    session: AnySession, cipher: FieldCipher, lottery_id: int, number: int | None, now: datetime
) -> LotteryPublic:
    """The public page of a lottery with one of its rounds: the one now open, else the latest.

    Raises:
        LotteryNotFound
    """
    lottery = await definitions.find(session, lottery_id)
    here = await _round(session, lottery, number, now)
    draw = await publication.shown(session, cipher, here.draw_id)
    wins = await drawing.wins_of(session, here.id, 0, _NAMES) if draw.state is DrawState.DRAWN else []
    return LotteryPublic(
        lottery_id=lottery.id,
        title=lottery.title,
        title_fa=lottery.title_fa,
        occasion=lottery.occasion,
        state=await definitions.state_of(session, lottery, now),
        cost_mode=LotteryCostMode(lottery.cost_mode),
        price=lottery.price,
        purse=lottery.purse,
        tickets_per_entry=lottery.tickets_per_entry,
        entries_per_day=lottery.entries_per_day,
        tickets_per_member=lottery.tickets_per_member,
        free_daily_tickets=lottery.free_daily_tickets,
        starts_at=lottery.starts_at,
        ends_at=lottery.ends_at,
        cancel_reason=lottery.cancel_reason,
        round=here.number,
        rounds=await definitions.count_rounds(session, lottery_id),
        closes_at=here.closes_at,
        draw=draw,
        names=[initials_of((await members.read(session, win.member_id)).name) for win in wins],
    )


async def proofs(
    session: AnySession, lottery_id: int, number: int, member_id: int, after: int
) -> DrawProofsRead:
    """Proofs for a member's tickets in a round.

    Raises:
        LotteryNotFound
    """
    here = await definitions.find_round(session, lottery_id, number)
    return await publication.proofs(session, here.draw_id, member_id, after)


async def part(session: AnySession, lottery_id: int, number: int, which: int) -> DrawPartRead:
    """Some lines of a round's closed list.

    Raises:
        LotteryNotFound, DrawPartNotFound
    """
    here = await definitions.find_round(session, lottery_id, number)
    return await publication.part(session, here.draw_id, which)


async def mine(session: AnySession, lottery_id: int, member_id: int, now: datetime) -> MyLottery:
    """What a member has in a lottery, and may still do.

    Raises:
        LotteryNotFound, members.MemberNotFound
    """
    lottery = await definitions.find(session, lottery_id)
    member = await members.read(session, member_id)
    counter = await entering.counter_of(session, lottery_id, member_id)
    today = counter if counter is not None and counter.day == tehran_date(now) else None
    taken = counter.tickets if counter else 0
    won = await session.scalars(
        select(LotteryWin.ticket)
        .join(LotteryRound, LotteryRound.id == LotteryWin.round_id)
        .where(LotteryWin.member_id == member_id, LotteryRound.lottery_id == lottery_id)
        .order_by(LotteryWin.round_id, LotteryWin.rank)
        .limit(_WINS_AT_ONCE)
    )
    is_open = await definitions.state_of(session, lottery, now) is LotteryState.OPEN
    return MyLottery(
        lottery_id=lottery_id,
        member_id=member_id,
        may_enter=is_open
        and member.status is MemberStatus.ACTIVE
        and await is_in(session, lottery.audience, member_id, now),
        tickets=taken,
        entries_left_today=_left(lottery.entries_per_day, today.day_entries if today else 0),
        free_tickets_left_today=max(0, lottery.free_daily_tickets - (today.day_free_tickets if today else 0)),
        tickets_left=_left(lottery.tickets_per_member, taken),
        wins=list(won),
    )


async def rounds(session: AnySession, lottery_id: int, after: int) -> list[LotteryRoundRead]:
    """Some rounds behind a number.

    Raises:
        LotteryNotFound
    """
    await definitions.find(session, lottery_id)
    return [
        await shown_round(session, one)
        for one in await definitions.rounds_of(session, lottery_id, after=after)
    ]


async def shown_round(session: AnySession, here: LotteryRound) -> LotteryRoundRead:
    """A round with how its draw stands."""
    draw = await draws.find(session, here.draw_id)
    return LotteryRoundRead(
        id=here.id,
        number=here.number,
        opens_at=here.opens_at,
        closes_at=here.closes_at,
        state=LotteryRoundState(here.state),
        draw_state=DrawState(draw.state),
        is_value_wanted=draws.is_waiting_for_value(draw),
        entries=draw.entries,
        commitment=draw.commitment,
    )


async def wins(session: AnySession, lottery_id: int, number: int, after: int) -> LotteryWins:
    """Winners of a round behind a rank, as people of the club see them.

    Raises:
        LotteryNotFound
    """
    here = await definitions.find_round(session, lottery_id, number)
    found = await drawing.wins_of(session, here.id, after, _WINS_AT_ONCE)
    return LotteryWins(
        wins=[
            LotteryWinRead(
                round=number,
                rank=win.rank,
                member_id=win.member_id,
                ticket=win.ticket,
                prize_id=win.prize_id,
                quantity=win.quantity,
                state=LotteryWinState(win.state),
                awarded_at=win.awarded_at,
            )
            for win in found
        ],
        next_after=found[-1].rank if len(found) == _WINS_AT_ONCE else None,
    )


def _left(most: int | None, taken: int) -> int | None:
    return None if most is None else max(0, most - taken)


async def _round(session: AnySession, lottery: Lottery, number: int | None, now: datetime) -> LotteryRound:
    if number is not None:
        return await definitions.find_round(session, lottery.id, number)
    found = await session.scalar(
        select(LotteryRound)
        .where(LotteryRound.lottery_id == lottery.id, LotteryRound.opens_at <= now)
        .order_by(LotteryRound.number.desc())
        .limit(1)
    )
    return found or await definitions.find_round(session, lottery.id, 1)
