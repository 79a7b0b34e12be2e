"""Tables of the shop's catalogue."""

from pydantic import JsonValue
from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class ShopCategory(Versioned, InProgramme, Base):
    """A shelf of the shop."""

    __tablename__ = "shop_categories"
    __table_args__ = (UniqueConstraint("programme_id", "code"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    code: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    position: Mapped[int] = mapped_column(Integer)


class ShopItem(Versioned, InProgramme, Base):
    """Something to buy. `stock` is None where there is no end to it, or codes or slots are counted."""

    __tablename__ = "shop_items"
    __table_args__ = (
        Index("ix_shop_items_programme_id_id", "programme_id", "id"),
        Index("ix_shop_items_programme_id_category_id_id", "programme_id", "category_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    category_id: Mapped[Whole] = mapped_column(ForeignKey("shop_categories.id"))
    kind: Mapped[str] = mapped_column(String(11))
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    description: Mapped[str | None] = mapped_column(String(1000))
    description_fa: Mapped[str | None] = mapped_column(String(1000))
    parts: Mapped[list[JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    file_ids: Mapped[list[int]] = mapped_column(JSON)
    supplier: Mapped[str | None] = mapped_column(String(60))
    cost: Mapped[Whole]
    purse: Mapped[int] = mapped_column(Integer)
    price: Mapped[Whole]
    sale_price: Mapped[Whole | None]
    sale_starts_at: Mapped[Instant | None]
    sale_ends_at: Mapped[Instant | None]
    starts_at: Mapped[Instant | None]
    ends_at: Mapped[Instant | None]
    audience: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    stock: Mapped[Whole | None]
    limit_quantity: Mapped[int | None] = mapped_column(Integer)
    limit_days: Mapped[int | None] = mapped_column(Integer)
    return_days: Mapped[int] = mapped_column(Integer)
    release_hours: Mapped[int] = mapped_column(Integer)
    pool_id: Mapped[Whole | None]
    voucher_value: Mapped[Whole | None]
    voucher_days: Mapped[int | None] = mapped_column(Integer)
    charity: Mapped[str | None] = mapped_column(String(60))
    credit_package_id: Mapped[Whole | None]
    is_open: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[Instant]


class ShopSlot(InProgramme, Base):
    """A time of a reservation, with so many places."""

    __tablename__ = "shop_slots"
    __table_args__ = (
        Index(
            "ix_shop_slots_programme_id_item_id_starts_at_id", "programme_id", "item_id", "starts_at", "id"
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    item_id: Mapped[Whole] = mapped_column(ForeignKey("shop_items.id"))
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    capacity: Mapped[int] = mapped_column(Integer)
    booked: Mapped[int] = mapped_column(Integer)
