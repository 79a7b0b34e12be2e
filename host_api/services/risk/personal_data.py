"""What risk holds of a member, for export and erasing."""

from pydantic import JsonValue
from sqlalchemy import select, update

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.risk.alerts.models import RiskAlert, RiskMiss
from host_api.services.risk.ratings.logic import forget
from host_api.services.risk.ratings.models import RiskRating
from host_api.services.risk.trades.models import RiskTrade

_MOST = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    rating: RiskRating | None = await session.scalar(
        select(RiskRating).where(RiskRating.member_id == member_id)
    )
    alerts: list[JsonValue] = [
        {"id": row.id, "state": row.state, "value": row.value, "first_at": row.first_at.isoformat()}
        for row in await session.scalars(
            select(RiskAlert)
            .where(RiskAlert.member_id == member_id)
            .order_by(RiskAlert.id.desc())
            .limit(_MOST)
        )
    ]
    trades: list[JsonValue] = [
        {"symbol": row.symbol, "side": row.side, "amount": row.amount, "at": row.at.isoformat()}
        for row in await session.scalars(
            select(RiskTrade)
            .where(RiskTrade.member_id == member_id)
            .order_by(RiskTrade.id.desc())
            .limit(_MOST)
        )
    ]
    parts: JsonObject = {"alerts": alerts, "trades": trades}
    if rating is not None:
        parts["rating"] = {
            "score": rating.score,
            "class": rating.risk_class,
            "reasons": [[*reason] for reason in rating.reasons],
        }
    return {name: part for name, part in parts.items() if part}


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    await forget(session, [member_id])
    await session.execute(
        update(RiskAlert)
        .where(RiskAlert.member_id == member_id)
        .values(note=None)
        .execution_options(synchronize_session=False)
    )
    misses = list(await session.scalars(select(RiskMiss).where(RiskMiss.member_id == member_id)))
    for miss in misses:
        miss.note = None
    return [*misses]


PERSONAL_DATA = PersonalData(
    name="risk",
    title="Risk",
    title_fa="ریسک",
    kept="Alerts and trades by member number, as long as the ledger. Rating and notes go.",
    kept_fa="هشدارها و معاملات با شمارهٔ عضویت، تا زمانی که دفتر نگه داشته می‌شود. رده و یادداشت‌ها پاک می‌شود.",
    export=_export,
    erase=_erase,
)
