"""Making achievements, and where members stand in them."""

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.errors import Problem
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version, etag
from host_api.services.achievements import evaluation
from host_api.services.achievements.listing import AchievementQuery, AwardQuery
from host_api.services.achievements.measuring import ONCE, Measured
from host_api.services.achievements.models import Achievement, AchievementAward
from host_api.services.achievements.schemas import (
    AchievementCreate,
    AchievementRead,
    AchievementUpdate,
    LevelAwardRead,
    Measure,
    MemberProgress,
    PrizeOutcome,
    ProgressRead,
    Window,
)
from host_api.services.groups.audience import is_in, stored_audience
from host_api.services.members import logic as members
from host_api.services.prizes import logic as prizes

_AWARDS_SHOWN = 100


class AchievementNotFound(Problem):
    """No achievement has this id."""

    status = 404
    code = "achievement-not-found"
    title = "Achievement not found"
    title_fa = "دستاورد پیدا نشد"
    detail = "There is no achievement with this id."
    detail_fa = "دستاوردی با این شناسه وجود ندارد."


class AchievementExists(Problem):
    """The code is taken."""

    status = 409
    code = "achievement-exists"
    title = "Code is taken"
    title_fa = "این کد گرفته شده است"
    detail = "There is an achievement with this code already."
    detail_fa = "دستاوردی با این کد هست."
    field = "code"


async def create(session: WriteSession, wanted: AchievementCreate) -> tuple[AchievementRead, str]:
    """Make an achievement; it and its ETag.

    Raises:
        AchievementExists, prizes.PrizeNotFound
    """
    for level in wanted.levels:
        if level.prize_id is not None:
            await prizes.find(session, level.prize_id)
    now = utc_now()
    values = wanted.model_dump(
        mode="json", exclude={"levels", "audience", "starts_at", "ends_at", "measure", "window"}
    )
    row = Achievement(
        **values,
        measure=wanted.measure.value,
        window=wanted.window.value,
        levels=[level.model_dump(mode="json") for level in wanted.levels],
        audience=stored_audience(wanted.audience),
        is_active=True,
        starts_at=wanted.starts_at or now,
        ends_at=wanted.ends_at,
        created_at=now,
    )
    async with conflict_as(AchievementExists()):
        session.add(row)
        await session.flush()
    return _shown(row), etag(row)


async def change(
    session: WriteSession, achievement_id: int, wanted: AchievementUpdate, if_match: str
) -> tuple[AchievementRead, str]:
    """Change an achievement; it and its ETag.

    Raises:
        AchievementNotFound, ChangedMeanwhile
    """
    row = await session.get(Achievement, achievement_id, with_for_update=True)
    if row is None:
        raise AchievementNotFound
    check_version(row, if_match)
    for name in ("title", "title_fa", "text", "text_fa", "badge", "is_active", "ends_at"):
        value = getattr(wanted, name)
        if value is not None:
            setattr(row, name, value)
    if "audience" in wanted.model_fields_set:
        row.audience = stored_audience(wanted.audience)
    await session.flush()
    return _shown(row), etag(row)


async def read(session: AnySession, achievement_id: int) -> tuple[AchievementRead, str]:
    """An achievement, and its ETag.

    Raises:
        AchievementNotFound
    """
    row = await session.get(Achievement, achievement_id)
    if row is None:
        raise AchievementNotFound
    return _shown(row), etag(row)


async def read_page(session: ReadSession, query: AchievementQuery) -> Page[AchievementRead]:
    """A page of achievements."""
    rows, next_cursor = await read_rows(session, select(Achievement), query)
    return Page(items=[_shown(row) for row in rows], next_cursor=next_cursor)


async def read_awards(session: ReadSession, query: AwardQuery) -> Page[LevelAwardRead]:
    """A page of awards."""
    rows, next_cursor = await read_rows(session, select(AchievementAward), query)
    return Page(items=[_award(row) for row in rows], next_cursor=next_cursor)


async def progress(session: AnySession, member_id: int) -> MemberProgress:
    """Where a member stands now in every achievement that is theirs.

    Raises:
        members.MemberNotFound
    """
    await members.read(session, member_id)
    now = utc_now()
    awards = await awards_of(session, member_id, _AWARDS_SHOWN)
    found = []
    for achievement in await evaluation.running(session, now):
        own = [_award(award) for award in awards if award.achievement_id == achievement.id]
        if own or await is_in(session, achievement.audience, member_id, now):
            measured = await evaluation.measured(session, achievement, [member_id], now)
            found.append(_progress(achievement, measured.get(member_id, []), own))
    return MemberProgress(member_id=member_id, achievements=found)


async def evaluate(session: WriteSession, member_id: int, caller: Caller) -> MemberProgress:
    """Give a member at once what the night would.

    Raises:
        members.MemberNotFound
    """
    await evaluation.settle(session, [member_id], utc_now(), caller)
    return await progress(session, member_id)


async def awards_of(session: AnySession, member_id: int, limit: int) -> list[AchievementAward]:
    """What a member has reached, the latest first."""
    rows = await session.scalars(
        select(AchievementAward)
        .where(AchievementAward.member_id == member_id)
        .order_by(AchievementAward.id.desc())
        .limit(limit)
    )
    return list(rows)


def _progress(
    achievement: Achievement, entries: list[Measured], awards: list[LevelAwardRead]
) -> ProgressRead:
    current = next((entry for entry in reversed(entries) if entry.is_current), None)
    value = 0 if current is None else current.value
    marks = [level.at_least for level in evaluation.levels_of(achievement)]
    return ProgressRead(
        achievement_id=achievement.id,
        code=achievement.code,
        title=achievement.title,
        title_fa=achievement.title_fa,
        badge=achievement.badge,
        period=ONCE if current is None else current.period,
        value=value,
        level=sum(mark <= value for mark in marks),
        next_at_least=next((mark for mark in marks if mark > value), None),
        awards=awards,
    )


def _shown(row: Achievement) -> AchievementRead:
    return AchievementRead(
        id=row.id,
        code=row.code,
        title=row.title,
        title_fa=row.title_fa,
        text=row.text,
        text_fa=row.text_fa,
        badge=row.badge,
        measure=Measure(row.measure),
        counted=row.counted,
        distinct_by=row.distinct_by,
        least_amount=row.least_amount,
        merchant_ids=row.merchant_ids,
        window=Window(row.window),
        window_days=row.window_days,
        grace=row.grace,
        is_repeated=row.is_repeated,
        levels=evaluation.levels_of(row),
        audience=row.audience,
        is_active=row.is_active,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        created_at=row.created_at,
    )


def _award(row: AchievementAward) -> LevelAwardRead:
    return LevelAwardRead(
        id=row.id,
        achievement_id=row.achievement_id,
        member_id=row.member_id,
        level=row.level,
        period=row.period,
        value=row.value,
        reached_at=row.reached_at,
        awarded_at=row.awarded_at,
        prize=PrizeOutcome(row.prize),
        prize_award_id=row.prize_award_id,
    )
