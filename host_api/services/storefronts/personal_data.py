"""What storefronts hold of a member, as buyer and as seller, for export and erasing."""

from collections.abc import Sequence

from pydantic import JsonValue
from sqlalchemy import exists, or_, select

from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.run_table import JsonObject
from host_api.core.personal_data import Hindrance, PersonalData
from host_api.core.programmes import InProgramme
from host_api.services.sellers.logic import ids_of_member
from host_api.services.storefronts.fronts.models import CONTACT, Storefront
from host_api.services.storefronts.fronts.states import ShowState
from host_api.services.storefronts.orders.models import DELIVERY, StorefrontOrder
from host_api.services.storefronts.orders.states import OPEN

_ERASED = "حذف‌شده"
_MOST = 10_000


async def _export(session: AnySession, cipher: FieldCipher, member_id: int) -> JsonObject:
    orders = await session.scalars(
        select(StorefrontOrder)
        .where(StorefrontOrder.member_id == member_id)
        .order_by(StorefrontOrder.id.desc())
        .limit(_MOST)
    )
    bought: list[JsonValue] = [
        {
            "id": order.id,
            "good_id": order.good_id,
            "quantity": order.quantity,
            "total_rials": order.total_rials,
            "state": order.state,
            "delivery": DELIVERY.open(cipher, order),
            "placed_at": order.placed_at.isoformat(),
        }
        for order in orders
    ]
    opened: list[JsonValue] = [
        {
            "id": front.id,
            "name": front.name,
            "description": front.description,
            "contact": CONTACT.open(cipher, front),
            "state": front.state,
        }
        for front in await _fronts_of(session, member_id)
    ]
    return {**({"orders": bought} if bought else {}), **({"storefronts": opened} if opened else {})}


async def _erase(session: WriteSession, _cipher: FieldCipher, member_id: int) -> Sequence[InProgramme]:
    """Addresses go, and own storefronts are closed without their texts; what was bought stays by number."""
    found = await session.scalars(
        select(StorefrontOrder).where(
            StorefrontOrder.member_id == member_id, StorefrontOrder.delivery_sealed.is_not(None)
        )
    )
    orders = list(found)
    for order in orders:
        order.delivery_sealed = None
    own = await _fronts_of(session, member_id)
    for front in own:
        front.name, front.description, front.contact_sealed = _ERASED, "", None
        front.state = ShowState.CLOSED.value
    return [*orders, *own]


async def _texts(session: AnySession, cipher: FieldCipher, member_id: int) -> list[str]:
    found = await session.scalars(
        select(StorefrontOrder).where(
            StorefrontOrder.member_id == member_id, StorefrontOrder.delivery_sealed.is_not(None)
        )
    )
    opened = [
        *(DELIVERY.open(cipher, order) for order in found),
        *(CONTACT.open(cipher, front) for front in await _fronts_of(session, member_id)),
    ]
    return [text for text in opened if text]


async def _hindrances(session: AnySession, member_id: int) -> list[Hindrance]:
    is_open = exists().where(
        or_(
            StorefrontOrder.member_id == member_id,
            StorefrontOrder.seller_id.in_(ids_of_member(member_id)),
        ),
        StorefrontOrder.state.in_([state.value for state in OPEN]),
    )
    if not await session.scalar(select(is_open)):
        return []
    return [
        Hindrance(
            "storefront-orders-open",
            "Orders at a storefront are not over yet",
            "سفارش‌هایی در ویترین فروشندگان هنوز به پایان نرسیده است.",
        )
    ]


async def _fronts_of(session: AnySession, member_id: int) -> list[Storefront]:
    found = await session.scalars(
        select(Storefront).where(Storefront.seller_id.in_(ids_of_member(member_id))).order_by(Storefront.id)
    )
    return list(found)


PERSONAL_DATA = PersonalData(
    name="storefronts",
    title="Storefronts and orders there",
    title_fa="ویترین‌ها و سفارش‌های آن‌ها",
    kept="What the member's number bought and sold, as long as the ledger; addresses and own texts go.",
    kept_fa="خرید و فروش با شمارهٔ عضویت، تا زمان نگهداری دفتر؛ نشانی‌ها و نوشته‌های خود عضو پاک می‌شوند.",
    export=_export,
    erase=_erase,
    texts=_texts,
    hindrances=_hindrances,
)
