"""What sales hold of a member, for export and erasing."""

from collections.abc import Sequence

from pydantic import JsonValue
from sqlalchemy import exists, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.sales import reading
from host_api.services.sales.models import StoreReturn, StoreSale
from host_api.services.sales.schemas import SalePointsState

_MOST = 10_000
_AT_ONCE = 200
_OPEN = (SalePointsState.SENT.value, SalePointsState.DOUBTFUL.value)


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    found = await session.scalars(
        select(StoreSale).where(StoreSale.member_id == member_id).order_by(StoreSale.id.desc()).limit(_MOST)
    )
    sales = list(found)
    listed: list[JsonValue] = []
    for at in range(0, len(sales), _AT_ONCE):
        for sale in await reading.shown_sales(session, sales[at : at + _AT_ONCE]):
            listed.append(sale.model_dump(mode="json", exclude={"by_name"}))
    return {"sales": listed} if listed else {}


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> Sequence[InProgramme]:
    found = await session.scalars(
        select(StoreReturn)
        .join(StoreSale, StoreSale.id == StoreReturn.sale_id)
        .where(StoreSale.member_id == member_id, StoreReturn.reason.is_not(None))
    )
    returns = list(found)
    for row in returns:
        row.reason = None
    return returns


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    undecided = exists().where(StoreSale.member_id == member_id, StoreSale.points_state.in_(_OPEN))
    if not await session.scalar(select(undecided)):
        return []
    return [
        Hindrance(
            "store-sales-open",
            "Points of a merchant's sale are not decided yet",
            "امتیاز فروشی از پذیرندگان هنوز معلوم نیست.",
        )
    ]


PERSONAL_DATA = PersonalData(
    name="store_sales",
    title="Purchases at merchants",
    title_fa="خریدها از پذیرندگان",
    kept="What the member's number bought, as long as the ledger; reasons of returns go.",
    kept_fa="آنچه با شمارهٔ عضو خریده شده تا زمانی که دفتر نگه داشته می‌شود؛ دلیل مرجوعی پاک می‌شود.",
    export=_export,
    erase=_erase,
    hindrances=_hindrances,
)
