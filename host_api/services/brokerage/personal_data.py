"""What is held of a member's trades and holdings, for export and erasing."""

from pydantic import JsonValue
from sqlalchemy import delete, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.brokerage.models import PortfolioUpdate, Position, Trade

_MOST = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    trades = await session.scalars(
        select(Trade).where(Trade.member_id == member_id).order_by(Trade.id.desc()).limit(_MOST)
    )
    positions = await session.scalars(
        select(Position).where(Position.member_id == member_id).order_by(Position.id).limit(_MOST)
    )
    parts: dict[str, list[JsonValue]] = {
        "trades": [
            {
                "source": row.source,
                "reference": row.reference,
                "symbol": row.symbol,
                "asset_type": row.asset_type,
                "side": row.side,
                "traded_at": row.traded_at.isoformat(),
                "quantity": row.quantity,
                "turnover_rials": row.turnover_rials,
                "commission_rials": row.commission_rials,
                "is_cancelled": row.is_cancelled,
            }
            for row in trades
        ],
        "positions": [
            {
                "source": row.source,
                "symbol": row.symbol,
                "as_of": row.as_of.isoformat(),
                "quantity": row.quantity,
                "value_rials": row.value_rials,
            }
            for row in positions
        ],
    }
    return {name: listed for name, listed in parts.items() if listed}


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> list[InProgramme]:
    for table in (Position, PortfolioUpdate):
        await session.execute(
            delete(table).where(table.member_id == member_id).execution_options(synchronize_session=False)
        )
    return []


PERSONAL_DATA = PersonalData(
    name="brokerage",
    title="Trades and portfolios",
    title_fa="معاملات و پرتفوی",
    kept="Trades by member number, by which points were earned, as long as the ledger.",
    kept_fa="معاملات با شمارهٔ عضویت، که امتیاز بر پایهٔ آن‌ها داده شده، تا زمانی که دفتر نگه داشته می‌شود.",
    export=_export,
    erase=_erase,
)
