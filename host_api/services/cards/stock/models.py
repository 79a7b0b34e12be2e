"""Tables of orders of cards, of cards on their way to branches, and of counts."""

from datetime import date

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class CardOrder(InProgramme, Base):
    """So many cards of a product; `made` of them have a number, `received` of them are in stock."""

    __tablename__ = "card_orders"
    __table_args__ = (
        Index("ix_card_orders_programme_id_product_id_id", "programme_id", "product_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("card_products.id"))
    branch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("branches.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    unit_cost: Mapped[Whole]
    note: Mapped[str | None] = mapped_column(String(200))
    expires_on: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(9))
    made: Mapped[int] = mapped_column(Integer)
    received: Mapped[int] = mapped_column(Integer)
    job_run_id: Mapped[Whole | None]
    created_at: Mapped[Instant]


class CardAllotment(InProgramme, Base):
    """Cards that went from one stock to another; None is the club's own."""

    __tablename__ = "card_allotments"
    __table_args__ = (
        Index("ix_card_allotments_programme_id_product_id_id", "programme_id", "product_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("card_products.id"))
    from_branch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("branches.id"))
    to_branch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("branches.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    first_card_id: Mapped[Whole]
    last_card_id: Mapped[Whole]
    at: Mapped[Instant]


class CardCount(InProgramme, Base):
    """Cards of a product that were counted at a place, against those that should be there."""

    __tablename__ = "card_counts"
    __table_args__ = (
        Index("ix_card_counts_programme_id_product_id_id", "programme_id", "product_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("card_products.id"))
    branch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("branches.id"))
    expected: Mapped[int] = mapped_column(Integer)
    counted: Mapped[int] = mapped_column(Integer)
    missing: Mapped[list[int]] = mapped_column(JSON)
    misplaced: Mapped[list[int]] = mapped_column(JSON)
    unknown: Mapped[int] = mapped_column(Integer)
    at: Mapped[Instant]
    counted_by: Mapped[str] = mapped_column(String(100))
    settled_at: Mapped[Instant | None]
