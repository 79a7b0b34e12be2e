"""Tables of instalment sales."""

from datetime import date

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme, within_programme
from host_api.core.tables import Base, Identifier, Instant, Whole


class InstalmentSale(InProgramme, Base):
    """What a member pays a seller in parts. `asked_rials` are on their way from a purse.

    Whoever changes anything of it locks this row.
    """

    __tablename__ = "instalment_sales"
    __table_args__ = (
        within_programme("member_id", "members"),
        UniqueConstraint("programme_id", "service", "reference"),
        Index("ix_instalment_sales_programme_id_id", "programme_id", "id"),
        Index("ix_instalment_sales_programme_id_seller_id_id", "programme_id", "seller_id", "id"),
        Index("ix_instalment_sales_programme_id_member_id_id", "programme_id", "member_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    seller_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("sellers.id"))
    member_id: Mapped[int] = mapped_column(BigInteger)
    service: Mapped[str] = mapped_column(String(32))
    reference: Mapped[str] = mapped_column(String(64))
    price_rials: Mapped[Whole]
    charge_rials: Mapped[Whole]
    terms: Mapped[dict[str, JsonValue]] = mapped_column(JSON)
    started_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(9))
    paid_rials: Mapped[Whole]
    asked_rials: Mapped[Whole]
    opened_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]


class InstalmentPart(InProgramme, Base):
    """One part and its due day; number 0 is the down payment. `late_on`: when it was found unpaid."""

    __tablename__ = "instalment_parts"
    __table_args__ = (
        UniqueConstraint("sale_id", "number"),
        Index("ix_instalment_parts_programme_id_due_on_id", "programme_id", "due_on", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    sale_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("instalment_sales.id"))
    number: Mapped[int] = mapped_column(Integer)
    due_on: Mapped[date] = mapped_column(Date)
    price_rials: Mapped[Whole]
    charge_rials: Mapped[Whole]
    paid_rials: Mapped[Whole]
    paid_at: Mapped[Instant | None]
    late_on: Mapped[date | None] = mapped_column(Date)


class InstalmentPayment(InProgramme, Base):
    """Money or units that were paid for a sale, by the caller's own reference."""

    __tablename__ = "instalment_payments"
    __table_args__ = (
        UniqueConstraint("sale_id", "reference"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    sale_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("instalment_sales.id"))
    means: Mapped[str] = mapped_column(String(6))
    reference: Mapped[str] = mapped_column(String(40))
    rials: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(7))
    told_by: Mapped[str] = mapped_column(String(100))
    at: Mapped[Instant]
