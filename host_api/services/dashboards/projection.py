"""Keeps the sums by day up with the journal, in the projection's own transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import TypeVar

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from host_api.core.database import WriteSession
from host_api.core.isolation import programme_of
from host_api.core.tables import Base
from host_api.services.dashboards.models import (
    DailyAnswers,
    DailyMembers,
    DailyPoints,
    DailyRule,
    LotTotal,
    MemberActivity,
)
from host_api.services.dashboards.rollup import additions_of
from protocol.feed import Event

# Databases bound the parameters of a statement.
_NUMBERS_AT_ONCE = 500

KeyT = TypeVar("KeyT", bound=tuple[object, ...])


class RollupProjector:
    """The sums depend on the events alone, not on how they were cut into batches."""

    async def apply(self, session: WriteSession, events: Sequence[Event]) -> None:
        """Add what `events` mean."""
        more = additions_of(events)
        await _add_up(
            session,
            DailyAnswers,
            ("day", "merchant_id", "branch_number", "operation", "response_code"),
            ("count", "amount", "discount", "tendered", "net_amount"),
            more.answers,
        )
        await _add_up(
            session, DailyPoints, ("day", "holder", "purse", "kind"), ("received", "spent"), more.points
        )
        await _add_up(session, DailyRule, ("day", "rule", "type", "purse"), ("count", "granted"), more.rules)
        await _add_up(session, LotTotal, ("holder", "purse", "expires_month"), ("amount",), more.lots)
        visits = await _count_visits(session, more.visits)
        await _add_up(session, DailyMembers, ("day",), ("active", "first_time"), visits)
        await session.flush()

    async def clear(self, session: WriteSession) -> None:
        """Empty the six tables."""
        for table in (DailyAnswers, DailyPoints, DailyRule, DailyMembers, MemberActivity, LotTotal):
            await session.execute(delete(table).execution_options(synchronize_session=False))


async def _add_up(
    session: WriteSession,
    table: type[Base],
    key_names: Sequence[str],
    names: Sequence[str],
    more: Mapping[KeyT, Sequence[int]],
) -> None:
    """Add to the rows of a table, and make those that are missing."""
    if not more:
        return
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    statement = (sqlite.insert if is_sqlite else postgresql.insert)(table)
    programme_id = programme_of(session.sync_session)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["programme_id", *key_names],
            set_={name: getattr(table, name) + statement.excluded[name] for name in names},
        ),
        # In the keys' order: two that write the same rows must not wait for each other.
        [
            {
                "programme_id": programme_id,
                **dict(zip(key_names, key, strict=True)),
                **dict(zip(names, more[key], strict=True)),
            }
            for key in sorted(more)
        ],
    )


async def _count_visits(
    session: WriteSession, visits: Sequence[tuple[date, int]]
) -> dict[tuple[date], list[int]]:
    """Active members and first ones by day; a member counts once on each day."""
    known: dict[int, MemberActivity] = {}
    for numbers in _chunks(dict.fromkeys(number for _, number in visits)):
        rows = await session.scalars(select(MemberActivity).where(MemberActivity.member_number.in_(numbers)))
        known |= {row.member_number: row for row in rows}
    counts: dict[tuple[date], list[int]] = {}
    for day, number in visits:
        row = known.get(number)
        is_first = row is None
        if row is None:
            known[number] = MemberActivity(member_number=number, last_day=day)
            session.add(known[number])
        elif row.last_day < day:
            row.last_day = day
        else:
            continue
        count = counts.setdefault((day,), [0, 0])
        count[0] += 1
        count[1] += is_first
    return counts


def _chunks(numbers: Iterable[int]) -> Iterator[list[int]]:
    iterator = iter(numbers)
    while chunk := list(islice(iterator, _NUMBERS_AT_ONCE)):
        yield chunk
