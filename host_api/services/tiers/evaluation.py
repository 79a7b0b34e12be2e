"""Evaluating members: what each has earned, what was given by hand, and which tier follows from both.

`weigh` only looks; `settle` looks again, with the members locked, and writes. Whoever does either at the same
time therefore waits for the other, and finds nothing left to do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from host_api.core.database import AnySession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.tehran_time import UtcPeriod, tehran_date
from host_api.services.members import selection
from host_api.services.members.selection import MemberBrief
from host_api.services.members.standing import Standing, set_standings
from host_api.services.tiers.assignment_schemas import AssignmentState
from host_api.services.tiers.decision import Facts, Held, decide, highest_reached
from host_api.services.tiers.events import MEMBER_TIER_CHANGED, MemberTierChanged
from host_api.services.tiers.models import MemberTier, TierAssignment, TierChange
from host_api.services.tiers.schemas import Cause, CriterionKind
from host_api.services.tiers.tier_set import TierSet
from host_api.services.tiers.windows import Windows
from host_api.services.transactions.purchase_sums import PurchaseTotals, purchase_totals

_NOTHING = PurchaseTotals()
_SUMMED = frozenset(CriterionKind) - {CriterionKind.MEMBER_DAYS}


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a member's tier is and what it should be."""

    member: MemberBrief
    row: MemberTier | None
    earned_tier: str
    valid_until: datetime | None
    tier: str
    cause: Cause
    assignment: TierAssignment | None
    ended: TierAssignment | None

    @property
    def is_changed(self) -> bool:
        """Whether anything has to be written."""
        if self.row is None:
            return self.tier != self.member.tier or self.valid_until is not None or self.ended is not None
        return (
            (self.member.tier, self.row.tier, self.row.earned_tier, self.row.valid_until)
            != (self.tier, self.tier, self.earned_tier, self.valid_until)
        ) or self.ended is not None


async def weigh(
    session: AnySession, members: Sequence[MemberBrief], tier_set: TierSet, now: datetime
) -> list[Weighed]:
    """Where some hundreds of members stand; those whose tier isn't of the set are left out."""
    ids = [member.id for member in members]
    rows = {row.member_id: row for row in await _rows(session, ids)}
    assignments = {entry.member_id: entry for entry in await _active(session, ids)}
    windows = tier_set.windows(now)
    current = await facts_of(session, members, tier_set, windows.current, now)
    before = (
        current
        if windows.previous is None
        else await facts_of(session, members, tier_set, windows.previous, now)
    )
    return [
        _weighed(
            _Case(
                member, rows.get(member.id), assignments.get(member.id), current[member.id], before[member.id]
            ),
            tier_set,
            windows,
            now,
        )
        for member in members
        if member.tier in tier_set.order
    ]


async def settle(
    session: WriteSession, member_ids: Iterable[int], tier_set: TierSet, now: datetime
) -> list[Weighed]:
    """Give some hundreds of members the tier that is theirs; those for whom something was written."""
    members = await selection.lock(session, member_ids)
    changed = [entry for entry in await weigh(session, members, tier_set, now) if entry.is_changed]
    standings: dict[int, Standing] = {}
    for entry in changed:
        _write(session, entry, tier_set, now)
        if entry.tier != entry.member.tier:
            standings[entry.member.id] = {"tier": entry.tier}
    await set_standings(session, standings)
    return changed


async def facts_of(
    session: AnySession,
    members: Sequence[MemberBrief],
    tier_set: TierSet,
    window: UtcPeriod,
    now: datetime,
) -> dict[int, Facts]:
    """What members have reached in a window, as far as criteria ask for it."""
    totals: Mapping[int, PurchaseTotals] = {}
    if tier_set.kinds & _SUMMED:
        purse = tier_set.policy.purse if CriterionKind.TIER_POINTS in tier_set.kinds else None
        totals = await purchase_totals(session, [member.id for member in members], window, purse=purse)
    today = tehran_date(now)
    facts: dict[int, Facts] = {}
    for member in members:
        sums = totals.get(member.id, _NOTHING)
        facts[member.id] = {
            CriterionKind.PURCHASE_AMOUNT: sums.amount,
            CriterionKind.PURCHASE_COUNT: sums.count,
            CriterionKind.TIER_POINTS: sums.earned,
            CriterionKind.MEMBER_DAYS: (today - tehran_date(member.joined_at)).days,
        }
    return facts


async def find_row(session: AnySession, member_id: int) -> MemberTier | None:
    """Where a member was left by the last evaluation."""
    return await session.scalar(select(MemberTier).where(MemberTier.member_id == member_id))


@dataclass(frozen=True, slots=True)
class _Case:
    member: MemberBrief
    row: MemberTier | None
    assignment: TierAssignment | None
    current: Facts
    before: Facts


