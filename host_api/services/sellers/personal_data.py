"""What is held of a member as a seller, and of what members' purses paid to sellers."""

from pydantic import JsonValue
from sqlalchemy import exists, or_, select

from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.services.sellers.models import Seller, SellerAccount, SellerMovement
from host_api.services.sellers.states import SellerMovementState

_OPEN = [state.value for state in SellerMovementState if state.is_open]
_MOST = 10_000


async def _export(session: AnySession, _cipher: FieldCipher, member_id: int) -> JsonObject:
    seller = await session.scalar(select(Seller).where(Seller.member_id == member_id))
    rows = await session.scalars(
        select(SellerMovement)
        .where(SellerMovement.member_id == member_id)
        .order_by(SellerMovement.id.desc())
        .limit(_MOST)
    )
    moved: list[JsonValue] = [
        {
            "id": row.id,
            "seller_id": row.seller_id,
            "kind": row.kind,
            "units": row.units,
            "state": row.state,
            "asked_at": row.asked_at.isoformat(),
        }
        for row in rows
    ]
    return {
        **({} if seller is None else {"seller": {"id": seller.id, "state": seller.state}}),
        **({"movements": moved} if moved else {}),
    }


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    is_moving = exists().where(SellerMovement.member_id == member_id, SellerMovement.state.in_(_OPEN))
    is_owing = exists().where(
        Seller.member_id == member_id,
        SellerAccount.seller_id == Seller.id,
        or_(SellerAccount.owed_rials != 0, SellerAccount.held_rials != 0),
    )
    found: list[Hindrance] = []
    if await session.scalar(select(is_moving)):
        found.append(
            Hindrance(
                "seller-movements-open",
                "Units for what a seller sells are on their way",
                "جابه‌جایی امتیازی برای خرید از فروشنده‌ای در جریان است.",
            )
        )
    if await session.scalar(select(is_owing)):
        found.append(
            Hindrance(
                "seller-account-open",
                "The member's account as a seller is not settled",
                "حساب فروشندگی این عضو تسویه نشده است.",
            )
        )
    return found


PERSONAL_DATA = PersonalData(
    name="sellers",
    title="Selling to members",
    title_fa="فروشندگی به اعضا",
    kept="The account as a seller, and units paid to sellers, by member number, as long as the ledger.",
    kept_fa="حساب فروشندگی و امتیاز پرداخته به فروشندگان با شمارهٔ عضویت، تا زمان نگهداری دفتر.",
    export=_export,
    hindrances=_hindrances,
)
