"""The tree itself: who hangs where. Everything that changes it holds the programme's gate.

A place has its nearest introducers beside it, so that a payout reads no more than two sets of rows by their
keys however deep it goes; whoever hangs a branch elsewhere writes those of its members anew. No circle can
come about: a branch is hung only where walking up from its new introducer doesn't lead to itself, and nobody
else changes the tree meanwhile. Whoever locks members too does so before the gate.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date, datetime
from itertools import islice
from typing import Final, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects import postgresql, sqlite

from host_api.core.database import AnySession, WriteSession
from host_api.core.isolation import programme_of
from host_api.core.tables import Base
from host_api.core.tehran_time import tehran_date
from host_api.services.members.standing import set_standings
from host_api.services.referral_network.models import DownlineCount, NetworkGate, NetworkPlace
from host_api.services.referral_network.policy_schemas import DEEPEST
from host_api.services.referral_network.problems import MemberNotInNetwork, OwnBranch

_AT_ONCE: Final = 500


async def pass_gate(session: WriteSession) -> NetworkGate:
    """Keep everybody else from changing the tree until the transaction ends."""
    programme_id = programme_of(session.sync_session)
    found = await _gate(session)
    if found is None:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        statement = (sqlite.insert if is_sqlite else postgresql.insert)(NetworkGate)
        await session.execute(
            statement.values(programme_id=programme_id, scored_up_to=0).on_conflict_do_nothing()
        )
        found = await _gate(session)
    if found is None:
        raise RuntimeError("the gate of the referral network is missing")
    return found


async def _gate(session: WriteSession) -> NetworkGate | None:
    found: NetworkGate | None = await session.scalar(select(NetworkGate).with_for_update())
    return found


async def find(session: AnySession, member_id: int) -> NetworkPlace | None:
    """A member's place."""
    found: NetworkPlace | None = await session.scalar(
        select(NetworkPlace)
        .where(NetworkPlace.member_id == member_id)
        .execution_options(populate_existing=True)
    )
    return found


async def lock(session: WriteSession, member_id: int) -> NetworkPlace | None:
    """The same, which nobody else changes until the transaction ends; for who doesn't change the tree."""
    found: NetworkPlace | None = await session.scalar(
        select(NetworkPlace).where(NetworkPlace.member_id == member_id).with_for_update()
    )
    return found


async def place_of(session: WriteSession, member_id: int) -> NetworkPlace:
    """A member's place, made where there is none; behind the gate."""
    found = await find(session, member_id)
    if found is None:
        found = NetworkPlace(member_id=member_id, upline=[])
        session.add(found)
        await session.flush()
    return found


async def open_place_of(session: WriteSession, member_id: int) -> NetworkPlace:
    """The same of a member who may take part; one who was merged and split off again begins anew.

    Raises:
        MemberNotInNetwork: they were erased.
    """
    place = await place_of(session, member_id)
    if place.merged_into is not None:
        place.closed_at = place.merged_into = place.registered_at = None
    if place.closed_at is not None:
        raise MemberNotInNetwork
    return place


async def closed_among(session: AnySession, member_ids: Set[int]) -> list[NetworkPlace]:
    """The places of members who were erased or merged."""
    found = await session.scalars(
        select(NetworkPlace).where(
            NetworkPlace.member_id.in_(sorted(member_ids)), NetworkPlace.closed_at.is_not(None)
        )
    )
    return list(found)


async def last_of_merges(session: AnySession, place: NetworkPlace) -> NetworkPlace:
    """The place of the record that a merged one went into in the end; itself where it wasn't merged."""
    while place.merged_into is not None:
        following = await find(session, place.merged_into)
        if following is None:
            break
        place = following
    return place


def counts_on(place: NetworkPlace, now: datetime) -> bool:
    """Whether the branch on which a place hangs counts at `now`."""
    return (
        place.introducer is not None
        and place.suspended_at is None
        and (place.until is None or tehran_date(now) <= place.until)
    )


async def hang(session: WriteSession, place: NetworkPlace, introducer: NetworkPlace | None) -> None:
    """Hang a place with all below it on another introducer, or let it be a tree of its own.

    Behind the gate. The switch's record follows by `tell_switch`.

    Raises:
        OwnBranch: the introducer is the member, or below.
    """
    if introducer is not None:
        await _check_above(session, place.member_id, introducer)
    below = await _counts_of(session, place.member_id)
    await _count(session, place.upline, below, -1)
    place.introducer = None if introducer is None else introducer.member_id
    place.upline = [] if introducer is None else [introducer.member_id, *introducer.upline][:DEEPEST]
    await session.flush()
    await _count(session, place.upline, below, 1)
    if len(below) > 1:
        await write_uplines_below(session, {place.member_id: place.upline})


async def _check_above(session: AnySession, member_id: int, introducer: NetworkPlace) -> None:
    """See that walking up from the introducer to the root doesn't come by the member."""
    above: NetworkPlace | None = introducer
    while above is not None:
        if member_id in (above.member_id, *above.upline):
            raise OwnBranch
        above = await find(session, above.upline[-1]) if len(above.upline) == DEEPEST else None


async def branches(session: AnySession, member_id: int) -> list[NetworkPlace]:
    """The places that hang on a member's."""
    found = await session.scalars(
        select(NetworkPlace)
        .where(NetworkPlace.introducer == member_id)
        .order_by(NetworkPlace.member_id)
        .execution_options(populate_existing=True)
    )
    return list(found)


async def tell_switch(session: WriteSession, places: Iterable[NetworkPlace], now: datetime) -> None:
    """Have members' records say who introduced them, as long as the branch counts."""
    for some in _chunks(list(places), _AT_ONCE):
        await set_standings(
            session,
            {
                place.member_id: {
                    "introducer": place.introducer if counts_on(place, now) else None,
                    "introduced_until": place.until if counts_on(place, now) else None,
                }
                for place in some
                if place.closed_at is None
            },
        )


