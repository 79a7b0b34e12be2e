"""Runs: asked for, scored page by page, dropped, and cleared away when they are old."""

from collections import Counter
from datetime import datetime
from typing import Final

from sqlalchemy import delete, exists, select

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.default_rows import insert_missing
from host_api.core.jobs import run_store
from host_api.core.listing import Page, read_rows
from host_api.services.member_scoring import logic
from host_api.services.member_scoring.listing import ScoredMemberQuery, ScoringRunQuery
from host_api.services.member_scoring.measuring import measure
from host_api.services.member_scoring.models import ScoredMember, ScoringRun
from host_api.services.member_scoring.problems import (
    MemberNotScored,
    RunInOtherState,
    RunNotFound,
    RunUnderWay,
)
from host_api.services.member_scoring.schemas import (
    ScoredMemberRead,
    ScoreExplained,
    ScoringAwardState,
    ScoringRunRead,
    ScoringRunState,
)
from host_api.services.members import selection
from host_api.services.members.schemas import MemberStatus
from host_api.services.members.selection import MEMBERS_AT_ONCE

RUN_SCORING: Final = "run-member-scoring"

# Of a model; of older ones the figures stay, and what each member scored goes.
KEPT_RUNS: Final = 6
_CLEARED_AT_ONCE: Final = 5_000
_OPEN: Final = (
    ScoringRunState.SCORING.value,
    ScoringRunState.SCORED.value,
    ScoringRunState.PUBLISHING.value,
)


async def ask(session: WriteSession, model_id: int, caller: Caller, now: datetime) -> ScoringRunRead:
    """Have all active members scored as of now, by the model as it is.

    Raises:
        ModelNotFound, RunUnderWay, BandGroupUnfit
    """
    # Of two who ask at once the second finds the first one's run.
    model = await logic.find(session, model_id, for_update=True)
    is_open = exists().where(ScoringRun.model_id == model_id, ScoringRun.state.in_(_OPEN))
    if await session.scalar(select(is_open)):
        raise RunUnderWay
    await logic.check_groups(session, logic.content_of(model))
    run = ScoringRun(
        model_id=model_id,
        content=model.content,
        previous_run_id=await logic.published_run(session, model_id),
        state=ScoringRunState.SCORING.value,
        at=now,
        scored_up_to=0,
        published_up_to=0,
        members=0,
        award_units=0,
        by_band={},
        asked_by=caller.key,
        asked_by_name=caller.name,
    )
    session.add(run)
    await session.flush()
    run_store.enqueue(session, RUN_SCORING, {}, caller, now=now)
    return shown(run)


async def score_page(session: WriteSession, run_id: int) -> int | None:
    """Score the next members; how many were looked at, None where the run isn't being scored any more.

    Rows and how far the run has come are written together: whoever goes on scores nobody twice, and
    misses nobody.
    """
    run = await lock(session, run_id)
    if run.state != ScoringRunState.SCORING:
        return None
    members = await selection.briefs_after(session, run.scored_up_to, MEMBERS_AT_ONCE)
    if not members:
        run.state = ScoringRunState.SCORED.value
        await session.flush()
        return None
    active = [member for member in members if member.status == MemberStatus.ACTIVE]
    content = logic.content_of(run)
    measured = await measure(session, content, active, run.at)
    before = await logic.bands_before(session, run.previous_run_id, measured.keys())
    by_band = Counter(run.by_band)
    rows: list[dict[str, object]] = []
    for member in active:
        found = logic.explained(content, member.id, measured[member.id], before.get(member.id))
        by_band[found.band] += 1
        run.award_units += found.award_units
        is_awarded = found.award_units > 0
        rows.append(
            {
                "run_id": run_id,
                "member_id": member.id,
                "score": found.score,
                "band": found.band,
                "band_before": found.band_before,
                "measured": list(measured[member.id]),
                "award_units": found.award_units,
                "award_state": (ScoringAwardState.WAITING if is_awarded else ScoringAwardState.NONE).value,
            }
        )
    await insert_missing(session, ScoredMember, rows)
    run.members += len(active)
    run.by_band = dict(by_band)
    run.scored_up_to = members[-1].id
    await session.flush()
    return len(members)


