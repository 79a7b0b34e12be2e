"""The table of orders at storefronts."""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import SealedBytes, SealedField
from host_api.core.programmes import InProgramme, within_programme
from host_api.core.tables import Base, Identifier, Instant, Whole


class StorefrontOrder(InProgramme, Base):
    """Some of one kind of goods, with the terms of its moment; `deadline_at` is when its state ends by
    itself. To whom it goes is sealed."""

    __tablename__ = "storefront_orders"
    __table_args__ = (
        within_programme("member_id", "members"),
        Index("ix_storefront_orders_programme_id_id", "programme_id", "id"),
        Index("ix_storefront_orders_programme_id_state_deadline_at", "programme_id", "state", "deadline_at"),
        Index("ix_storefront_orders_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_storefront_orders_programme_id_seller_id_id", "programme_id", "seller_id", "id"),
        Index(
            "ix_storefront_orders_programme_id_interest_member_id", "programme_id", "interest", "member_id"
        ),
        Index("ix_storefront_orders_programme_id_good_id", "programme_id", "good_id"),
        Index("ix_storefront_orders_programme_id_privilege_id", "programme_id", "privilege_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    seller_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("sellers.id"))
    storefront_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("storefronts.id"))
    good_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("storefront_goods.id"))
    privilege_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("storefront_privileges.id"))
    member_id: Mapped[int] = mapped_column(BigInteger)
    interest: Mapped[str | None] = mapped_column(String(32))
    quantity: Mapped[int] = mapped_column(Integer)
    unit_price_rials: Mapped[Whole]
    discount_rials: Mapped[Whole]
    total_rials: Mapped[Whole]
    payment: Mapped[str] = mapped_column(String(11))
    bonus_units: Mapped[Whole]
    bonus_rials: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(9))
    deadline_at: Mapped[Instant | None]
    delivery_sealed: Mapped[SealedBytes | None]
    tracking: Mapped[str | None] = mapped_column(String(40))
    ordered_by: Mapped[str] = mapped_column(String(100))
    placed_at: Mapped[Instant]
    confirmed_at: Mapped[Instant | None]
    delivered_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]


DELIVERY = SealedField("storefront_orders.delivery", StorefrontOrder.delivery_sealed)
