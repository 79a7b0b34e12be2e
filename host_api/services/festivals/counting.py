"""Scores and places of all who take part, by statements that the database runs on ranges of rows.

Nothing of a member comes into this process: memory does not grow with the festival, and no statement writes
more than `MEMBERS_AT_ONCE` rows, so that others write in between.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    SQLColumnExpression,
    String,
    Subquery,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import aliased

from host_api.core.database import AnySession, WriteSession
from host_api.core.tehran_time import UtcPeriod
from host_api.services.festivals import definitions
from host_api.services.festivals.models import Festival, FestivalMember
from host_api.services.festivals.schemas import (
    FestivalCategoryBy,
    FestivalIndicator,
    FestivalIndicatorKind,
)
from host_api.services.members import selection
from host_api.services.members.introductions import introduced_by_many
from host_api.services.members.schemas import MemberStatus
from host_api.services.merchants.branch_city import city_of
from host_api.services.transactions.purchase_sums import Purchases, of_last_purchase, totals_of_many

MEMBERS_AT_ONCE: Final = 20_000
MOST_CATEGORIES: Final = 1_000

_COLUMNS: Final = {
    FestivalIndicatorKind.PURCHASE_AMOUNT: "amount",
    FestivalIndicatorKind.PURCHASE_COUNT: "count",
    FestivalIndicatorKind.MERCHANTS: "merchants",
    FestivalIndicatorKind.BRANCHES: "branches",
    FestivalIndicatorKind.DAYS: "days",
    FestivalIndicatorKind.VISITS: "visits",
}
_Fresh: Final = aliased(FestivalMember, name="fresh_member")
_PLACE: Final = (FestivalMember.sort_score, FestivalMember.joined_ms, FestivalMember.member_id)
_NO_SYNC: Final = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Position:
    """Where a walk through the places has come to: the last member's order, and how many are before."""

    sort_score: int
    joined_ms: int
    member_id: int
    place: int


async def score_some(session: WriteSession, festival: Festival, period: UtcPeriod, after: int) -> int | None:
    """Count the members behind a number anew, up to another, which is given; None after the last."""
    last = await session.scalar(
        select(FestivalMember.member_id)
        .where(FestivalMember.festival_id == festival.id, FestivalMember.member_id > after)
        .order_by(FestivalMember.member_id)
        .offset(MEMBERS_AT_ONCE - 1)
        .limit(1)
    )
    up_to = last
    if up_to is None:
        up_to = await session.scalar(
            select(func.max(FestivalMember.member_id)).where(FestivalMember.festival_id == festival.id)
        )
    if up_to is None or up_to <= after:
        return None
    fresh = _fresh(festival, period, after, up_to)
    await session.execute(
        update(FestivalMember)
        .where(
            FestivalMember.festival_id == festival.id,
            # Said again of the rows that are written: else PostgreSQL reads all of them for each part.
            FestivalMember.member_id > after,
            FestivalMember.member_id <= up_to,
            FestivalMember.member_id == fresh.c.member_id,
            or_(FestivalMember.score != fresh.c.score, FestivalMember.category != fresh.c.category),
        )
        .values(score=fresh.c.score, sort_score=-fresh.c.score, category=fresh.c.category),
        execution_options=_NO_SYNC,
    )
    return last


async def place_some(
    session: WriteSession, festival_id: int, category: str | None, after: Position | None
) -> Position | None:
    """Write the places behind a position, among all or within a category; where it ended, None at the end."""
    here = [FestivalMember.festival_id == festival_id]
    if category is not None:
        here.append(FestivalMember.category == category)
    before = 0
    if after is not None:
        before = after.place
        here.append(tuple_(*_PLACE) > tuple_(after.sort_score, after.joined_ms, after.member_id))
    page = select(*_PLACE).where(*here).order_by(*_PLACE).limit(MEMBERS_AT_ONCE).subquery("page")
    order = (page.c.sort_score, page.c.joined_ms, page.c.member_id)
    counted = select(
        page.c.member_id, (literal(before) + func.row_number().over(order_by=order)).label("place")
    ).subquery("counted")
    column = FestivalMember.place if category is None else FestivalMember.category_place
    await session.execute(
        update(FestivalMember)
        .where(
            FestivalMember.festival_id == festival_id,
            FestivalMember.member_id == counted.c.member_id,
            or_(column.is_(None), column != counted.c.place),
        )
        .values({column: counted.c.place}),
        execution_options=_NO_SYNC,
    )
    last = await session.execute(
        select(*_PLACE).where(*here).order_by(*_PLACE).offset(MEMBERS_AT_ONCE - 1).limit(1)
    )
    found = last.first()
    return None if found is None else Position(*found, place=before + MEMBERS_AT_ONCE)


