"""Tables of trades and of the symbols that warn."""

from sqlalchemy import JSON, BigInteger, Boolean, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class RiskySymbol(Versioned, InProgramme, Base):
    """A symbol whose buyers are warned."""

    __tablename__ = "risky_symbols"
    __table_args__ = (
        UniqueConstraint("programme_id", "symbol"),
        Index("ix_risky_symbols_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    symbol: Mapped[str] = mapped_column(String(32))
    level: Mapped[str] = mapped_column(String(6))
    text: Mapped[str] = mapped_column(String(200))
    text_fa: Mapped[str] = mapped_column(String(200))
    tells_member: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[Instant]


class RiskTrade(InProgramme, Base):
    """A trade of a member as the broker told it; `limits_passed` are those that it passed.

    `is_risky` is what it counted as, whatever becomes of the list of symbols.
    """

    __tablename__ = "risk_trades"
    __table_args__ = (
        UniqueConstraint("programme_id", "reference"),
        Index("ix_risk_trades_programme_id_id", "programme_id", "id"),
        Index("ix_risk_trades_programme_id_member_id_at", "programme_id", "member_id", "at"),
        Index("ix_risk_trades_programme_id_at", "programme_id", "at"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    reference: Mapped[str] = mapped_column(String(64))
    member_id: Mapped[int] = mapped_column(BigInteger)
    symbol: Mapped[str] = mapped_column(String(32))
    side: Mapped[str] = mapped_column(String(4))
    units: Mapped[Whole]
    amount: Mapped[Whole]
    at: Mapped[Instant]
    told_at: Mapped[Instant]
    is_risky: Mapped[bool] = mapped_column(Boolean)
    limits_passed: Mapped[list[int]] = mapped_column(JSON)
