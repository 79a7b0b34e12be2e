"""A member's tier, the way to the next one, and what it was before."""

from datetime import datetime

from sqlalchemy import select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Page, read_rows
from host_api.services.members import selection
from host_api.services.members.logic import MemberNotFound
from host_api.services.members.selection import MemberBrief
from host_api.services.tiers import assignments, tier_set
from host_api.services.tiers.evaluation import facts_of, find_row, settle
from host_api.services.tiers.listing import TierChangeQuery
from host_api.services.tiers.models import TierChange
from host_api.services.tiers.schemas import Cause, MemberTierRead, NextTierRead, Progress, TierChangeRead
from host_api.services.tiers.tier_set import TierSet, benefits_of


async def read_member(session: AnySession, member_id: int, now: datetime | None = None) -> MemberTierRead:
    """A member's tier as the club's records have it, and what is missing to the next.

    Raises:
        MemberNotFound
    """
    now = now or utc_now()
    found = await selection.briefs(session, [member_id])
    if not found:
        raise MemberNotFound
    member, rules = found[0], await tier_set.read(session)
    row = await find_row(session, member_id)
    assignment = await assignments.in_force(session, member_id)
    is_given = assignment is not None and assignment.tier == member.tier
    own = row if row is not None and row.tier == member.tier else None
    valid_until = None if own is None else own.valid_until
    if assignment is not None and is_given:
        valid_until = assignment.until
    tier = rules.tier(member.tier)
    return MemberTierRead(
        member_id=member_id,
        tier=member.tier,
        title=None if tier is None else tier.title,
        title_fa=None if tier is None else tier.title_fa,
        colour=None if tier is None else tier.colour,
        since=member.joined_at if own is None else own.since,
        valid_until=valid_until,
        assignment_id=assignment.id if assignment is not None and is_given else None,
        benefits=[] if tier is None else benefits_of(tier),
        next=await _next(session, member, rules, now),
    )


async def evaluate_member(session: WriteSession, member_id: int) -> MemberTierRead:
    """Evaluate one member now rather than tonight.

    Raises:
        MemberNotFound
    """
    now = utc_now()
    await settle(session, [member_id], await tier_set.read(session), now)
    return await read_member(session, member_id, now)


async def read_changes(session: ReadSession, query: TierChangeQuery) -> Page[TierChangeRead]:
    """A page of changes of tiers."""
    rows, next_cursor = await read_rows(session, select(TierChange), query)
    return Page(
        items=[
            TierChangeRead(
                id=row.id,
                member_id=row.member_id,
                from_tier=row.from_tier,
                to_tier=row.to_tier,
                cause=Cause(row.cause),
                assignment_id=row.assignment_id,
                at=row.at,
            )
            for row in rows
        ],
        next_cursor=next_cursor,
    )


async def _next(
    session: AnySession, member: MemberBrief, rules: TierSet, now: datetime
) -> NextTierRead | None:
    order = rules.order
    here = order.get(member.tier, 0)
    rung = next((rung for rung in rules.ladder if order[rung.code] > here), None)
    tier = None if rung is None else rules.tier(rung.code)
    if rung is None or tier is None:
        return None
    windows = rules.windows(now)
    facts = (await facts_of(session, [member], rules, windows.current, now))[member.id]
    return NextTierRead(
        code=tier.code,
        title=tier.title,
        title_fa=tier.title_fa,
        match=rung.match,
        criteria=[
            Progress(
                kind=entry.kind,
                wanted=entry.at_least,
                reached=facts[entry.kind],
                missing=max(0, entry.at_least - facts[entry.kind]),
            )
            for entry in rung.criteria
        ],
        until=None if windows.previous is None else windows.current.end,
    )