async def drop(session: WriteSession, run_id: int, now: datetime) -> ScoringRunRead:
    """End a run that nobody was told of.

    Raises:
        RunNotFound, RunInOtherState
    """
    run = await lock(session, run_id)
    if run.state not in (ScoringRunState.SCORING, ScoringRunState.SCORED):
        raise RunInOtherState
    run.state, run.finished_at = ScoringRunState.DROPPED.value, now
    await session.flush()
    return shown(run)


async def clear_old(session: WriteSession, model_id: int) -> int:
    """Take away some of what members scored in runs that are no longer kept; how many."""
    kept = (
        select(ScoringRun.id)
        .where(ScoringRun.model_id == model_id, ScoringRun.state != ScoringRunState.DROPPED.value)
        .order_by(ScoringRun.id.desc())
        .limit(KEPT_RUNS)
    )
    of_model = select(ScoringRun.id).where(ScoringRun.model_id == model_id, ScoringRun.state.not_in(_OPEN))
    last = await logic.published_run(session, model_id)
    page = (
        select(ScoredMember.run_id, ScoredMember.member_id)
        .where(
            ScoredMember.run_id.in_(of_model),
            ScoredMember.run_id.not_in(kept),
            ScoredMember.run_id != (last or 0),
            ScoredMember.award_state.not_in((ScoringAwardState.SENT.value, ScoringAwardState.DOUBTFUL.value)),
        )
        .order_by(ScoredMember.run_id, ScoredMember.member_id)
        .limit(_CLEARED_AT_ONCE)
    )
    found = (await session.execute(page)).all()
    by_run: dict[int, list[int]] = {}
    for run_id, member_id in found:
        by_run.setdefault(run_id, []).append(member_id)
    for run_id, member_ids in by_run.items():
        await session.execute(
            delete(ScoredMember)
            .where(ScoredMember.run_id == run_id, ScoredMember.member_id.in_(member_ids))
            .execution_options(synchronize_session=False)
        )
    return len(found)


async def in_state(session: AnySession, state: ScoringRunState) -> list[tuple[int, int]]:
    """Runs in a state with their models, in order; there is at most one of each model."""
    rows = await session.execute(
        select(ScoringRun.id, ScoringRun.model_id)
        .where(ScoringRun.state == state.value)
        .order_by(ScoringRun.id)
        .limit(100)
    )
    return [(run_id, model_id) for run_id, model_id in rows]


async def find(session: AnySession, run_id: int) -> ScoringRun:
    """One run.

    Raises:
        RunNotFound
    """
    run = await session.get(ScoringRun, run_id)
    if run is None:
        raise RunNotFound
    return run


async def lock(session: WriteSession, run_id: int) -> ScoringRun:
    """One run, which nobody else goes on with until the transaction ends.

    Raises:
        RunNotFound
    """
    run = await session.get(ScoringRun, run_id, with_for_update=True, populate_existing=True)
    if run is None:
        raise RunNotFound
    return run


async def read_page(session: ReadSession, query: ScoringRunQuery) -> Page[ScoringRunRead]:
    """A page of runs."""
    rows, next_cursor = await read_rows(session, select(ScoringRun), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def read_members(session: ReadSession, run_id: int, query: ScoredMemberQuery) -> Page[ScoredMemberRead]:
    """A page of a run's members.

    Raises:
        RunNotFound
    """
    await find(session, run_id)
    rows, next_cursor = await read_rows(
        session, select(ScoredMember).where(ScoredMember.run_id == run_id), query
    )
    return Page(
        items=[ScoredMemberRead.model_validate(row, from_attributes=True) for row in rows],
        next_cursor=next_cursor,
    )


async def explain(session: AnySession, run_id: int, member_id: int) -> ScoreExplained:
    """How a member's score in a run came about, by what was measured then.

    Raises:
        RunNotFound, MemberNotScored
    """
    run = await find(session, run_id)
    row = await session.scalar(
        select(ScoredMember).where(ScoredMember.run_id == run_id, ScoredMember.member_id == member_id)
    )
    if row is None:
        raise MemberNotScored
    return logic.explained(logic.content_of(run), member_id, row.measured, row.band_before)


def shown(run: ScoringRun) -> ScoringRunRead:
    """A run as it is shown."""
    return ScoringRunRead.model_validate({name: getattr(run, name) for name in ScoringRunRead.model_fields})
