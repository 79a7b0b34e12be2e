"""Spinning: who may, what is drawn, and what the switch makes of prices and wins.

A bought spin is drawn once its price is paid: nobody can wait for a better draw, and no prize is kept from
others by a member who can't pay.
"""

import secrets
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.isolation import programme_of
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import credit, debit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows
from host_api.core.tehran_time import start_of_day, tehran_date
from host_api.services.groups.audience import is_in
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus
from host_api.services.prizes import logic as prizes
from host_api.services.wheels import repository
from host_api.services.wheels.events import WHEEL_SPUN, WheelSpun
from host_api.services.wheels.listing import SpinQuery
from host_api.services.wheels.logic import SLICES, state_of
from host_api.services.wheels.models import Spin, Wheel
from host_api.services.wheels.problems import (
    NoSpinLeft,
    WheelElsewhere,
    WheelNotAdmitted,
    WheelNotOpen,
)
from host_api.services.wheels.schemas import (
    SpinCreate,
    SpinRead,
    SpinsLeft,
    SpinSource,
    SpinState,
    WheelState,
)
from host_api.services.wheels.slices import Slice, SliceKind, slice_at, total_weight

SERVICE: Final = "wheels"

# A member looks on: a price that the switch has not taken by then is taken back.
PATIENCE: Final = timedelta(minutes=2)

POINTS: Final = 91
_PRICE, _WIN = "price", "win"
_SATURDAY: Final = 5

# Gives a number from 0 up to, but without, its argument, each as likely as any other.
Draw = Callable[[int], int]


async def spin(
    session: WriteSession,
    wheel_id: int,
    wanted: SpinCreate,
    caller: Caller,
    *,
    draw: Draw = secrets.randbelow,
) -> tuple[SpinRead, int | None]:
    """Spin for a member; the spin, and the id of the request for its price where it is bought.

    A free spin is used first, then an earned one; one is bought only where the caller says so.

    Raises:
        members.MemberNotFound, WheelNotFound, WheelNotOpen, WheelNotAdmitted, NoSpinLeft
    """
    await repository.find(session, wheel_id)
    member = await members.read(session, wanted.member_id)
    part = await repository.lock_member(session, wheel_id, member.id)
    # As it is now: whoever waited for another spin of the member may be late.
    wheel = await repository.fresh(session, wheel_id)
    now = utc_now()
    if state_of(wheel, now) is not WheelState.OPEN:
        raise WheelNotOpen
    is_active = member.status is MemberStatus.ACTIVE
    if not is_active or not await is_in(session, wheel.audience, member.id, now):
        raise WheelNotAdmitted
    source = await _source(session, wheel, member.id, earned=part.earned, buy=wanted.buy, now=now)
    row = Spin(
        wheel_id=wheel_id,
        member_id=member.id,
        source=source.value,
        price=(wheel.price or 0) if source is SpinSource.BOUGHT else 0,
        state=SpinState.ASKED.value,
        attempts=0,
        spun_by=caller.key,
        asked_at=now,
    )
    session.add(row)
    if source is SpinSource.EARNED:
        part.earned -= 1
    await session.flush()
    if source is not SpinSource.BOUGHT:
        await _draw(session, wheel, row, caller, draw)
        return shown(row), None
    request_id = await request_points(
        session,
        debit(member.id, wheel.purse, row.price, f"{SERVICE} {wheel_id}"),
        service=SERVICE,
        reference=f"{row.id}:{_PRICE}",
        asked_by=caller,
        patience=PATIENCE,
    )
    return shown(row), request_id


async def on_outcomes(session: WriteSession, outcomes: Sequence[Outcome], /) -> None:
    """Keep what became of spins' prices and of the units that they won."""
    spins = {outcome.request_id: int(outcome.reference.partition(":")[0]) for outcome in outcomes}
    await repository.lock_spins(session, set(spins.values()))
    bought = [
        await repository.find_spin(session, spins[outcome.request_id])
        for outcome in outcomes
        if outcome.state is RequestState.APPROVED and outcome.reference.endswith(f":{_PRICE}")
    ]
    await _lock_what_may_be_given(session, {row.wheel_id for row in bought})
    for outcome in outcomes:
        await _on_outcome(session, await repository.find_spin(session, spins[outcome.request_id]), outcome)


