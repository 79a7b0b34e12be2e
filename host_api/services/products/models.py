"""Tables of products."""

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.policy_versions import PolicyVersion
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class ProductGroup(Versioned, InProgramme, Base):
    """A node of a merchant's tree of groups."""

    __tablename__ = "product_groups"
    __table_args__ = (
        UniqueConstraint("programme_id", "merchant", "code"),
        Index("ix_product_groups_programme_id_parent_id", "programme_id", "parent_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    merchant: Mapped[Whole] = mapped_column(ForeignKey("merchants.id"))
    parent_id: Mapped[Whole | None] = mapped_column(ForeignKey("product_groups.id"))
    code: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))


class Product(Versioned, InProgramme, Base):
    """Something that a merchant sells. A price is for `price_quantity` of its unit."""

    __tablename__ = "products"
    __table_args__ = (
        UniqueConstraint("programme_id", "merchant", "code"),
        UniqueConstraint("programme_id", "merchant", "barcode"),
        Index("ix_products_programme_id_group_id_id", "programme_id", "group_id", "id"),
        Index("ix_products_programme_id_merchant_id", "programme_id", "merchant", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    merchant: Mapped[Whole] = mapped_column(ForeignKey("merchants.id"))
    group_id: Mapped[Whole] = mapped_column(ForeignKey("product_groups.id"))
    code: Mapped[str] = mapped_column(String(32))
    barcode: Mapped[str | None] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    tag: Mapped[str | None] = mapped_column(String(30))
    unit: Mapped[str] = mapped_column(String(10))
    price_quantity: Mapped[int] = mapped_column(Integer)
    tax_rate: Mapped[int] = mapped_column(Integer)
    is_open: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[Instant]


class ProductPrice(PolicyVersion, InProgramme, Base):
    """A price from an instant on; none is changed or deleted, so that they are the history too."""

    __tablename__ = "product_prices"
    __table_args__ = (
        Index(
            "ix_product_prices_programme_id_product_id_valid_from", "programme_id", "product_id", "valid_from"
        ),
        {"sqlite_autoincrement": True},
    )

    product_id: Mapped[Whole] = mapped_column(ForeignKey("products.id"))
    price: Mapped[Whole]
