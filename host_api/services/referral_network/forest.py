"""Many branches hung at once, as an import brings them: a few queries for all of them together."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Final

from sqlalchemy import select

from host_api.core.database import AnySession, WriteSession
from host_api.services.referral_network.models import DownlineCount, NetworkPlace
from host_api.services.referral_network.policy_schemas import DEEPEST
from host_api.services.referral_network.problems import OwnBranch
from host_api.services.referral_network.tree import add_counts, write_uplines_below

_AT_ONCE: Final = 500


async def hang_roots(session: WriteSession, wanted: Mapping[int, int]) -> list[NetworkPlace]:
    """Hang some hundreds of members who hang nowhere, each with all below, on their introducers; the places.

    Behind the gate, as `tree.hang`. Those whose introducers' own trees are hung too wait for these.

    Raises:
        OwnBranch: they would hang on each other in a circle.
    """
    places = await _places_of(session, {*wanted, *wanted.values()})
    roots = await roots_of(session, set(wanted.values()))
    waiting = dict(wanted)
    while waiting:
        hung = [member_id for member_id, above in waiting.items() if roots[above] not in waiting]
        if not hung:
            raise OwnBranch
        uplines = await _uplines(session, {waiting[member_id] for member_id in hung})
        below = await _counts_of_many(session, hung)
        counted: Counter[tuple[int, int]] = Counter()
        for member_id in hung:
            place, above = places[member_id], waiting.pop(member_id)
            place.introducer, place.upline = above, [above, *uplines[above]][:DEEPEST]
            for distance, higher in enumerate(place.upline, 1):
                for level, members in below[member_id].items():
                    if distance + level <= DEEPEST:
                        counted[higher, distance + level] += members
        await session.flush()
        await add_counts(session, counted)
        moved = {member_id: places[member_id].upline for member_id in hung if len(below[member_id]) > 1}
        await write_uplines_below(session, moved)
    return [places[member_id] for member_id in wanted]


async def roots_of(session: AnySession, member_ids: Set[int]) -> dict[int, int]:
    """At the top of which tree each of some members stands; who has no place is one alone."""
    found = {member_id: member_id for member_id in member_ids}
    open_ends = set(member_ids)
    while open_ends:
        uplines = await _uplines(session, open_ends)
        tops = {end: upline[-1] for end, upline in uplines.items() if upline}
        found = {member_id: tops.get(end, end) for member_id, end in found.items()}
        # A place knows no more of those above than are ever paid.
        open_ends = {tops[end] for end, upline in uplines.items() if len(upline) == DEEPEST}
    return found


async def _places_of(session: WriteSession, member_ids: Set[int]) -> dict[int, NetworkPlace]:
    """Places, made where there are none."""
    rows = await session.scalars(
        select(NetworkPlace)
        .where(NetworkPlace.member_id.in_(sorted(member_ids)))
        .execution_options(populate_existing=True)
    )
    found = {place.member_id: place for place in rows}
    made = [NetworkPlace(member_id=each, upline=[]) for each in sorted(member_ids - found.keys())]
    session.add_all(made)
    await session.flush()
    return found | {place.member_id: place for place in made}


async def _uplines(session: AnySession, member_ids: Set[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for some in chunks(sorted(member_ids)):
        rows = await session.execute(
            select(NetworkPlace.member_id, NetworkPlace.upline).where(NetworkPlace.member_id.in_(some))
        )
        found |= {member_id: upline for member_id, upline in rows}  # noqa: C416
    return found


async def _counts_of_many(session: AnySession, member_ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """The levels below each of some members, with the member as level 0."""
    found = {member_id: {0: 1} for member_id in member_ids}
    for some in chunks(member_ids):
        rows = await session.execute(
            select(DownlineCount.member_id, DownlineCount.level, DownlineCount.members).where(
                DownlineCount.member_id.in_(some), DownlineCount.members > 0
            )
        )
        for member_id, level, members in rows:
            found[member_id][level] = members
    return found


def chunks(member_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """As many as one query asks for."""
    return (member_ids[start : start + _AT_ONCE] for start in range(0, len(member_ids), _AT_ONCE))
