"""Tiers by hand: asking for one, deciding it, ending it."""

from datetime import datetime, timedelta

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.errors import Problem
from host_api.core.listing import Page, read_rows
from host_api.core.second_person import asked_by, check_second_person
from host_api.core.tehran_time import start_of_day
from host_api.services.members import selection
from host_api.services.members.logic import MemberNotFound
from host_api.services.members.selection import MemberBrief
from host_api.services.tiers import tier_set as tier_sets
from host_api.services.tiers.assignment_schemas import AssignmentCreate, AssignmentRead, AssignmentState
from host_api.services.tiers.evaluation import settle
from host_api.services.tiers.listing import AssignmentQuery
from host_api.services.tiers.models import TierAssignment
from host_api.services.tiers.tier_set import TierNotFound, TierSet

_OPEN = {AssignmentState.ASKED.value, AssignmentState.ACTIVE.value}


class AssignmentNotFound(Problem):
    """No assignment has this id."""

    status = 404
    code = "tier-assignment-not-found"
    title = "Assignment not found"
    title_fa = "سطح دستی پیدا نشد"
    detail = "There is no assignment with this id."
    detail_fa = "سطح دستی با این شناسه وجود ندارد."


class AssignmentOver(Problem):
    """The last day has passed."""

    status = 409
    code = "tier-assignment-over"
    title = "Its last day has passed"
    title_fa = "روز پایان گذشته است"
    detail = "The last day of this assignment has passed."
    detail_fa = "روز پایان این سطح دستی گذشته است."
    field = "until"


class AssignmentDecided(Problem):
    """It was decided or has ended."""

    status = 409
    code = "tier-assignment-decided"
    title = "Already decided"
    title_fa = "پیش‌تر تصمیم گرفته شده است"
    detail = "This assignment has been decided, or has ended already."
    detail_fa = "دربارهٔ این سطح دستی تصمیم گرفته شده یا پایان یافته است."


async def ask(session: WriteSession, caller: Caller, wanted: AssignmentCreate) -> AssignmentRead:
    """Give a member a tier by hand: at once, or once a second person approves where it is a large step up.

    Raises:
        MemberNotFound, TierNotFound, AssignmentOver
    """
    now = utc_now()
    rules = await tier_sets.read(session)
    if rules.tier(wanted.tier) is None:
        raise TierNotFound
    until = None if wanted.until is None else start_of_day(wanted.until + timedelta(days=1))
    if until is not None and until <= now:
        raise AssignmentOver
    member = await _locked(session, wanted.member_id)
    assignment = TierAssignment(
        member_id=member.id,
        tier=wanted.tier,
        is_exact=wanted.is_exact,
        reason=wanted.reason,
        until=until,
        state=AssignmentState.ASKED.value,
        **asked_by(caller),
    )
    session.add(assignment)
    await session.flush()
    steps = rules.order[wanted.tier] - rules.order.get(member.tier, 0)
    if steps <= rules.policy.steps_alone:
        await _put_in_force(session, assignment, rules, now)
    return shown(assignment)


async def approve(session: WriteSession, caller: Caller, assignment_id: int) -> AssignmentRead:
    """Put in force what another has asked for.

    Raises:
        AssignmentNotFound, AssignmentDecided, OwnAct, AssignmentOver
    """
    now = utc_now()
    assignment = await _for_decision(session, caller, assignment_id)
    if assignment.until is not None and assignment.until <= now:
        raise AssignmentOver
    assignment.decided_by_name, assignment.decided_at = caller.name, now
    await _put_in_force(session, assignment, await tier_sets.read(session), now)
    return shown(assignment)


async def reject(session: WriteSession, caller: Caller, assignment_id: int) -> AssignmentRead:
    """Reject what another has asked for.

    Raises:
        AssignmentNotFound, AssignmentDecided, OwnAct
    """
    assignment = await _for_decision(session, caller, assignment_id)
    assignment.state = AssignmentState.REJECTED.value
    assignment.decided_by_name, assignment.decided_at = caller.name, utc_now()
    await session.flush()
    return shown(assignment)


async def end(session: WriteSession, assignment_id: int) -> AssignmentRead:
    """End one in force, and give the member what is earned; or take back one that waits for a decision.

    Raises:
        AssignmentNotFound, AssignmentDecided
    """
    now = utc_now()
    assignment = await _lock(session, assignment_id)
    if assignment.state not in _OPEN:
        raise AssignmentDecided
    if assignment.state == AssignmentState.ACTIVE:
        assignment.until = now
        await session.flush()
        await settle(session, [assignment.member_id], await tier_sets.read(session), now)
    assignment.state, assignment.ended_at = AssignmentState.ENDED.value, now
    await session.flush()
    return shown(assignment)


async def read(session: AnySession, assignment_id: int) -> AssignmentRead:
    """One assignment.

    Raises:
        AssignmentNotFound
    """
    return shown(await _find(session, assignment_id))


async def read_page(session: ReadSession, query: AssignmentQuery) -> Page[AssignmentRead]:
    """A page of assignments."""
    rows, next_cursor = await read_rows(session, select(TierAssignment), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def in_force(session: AnySession, member_id: int) -> TierAssignment | None:
    """The assignment in force for a member."""
    return await session.scalar(
        select(TierAssignment).where(
            TierAssignment.member_id == member_id, TierAssignment.state == AssignmentState.ACTIVE.value
        )
    )


def shown(row: TierAssignment) -> AssignmentRead:
    """The assignment as it is shown."""
    return AssignmentRead(
        id=row.id,
        member_id=row.member_id,
        tier=row.tier,
        is_exact=row.is_exact,
        reason=row.reason,
        until=row.until,
        state=AssignmentState(row.state),
        asked_by=row.asked_by_name,
        asked_at=row.asked_at,
        decided_by=row.decided_by_name,
        decided_at=row.decided_at,
        ended_at=row.ended_at,
    )


async def _put_in_force(
    session: WriteSession, assignment: TierAssignment, rules: TierSet, now: datetime
) -> None:
    """Let it take the place of the one before; the member is locked."""
    before = await in_force(session, assignment.member_id)
    if before is not None:
        before.state, before.ended_at = AssignmentState.ENDED.value, now
        await session.flush()
    assignment.state = AssignmentState.ACTIVE.value
    await session.flush()
    await settle(session, [assignment.member_id], rules, now)


async def _locked(session: WriteSession, member_id: int) -> MemberBrief:
    found = await selection.lock(session, [member_id])
    if not found:
        raise MemberNotFound
    return found[0]


async def _find(session: AnySession, assignment_id: int) -> TierAssignment:
    row = await session.get(TierAssignment, assignment_id)
    if row is None:
        raise AssignmentNotFound
    return row


async def _lock(session: WriteSession, assignment_id: int) -> TierAssignment:
    """The assignment as it is once its member is locked: the order in which an evaluation locks, too."""
    assignment = await _find(session, assignment_id)
    await _locked(session, assignment.member_id)
    await session.refresh(assignment, with_for_update=True)
    return assignment


async def _for_decision(session: WriteSession, caller: Caller, assignment_id: int) -> TierAssignment:
    assignment = await _lock(session, assignment_id)
    if assignment.state != AssignmentState.ASKED:
        raise AssignmentDecided
    check_second_person(assignment.asked_by, caller)
    return assignment
