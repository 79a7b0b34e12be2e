"""Sums over lines of orders, for whoever is owed something."""

from sqlalchemy import distinct, func, select

from host_api.core.database import ReadSession
from host_api.services.shop.order.models import ShopGivingBack, ShopOrderLine
from host_api.services.shop.reports.schemas import (
    DonationReport,
    DonationTotal,
    ReportQuery,
    SupplierSettlementReport,
    SupplierTotal,
)


async def donations(session: ReadSession, query: ReportQuery) -> DonationReport:
    """Donations that were paid in a time, by the account that they are booked to and the purse."""
    line = ShopOrderLine
    rows = await session.execute(
        select(
            line.charity,
            line.purse,
            func.count(line.id),
            func.count(distinct(line.member_id)),
            func.sum(line.unit_price * line.quantity),
            func.sum(line.cost * line.quantity),
        )
        .where(line.charity.is_not(None), line.accepted_at >= query.since, line.accepted_at < query.until)
        .group_by(line.charity, line.purse)
        .order_by(line.charity, line.purse)
    )
    accounts = [
        DonationTotal(
            charity=charity or "",
            purse=purse,
            donations=count,
            members=members,
            units=int(units),
            cost=int(cost),
        )
        for charity, purse, count, members, units, cost in rows
    ]
    return DonationReport(since=query.since, until=query.until, accounts=accounts)


async def settlement(session: ReadSession, query: ReportQuery) -> SupplierSettlementReport:
    """What is owed to suppliers for what was sold in a time, less what came back in it."""
    line, back = ShopOrderLine, ShopGivingBack
    key = (line.supplier, line.item_id, line.cost)
    sold = await session.execute(
        select(*key, func.sum(line.quantity))
        .where(line.supplier.is_not(None), line.accepted_at >= query.since, line.accepted_at < query.until)
        .group_by(*key)
    )
    returned = await session.execute(
        select(*key, func.sum(back.quantity))
        .join(back, back.line_id == line.id)
        .where(
            line.supplier.is_not(None),
            line.accepted_at.is_not(None),
            back.asked_at >= query.since,
            back.asked_at < query.until,
        )
        .group_by(*key)
    )
    sums: dict[tuple[str, int, int], list[int]] = {}
    for place, rows in enumerate((sold, returned)):
        for supplier, item_id, cost, quantity in rows:
            sums.setdefault((supplier or "", item_id, cost), [0, 0])[place] = int(quantity)
    items = [
        SupplierTotal(
            supplier=supplier,
            item_id=item_id,
            cost=cost,
            sold=bought,
            taken_back=back_again,
            owed=cost * (bought - back_again),
        )
        for (supplier, item_id, cost), (bought, back_again) in sorted(sums.items())
    ]
    return SupplierSettlementReport(since=query.since, until=query.until, items=items)
