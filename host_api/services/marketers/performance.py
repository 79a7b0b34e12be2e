"""What a marketer's customers traded, by month."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select

from host_api.core.database import AnySession
from host_api.services.marketers import rates
from host_api.services.marketers.logic import find
from host_api.services.marketers.models import Marketer, MarketerLine, MarketerStatement
from host_api.services.marketers.months import period_of, year_and_month
from host_api.services.marketers.schemas import CustomerPerformance, MarketerPerformance
from host_api.services.members.succession import survivor_of
from host_api.services.referral_network.introductions import begun_in

_MOST_CUSTOMERS = 200


class Totals(NamedTuple):
    """Sums of lines."""

    customers: int
    new_customers: int
    trades: int
    turnover: int
    commission: int


async def totals(
    session: AnySession, marketer_id: int, month: int, *conditions: ColumnElement[bool]
) -> Totals:
    """Sums of a marketer's lines of a month; `new_customers` are those of entries."""
    row = (
        await session.execute(
            select(
                func.coalesce(func.sum(MarketerLine.new_customers), 0),
                func.coalesce(func.sum(MarketerLine.trades), 0),
                func.coalesce(func.sum(MarketerLine.turnover_rials), 0),
                func.coalesce(func.sum(MarketerLine.commission_rials), 0),
            ).where(MarketerLine.marketer_id == marketer_id, MarketerLine.month == month, *conditions)
        )
    ).one()
    trading = (
        select(MarketerLine.customer_id)
        .where(
            MarketerLine.marketer_id == marketer_id,
            MarketerLine.month == month,
            MarketerLine.customer_id.is_not(None),
            *conditions,
        )
        .group_by(MarketerLine.customer_id)
        .having(func.sum(MarketerLine.trades) > 0)
        .subquery()
    )
    customers = await session.scalar(select(func.count()).select_from(trading))
    return Totals(customers or 0, *(int(value) for value in row))


async def new_customers(session: AnySession, marketer: Marketer, month: int) -> int:
    """How many branches have begun in a month."""
    return await begun_in(session, await survivor_of(session, marketer.member_id), period_of(month))


async def read(session: AnySession, marketer_id: int, month: int) -> MarketerPerformance:
    """How a month stands by what is known now, whether or not it is closed.

    Raises:
        MarketerNotFound
    """
    marketer = await find(session, marketer_id)
    found = await totals(session, marketer_id, month)
    rebate = rates.rebate_by(await rates.table_of_month(session, month), found.turnover, found.commission)
    year, month_of_year = year_and_month(month)
    return MarketerPerformance(
        marketer_id=marketer_id,
        year=year,
        month=month_of_year,
        customers=found.customers,
        new_customers=found.new_customers + await new_customers(session, marketer, month),
        trades=found.trades,
        turnover_rials=found.turnover,
        commission_rials=found.commission,
        basis_points=rebate.basis_points,
        rebate_rials=rebate.rials,
        statement_id=await session.scalar(
            select(MarketerStatement.id).where(
                MarketerStatement.marketer_id == marketer_id, MarketerStatement.month == month
            )
        ),
    )


async def rank_customers(session: AnySession, marketer_id: int, month: int) -> list[CustomerPerformance]:
    """The customers with the highest commission in a month; of equals the lower number first.

    Raises:
        MarketerNotFound
    """
    await find(session, marketer_id)
    commission = func.sum(MarketerLine.commission_rials)
    rows = await session.execute(
        select(
            MarketerLine.customer_id,
            func.sum(MarketerLine.trades),
            func.sum(MarketerLine.turnover_rials),
            commission,
        )
        .where(
            MarketerLine.marketer_id == marketer_id,
            MarketerLine.month == month,
            MarketerLine.customer_id.is_not(None),
        )
        .group_by(MarketerLine.customer_id)
        .having(func.sum(MarketerLine.trades) > 0)
        .order_by(commission.desc(), MarketerLine.customer_id)
        .limit(_MOST_CUSTOMERS)
    )
    return [
        CustomerPerformance(
            customer_id=customer_id or 0,
            trades=int(trades),
            turnover_rials=int(turnover),
            commission_rials=int(rials),
        )
        for customer_id, trades, turnover, rials in rows
    ]
