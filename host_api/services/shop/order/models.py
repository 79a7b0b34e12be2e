"""Tables of the shop's orders."""

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import SealedBytes, SealedField
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class ShopOrder(InProgramme, Base):
    """What a member has ordered at once. `delivery` is to whom it is sent, sealed."""

    __tablename__ = "shop_orders"
    __table_args__ = (
        Index("ix_shop_orders_programme_id_id", "programme_id", "id"),
        Index("ix_shop_orders_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_shop_orders_programme_id_member_id_id", "programme_id", "member_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    member_id: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(8))
    delivery_sealed: Mapped[SealedBytes | None]
    ordered_by: Mapped[str] = mapped_column(String(100))
    ordered_at: Mapped[Instant]
    decided_at: Mapped[Instant | None]


class ShopOrderLine(InProgramme, Base):
    """Some of one item, paid by a debit of its own.

    `returned` counts what is no longer the member's; `rrn` is of the debit. Supplier, cost and charity are
    the item's when it was ordered.
    """

    __tablename__ = "shop_order_lines"
    __table_args__ = (
        Index("ix_shop_order_lines_programme_id_id", "programme_id", "id"),
        Index("ix_shop_order_lines_programme_id_order_id_id", "programme_id", "order_id", "id"),
        Index("ix_shop_order_lines_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_shop_order_lines_programme_id_member_id_item_id", "programme_id", "member_id", "item_id"),
        Index("ix_shop_order_lines_programme_id_item_id_id", "programme_id", "item_id", "id"),
        Index("ix_shop_order_lines_programme_id_accepted_at", "programme_id", "accepted_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    order_id: Mapped[Whole] = mapped_column(ForeignKey("shop_orders.id"))
    item_id: Mapped[Whole] = mapped_column(ForeignKey("shop_items.id"))
    slot_id: Mapped[Whole | None] = mapped_column(ForeignKey("shop_slots.id"))
    member_id: Mapped[Whole]
    kind: Mapped[str] = mapped_column(String(11))
    quantity: Mapped[int] = mapped_column(Integer)
    unit_price: Mapped[Whole]
    purse: Mapped[int] = mapped_column(Integer)
    supplier: Mapped[str | None] = mapped_column(String(60))
    cost: Mapped[Whole]
    charity: Mapped[str | None] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(9))
    returned: Mapped[int] = mapped_column(Integer)
    return_days: Mapped[int] = mapped_column(Integer)
    tracking: Mapped[str | None] = mapped_column(String(40))
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    ordered_at: Mapped[Instant]
    accepted_at: Mapped[Instant | None]
    delivered_at: Mapped[Instant | None]


class ShopGivingBack(InProgramme, Base):
    """Units of a line that go back to the member. `attempt` counts the requests to the switch."""

    __tablename__ = "shop_givings_back"
    __table_args__ = (
        Index("ix_shop_givings_back_programme_id_id", "programme_id", "id"),
        Index("ix_shop_givings_back_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_shop_givings_back_programme_id_line_id", "programme_id", "line_id"),
        Index("ix_shop_givings_back_programme_id_asked_at", "programme_id", "asked_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    line_id: Mapped[Whole] = mapped_column(ForeignKey("shop_order_lines.id"))
    member_id: Mapped[Whole]
    cause: Mapped[str] = mapped_column(String(12))
    quantity: Mapped[int] = mapped_column(Integer)
    units: Mapped[Whole]
    is_restocked: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(8))
    attempt: Mapped[int] = mapped_column(Integer)
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    asked_by: Mapped[str] = mapped_column(String(100))
    asked_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]


DELIVERY = SealedField("shop_orders.delivery", ShopOrder.delivery_sealed)
