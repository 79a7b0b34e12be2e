"""Tables of storefronts, goods and privileges."""

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import SealedBytes, SealedField
from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole


class Storefront(Versioned, NeedsSecondPerson, InProgramme, Base):
    """A seller's shop; `contact` is sealed."""

    __tablename__ = "storefronts"
    __table_args__ = (
        Index("ix_storefronts_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_storefronts_programme_id_seller_id", "programme_id", "seller_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    seller_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("sellers.id"))
    name: Mapped[str] = mapped_column(String(60))
    description: Mapped[str] = mapped_column(String(1000))
    contact_sealed: Mapped[SealedBytes | None]
    file_ids: Mapped[list[int]] = mapped_column(JSON)
    confirm_hours: Mapped[int] = mapped_column(Integer)
    deliver_days: Mapped[int] = mapped_column(Integer)
    return_days: Mapped[int] = mapped_column(Integer)


class StorefrontGood(Versioned, NeedsSecondPerson, InProgramme, Base):
    """Goods or a service for a price. `interest` is the club's tag that it belongs to; `search_key` holds
    name and description as searches compare them."""

    __tablename__ = "storefront_goods"
    __table_args__ = (
        Index("ix_storefront_goods_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_storefront_goods_programme_id_storefront_id_id", "programme_id", "storefront_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    storefront_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("storefronts.id"))
    kind: Mapped[str] = mapped_column(String(7))
    name: Mapped[str] = mapped_column(String(60))
    description: Mapped[str] = mapped_column(String(1000))
    interest: Mapped[str | None] = mapped_column(String(32))
    price_rials: Mapped[Whole]
    stock: Mapped[Whole | None]
    file_ids: Mapped[list[int]] = mapped_column(JSON)
    is_offered: Mapped[bool] = mapped_column(Boolean)
    search_key: Mapped[str] = mapped_column(String(1200))


class StorefrontPrivilege(Versioned, NeedsSecondPerson, InProgramme, Base):
    """What a seller grants members who buy one of its goods, or any: discount, instalments, points.

    `left` counts what can still be bought with it; None for no end.
    """

    __tablename__ = "storefront_privileges"
    __table_args__ = (
        Index("ix_storefront_privileges_programme_id_state_id", "programme_id", "state", "id"),
        Index(
            "ix_storefront_privileges_programme_id_storefront_id_id", "programme_id", "storefront_id", "id"
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    storefront_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("storefronts.id"))
    good_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("storefront_goods.id"))
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    audience: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant | None]
    discount_bp: Mapped[int] = mapped_column(Integer)
    bonus_points: Mapped[Whole]
    instalments: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    left: Mapped[Whole | None]
    most_per_member: Mapped[int | None] = mapped_column(Integer)


CONTACT = SealedField("storefronts.contact", Storefront.contact_sealed)
