"""Tables of sales, gifts and returns."""

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole
from host_api.services.store_accounts.till_documents import TillDocument


class StoreSale(TillDocument, InProgramme, Base):
    """A sale or gift. `rrn` is the transaction by which it earns; of a terminal, or of the club's own."""

    __tablename__ = "store_sales"
    __table_args__ = (
        UniqueConstraint("programme_id", "till", "reference"),
        UniqueConstraint("programme_id", "rrn"),
        Index("ix_store_sales_programme_id_branch_id_id", "programme_id", "branch_id", "id"),
        Index("ix_store_sales_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_store_sales_programme_id_points_state_id", "programme_id", "points_state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(String(4))
    merchant: Mapped[Whole] = mapped_column(ForeignKey("merchants.id"))
    branch_id: Mapped[Whole] = mapped_column(ForeignKey("branches.id"))
    member_id: Mapped[Whole | None]
    net: Mapped[Whole]
    tax: Mapped[Whole]
    payments: Mapped[list[dict[str, int | str]]] = mapped_column(JSON)
    debt: Mapped[Whole]
    sold_at: Mapped[Instant]
    registered_at: Mapped[Instant]
    by_name: Mapped[str] = mapped_column(String(100))
    points_state: Mapped[str] = mapped_column(String(8))
    rrn: Mapped[str | None] = mapped_column(String(12))
    request_id: Mapped[Whole | None]
    response_code: Mapped[str | None] = mapped_column(String(2))
    points: Mapped[Whole | None]
    club_discount: Mapped[Whole | None]
    has_basket: Mapped[bool] = mapped_column(Boolean)


class StoreSaleLine(InProgramme, Base):
    """A product of a sale. `net` and `tax` are of all of it, `returned` of it came back."""

    __tablename__ = "store_sale_lines"
    __table_args__ = (UniqueConstraint("sale_id", "number"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    sale_id: Mapped[Whole] = mapped_column(ForeignKey("store_sales.id"))
    number: Mapped[int] = mapped_column(Integer)
    product_id: Mapped[Whole] = mapped_column(ForeignKey("products.id"))
    quantity: Mapped[Whole]
    returned: Mapped[Whole]
    unit_price: Mapped[Whole]
    discount: Mapped[Whole]
    net: Mapped[Whole]
    tax: Mapped[Whole]


class StoreReturn(TillDocument, InProgramme, Base):
    """Goods of a sale that came back; `rrn` is the terminal's own return of it."""

    __tablename__ = "store_returns"
    __table_args__ = (
        UniqueConstraint("programme_id", "till", "reference"),
        UniqueConstraint("programme_id", "rrn"),
        Index("ix_store_returns_programme_id_sale_id_id", "programme_id", "sale_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    sale_id: Mapped[Whole] = mapped_column(ForeignKey("store_sales.id"))
    net: Mapped[Whole]
    tax: Mapped[Whole]
    refunds: Mapped[list[dict[str, int | str]]] = mapped_column(JSON)
    debt: Mapped[Whole]
    reason: Mapped[str | None] = mapped_column(String(200))
    returned_at: Mapped[Instant]
    registered_at: Mapped[Instant]
    by_name: Mapped[str] = mapped_column(String(100))
    transaction_request_id: Mapped[Whole | None]
    rrn: Mapped[str | None] = mapped_column(String(12))


class StoreReturnLine(InProgramme, Base):
    """What of a sale's line came back."""

    __tablename__ = "store_return_lines"
    __table_args__ = (UniqueConstraint("return_id", "number"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    return_id: Mapped[Whole] = mapped_column(ForeignKey("store_returns.id"))
    number: Mapped[int] = mapped_column(Integer)
    quantity: Mapped[Whole]
    net: Mapped[Whole]
    tax: Mapped[Whole]
