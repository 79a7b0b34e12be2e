"""Tables of trading credit."""

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.policy_versions import PolicyVersion
from host_api.core.programmes import InProgramme, within_programme
from host_api.core.tables import Base, Identifier, Instant, Whole


class TradingCreditPolicy(PolicyVersion, InProgramme, Base):
    """One version of who may buy how much credit, at which rate."""

    __tablename__ = "trading_credit_policies"
    __table_args__ = (
        Index("ix_trading_credit_policies_programme_id_valid_from_id", "programme_id", "valid_from", "id"),
        {"sqlite_autoincrement": True},
    )

    is_open: Mapped[bool] = mapped_column(Boolean)
    purse: Mapped[int] = mapped_column(Integer)
    least_units: Mapped[Whole]
    most_units: Mapped[Whole]
    limits: Mapped[dict[str, int | None]] = mapped_column(JSON)
    rate_units: Mapped[Whole]
    rate_rials: Mapped[Whole]
    valid_days: Mapped[int | None] = mapped_column(Integer)
    audience: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))


class CreditLine(InProgramme, Base):
    """Credit that a member has bought; from `granted_at` on the broker counts it, until it is reversed."""

    __tablename__ = "trading_credit_lines"
    __table_args__ = (
        within_programme("member_id", "members"),
        Index("ix_trading_credit_lines_programme_id_id", "programme_id", "id"),
        Index("ix_trading_credit_lines_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_trading_credit_lines_programme_id_granted_at", "programme_id", "granted_at"),
        Index(
            "ix_trading_credit_lines_programme_id_member_id_asked_at", "programme_id", "member_id", "asked_at"
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    member_id: Mapped[int] = mapped_column(BigInteger)
    policy_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("trading_credit_policies.id"))
    purse: Mapped[int] = mapped_column(Integer)
    units: Mapped[Whole]
    rials: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(10))
    asked_by_name: Mapped[str] = mapped_column(String(100))
    asked_at: Mapped[Instant]
    response_code: Mapped[str | None] = mapped_column(String(2))
    debit_rrn: Mapped[str | None] = mapped_column(String(12))
    granted_at: Mapped[Instant | None]
    valid_until: Mapped[Instant | None]
    reversed_at: Mapped[Instant | None]
    reversed_by: Mapped[str | None] = mapped_column(String(100))
    reason: Mapped[str | None] = mapped_column(String(200))
    return_attempts: Mapped[int] = mapped_column(Integer)
    return_rrn: Mapped[str | None] = mapped_column(String(12))
