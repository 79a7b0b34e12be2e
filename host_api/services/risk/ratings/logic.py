"""Ratings: made some hundred members at a time, read with their reasons."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, or_, select

from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.isolation import programme_of
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.tehran_time import today
from host_api.services.members.profile_parts import profile_parts
from host_api.services.members.schemas import MemberStatus
from host_api.services.members.selection import MemberBrief
from host_api.services.members.standing import Standing, set_standings
from host_api.services.risk.alerts.models import RiskAct, RiskAlert
from host_api.services.risk.alerts.schemas import RiskActState, RiskAlertState
from host_api.services.risk.limits.models import RiskLimit
from host_api.services.risk.limits.schemas import RiskLimitState, RiskSeverity
from host_api.services.risk.problems import RatingNotFound
from host_api.services.risk.ratings.listing import RiskRatingFilters, RiskRatingQuery
from host_api.services.risk.ratings.models import RiskFlag, RiskRating
from host_api.services.risk.ratings.schemas import (
    REASON_TEXTS,
    RiskClassCount,
    RiskFlagCount,
    RiskPanel,
    RiskRatingRead,
    RiskReasonRead,
)
from host_api.services.risk.ratings.score import (
    CONFIRMED_DAYS,
    HISTORY_DAYS,
    SCORE_VERSION,
    AnomalyFlag,
    Evidence,
    Rating,
    RiskClass,
    RiskReasonCode,
    rate,
)
from host_api.services.risk.trades.models import RiskTrade
from host_api.services.transactions.conduct import conduct_of


async def rate_members(session: WriteSession, members: Sequence[MemberBrief], now: datetime) -> int:
    """Rate some hundred members anew; whose class is another goes to the switch. How many those were.

    Whoever is blocked has no rating. To the switch, the class low is none: nearly all are of it.
    """
    await forget(session, [member.id for member in members])
    members = [member for member in members if member.status == MemberStatus.ACTIVE]
    ids = [member.id for member in members]
    parts = await profile_parts(session, ids)
    conduct = await conduct_of(session, ids, now - timedelta(days=HISTORY_DAYS))
    confirmed, opened = await _alerts(session, ids, now)
    ratings = {
        member.id: rate(
            Evidence(
                member_days=max(0, (now - member.joined_at).days),
                parts=parts.get(member.id, frozenset()),
                conduct=conduct[member.id],
                confirmed=confirmed.get(member.id, 0),
                open_by_severity=opened.get(member.id, {}),
            )
        )
        for member in members
    }
    await _keep(session, ratings, now)
    standings: dict[int, Standing] = {
        member_id: {"risk_class": None if rating.risk_class is RiskClass.LOW else rating.risk_class.value}
        for member_id, rating in ratings.items()
    }
    return await set_standings(session, standings)


async def read(session: AnySession, member_id: int) -> RiskRatingRead:
    """A member's rating.

    Raises:
        RatingNotFound
    """
    row: RiskRating | None = await session.scalar(select(RiskRating).where(RiskRating.member_id == member_id))
    if row is None:
        raise RatingNotFound
    (found,) = await _shown(session, [row])
    return found


async def read_page(session: ReadSession, query: RiskRatingQuery) -> Page[RiskRatingRead]:
    """A page of ratings."""
    rows, next_cursor = await read_rows(session, select(RiskRating), query)
    return Page(items=await _shown(session, rows), next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: RiskRatingFilters, cursor: str | None, limit: int
) -> tuple[list[RiskRatingRead], str | None]:
    """Up to `limit` ratings after `cursor`, and the cursor of those behind them."""
    rows, next_cursor = await read_rows_after(session, select(RiskRating), query, cursor, limit)
    return await _shown(session, rows), next_cursor


async def read_panel(session: ReadSession, now: datetime) -> RiskPanel:
    """How things stand now."""
    day = today(now)
    alerts = await session.execute(
        select(RiskAlert.severity, func.count())
        .where(RiskAlert.state == RiskAlertState.OPEN.value)
        .group_by(RiskAlert.severity)
    )
    opened = dict(alerts.all())
    alerts_today = await session.scalar(
        select(func.count(RiskAlert.id)).where(RiskAlert.first_at >= day.start)
    )
    waiting = await session.execute(
        select(RiskAct.state, func.count())
        .where(RiskAct.state.in_((RiskActState.ASKED.value, RiskActState.FAILED.value)))
        .group_by(RiskAct.state)
    )
    acts = dict(waiting.all())
    limits = await session.scalar(
        select(func.count(RiskLimit.id)).where(RiskLimit.state == RiskLimitState.ASKED.value)
    )
    trades, amount = (
        await session.execute(
            select(func.count(), func.coalesce(func.sum(RiskTrade.amount), 0)).where(
                RiskTrade.at >= day.start, RiskTrade.at < day.end
            )
        )
    ).one()
    classes = await session.execute(
        select(RiskRating.risk_class, func.count())
        .group_by(RiskRating.risk_class)
        .order_by(RiskRating.risk_class)
    )
    flags = await session.execute(
        select(RiskFlag.flag, func.count()).group_by(RiskFlag.flag).order_by(RiskFlag.flag)
    )
    return RiskPanel(
        open_alerts=sum(opened.values()),
        open_high=opened.get(RiskSeverity.HIGH, 0),
        alerts_today=alerts_today or 0,
        asked_acts=acts.get(RiskActState.ASKED, 0),
        failed_acts=acts.get(RiskActState.FAILED, 0),
        asked_limits=limits or 0,
        trades_today=trades,
        trade_amount_today=int(amount),
        classes=[RiskClassCount(risk_class=RiskClass(name), members=number) for name, number in classes],
        flags=[RiskFlagCount(flag=AnomalyFlag(name), members=number) for name, number in flags],
    )


async def _alerts(
    session: AnySession, member_ids: Sequence[int], now: datetime
) -> tuple[dict[int, int], dict[int, dict[RiskSeverity, int]]]:
    """Alerts about members themselves that were right, and those that are open, by severity."""
    rows = await session.execute(
        select(RiskAlert.member_id, RiskAlert.state, RiskAlert.severity, func.count())
        .where(
            RiskAlert.member_id.in_(member_ids),
            RiskAlert.state != RiskAlertState.FALSE_POSITIVE.value,
            RiskAlert.first_at >= now - timedelta(days=CONFIRMED_DAYS),
            # Of a terminal's or operator's alert the member is only who came last.
            or_(RiskAlert.subject.startswith("member:"), RiskAlert.subject.startswith("card:")),
        )
        .group_by(RiskAlert.member_id, RiskAlert.state, RiskAlert.severity)
    )
    confirmed: dict[int, int] = {}
    opened: dict[int, dict[RiskSeverity, int]] = {}
    for member_id, state, severity, number in rows:
        if member_id is None:
            continue
        if state == RiskAlertState.TRUE_POSITIVE:
            confirmed[member_id] = confirmed.get(member_id, 0) + number
        else:
            opened.setdefault(member_id, {})[RiskSeverity(severity)] = number
    return confirmed, opened


async def _keep(session: WriteSession, ratings: dict[int, Rating], now: datetime) -> None:
    programme_id = programme_of(session.sync_session)
    rows = [
        {
            "programme_id": programme_id,
            "member_id": member_id,
            "score": rating.score,
            "risk_class": rating.risk_class.value,
            "reasons": [[reason.code.value, reason.number, reason.points] for reason in rating.reasons],
            "quality": rating.quality,
            "score_version": SCORE_VERSION,
            "rated_at": now,
        }
        for member_id, rating in ratings.items()
    ]
    if rows:
        await session.execute(insert(RiskRating), rows)
    flags = [
        {"programme_id": programme_id, "flag": flag.value, "member_id": member_id}
        for member_id, rating in ratings.items()
        for flag in sorted(rating.flags)
    ]
    if flags:
        await session.execute(insert(RiskFlag), flags)


async def forget(session: WriteSession, member_ids: Sequence[int]) -> None:
    """Delete the ratings of some members."""
    for table in (RiskRating, RiskFlag):
        await session.execute(
            delete(table).where(table.member_id.in_(member_ids)).execution_options(synchronize_session=False)
        )


async def _shown(session: AnySession, rows: Sequence[RiskRating]) -> list[RiskRatingRead]:
    flags: dict[int, list[AnomalyFlag]] = {}
    for row in await session.scalars(
        select(RiskFlag)
        .where(RiskFlag.member_id.in_([row.member_id for row in rows]))
        .order_by(RiskFlag.flag)
    ):
        flags.setdefault(row.member_id, []).append(AnomalyFlag(row.flag))
    return [
        RiskRatingRead(
            member_id=row.member_id,
            score=row.score,
            risk_class=RiskClass(row.risk_class),
            quality=row.quality,
            flags=flags.get(row.member_id, []),
            reasons=[_reason(*reason) for reason in row.reasons],
            score_version=row.score_version,
            rated_at=row.rated_at,
        )
        for row in rows
    ]


def _reason(code: str, count: int, points: int) -> RiskReasonRead:
    text, text_fa = REASON_TEXTS[RiskReasonCode(code)]
    return RiskReasonRead(code=RiskReasonCode(code), count=count, points=points, text=text, text_fa=text_fa)
