"""Members take tickets: the limits, the payment, and what the switch makes of it."""

import secrets
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller, system_caller
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.default_rows import insert_missing
from host_api.core.isolation import programme_of
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import debit, return_of_debit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows
from host_api.core.tehran_time import tehran_date
from host_api.services.groups.audience import is_in
from host_api.services.lotteries import definitions
from host_api.services.lotteries.definitions import SERVICE
from host_api.services.lotteries.entry_schemas import LotteryEntryCreate, LotteryEntryRead, LotteryEntryState
from host_api.services.lotteries.listing import EntryQuery
from host_api.services.lotteries.models import Lottery, LotteryEntry, LotteryMember, LotteryRound
from host_api.services.lotteries.problems import (
    LotteryEntryNotFound,
    LotteryLimitReached,
    LotteryNotForMember,
    LotteryNotOpen,
)
from host_api.services.lotteries.schemas import LotteryRoundState
from host_api.services.members import selection
from host_api.services.members.logic import MemberNotFound
from host_api.services.members.schemas import MemberStatus

# An app waits: what the switch has not answered by then is taken back, and the ticket is free again.
PATIENCE: Final = timedelta(minutes=1)

_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH: Final = 10


async def enter(
    session: WriteSession, lottery_id: int, wanted: LotteryEntryCreate, caller: Caller, now: datetime
) -> tuple[LotteryEntryRead, int | None]:
    """Take tickets for a member; the entry, and the request that pays for it where it costs something.

    Raises:
        LotteryNotFound, LotteryNotOpen, LotteryNotForMember, LotteryLimitReached, members.MemberNotFound
    """
    lottery = await definitions.find(session, lottery_id)
    member = await _member(session, lottery, wanted.member_id, now)
    # Shared with other entries; whoever closes the round waits for them.
    here = await session.scalar(
        select(LotteryRound)
        .where(
            LotteryRound.lottery_id == lottery_id, LotteryRound.opens_at <= now, LotteryRound.closes_at > now
        )
        .with_for_update(read=True)
    )
    if here is None or here.state != LotteryRoundState.OPEN:
        raise LotteryNotOpen
    day = tehran_date(now)
    free = await _count(session, lottery, wanted, day)
    cost = (wanted.tickets - free) * lottery.price
    chances_by_tier = {one.tier: one.chances for one in definitions.tier_chances_of(lottery)}
    entry = LotteryEntry(
        lottery_id=lottery_id,
        round_id=here.id,
        member_id=wanted.member_id,
        day=day,
        code="".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH)),
        tickets=wanted.tickets,
        free_tickets=free,
        chances=chances_by_tier.get(member.tier, 1),
        cost=cost,
        state=(LotteryEntryState.PAYING if cost else LotteryEntryState.VALID).value,
        asked_at=now,
        refunds_asked=0,
    )
    session.add(entry)
    await session.flush()
    if cost:
        entry.request_id = await request_points(
            session,
            debit(entry.member_id, lottery.purse, cost, f"lottery {lottery_id}"),
            service=SERVICE,
            reference=f"entry {entry.id}",
            asked_by=caller,
            patience=PATIENCE,
        )
        await session.flush()
    return shown(entry), entry.request_id


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Keep what became of a payment or a refund."""
    what, _, rest = outcome.reference.partition(" ")
    entry_id = int(rest.partition(".")[0])
    found = await session.get(LotteryEntry, entry_id)
    if found is None:
        raise LookupError("an entry of a lottery has gone")
    # In the order in which entries take them.
    here = await session.get_one(LotteryRound, found.round_id, with_for_update={"read": True})
    entry = await session.get_one(LotteryEntry, entry_id, with_for_update=True)
    if what == "refund":
        if outcome.state is not RequestState.DOUBTFUL:  # that one comes again
            is_back = outcome.state is RequestState.APPROVED
            entry.state = (LotteryEntryState.REFUNDED if is_back else LotteryEntryState.UNREFUNDED).value
        return
    entry.response_code, entry.rrn = outcome.response_code, outcome.rrn
    if outcome.state is RequestState.DOUBTFUL:
        entry.state = LotteryEntryState.DOUBTFUL.value
    elif outcome.state is not RequestState.APPROVED:
        entry.state = LotteryEntryState.REFUSED.value
        await _give_back(session, entry)
    elif is_taking(here):
        entry.state = LotteryEntryState.VALID.value
    else:  # known too late for the draw
        await refund(session, entry)


def is_taking(here: LotteryRound) -> bool:
    """Whether what is paid now still gets into the round's list."""
    return here.state == LotteryRoundState.OPEN or (
        here.state == LotteryRoundState.CLOSED and here.listed_up_to < 0
    )


