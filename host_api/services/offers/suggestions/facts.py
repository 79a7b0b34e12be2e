"""Reads what the suggester knows of some hundreds of members."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from host_api.core.database import AnySession
from host_api.core.tehran_time import period_of_days, tehran_date
from host_api.services.members.interests import logic as interests
from host_api.services.offers.suggestions.weighing import Facts, Weights
from host_api.services.transactions.member_history import Units, last_purchases, shops_of, units_of
from host_api.services.transactions.purchase_sums import PurchaseTotals, purchase_totals

POINTS = "points"
_NO_TOTALS = PurchaseTotals()
_NO_UNITS = Units(0, 0)


async def facts_of(
    session: AnySession, member_ids: Sequence[int], weights: Weights, now: datetime
) -> dict[int, Facts]:
    """What is known of each of the members."""
    today = tehran_date(now)
    period = period_of_days(today - timedelta(days=weights.history_days - 1), today)
    totals = await purchase_totals(session, member_ids, period)
    shops = await shops_of(session, member_ids, period)
    last = await last_purchases(session, member_ids)
    units = await units_of(session, member_ids, POINTS, now, now + timedelta(days=weights.ending_days))
    liked = await interests.of_members(session, member_ids)
    return {
        member_id: Facts(
            amount=totals.get(member_id, _NO_TOTALS).amount,
            count=totals.get(member_id, _NO_TOTALS).count,
            last_purchase_at=last.get(member_id),
            shops=shops.get(member_id, {}),
            units=units.get(member_id, _NO_UNITS).spendable,
            ending=units.get(member_id, _NO_UNITS).ending,
            interests=frozenset(liked.get(member_id, ())),
        )
        for member_id in member_ids
    }
