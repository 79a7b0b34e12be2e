"""Tables of spending at partners."""

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, within_programme
from host_api.core.tables import Base, Identifier, Instant, Whole


class Partner(Versioned, InProgramme, Base):
    """A company that takes points, and its contract; what was spent keeps the terms of its moment."""

    __tablename__ = "partners"
    __table_args__ = (
        UniqueConstraint("programme_id", "code"),
        UniqueConstraint("api_key_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    code: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(60))
    status: Mapped[str] = mapped_column(String(9))
    api_key_id: Mapped[str | None] = mapped_column(String(8))
    valid_from: Mapped[Instant]
    valid_until: Mapped[Instant | None]
    purse: Mapped[int] = mapped_column(Integer)
    proofs: Mapped[list[str]] = mapped_column(JSON)
    least_units: Mapped[Whole]
    most_units: Mapped[Whole]
    limits: Mapped[dict[str, int | None]] = mapped_column(JSON)
    rate_units: Mapped[Whole]
    rate_rials: Mapped[Whole]
    commission_basis_points: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[Instant]


class PartnerSpending(InProgramme, Base):
    """One spending of a member at a partner, known by the partner's own reference."""

    __tablename__ = "partner_spendings"
    __table_args__ = (
        within_programme("member_id", "members"),
        UniqueConstraint("programme_id", "partner_id", "reference"),
        Index("ix_partner_spendings_programme_id_id", "programme_id", "id"),
        Index("ix_partner_spendings_programme_id_state_id", "programme_id", "state", "id"),
        Index(
            "ix_partner_spendings_programme_id_member_id_asked_at", "programme_id", "member_id", "asked_at"
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    partner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("partners.id"))
    reference: Mapped[str] = mapped_column(String(32))
    member_id: Mapped[int] = mapped_column(BigInteger)
    proof: Mapped[str] = mapped_column(String(4))
    purse: Mapped[int] = mapped_column(Integer)
    units: Mapped[Whole]
    rials: Mapped[Whole]
    commission_rials: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(10))
    is_cancel_wanted: Mapped[bool] = mapped_column(Boolean)
    asked_at: Mapped[Instant]
    request_id: Mapped[Whole | None]
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    return_attempts: Mapped[int] = mapped_column(Integer)
    return_rrn: Mapped[str | None] = mapped_column(String(12))


class PartnerMovement(InProgramme, Base):
    """One line of a partner's account, of which statements are made: a debit, or its return with a minus."""

    __tablename__ = "partner_movements"
    __table_args__ = (
        UniqueConstraint("programme_id", "spending_id", "kind"),
        Index("ix_partner_movements_programme_id_partner_id_at", "programme_id", "partner_id", "at"),
        Index("ix_partner_movements_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    partner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("partners.id"))
    spending_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("partner_spendings.id"))
    reference: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(6))
    at: Mapped[Instant]
    units: Mapped[Whole]
    rials: Mapped[Whole]
    commission_rials: Mapped[Whole]
    rrn: Mapped[str] = mapped_column(String(12))
