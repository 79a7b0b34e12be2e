"""Tables of sellers, their accounts with the club, and what moves between members and them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme, within_programme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole


class Seller(Versioned, NeedsSecondPerson, InProgramme, Base):
    """A member or a merchant who may sell, and the terms: what a point is worth, and how much may be owed."""

    __tablename__ = "sellers"
    __table_args__ = (
        within_programme("member_id", "members"),
        UniqueConstraint("programme_id", "member_id"),
        UniqueConstraint("programme_id", "merchant_key"),
        CheckConstraint("(member_id IS NULL) != (merchant_key IS NULL)", name="one_holder"),
        Index("ix_sellers_programme_id_state_id", "programme_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    member_id: Mapped[int | None] = mapped_column(BigInteger)
    merchant_key: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("merchants.id"))
    credit_limit_rials: Mapped[Whole]
    point_rials: Mapped[Whole]
    commission_bp: Mapped[int] = mapped_column(Integer)


class SellerAccount(KeyedByProgramme, Base):
    """What a seller owes the club, negative where the club owes, and what is held for what is on its way.

    Whoever changes either locks this row.
    """

    __tablename__ = "seller_accounts"
    is_audited = False

    seller_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("sellers.id"), primary_key=True, autoincrement=False
    )
    owed_rials: Mapped[Whole]
    held_rials: Mapped[Whole]


class SellerLine(InProgramme, Base):
    """One line of a seller's account; plus is what the seller owes by it."""

    __tablename__ = "seller_lines"
    __table_args__ = (
        UniqueConstraint("programme_id", "service", "reference", "kind"),
        Index("ix_seller_lines_programme_id_id", "programme_id", "id"),
        Index("ix_seller_lines_programme_id_seller_id_at", "programme_id", "seller_id", "at"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    seller_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("sellers.id"))
    kind: Mapped[str] = mapped_column(String(15))
    service: Mapped[str] = mapped_column(String(32))
    reference: Mapped[str] = mapped_column(String(64))
    rials: Mapped[Whole]
    owed_after_rials: Mapped[Whole]
    at: Mapped[Instant]


class SellerMovement(InProgramme, Base):
    """Units that a member's purse gives for what a seller sells, or gets at a seller's cost.

    `returned_units` is what of them goes back, or went; `attempt` counts the requests to the switch.
    """

    __tablename__ = "seller_movements"
    __table_args__ = (
        within_programme("member_id", "members"),
        UniqueConstraint("programme_id", "service", "reference"),
        Index("ix_seller_movements_programme_id_id", "programme_id", "id"),
        Index("ix_seller_movements_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_seller_movements_programme_id_member_id_id", "programme_id", "member_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    seller_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("sellers.id"))
    member_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(7))
    service: Mapped[str] = mapped_column(String(32))
    reference: Mapped[str] = mapped_column(String(64))
    purse: Mapped[int] = mapped_column(Integer)
    units: Mapped[Whole]
    rials: Mapped[Whole]
    commission_rials: Mapped[Whole]
    is_booked: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(10))
    attempt: Mapped[int] = mapped_column(Integer)
    returned_units: Mapped[Whole]
    asked_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    return_rrn: Mapped[str | None] = mapped_column(String(12))


class SellerSettlement(NeedsSecondPerson, InProgramme, Base):
    """That a seller has paid the club, or the club a seller, as one person says and another confirms."""

    __tablename__ = "seller_settlements"
    __table_args__ = (
        Index("ix_seller_settlements_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_seller_settlements_programme_id_seller_id_id", "programme_id", "seller_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    seller_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("sellers.id"))
    rials: Mapped[Whole]
    bank_reference: Mapped[str] = mapped_column(String(40))