def _weighed(case: _Case, tier_set: TierSet, windows: Windows, now: datetime) -> Weighed:
    member, row, assignment = case.member, case.row, case.assignment
    ended = None
    if assignment is not None and assignment.until is not None and assignment.until <= now:
        assignment, ended = None, assignment
    own = row if row is not None and row.tier == member.tier else None
    if assignment is None and own is None and member.tier not in tier_set.places:
        # A tier that only a person gives was given elsewhere: nobody here takes it away.
        return Weighed(member, row, member.tier, None, member.tier, Cause.ELSEWHERE, None, ended)
    if own is not None:
        earned_tier, valid_until = own.earned_tier, own.valid_until
    else:
        earned_tier, valid_until = member.tier, windows.fresh_until
    place = tier_set.places.get(earned_tier)
    if place is None and own is not None and earned_tier in tier_set.order:
        pass  # its criteria were taken away, or it was given elsewhere: it stays as it is
    elif len(tier_set.ladder) == 1:  # nothing can be earned, so nothing is lost either
        earned_tier, valid_until = tier_set.ladder[0].code, None
    else:
        held = decide(
            Held(place or 0, valid_until),
            reached_now=highest_reached(tier_set.ladder, case.current),
            reached_before=highest_reached(tier_set.ladder, case.before),
            windows=windows,
            downgrade=tier_set.downgrade,
            grace_days=tier_set.policy.grace_days,
            now=now,
        )
        earned_tier, valid_until = tier_set.ladder[held.place].code, held.valid_until
    tier, cause = _in_force(earned_tier, assignment, tier_set)
    if cause is Cause.EVALUATION and ended is not None:
        cause = Cause.ASSIGNMENT_ENDED
    return Weighed(member, row, earned_tier, valid_until, tier, cause, assignment, ended)


def _in_force(earned_tier: str, assignment: TierAssignment | None, tier_set: TierSet) -> tuple[str, Cause]:
    """The tier that follows from what was earned and what was given."""
    if assignment is None or assignment.tier not in tier_set.order:
        return earned_tier, Cause.EVALUATION
    is_higher = tier_set.order[earned_tier] > tier_set.order[assignment.tier]
    if is_higher and not assignment.is_exact:
        return earned_tier, Cause.EVALUATION
    return assignment.tier, Cause.ASSIGNMENT


def _write(session: WriteSession, entry: Weighed, tier_set: TierSet, now: datetime) -> None:
    row, member = entry.row, entry.member
    if row is not None and row.tier != member.tier:
        change = TierChange(from_tier=row.tier, to_tier=member.tier, cause=Cause.ELSEWHERE.value)
        _note(session, member.id, change, tier_set, now)
    if entry.ended is not None:
        entry.ended.state, entry.ended.ended_at = AssignmentState.ENDED.value, now
    if entry.tier != member.tier:
        change = TierChange(from_tier=member.tier, to_tier=entry.tier, cause=entry.cause.value)
        assignment = entry.assignment or entry.ended
        if assignment is not None and entry.cause is not Cause.EVALUATION:
            change.assignment_id = assignment.id
        _note(session, member.id, change, tier_set, now)
    if row is None:
        row = MemberTier(member_id=member.id, tier=entry.tier)
        row.since = now if entry.tier != member.tier else member.joined_at
        session.add(row)
    elif {row.tier, member.tier} != {entry.tier}:
        row.tier, row.since = entry.tier, now
    row.earned_tier, row.valid_until = entry.earned_tier, entry.valid_until


def _note(
    session: WriteSession, member_id: int, change: TierChange, tier_set: TierSet, now: datetime
) -> None:
    """Keep a change in the history, and tell it."""
    change.member_id, change.at = member_id, now
    session.add(change)
    order = tier_set.order
    payload = MemberTierChanged(
        member_id=member_id,
        from_tier=change.from_tier,
        to_tier=change.to_tier,
        is_upwards=order.get(change.to_tier, 0) > order.get(change.from_tier, 0),
        cause=Cause(change.cause),
    )
    emit(session, MEMBER_TIER_CHANGED, Subject("member", member_id), payload)


async def _rows(session: AnySession, member_ids: Sequence[int]) -> list[MemberTier]:
    return list(await session.scalars(select(MemberTier).where(MemberTier.member_id.in_(member_ids))))


async def _active(session: AnySession, member_ids: Sequence[int]) -> list[TierAssignment]:
    return list(
        await session.scalars(
            select(TierAssignment).where(
                TierAssignment.member_id.in_(member_ids),
                TierAssignment.state == AssignmentState.ACTIVE.value,
            )
        )
    )
