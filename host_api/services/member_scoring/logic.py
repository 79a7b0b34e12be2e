"""Writing models, trying them, and explaining scores."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.groups import logic as groups
from host_api.services.groups.schemas import GroupKind
from host_api.services.member_scoring.content import ScoringContent
from host_api.services.member_scoring.listing import ScoringModelQuery
from host_api.services.member_scoring.measuring import measure
from host_api.services.member_scoring.models import ScoredMember, ScoringModel, ScoringRun
from host_api.services.member_scoring.problems import BandGroupUnfit, ModelNotFound
from host_api.services.member_scoring.schemas import (
    IndicatorExplained,
    ScoreExplained,
    ScoringModelRead,
    ScoringModelWrite,
    ScoringRunState,
    ScoringTrial,
    ScoringTrialRead,
)
from host_api.services.member_scoring.weighing import Measured, band_of, figure_of, score_of
from host_api.services.members import selection


async def create(
    session: WriteSession, wanted: ScoringModelWrite, caller: Caller, now: datetime
) -> ScoringModel:
    """Keep a model.

    Raises:
        BandGroupUnfit
    """
    await check_groups(session, wanted.content)
    model = ScoringModel(created_by=caller.name, created_at=now, **_columns(wanted))
    session.add(model)
    await session.flush()
    return model


async def change(
    session: WriteSession, model_id: int, if_match: str, wanted: ScoringModelWrite
) -> ScoringModel:
    """Write a model anew; runs that were asked for go on as it was.

    Raises:
        ModelNotFound, ChangedMeanwhile, BandGroupUnfit
    """
    model = await find(session, model_id)
    check_version(model, if_match)
    await check_groups(session, wanted.content)
    for name, value in _columns(wanted).items():
        setattr(model, name, value)
    await session.flush()
    return model


async def find(session: AnySession, model_id: int, *, for_update: bool = False) -> ScoringModel:
    """One model.

    Raises:
        ModelNotFound
    """
    model = await session.get(ScoringModel, model_id, with_for_update=for_update or None)
    if model is None:
        raise ModelNotFound
    return model


async def read_page(session: ReadSession, query: ScoringModelQuery) -> Page[ScoringModelRead]:
    """A page of models."""
    rows, next_cursor = await read_rows(session, select(ScoringModel), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def try_on(session: AnySession, model_id: int, wanted: ScoringTrial, now: datetime) -> ScoringTrialRead:
    """What members would score now, and why; nothing is written.

    Raises:
        ModelNotFound
    """
    model = await find(session, model_id)
    content = wanted.content or content_of(model)
    members = await selection.briefs(session, sorted(set(wanted.member_ids)))
    measured = await measure(session, content, members, now)
    before = await bands_before(session, await published_run(session, model_id), measured.keys())
    known = {member.id for member in members}
    return ScoringTrialRead(
        members=[
            explained(content, member.id, measured[member.id], before.get(member.id)) for member in members
        ],
        unknown=sorted(set(wanted.member_ids) - known),
    )


async def published_run(session: AnySession, model_id: int) -> int | None:
    """The run of a model that was published last."""
    return await session.scalar(
        select(ScoringRun.id)
        .where(ScoringRun.model_id == model_id, ScoringRun.state == ScoringRunState.DONE.value)
        .order_by(ScoringRun.id.desc())
        .limit(1)
    )


async def bands_before(
    session: AnySession, run_id: int | None, member_ids: Collection[int]
) -> dict[int, str]:
    """The bands of some hundreds of members in an earlier run."""
    if run_id is None:
        return {}
    rows = await session.execute(
        select(ScoredMember.member_id, ScoredMember.band).where(
            ScoredMember.run_id == run_id, ScoredMember.member_id.in_(sorted(member_ids))
        )
    )
    return {member_id: band for member_id, band in rows}  # noqa: C416


def explained(
    content: ScoringContent, member_id: int, measured: Measured, band_before: str | None
) -> ScoreExplained:
    """A score with what each indicator adds to it."""
    score = score_of(content, measured)
    band = band_of(content, score)
    weights = sum(indicator.weight for indicator in content.indicators)
    lines = []
    for indicator, value in zip(content.indicators, measured, strict=True):
        figure = figure_of(indicator, value)
        lines.append(
            IndicatorExplained(
                kind=indicator.kind,
                value=value,
                figure=figure,
                weight=indicator.weight,
                share=figure * indicator.weight // weights,
            )
        )
    return ScoreExplained(
        member_id=member_id,
        score=score,
        band=band.code,
        band_before=band_before,
        award_units=band.award_units if content.is_due(band_before, band.code) else 0,
        indicators=lines,
    )


def content_of(row: ScoringModel | ScoringRun) -> ScoringContent:
    """The parameters of a model, or of a run as they were."""
    return ScoringContent.model_validate(row.content)


def shown(model: ScoringModel) -> ScoringModelRead:
    """A model as it is shown."""
    return ScoringModelRead(
        id=model.id,
        title=model.title,
        title_fa=model.title_fa,
        content=content_of(model),
        created_by=model.created_by,
        created_at=model.created_at,
    )


async def check_groups(session: AnySession, content: ScoringContent) -> None:
    """See that members can be put into the bands' groups.

    Raises:
        BandGroupUnfit
    """
    for band in content.bands:
        if band.group_id is None:
            continue
        try:
            group = await groups.find(session, band.group_id)
        except groups.GroupNotFound:
            raise BandGroupUnfit from None
        if group.kind != GroupKind.STATIC:
            raise BandGroupUnfit


def _columns(wanted: ScoringModelWrite) -> dict[str, object]:
    content = wanted.content.model_dump(mode="json", by_alias=True)
    return {"title": wanted.title, "title_fa": wanted.title_fa, "content": content}