async def categories_of(session: AnySession, festival: Festival) -> list[str]:
    """The categories in which members stand."""
    if festival.category_by is None:
        return []
    found = await session.scalars(
        select(FestivalMember.category)
        .where(FestivalMember.festival_id == festival.id)
        .distinct()
        .order_by(FestivalMember.category)
        .limit(MOST_CATEGORIES)
    )
    return list(found)


async def best_of(
    session: AnySession,
    festival_id: int,
    *,
    category: str | None,
    winners: int,
    min_score: int,
    joined_before_ms: int,
) -> list[tuple[int, int]]:
    """The best active members who have a score and joined in time, in order: number and score."""
    statement = select(FestivalMember.member_id, FestivalMember.score).where(
        FestivalMember.festival_id == festival_id,
        FestivalMember.sort_score <= -min_score,
        FestivalMember.joined_ms < joined_before_ms,
        _is_active(),
    )
    if category is not None:
        statement = statement.where(FestivalMember.category == category)
    found = await session.execute(statement.order_by(*_PLACE).limit(winners))
    return [(member_id, score) for member_id, score in found]


async def members_with(
    session: AnySession, festival_id: int, *, min_score: int, joined_before_ms: int, after: int, limit: int
) -> list[tuple[int, int]]:
    """The next active members behind a number who have a score and joined in time: number and score."""
    found = await session.execute(
        select(FestivalMember.member_id, FestivalMember.score)
        .where(
            FestivalMember.festival_id == festival_id,
            FestivalMember.member_id > after,
            FestivalMember.score >= min_score,
            FestivalMember.joined_ms < joined_before_ms,
            _is_active(),
        )
        .order_by(FestivalMember.member_id)
        .limit(limit)
    )
    return [(member_id, score) for member_id, score in found]


def period_until(begin: datetime, end: datetime) -> UtcPeriod:
    """A time that is counted; empty where it has not begun."""
    return UtcPeriod(begin, max(begin, end))


def _fresh(festival: Festival, period: UtcPeriod, after: int, up_to: int) -> Subquery:
    """Score and category, as they are now, of those who take part with numbers behind one, up to another."""
    indicators = definitions.indicators_of(festival)
    purchases = Purchases(period, merchant_ids=tuple(festival.merchant_ids))
    totals = totals_of_many(purchases, after=after, up_to=up_to)
    introductions = introduced_by_many(period, after=after, up_to=up_to)
    score: ColumnElement[int] = literal(0, BigInteger)
    for indicator in indicators:
        is_introduced = indicator.kind is FestivalIndicatorKind.INTRODUCED
        column = introductions.c.introduced if is_introduced else totals.c[_COLUMNS[indicator.kind]]
        score = score + _given(cast(func.coalesce(column, 0), BigInteger), indicator)
    statement = select(
        _Fresh.member_id.label("member_id"),
        score.label("score"),
        _category(festival, _Fresh.member_id, purchases).label("category"),
    ).select_from(_Fresh)
    kinds = {indicator.kind for indicator in indicators}
    if kinds - {FestivalIndicatorKind.INTRODUCED}:
        statement = statement.outerjoin(totals, totals.c.member_id == _Fresh.member_id)
    if FestivalIndicatorKind.INTRODUCED in kinds:
        statement = statement.outerjoin(introductions, introductions.c.member_id == _Fresh.member_id)
    return statement.where(
        _Fresh.festival_id == festival.id, _Fresh.member_id > after, _Fresh.member_id <= up_to
    ).subquery("fresh")


def _given(counted: ColumnElement[int], indicator: FestivalIndicator) -> ColumnElement[int]:
    """Bounded before it is multiplied: no indicator can make a number that the database doesn't have."""
    most = indicator.most // indicator.points
    units = counted // indicator.per
    return case((units < 0, 0), (units > most, most), else_=units) * indicator.points


def _category(
    festival: Festival, member: SQLColumnExpression[int], purchases: Purchases
) -> ColumnElement[str]:
    if festival.category_by is None:
        return literal("", String)
    if festival.category_by == FestivalCategoryBy.BRANCH_CITY:
        return func.coalesce(of_last_purchase(member, city_of, purchases), "")
    text = selection.TEXTS[festival.category_by]
    found = select(text).where(member == selection.MEMBER_ID).scalar_subquery()
    return func.coalesce(found, "")


def _is_active() -> ColumnElement[bool]:
    """Whoever was blocked meanwhile keeps the place and wins nothing."""
    return (
        exists()
        .where(
            FestivalMember.member_id == selection.MEMBER_ID,
            selection.TEXTS["status"] == MemberStatus.ACTIVE.value,
        )
        .correlate(FestivalMember)
    )
