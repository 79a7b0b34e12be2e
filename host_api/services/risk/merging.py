"""What becomes of alerts, trades and the rating of a member who is merged into another."""

from sqlalchemy import update

from host_api.core.database import WriteSession
from host_api.services.risk.alerts.models import RiskAlert, RiskMiss
from host_api.services.risk.ratings.logic import forget
from host_api.services.risk.trades.models import RiskTrade


async def absorb(session: WriteSession, from_member_id: int, to_member_id: int) -> None:
    """Have the other answer for what the merged record did; both are rated the next night, by that."""
    for table in (RiskAlert, RiskMiss, RiskTrade):
        await session.execute(
            update(table)
            .where(table.member_id == from_member_id)
            .values(member_id=to_member_id)
            .execution_options(synchronize_session=False)
        )
    await forget(session, [from_member_id])