async def refund(session: WriteSession, entry: LotteryEntry) -> None:
    """Ask for what an entry has cost to be given back, with the expiry that it had; it is locked."""
    lottery = await definitions.find(session, entry.lottery_id)
    entry.state = LotteryEntryState.REFUNDING.value
    entry.refunds_asked += 1
    await session.flush()
    await request_points(
        session,
        return_of_debit(entry.member_id, lottery.purse, entry.cost, entry.rrn or ""),
        service=SERVICE,
        reference=f"refund {entry.id}.{entry.refunds_asked}",
        asked_by=system_caller(SERVICE, programme_of(session.sync_session)),
    )


async def refund_again(session: WriteSession, entry_id: int) -> LotteryEntryRead:
    """Ask once more for what the switch has declined to give back.

    Raises:
        LotteryEntryNotFound: there is none, or none that waits for this.
    """
    entry = await session.get(LotteryEntry, entry_id, with_for_update=True)
    if entry is None or entry.state != LotteryEntryState.UNREFUNDED:
        raise LotteryEntryNotFound
    await refund(session, entry)
    return shown(entry)


async def read(session: AnySession, entry_id: int) -> LotteryEntryRead:
    """One entry.

    Raises:
        LotteryEntryNotFound
    """
    entry = await session.get(LotteryEntry, entry_id)
    if entry is None:
        raise LotteryEntryNotFound
    return shown(entry)


async def read_page(session: ReadSession, query: EntryQuery) -> Page[LotteryEntryRead]:
    """A page of entries."""
    entries, next_cursor = await read_rows(session, select(LotteryEntry), query)
    return Page(items=[shown(entry) for entry in entries], next_cursor=next_cursor)


def tickets_of(entry: LotteryEntry) -> list[str]:
    """The names of an entry's tickets."""
    return [f"{entry.code}-{number}" for number in range(1, entry.tickets + 1)]


def shown(entry: LotteryEntry) -> LotteryEntryRead:
    """An entry as it is told."""
    return LotteryEntryRead(
        id=entry.id,
        lottery_id=entry.lottery_id,
        round_id=entry.round_id,
        member_id=entry.member_id,
        state=LotteryEntryState(entry.state),
        day=entry.day,
        tickets=tickets_of(entry),
        free_tickets=entry.free_tickets,
        chances=entry.chances,
        cost=entry.cost,
        response_code=entry.response_code,
        rrn=entry.rrn,
        asked_at=entry.asked_at,
    )


async def counter_of(session: AnySession, lottery_id: int, member_id: int) -> LotteryMember | None:
    """What a member has taken so far."""
    return await session.scalar(
        select(LotteryMember).where(
            LotteryMember.lottery_id == lottery_id, LotteryMember.member_id == member_id
        )
    )


async def _member(
    session: AnySession, lottery: Lottery, member_id: int, now: datetime
) -> selection.MemberBrief:
    found = await selection.briefs(session, [member_id])
    if not found:
        raise MemberNotFound
    (member,) = found
    if member.status != MemberStatus.ACTIVE or not await is_in(session, lottery.audience, member_id, now):
        raise LotteryNotForMember
    return member


async def _count(session: WriteSession, lottery: Lottery, wanted: LotteryEntryCreate, day: date) -> int:
    """Count the tickets against the limits; how many of them are free."""
    blank = {"tickets": 0, "day": day, "day_entries": 0, "day_free_tickets": 0}
    keys = {"lottery_id": lottery.id, "member_id": wanted.member_id}
    await insert_missing(session, LotteryMember, [keys | blank])
    counter = await _lock_counter(session, lottery.id, wanted.member_id)
    if counter.day != day:
        counter.day, counter.day_entries, counter.day_free_tickets = day, 0, 0
    is_over = (
        wanted.tickets > lottery.tickets_per_entry
        or (lottery.entries_per_day is not None and counter.day_entries >= lottery.entries_per_day)
        or (
            lottery.tickets_per_member is not None
            and counter.tickets + wanted.tickets > lottery.tickets_per_member
        )
    )
    if is_over:
        raise LotteryLimitReached
    free = wanted.tickets
    if lottery.price:
        free = min(wanted.tickets, max(0, lottery.free_daily_tickets - counter.day_free_tickets))
    counter.tickets += wanted.tickets
    counter.day_entries += 1
    counter.day_free_tickets += free
    await session.flush()
    return free


async def _give_back(session: WriteSession, entry: LotteryEntry) -> None:
    """What was refused doesn't count against the limits."""
    counter = await _lock_counter(session, entry.lottery_id, entry.member_id)
    counter.tickets -= entry.tickets
    if counter.day == entry.day:
        counter.day_entries -= 1
        counter.day_free_tickets -= entry.free_tickets


async def _lock_counter(session: WriteSession, lottery_id: int, member_id: int) -> LotteryMember:
    found = await session.scalars(
        select(LotteryMember)
        .where(LotteryMember.lottery_id == lottery_id, LotteryMember.member_id == member_id)
        .with_for_update()
    )
    return found.one()