class Branch(NamedTuple):
    """A place as scoring looks at it; `upline` only of a buyer."""

    member_id: int
    since: datetime | None
    counts_from: datetime | None
    until: date | None
    suspended_at: datetime | None
    closed_at: datetime | None
    registered_at: datetime | None
    introduction_paid_at: datetime | None
    upline: Sequence[int] = ()

    @property
    def is_closed(self) -> bool:
        """Whether the member was erased or merged."""
        return self.closed_at is not None

    @property
    def is_introduction_owed(self) -> bool:
        """Whether nothing was given yet for the introduction."""
        return self.registered_at is not None and self.introduction_paid_at is None


async def branches_of(session: AnySession, member_ids: Iterable[int]) -> dict[int, Branch]:
    """Members' places with their uplines."""
    found: dict[int, Branch] = {}
    for some in _chunks(sorted(set(member_ids)), _AT_ONCE):
        rows = await session.execute(select(*_COLUMNS, NetworkPlace.upline).where(_among(some)))
        found |= {row[0]: Branch(*row) for row in rows}
    return found


async def uplines_of(session: AnySession, buyers: Iterable[Branch], depth: int) -> dict[int, Branch]:
    """The places of the buyers' introducers, so many levels up."""
    found: dict[int, Branch] = {}
    for some in _chunks(sorted({above for buyer in buyers for above in buyer.upline[:depth]}), _AT_ONCE):
        rows = await session.execute(select(*_COLUMNS).where(_among(some)))
        found |= {row[0]: Branch(*row) for row in rows}
    return found


_COLUMNS: Final = (
    NetworkPlace.member_id,
    NetworkPlace.since,
    NetworkPlace.counts_from,
    NetworkPlace.until,
    NetworkPlace.suspended_at,
    NetworkPlace.closed_at,
    NetworkPlace.registered_at,
    NetworkPlace.introduction_paid_at,
)


def _among(member_ids: Sequence[int]) -> ColumnElement[bool]:
    return NetworkPlace.member_id.in_(member_ids)


async def downline_counts(session: AnySession, member_id: int) -> dict[int, int]:
    """How many members stand below a member, by level; levels without any are left out."""
    rows = await session.execute(
        select(DownlineCount.level, DownlineCount.members)
        .where(DownlineCount.member_id == member_id, DownlineCount.members > 0)
        .order_by(DownlineCount.level)
    )
    return {key: members for key, members in rows}  # noqa: C416  (rows are no pairs to mypy)


async def direct_counts(session: AnySession, member_ids: Sequence[int]) -> dict[int, int]:
    """How many members stand directly below each of some."""
    rows = await session.execute(
        select(DownlineCount.member_id, DownlineCount.members).where(
            DownlineCount.member_id.in_(member_ids), DownlineCount.level == 1
        )
    )
    return {key: members for key, members in rows}  # noqa: C416  (rows are no pairs to mypy)


async def _counts_of(session: AnySession, member_id: int) -> dict[int, int]:
    """The same with the member as level 0."""
    return {0: 1, **await downline_counts(session, member_id)}


async def _count(session: WriteSession, upline: Sequence[int], below: Mapping[int, int], sign: int) -> None:
    """Add to the counts of an upline what hangs on its lower end, or take it off."""
    counted = {
        (above, distance + level): sign * members
        for distance, above in enumerate(upline, 1)
        for level, members in below.items()
        if distance + level <= DEEPEST
    }
    await add_counts(session, counted)


async def add_counts(session: WriteSession, counted: Mapping[tuple[int, int], int]) -> None:
    """Add to the counts of members and levels."""
    programme_id = programme_of(session.sync_session)
    rows = [
        {"programme_id": programme_id, "member_id": member_id, "level": level, "members": members}
        for (member_id, level), members in counted.items()
    ]
    await add_up(session, DownlineCount, ("member_id", "level"), "members", rows)


async def add_up(
    session: WriteSession,
    table: type[Base],
    keys: Sequence[str],
    name: str,
    rows: Sequence[Mapping[str, object]],
) -> None:
    """Add to a column of rows by their keys, and make those that are missing."""
    if not rows:
        return
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    statement = (sqlite.insert if is_sqlite else postgresql.insert)(table)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["programme_id", *keys],
            set_={name: getattr(table, name) + statement.excluded[name]},
        ),
        # In the keys' order: two that write the same rows must not wait for each other.
        sorted((dict(row) for row in rows), key=lambda row: [row[key] for key in keys]),
    )


async def write_uplines_below(session: WriteSession, moved: Mapping[int, list[int]]) -> None:
    """Parameters: moved: the uplines of moved places by member."""
    uplines = dict(moved)
    # Further down nobody's nearest introducers reach beyond the moved place.
    for _ in range(DEEPEST - 1):
        below: dict[int, list[int]] = {}
        for some in _chunks(list(uplines), _AT_ONCE):
            rows = await session.execute(
                select(NetworkPlace.member_id, NetworkPlace.introducer).where(
                    NetworkPlace.introducer.in_(some)
                )
            )
            below |= {
                member_id: [introducer, *uplines[introducer]][:DEEPEST]
                for member_id, introducer in rows
                if introducer is not None
            }
        if not below:
            return
        programme_id = programme_of(session.sync_session)
        await session.execute(
            update(NetworkPlace),
            [
                {"programme_id": programme_id, "member_id": member_id, "upline": upline}
                for member_id, upline in below.items()
            ],
        )
        uplines = below


_ItemT = TypeVar("_ItemT")


def _chunks(items: Iterable[_ItemT], size: int) -> Iterator[list[_ItemT]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
