"""Queries of the sums by day."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select

from host_api.core.database import AnySession
from host_api.core.events.models import UNPUBLISHED, Event
from host_api.services.dashboards.models import (
    DailyAnswers,
    DailyMembers,
    DailyPoints,
    DailyRule,
    LotTotal,
    MemberActivity,
)
from host_api.services.dashboards.schemas import RuleFigures


async def answers(
    session: AnySession, first: date, last: date
) -> list[tuple[str, str, int, int, int, int, int]]:
    """Operation, response code, count and the four sums of amounts."""
    names = ("count", "amount", "discount", "tendered", "net_amount")
    rows = await session.execute(
        select(
            DailyAnswers.operation,
            DailyAnswers.response_code,
            *(func.sum(getattr(DailyAnswers, name)) for name in names),
        )
        .where(DailyAnswers.day >= first, DailyAnswers.day <= last)
        .group_by(DailyAnswers.operation, DailyAnswers.response_code)
    )
    return [(operation, code, *(int(value) for value in sums)) for operation, code, *sums in rows]


async def points(session: AnySession, first: date, last: date) -> list[tuple[str, str, int, int]]:
    """Purse, kind, received and spent, of all holders together."""
    rows = await session.execute(
        select(
            DailyPoints.purse, DailyPoints.kind, func.sum(DailyPoints.received), func.sum(DailyPoints.spent)
        )
        .where(DailyPoints.day >= first, DailyPoints.day <= last)
        .group_by(DailyPoints.purse, DailyPoints.kind)
    )
    return [(purse, kind, int(received), int(spent)) for purse, kind, received, spent in rows]


async def members_of_day(session: AnySession, day: date) -> tuple[int, int]:
    """Active members of a day, and those of them whose first day it was."""
    row = (
        await session.execute(
            select(DailyMembers.active, DailyMembers.first_time).where(DailyMembers.day == day)
        )
    ).first()
    return (0, 0) if row is None else (row.active, row.first_time)


async def active_since(session: AnySession, first: date) -> int:
    """Members whose last sale was on this day or later."""
    return (
        await session.scalar(
            select(func.count()).select_from(MemberActivity).where(MemberActivity.last_day >= first)
        )
        or 0
    )


async def first_sales(session: AnySession, first: date, last: date) -> int:
    """Members whose first sale was in the period."""
    total = await session.scalar(
        select(func.sum(DailyMembers.first_time)).where(DailyMembers.day >= first, DailyMembers.day <= last)
    )
    return int(total or 0)


async def top_rules(session: AnySession, first: date, last: date, limit: int) -> list[RuleFigures]:
    """The rules that gave most often."""
    count = func.sum(DailyRule.count)
    rows = await session.execute(
        select(DailyRule.rule, DailyRule.type, DailyRule.purse, count, func.sum(DailyRule.granted))
        .where(DailyRule.day >= first, DailyRule.day <= last)
        .group_by(DailyRule.rule, DailyRule.type, DailyRule.purse)
        .order_by(count.desc(), DailyRule.rule, DailyRule.type, DailyRule.purse)
        .limit(limit)
    )
    return [
        RuleFigures(rule=rule, type=kind, purse=purse or None, count=int(number), granted=int(granted))
        for rule, kind, purse, number, granted in rows
    ]


async def top_branches(  # noqa: PLR0917
    session: AnySession, first: date, last: date, operations: Sequence[str], approved: str, limit: int
) -> list[tuple[str, int, int, int]]:
    """Merchant id, branch number, sales and their amount, of the branches that sold most."""
    amount = func.sum(DailyAnswers.amount)
    rows = await session.execute(
        select(DailyAnswers.merchant_id, DailyAnswers.branch_number, func.sum(DailyAnswers.count), amount)
        .where(
            DailyAnswers.day >= first,
            DailyAnswers.day <= last,
            DailyAnswers.operation.in_(operations),
            DailyAnswers.response_code == approved,
        )
        .group_by(DailyAnswers.merchant_id, DailyAnswers.branch_number)
        .order_by(amount.desc(), DailyAnswers.merchant_id, DailyAnswers.branch_number)
        .limit(limit)
    )
    return [(merchant_id, branch, int(count), int(total)) for merchant_id, branch, count, total in rows]


async def lot_totals(session: AnySession) -> list[tuple[str, int, int]]:
    """Purse, month of expiry and amount, of all holders together."""
    rows = await session.execute(
        select(LotTotal.purse, LotTotal.expires_month, func.sum(LotTotal.amount))
        .group_by(LotTotal.purse, LotTotal.expires_month)
        .order_by(LotTotal.purse, LotTotal.expires_month)
    )
    return [(purse, month, int(amount)) for purse, month, amount in rows]


async def latest_events(session: AnySession, event_type: str, limit: int) -> list[Event]:
    """The latest events of one type, the latest first."""
    rows = await session.scalars(
        select(Event)
        .where(Event.type == event_type, Event.sequence > UNPUBLISHED)
        .order_by(Event.sequence.desc())
        .limit(limit)
    )
    return list(rows)
