"""Publishing a run: groups, texts and awards of each band, once for each member and run."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.jobs import run_store
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import credit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.second_person import check_second_person
from host_api.services.groups import logic as groups
from host_api.services.member_scoring import logic, runs
from host_api.services.member_scoring.content import ScoringBand, ScoringContent
from host_api.services.member_scoring.events import SCORING_PUBLISHED, ScoringPublished
from host_api.services.member_scoring.models import ScoredMember, ScoringRun
from host_api.services.member_scoring.problems import AwardCapExceeded, RunInOtherState
from host_api.services.member_scoring.schemas import ScoringAwardState, ScoringRunRead, ScoringRunState
from host_api.services.members import selection
from host_api.services.members.schemas import MemberStatus
from host_api.services.messages.logic import tell_member

SERVICE: Final = "member_scoring"

# So many wait with the switch at most: what a till or an app asks for is not behind all members.
ON_THEIR_WAY: Final = 500
AT_ONCE: Final = 100

_ENDS: Final = {
    RequestState.APPROVED: ScoringAwardState.PAID,
    RequestState.DECLINED: ScoringAwardState.REFUSED,
    RequestState.REVERSED: ScoringAwardState.REFUSED,
    RequestState.DOUBTFUL: ScoringAwardState.DOUBTFUL,
}


async def begin(session: WriteSession, run_id: int, caller: Caller, now: datetime) -> ScoringRunRead:
    """Have a scored run published, as the second person.

    Raises:
        RunNotFound, RunInOtherState, OwnAct, AwardCapExceeded, BandGroupUnfit
    """
    run = await runs.lock(session, run_id)
    if run.state != ScoringRunState.SCORED:
        raise RunInOtherState
    check_second_person(run.asked_by, caller)
    content = logic.content_of(run)
    if run.award_units > content.award_cap:
        raise AwardCapExceeded
    await logic.check_groups(session, content)
    run.state, run.published_by_name = ScoringRunState.PUBLISHING.value, caller.name
    await session.flush()
    run_store.enqueue(session, runs.RUN_SCORING, {}, caller, now=now)
    return runs.shown(run)


async def publish_page(session: WriteSession, run_id: int, caller: Caller, now: datetime) -> int | None:
    """Publish the next members' results; how many, None where no room is with the switch or all are out."""
    room = ON_THEIR_WAY - await on_their_way(session, run_id)
    if room <= 0:
        return None
    # Members before the run, as everywhere else where both are held.
    run = await runs.find(session, run_id)
    rows, after = await _next(session, run, min(room, AT_ONCE)), run.published_up_to
    briefs = await selection.lock(session, [row.member_id for row in rows])
    run = await runs.lock(session, run_id)
    if run.state != ScoringRunState.PUBLISHING:
        return None
    if run.published_up_to != after:
        return 0  # another has published them
    if not rows:
        _finish(session, run, now)
        await session.flush()
        return None
    active = {brief.id for brief in briefs if brief.status == MemberStatus.ACTIVE}
    content = logic.content_of(run)
    await _group(session, content.bands, [row for row in rows if row.member_id in active])
    for row in rows:
        if row.member_id in active:
            await _publish(session, run, row, content, caller)
        elif row.award_state == ScoringAwardState.WAITING:
            row.award_state = ScoringAwardState.REFUSED.value  # blocked, merged or erased meanwhile
    run.published_up_to = rows[-1].member_id
    await session.flush()
    return len(rows)


async def on_their_way(session: AnySession, run_id: int) -> int:
    """How many awards the switch still decides."""
    statement = select(func.count()).where(
        ScoredMember.run_id == run_id, ScoredMember.award_state == ScoringAwardState.SENT.value
    )
    return await session.scalar(statement) or 0


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Keep what became of an award."""
    run_id, _, member_id = outcome.reference.partition(":")
    row = await session.scalar(
        select(ScoredMember)
        .where(ScoredMember.run_id == int(run_id), ScoredMember.member_id == int(member_id))
        .with_for_update()
    )
    if row is None:
        return  # the member was erased
    row.award_state = _ENDS[outcome.state].value
    row.response_code, row.rrn = outcome.response_code, outcome.rrn
    await session.flush()


async def _next(session: WriteSession, run: ScoringRun, limit: int) -> Sequence[ScoredMember]:
    found = await session.scalars(
        select(ScoredMember)
        .where(ScoredMember.run_id == run.id, ScoredMember.member_id > run.published_up_to)
        .order_by(ScoredMember.member_id)
        .limit(limit)
    )
    return found.all()


async def _group(session: WriteSession, bands: Iterable[ScoringBand], rows: Sequence[ScoredMember]) -> None:
    """Members stand in the group of their band and in that of no other."""
    for band in bands:
        if band.group_id is None:
            continue
        inside = [row.member_id for row in rows if row.band == band.code]
        outside = [row.member_id for row in rows if row.band != band.code]
        try:
            if outside:
                await groups.remove_members(session, band.group_id, outside)
            if inside:
                await groups.add_members(session, band.group_id, inside)
        except (groups.GroupNotFound, groups.GroupEnding, groups.NotForThisKind):
            continue  # it was given up meanwhile; texts and awards stand


async def _publish(
    session: WriteSession,
    run: ScoringRun,
    row: ScoredMember,
    content: ScoringContent,
    caller: Caller,
) -> None:
    reference = f"{run.id}:{row.member_id}"
    band = content.bands[content.rank(row.band)]
    if band.text is not None and band.text_fa is not None and content.is_due(row.band_before, row.band):
        await tell_member(
            session,
            row.member_id,
            topic="member-scoring",
            reference=reference,
            text_fa=band.text_fa,
            text_en=band.text,
        )
    if row.award_state != ScoringAwardState.WAITING:
        return
    row.award_state = ScoringAwardState.SENT.value
    reason = f"scoring run {run.id}"
    await request_points(
        session,
        credit(row.member_id, content.purse, row.award_units, reason, valid_days=content.valid_days),
        service=SERVICE,
        reference=reference,
        asked_by=caller,
        reason=reason,
    )


def _finish(session: WriteSession, run: ScoringRun, now: datetime) -> None:
    run.state, run.finished_at = ScoringRunState.DONE.value, now
    told = ScoringPublished(run_id=run.id, model_id=run.model_id, members=run.members)
    emit(session, SCORING_PUBLISHED, Subject("scoring_run", run.id), told)
