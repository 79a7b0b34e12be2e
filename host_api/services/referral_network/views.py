"""What members see of their network, and administrators of everybody's."""

from sqlalchemy import func, select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession
from host_api.core.listing import Page, read_rows
from host_api.core.tehran_time import today
from host_api.services.members import logic as members
from host_api.services.referral_network import policies, tree
from host_api.services.referral_network.listing import BranchQuery, IncomeQuery
from host_api.services.referral_network.models import (
    Income,
    IncomeCarry,
    IncomeLine,
    NetworkChange,
    NetworkMove,
    NetworkPayout,
    NetworkPlace,
    NetworkPolicy,
)
from host_api.services.referral_network.policy_schemas import NetworkPolicyContent, NetworkPolicyState
from host_api.services.referral_network.schemas import (
    DownlineLevel,
    IncomeLineRead,
    NetworkChangeKind,
    NetworkMemberRead,
    NetworkMoveState,
    NetworkPayoutState,
    NetworkPlaceRead,
    NetworkSummary,
)
from host_api.services.referral_network.scoring import PARTS


async def of_member(session: AnySession, member_id: int) -> NetworkMemberRead:
    """A member's place, downline and income.

    Raises:
        MemberNotFound
    """
    await members.read(session, member_id)
    place = await tree.find(session, member_id) or NetworkPlace(member_id=member_id, upline=[])
    counts = await tree.downline_counts(session, member_id)
    policy = policies.in_force(await policies.approved(session), utc_now())
    purse = NetworkPolicyContent().purse if policy is None else policy.content.purse
    paid = await session.scalar(
        select(func.sum(NetworkPayout.units)).where(
            NetworkPayout.member_id == member_id,
            NetworkPayout.purse == purse,
            NetworkPayout.state == NetworkPayoutState.PAID.value,
        )
    )
    waiting = await _waiting_parts(session, member_id, purse)
    return NetworkMemberRead(
        place=_shown(place, counts.get(1, 0)),
        downline=[DownlineLevel(level=level, members=number) for level, number in counts.items()],
        paid_units=int(paid or 0),
        waiting_units=waiting // PARTS if waiting >= 0 else -(-waiting // PARTS),
    )


async def branches_of(session: ReadSession, member_id: int, query: BranchQuery) -> Page[NetworkPlaceRead]:
    """A page of the members directly below a member.

    Raises:
        MemberNotFound
    """
    await members.read(session, member_id)
    rows, next_cursor = await read_rows(
        session, select(NetworkPlace).where(NetworkPlace.introducer == member_id), query
    )
    below = await tree.direct_counts(session, [row.member_id for row in rows])
    return Page(items=[_shown(row, below.get(row.member_id, 0)) for row in rows], next_cursor=next_cursor)


async def incomes_of(session: ReadSession, member_id: int, query: IncomeQuery) -> Page[IncomeLineRead]:
    """A page of the lines of a member's income.

    Raises:
        MemberNotFound
    """
    await members.read(session, member_id)
    rows, next_cursor = await read_rows(
        session, select(IncomeLine).where(IncomeLine.member_id == member_id), query
    )
    items = [IncomeLineRead.model_validate(row, from_attributes=True) for row in rows]
    return Page(items=items, next_cursor=next_cursor)


async def summary(session: AnySession) -> NetworkSummary:
    """The network in numbers."""
    count = select(func.count()).select_from
    places = count(NetworkPlace).where(NetworkPlace.closed_at.is_(None))
    changed = await session.execute(
        select(NetworkChange.kind, func.count())
        .where(NetworkChange.at >= today(utc_now()).start)
        .group_by(NetworkChange.kind)
    )
    open_states = [NetworkPayoutState.SENT.value, NetworkPayoutState.DOUBTFUL.value]
    return NetworkSummary(
        places=await session.scalar(places) or 0,
        introduced=await session.scalar(places.where(NetworkPlace.introducer.is_not(None))) or 0,
        suspended=await session.scalar(places.where(NetworkPlace.suspended_at.is_not(None))) or 0,
        moves_asked=await session.scalar(
            count(NetworkMove).where(NetworkMove.state == NetworkMoveState.ASKED.value)
        )
        or 0,
        policies_asked=await session.scalar(
            count(NetworkPolicy).where(NetworkPolicy.state == NetworkPolicyState.ASKED.value)
        )
        or 0,
        payouts_open=await session.scalar(count(NetworkPayout).where(NetworkPayout.state.in_(open_states)))
        or 0,
        changes_today={NetworkChangeKind(kind): number for kind, number in changed},
    )


async def _waiting_parts(session: AnySession, member_id: int, purse: int) -> int:
    carried = await session.scalar(
        select(IncomeCarry.parts).where(IncomeCarry.member_id == member_id, IncomeCarry.purse == purse)
    )
    due = await session.scalar(
        select(func.sum(Income.parts)).where(Income.member_id == member_id, Income.purse == purse)
    )
    return int(carried or 0) + int(due or 0)


def _shown(place: NetworkPlace, branches: int) -> NetworkPlaceRead:
    return NetworkPlaceRead(
        member_id=place.member_id,
        code=place.code,
        introducer=place.introducer,
        upline=place.upline,
        since=place.since,
        until=place.until,
        suspended_at=place.suspended_at,
        counts=tree.counts_on(place, utc_now()),
        is_closed=place.closed_at is not None,
        branches=branches,
    )
