"""Queries of the contests service."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from host_api.core.database import AnySession, WriteSession
from host_api.services.contests.entry_schemas import ContestEntryState
from host_api.services.contests.models import Contest, ContestEntry, ContestResult, ContestTally
from host_api.services.contests.problems import ContestNotFound, EntryNotFound, ResultNotFound
from host_api.services.contests.schemas import Stage


async def find(session: AnySession, contest_id: int) -> tuple[Contest, ContestTally]:
    """A contest and what it has taken in.

    Raises:
        ContestNotFound
    """
    contest = await session.get(Contest, contest_id)
    tally = await session.scalar(select(ContestTally).where(ContestTally.contest_id == contest_id))
    if contest is None or tally is None:
        raise ContestNotFound
    return contest, tally


async def lock(session: WriteSession, contest_id: int) -> tuple[Contest, ContestTally]:
    """The same as they are now; until the transaction ends nobody enters, and no stage changes.

    Raises:
        ContestNotFound
    """
    tally = await session.scalar(
        select(ContestTally).where(ContestTally.contest_id == contest_id).with_for_update()
    )
    contest = await session.get(Contest, contest_id, populate_existing=True)
    if contest is None or tally is None:
        raise ContestNotFound
    return contest, tally


async def tallies(session: AnySession, contest_ids: Collection[int]) -> dict[int, ContestTally]:
    """What contests have taken in, by contest."""
    rows = await session.scalars(select(ContestTally).where(ContestTally.contest_id.in_(contest_ids)))
    return {row.contest_id: row for row in rows}


async def contests(session: AnySession, contest_ids: Collection[int]) -> dict[int, Contest]:
    """Contests by id."""
    rows = await session.scalars(select(Contest).where(Contest.id.in_(contest_ids)))
    return {row.id: row for row in rows}


async def closed(session: AnySession, now: datetime) -> list[int]:
    """Published contests that are over, those in which entries are decided, paid or given back."""
    under_way = [stage.value for stage in (Stage.DECIDING, Stage.PAYING, Stage.CANCELLING)]
    rows = await session.scalars(
        select(Contest.id)
        .where(
            or_(
                Contest.stage.in_(under_way),
                (Contest.stage == Stage.PUBLISHED.value) & (Contest.ends_at <= now),
            )
        )
        .order_by(Contest.id)
    )
    return list(rows)


async def find_entry(session: AnySession, entry_id: int, *, for_update: bool = False) -> ContestEntry:
    """One entry.

    Raises:
        EntryNotFound
    """
    entry = await session.get(ContestEntry, entry_id, with_for_update=for_update or None)
    if entry is None:
        raise EntryNotFound
    return entry


async def entries_of(session: AnySession, contest_id: int, member_id: int) -> int:
    """How many entries of a member count."""
    statement = select(func.count(ContestEntry.id)).where(
        ContestEntry.member_id == member_id,
        ContestEntry.contest_id == contest_id,
        ContestEntry.state != ContestEntryState.REFUSED.value,
    )
    return await session.scalar(statement) or 0


async def has_any(session: AnySession, contest_id: int, *states: ContestEntryState) -> bool:
    """Whether entries are in one of these states."""
    found = select(exists().where(_in(contest_id, states)))
    return bool(await session.scalar(found))


async def totals(session: AnySession, contest_id: int, *states: ContestEntryState) -> tuple[int, int, int]:
    """Number, stakes and payouts of the entries in these states."""
    row = (
        await session.execute(
            select(
                func.count(ContestEntry.id), func.sum(ContestEntry.stake), func.sum(ContestEntry.payout)
            ).where(_in(contest_id, states))
        )
    ).one()
    return row[0], int(row[1] or 0), int(row[2] or 0)


def page_for_update(
    *states: ContestEntryState, limit: int, contest_id: int | None = None
) -> Select[ContestEntry]:
    """The first entries in these states that nobody else works on, of one contest or of all."""
    statement = select(ContestEntry).where(ContestEntry.state.in_([state.value for state in states]))
    if contest_id is not None:
        statement = statement.where(ContestEntry.contest_id == contest_id)
    return statement.order_by(ContestEntry.id).limit(limit).with_for_update(skip_locked=True)


async def on_their_way(session: AnySession) -> int:
    """How many payments and returns are with the switch."""
    statement = select(func.count(ContestEntry.id)).where(
        ContestEntry.state.in_([ContestEntryState.PAYING.value, ContestEntryState.REFUNDING.value])
    )
    return await session.scalar(statement) or 0


async def has_to_pay(session: AnySession) -> bool:
    """Whether something is to be paid or given back that the switch was not asked for."""
    due = ContestEntry.state.in_([ContestEntryState.WON.value, ContestEntryState.RETURNING.value])
    return bool(await session.scalar(select(exists().where(due))))


async def stakes(session: AnySession, contest_id: int, *states: ContestEntryState) -> list[tuple[int, int]]:
    """Id and stake of the entries in these states, in order."""
    rows = await session.execute(
        select(ContestEntry.id, ContestEntry.stake).where(_in(contest_id, states)).order_by(ContestEntry.id)
    )
    return [(entry_id, stake) for entry_id, stake in rows]


async def ranking(session: AnySession, contest_id: int, limit: int) -> list[int]:
    """The entries with the highest scores; of two with the same, the one who had it first."""
    rows = await session.scalars(
        select(ContestEntry.id)
        .where(
            ContestEntry.contest_id == contest_id,
            ContestEntry.state == ContestEntryState.ACCEPTED.value,
            ContestEntry.score.is_not(None),
        )
        .order_by(ContestEntry.score.desc(), ContestEntry.scored_at, ContestEntry.id)
        .limit(limit)
    )
    return list(rows)


async def find_result(session: AnySession, result_id: int, *, for_update: bool = False) -> ContestResult:
    """One result.

    Raises:
        ResultNotFound
    """
    result = await session.get(ContestResult, result_id, with_for_update=for_update or None)
    if result is None:
        raise ResultNotFound
    return result


async def results(session: AnySession, contest_id: int, limit: int = 100) -> Sequence[ContestResult]:
    """A contest's results, the latest first."""
    rows = await session.scalars(
        select(ContestResult)
        .where(ContestResult.contest_id == contest_id)
        .order_by(ContestResult.id.desc())
        .limit(limit)
    )
    return rows.all()


def _in(contest_id: int, states: Collection[ContestEntryState]) -> ColumnElement[bool]:
    return (ContestEntry.contest_id == contest_id) & ContestEntry.state.in_([state.value for state in states])
