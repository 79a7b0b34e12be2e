"""The purchases and events that an achievement counts."""

from collections.abc import Mapping, Sequence

from host_api.core.database import AnySession
from host_api.core.tehran_time import UtcPeriod
from host_api.services.achievements.measuring import Fact
from host_api.services.achievements.models import Achievement
from host_api.services.achievements.schemas import PURCHASE
from host_api.services.earning_events.telling import logic as earning_events
from host_api.services.transactions.purchase_facts import PurchaseFact, purchase_facts


async def facts_of(
    session: AnySession, achievement: Achievement, member_ids: Sequence[int], period: UtcPeriod
) -> Mapping[int, list[Fact]]:
    """The facts of some hundreds of members in a period, in the order of their times."""
    found: dict[int, list[Fact]] = {}
    if achievement.counted == PURCHASE:
        for purchase in await purchase_facts(session, member_ids, period):
            if purchase.net_amount >= achievement.least_amount and _is_there(achievement, purchase):
                fact = Fact(purchase.at, purchase.net_amount, _place(achievement, purchase))
                found.setdefault(purchase.member_id, []).append(fact)
        for facts in found.values():
            facts.sort(key=lambda fact: fact.at)  # what was stored while a link was down comes late
        return found
    for event in await earning_events.earned_by(session, achievement.counted, member_ids, period):
        of = str(event.attributes.get(achievement.distinct_by or "", ""))
        if event.amount >= achievement.least_amount and (of or achievement.distinct_by is None):
            found.setdefault(event.member_id, []).append(Fact(event.occurred_at, event.amount, of))
    return found


def _is_there(achievement: Achievement, purchase: PurchaseFact) -> bool:
    return not achievement.merchant_ids or purchase.merchant_id in achievement.merchant_ids


def _place(achievement: Achievement, purchase: PurchaseFact) -> str:
    match achievement.distinct_by:
        case "merchant":
            return purchase.merchant_id
        case "branch":
            return f"{purchase.merchant_id}/{purchase.branch_number}"
        case _:
            return ""
