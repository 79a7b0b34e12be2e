"""Moves of branches: asked for by one person, done when another approves."""

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Page, read_rows
from host_api.core.second_person import asked_by, cancel, decide
from host_api.services.referral_network import changes, policies, tree
from host_api.services.referral_network.listing import MoveQuery
from host_api.services.referral_network.models import NetworkMove, NetworkPlace
from host_api.services.referral_network.problems import MoveNotFound, OwnBranch
from host_api.services.referral_network.registrations import active_member, begin_branch, check_branches
from host_api.services.referral_network.schemas import (
    NetworkChangeKind,
    NetworkMoveCreate,
    NetworkMoveRead,
    NetworkMoveState,
)


async def ask(session: WriteSession, caller: Caller, wanted: NetworkMoveCreate) -> NetworkMoveRead:
    """Keep a move for a second person to decide.

    Raises:
        MemberNotFound, MemberNotInNetwork, OwnBranch
    """
    for member_id in (wanted.member_id, wanted.introducer):
        if member_id is not None:
            await active_member(session, member_id)
    if wanted.introducer == wanted.member_id:
        raise OwnBranch
    place = await tree.find(session, wanted.member_id)
    row = NetworkMove(
        member_id=wanted.member_id,
        introducer=wanted.introducer,
        from_introducer=None if place is None else place.introducer,
        reason=wanted.reason,
        state=NetworkMoveState.ASKED.value,
        **asked_by(caller),
    )
    session.add(row)
    await session.flush()
    return shown(row)


async def approve(session: WriteSession, move_id: int, caller: Caller, note: str | None) -> NetworkMoveRead:
    """Do a move that another has asked for: the member goes there with all below.

    Raises:
        MoveNotFound, AlreadyDecided, OwnAct, MemberNotFound, MemberNotInNetwork, OwnBranch, BranchesFull
    """
    now = utc_now()
    row = await _locked(session, move_id)
    decide(row, NetworkMoveState.APPROVED, caller)
    row.note = note
    for member_id in (row.member_id, row.introducer):
        if member_id is not None:
            await active_member(session, member_id)
    await tree.pass_gate(session)
    place = await tree.open_place_of(session, row.member_id)
    policy = policies.in_force(await policies.approved(session), now)
    introducer: NetworkPlace | None = None
    if row.introducer is not None:
        introducer = await tree.open_place_of(session, row.introducer)
        if policy is not None and place.introducer != row.introducer:
            await check_branches(session, row.introducer, policy, now)
    await tree.hang(session, place, introducer)
    if introducer is None:
        place.since = place.counts_from = place.until = place.expired_at = place.suspended_at = None
    else:
        begin_branch(place, policy, now)
    changes.note(
        session,
        NetworkChangeKind.MOVED,
        row.member_id,
        by_name=caller.name,
        other_member_id=row.introducer,
        reason=row.reason,
    )
    await tree.tell_switch(session, [place], now)
    await session.flush()
    return shown(row)


async def reject(session: WriteSession, move_id: int, caller: Caller, note: str | None) -> NetworkMoveRead:
    """Turn a move of another down.

    Raises:
        MoveNotFound, AlreadyDecided, OwnAct
    """
    row = await _locked(session, move_id)
    decide(row, NetworkMoveState.REJECTED, caller)
    row.note = note
    await session.flush()
    return shown(row)


async def withdraw(session: WriteSession, move_id: int, caller: Caller) -> NetworkMoveRead:
    """Take one's own move back before it is decided.

    Raises:
        MoveNotFound, AlreadyDecided, ActOfAnother
    """
    row = await _locked(session, move_id)
    cancel(row, caller)
    await session.flush()
    return shown(row)


async def read(session: AnySession, move_id: int) -> NetworkMoveRead:
    """One move.

    Raises:
        MoveNotFound
    """
    row = await session.get(NetworkMove, move_id)
    if row is None:
        raise MoveNotFound
    return shown(row)


async def read_page(session: ReadSession, query: MoveQuery) -> Page[NetworkMoveRead]:
    """A page of moves."""
    rows, next_cursor = await read_rows(session, select(NetworkMove), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


def shown(row: NetworkMove) -> NetworkMoveRead:
    """A move as it is read."""
    return NetworkMoveRead(
        id=row.id,
        state=NetworkMoveState(row.state),
        member_id=row.member_id,
        introducer=row.introducer,
        from_introducer=row.from_introducer,
        reason=row.reason,
        asked_by=row.asked_by_name,
        asked_at=row.asked_at,
        decided_by=row.decided_by_name,
        decided_at=row.decided_at,
        note=row.note,
    )


async def _locked(session: WriteSession, move_id: int) -> NetworkMove:
    row = await session.get(NetworkMove, move_id, with_for_update=True)
    if row is None:
        raise MoveNotFound
    return row