async def _lock_what_may_be_given(session: WriteSession, wheel_ids: Collection[int]) -> None:
    """Before many are drawn: slices first, then prizes, each by id, as each draw for itself takes them."""
    await repository.lock_stocks(session, wheel_ids)
    prize_ids: set[int] = set()
    for wheel_id in sorted(wheel_ids):
        wheel = await repository.find(session, wheel_id)
        odds = (await repository.odds_by_id(session, [wheel.odds_id]))[wheel.odds_id]
        slices = SLICES.validate_python(odds.slices)
        prize_ids |= {each.prize_id for each in slices if each.prize_id is not None}
    await prizes.lock_stocks(session, prize_ids)


async def _on_outcome(session: WriteSession, row: Spin, outcome: Outcome) -> None:
    what = outcome.reference.partition(":")[2]
    row.response_code = outcome.response_code
    is_approved = outcome.state is RequestState.APPROVED
    if what != _PRICE:
        if outcome.state is not RequestState.DOUBTFUL:
            row.state = (SpinState.DONE if is_approved else SpinState.UNPAID).value
        return
    row.rrn = outcome.rrn
    if is_approved:
        # Also where the wheel is over or withdrawn by now: it was paid for in time.
        wheel = await repository.find(session, row.wheel_id)
        caller = system_caller(SERVICE, programme_of(session.sync_session))
        await _draw(session, wheel, row, caller, secrets.randbelow)
    elif outcome.state is RequestState.DOUBTFUL:
        row.state = SpinState.DOUBTFUL.value
    else:
        row.state = SpinState.REFUSED.value


async def pay_again(session: WriteSession, spin_id: int, caller: Caller) -> SpinRead:
    """Ask once more for units that the switch has declined.

    Raises:
        SpinNotFound, WheelElsewhere
    """
    row = await repository.find_spin(session, spin_id, for_update=True)
    if row.state != SpinState.UNPAID or row.odds_id is None:
        raise WheelElsewhere
    odds = (await repository.odds_by_id(session, [row.odds_id]))[row.odds_id]
    won = next(each for each in SLICES.validate_python(odds.slices) if each.code == row.given)
    await _pay(session, row, won, caller)
    await session.flush()
    return shown(row)


async def spins_left(session: AnySession, wheel_id: int, member_id: int) -> SpinsLeft:
    """What a member may do with a wheel now.

    Raises:
        WheelNotFound, members.MemberNotFound
    """
    wheel = await repository.find(session, wheel_id)
    member = await members.read(session, member_id)
    now = utc_now()
    is_admitted = (
        state_of(wheel, now) is WheelState.OPEN
        and member.status is MemberStatus.ACTIVE
        and await is_in(session, wheel.audience, member_id, now)
    )
    return SpinsLeft(
        wheel_id=wheel_id,
        member_id=member_id,
        is_admitted=is_admitted,
        free=await _free(session, wheel, member_id, now),
        earned=await repository.earned(session, wheel_id, member_id),
        price=wheel.price,
        can_buy=await _can_buy(session, wheel, member_id, now),
    )


async def read(session: AnySession, spin_id: int) -> SpinRead:
    """One spin.

    Raises:
        SpinNotFound
    """
    return shown(await repository.find_spin(session, spin_id))


