"""Tables of stock."""

from typing import Final

from sqlalchemy import Boolean, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole

_OPEN: Final = text("state = 'open'")


class StockLevel(KeyedByProgramme, Base):
    """How much of a product a branch has: the sum of its entries."""

    __tablename__ = "stock_levels"
    is_audited = False  # the entries tell who changed it

    branch_id: Mapped[Whole] = mapped_column(ForeignKey("branches.id"), primary_key=True, autoincrement=False)
    product_id: Mapped[Whole] = mapped_column(
        ForeignKey("products.id"), primary_key=True, autoincrement=False
    )
    quantity: Mapped[Whole]


class StockEntry(InProgramme, Base):
    """A change of a level; never changed itself."""

    __tablename__ = "stock_entries"
    __table_args__ = (
        Index("ix_stock_entries_programme_id_product_id_id", "programme_id", "product_id", "id"),
        Index("ix_stock_entries_programme_id_branch_id_id", "programme_id", "branch_id", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False  # it is a record of its own

    id: Mapped[Identifier]
    branch_id: Mapped[Whole] = mapped_column(ForeignKey("branches.id"))
    product_id: Mapped[Whole] = mapped_column(ForeignKey("products.id"))
    kind: Mapped[str] = mapped_column(String(9))
    document_id: Mapped[Whole | None]
    change: Mapped[Whole]
    level_after: Mapped[Whole]
    note: Mapped[str | None] = mapped_column(String(100))
    at: Mapped[Instant]
    by_name: Mapped[str] = mapped_column(String(100))


class StockRule(Versioned, KeyedByProgramme, Base):
    """What holds for a branch; without a row, no level falls below zero."""

    __tablename__ = "stock_rules"

    branch_id: Mapped[Whole] = mapped_column(ForeignKey("branches.id"), primary_key=True, autoincrement=False)
    may_go_below_zero: Mapped[bool] = mapped_column(Boolean)


class StockCount(InProgramme, Base):
    """A stocktaking of a branch; one is open at a time."""

    __tablename__ = "stock_counts"
    __table_args__ = (
        Index("ix_stock_counts_programme_id_branch_id_id", "programme_id", "branch_id", "id"),
        Index(
            "uq_stock_counts_open",
            "programme_id",
            "branch_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    branch_id: Mapped[Whole] = mapped_column(ForeignKey("branches.id"))
    state: Mapped[str] = mapped_column(String(9))
    note: Mapped[str | None] = mapped_column(String(100))
    opened_at: Mapped[Instant]
    opened_by_name: Mapped[str] = mapped_column(String(100))
    ended_at: Mapped[Instant | None]
    ended_by_name: Mapped[str | None] = mapped_column(String(100))


class StockCountLine(InProgramme, Base):
    """What was counted of a product, beside the level at that moment."""

    __tablename__ = "stock_count_lines"
    __table_args__ = (UniqueConstraint("count_id", "product_id"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    count_id: Mapped[Whole] = mapped_column(ForeignKey("stock_counts.id"))
    product_id: Mapped[Whole] = mapped_column(ForeignKey("products.id"))
    counted: Mapped[Whole]
    expected: Mapped[Whole]
    counted_at: Mapped[Instant]
    by_name: Mapped[str] = mapped_column(String(100))
