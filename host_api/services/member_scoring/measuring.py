"""What members have done, measured by the projections of other services, some hundreds at once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.clock import from_epoch_ms
from host_api.core.database import AnySession
from host_api.core.tehran_time import UtcPeriod, period_of_days, tehran_date
from host_api.services.earning_events.telling.logic import earned_by
from host_api.services.member_scoring.content import ScoringContent, ScoringIndicatorKind
from host_api.services.member_scoring.weighing import Measured
from host_api.services.members.introductions import introduced_by_many
from host_api.services.members.selection import MEMBER_ID, MemberBrief
from host_api.services.transactions.purchase_sums import (
    Purchases,
    PurchaseTotals,
    last_purchase_ms,
    purchase_totals,
)

_REVIEW: Final = "review"
_POINTS: Final = "points"
_SUMMED: Final = frozenset(
    {
        ScoringIndicatorKind.PURCHASE_AMOUNT,
        ScoringIndicatorKind.PURCHASE_COUNT,
        ScoringIndicatorKind.AVERAGE_PURCHASE,
        ScoringIndicatorKind.EARNED_UNITS,
    }
)
_NOTHING: Final = PurchaseTotals()


async def measure(
    session: AnySession, content: ScoringContent, members: Sequence[MemberBrief], now: datetime
) -> dict[int, Measured]:
    """What each of some members, in ascending order, has done up to `now`; only what is asked for is read."""
    if not members:
        return {}
    today = tehran_date(now)
    whole_days = period_of_days(today - timedelta(days=content.days - 1), today)
    period = UtcPeriod(whole_days.start, now)
    ids = [member.id for member in members]
    kinds = {indicator.kind for indicator in content.indicators}
    totals: Mapping[int, PurchaseTotals] = {}
    if kinds & _SUMMED:
        purse = _POINTS if ScoringIndicatorKind.EARNED_UNITS in kinds else None
        totals = await purchase_totals(session, ids, period, purse=purse)
    last: dict[int, int] = {}
    if ScoringIndicatorKind.LAST_PURCHASE_DAYS in kinds:
        last = await _last_purchase_days(session, ids, now)
    referrals = await _referrals(session, ids, period) if ScoringIndicatorKind.REFERRALS in kinds else {}
    reviews: Counter[int] = Counter()
    if ScoringIndicatorKind.REVIEWS in kinds:
        reviews = Counter(event.member_id for event in await earned_by(session, _REVIEW, ids, period))
    found: dict[int, Measured] = {}
    for member in members:
        sums = totals.get(member.id, _NOTHING)
        values: dict[ScoringIndicatorKind, int | None] = {
            ScoringIndicatorKind.PURCHASE_AMOUNT: sums.amount,
            ScoringIndicatorKind.PURCHASE_COUNT: sums.count,
            ScoringIndicatorKind.AVERAGE_PURCHASE: sums.amount // sums.count if sums.count > 0 else None,
            ScoringIndicatorKind.EARNED_UNITS: sums.earned,
            ScoringIndicatorKind.REFERRALS: referrals.get(member.id, 0),
            ScoringIndicatorKind.REVIEWS: reviews[member.id],
            ScoringIndicatorKind.LAST_PURCHASE_DAYS: last.get(member.id),
            ScoringIndicatorKind.MEMBER_DAYS: (today - tehran_date(member.joined_at)).days,
        }
        found[member.id] = [values[indicator.kind] for indicator in content.indicators]
    return found


async def _last_purchase_days(session: AnySession, ids: Sequence[int], now: datetime) -> dict[int, int]:
    before = Purchases(UtcPeriod(datetime.min.replace(year=1970, tzinfo=now.tzinfo), now))
    rows = await session.execute(
        select(MEMBER_ID, last_purchase_ms(MEMBER_ID, without=0, which=before)).where(MEMBER_ID.in_(ids))
    )
    today = tehran_date(now)
    return {
        member_id: (today - tehran_date(from_epoch_ms(last_ms))).days
        for member_id, last_ms in rows
        if last_ms
    }


async def _referrals(session: AnySession, ids: Sequence[int], period: UtcPeriod) -> dict[int, int]:
    counted = introduced_by_many(period, after=ids[0] - 1, up_to=ids[-1])
    rows = await session.execute(
        select(counted.c.member_id, counted.c.introduced).where(counted.c.member_id.in_(ids))
    )
    return {member_id: int(introduced) for member_id, introduced in rows}
