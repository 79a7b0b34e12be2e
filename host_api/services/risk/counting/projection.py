"""The projection's part that counts what the journal tells, and raises alerts, each once."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from host_api.core.database import WriteSession
from host_api.services.risk.counting.counting import count_sights, forget_counters
from host_api.services.risk.counting.measures import OF_TRADES
from host_api.services.risk.counting.models import RiskCounter, RiskMark
from host_api.services.risk.counting.sights_of_feed import sights_of
from host_api.services.risk.limits.in_force import limits_in_force, rule_of
from host_api.services.risk.limits.models import RiskLimit
from protocol.feed import Event, TransactionEvent


class RiskCounting:
    """Counters by limit and subject, from the feed alone; alerts are no part of the tables that it rebuilds.

    Emptying the counters leaves the mark up to which alerts were raised: what is then read again moves the
    counters, and raises none.
    """

    async def apply(self, session: WriteSession, events: Sequence[Event]) -> None:
        """Count the transactions among `events`."""
        told = await _advance_mark(session, events[-1].position)
        limits = {limit.id: limit for limit in await limits_in_force(session, of_trades=False)}
        transactions = [event for event in events if isinstance(event, TransactionEvent)]
        if not limits or not transactions:
            return
        rules = [rule_of(limit) for limit in limits.values()]
        before = [event for event in transactions if event.position <= told]
        after = transactions[len(before) :]
        for some, is_told in ((before, True), (after, False)):
            if some:
                sights = await sights_of(session, some, rules)
                await count_sights(session, limits, rules, sights, is_told=is_told)
        await forget_counters(session, limits, transactions[0].at_ms)

    async def clear(self, session: WriteSession) -> None:
        """Empty the counters of what the feed tells."""
        of_trades = select(RiskLimit.id).where(RiskLimit.measure.in_([each.value for each in OF_TRADES]))
        await session.execute(
            delete(RiskCounter)
            .where(RiskCounter.limit_id.not_in(of_trades))
            .execution_options(synchronize_session=False)
        )


async def _advance_mark(session: WriteSession, position: int) -> int:
    """Move the mark up to `position`, never back; where it stood before."""
    mark: RiskMark | None = await session.scalar(select(RiskMark))
    if mark is None:
        session.add(RiskMark(position=position))
        return 0
    before, mark.position = mark.position, max(mark.position, position)
    return before