async def read_page(session: ReadSession, query: SpinQuery) -> Page[SpinRead]:
    """A page of spins."""
    rows, next_cursor = await read_rows(session, select(Spin), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


def shown(row: Spin) -> SpinRead:
    """A spin as it is shown."""
    return SpinRead.model_validate({name: getattr(row, name) for name in SpinRead.model_fields})


def start_of_week(now: datetime) -> datetime:
    """The first instant of the week in Tehran, which begins on Saturday."""
    day = tehran_date(now)
    return start_of_day(day - timedelta(days=(day.weekday() - _SATURDAY) % 7))


async def _source(
    session: AnySession, wheel: Wheel, member_id: int, *, earned: int, buy: bool, now: datetime
) -> SpinSource:
    if await _free(session, wheel, member_id, now):
        return SpinSource.FREE
    if earned:
        return SpinSource.EARNED
    if not buy or await _can_buy(session, wheel, member_id, now) == 0:
        raise NoSpinLeft
    return SpinSource.BOUGHT


async def _free(session: AnySession, wheel: Wheel, member_id: int, now: datetime) -> int:
    """How many free spins are left: as many as the tightest of the limits allows, none without any."""
    left = [
        limit - await repository.count_spins(session, wheel.id, member_id, SpinSource.FREE, since)
        for limit, since in (
            (wheel.free_per_day, start_of_day(tehran_date(now))),
            (wheel.free_per_week, start_of_week(now)),
            (wheel.free_total, None),
        )
        if limit is not None
    ]
    return max(0, min(left, default=0))


async def _can_buy(session: AnySession, wheel: Wheel, member_id: int, now: datetime) -> int | None:
    """How many spins may still be bought today; None for any number."""
    if wheel.price is None:
        return 0
    if wheel.bought_per_day is None:
        return None
    today = start_of_day(tehran_date(now))
    bought = await repository.count_spins(session, wheel.id, member_id, SpinSource.BOUGHT, today)
    return max(0, wheel.bought_per_day - bought)


async def _draw(session: WriteSession, wheel: Wheel, row: Spin, caller: Caller, draw: Draw) -> None:
    odds = (await repository.odds_by_id(session, [wheel.odds_id]))[wheel.odds_id]
    slices = SLICES.validate_python(odds.slices)
    row.odds_id, row.total = odds.id, total_weight(slices)
    row.number, row.drawn_at = draw(row.total), utc_now()
    given = slice_at(slices, row.number)
    row.slice = given.code
    by_code = {each.code: each for each in slices}
    # Ends: `slices.check` has seen to it that the last substitute can't run out.
    while not await _take(session, row, given, caller):
        given = by_code[given.substitute or ""]
    row.given = given.code
    await _give(session, row, given, caller)
    payload = WheelSpun(
        wheel_id=wheel.id, spin_id=row.id, member_id=row.member_id, given=given.code, kind=given.kind
    )
    emit(session, WHEEL_SPUN, Subject("wheel", wheel.id), payload)
    await session.flush()


async def _take(session: WriteSession, row: Spin, wanted: Slice, caller: Caller) -> bool:
    """Take one of a slice from its stock, and its prize from the prize's; both or neither."""
    if not wanted.can_run_out:
        return True
    award_id = None
    try:
        async with session.begin_nested():
            if wanted.stock is not None:
                await repository.take_one(session, row.wheel_id, wanted.code, wanted.stock)
            if wanted.prize_id is not None:
                award = await prizes.award(
                    session,
                    wanted.prize_id,
                    row.member_id,
                    service=SERVICE,
                    reference=str(row.id),
                    caller=caller,
                )
                award_id = award.id
    except (repository.NoneLeft, prizes.PrizeGone):
        return False
    row.award_id = award_id
    return True


async def _give(session: WriteSession, row: Spin, given: Slice, caller: Caller) -> None:
    row.state = SpinState.DONE.value
    if given.kind is SliceKind.AGAIN:
        part = await repository.lock_member(session, row.wheel_id, row.member_id)
        part.earned += 1
    elif given.kind is SliceKind.UNITS:
        await _pay(session, row, given, caller)


async def _pay(session: WriteSession, row: Spin, won: Slice, caller: Caller) -> None:
    row.state = SpinState.PAYING.value
    row.attempts += 1
    await request_points(
        session,
        credit(
            row.member_id,
            won.purse or POINTS,
            won.units or 0,
            f"{SERVICE} {row.wheel_id}",
            valid_days=won.valid_days,
        ),
        service=SERVICE,
        reference=f"{row.id}:{_WIN}:{row.attempts}",
        asked_by=caller,
        reason=f"{SERVICE} {row.wheel_id}",
    )
