"""Tables of points to cash."""

from datetime import date

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import SealedBytes, SealedField
from host_api.core.policy_versions import PolicyVersion
from host_api.core.programmes import InProgramme, within_programme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole


class CashOutPolicy(PolicyVersion, InProgramme, Base):
    """One version of who may turn how many units into cash, at which rate."""

    __tablename__ = "cash_out_policies"
    __table_args__ = (
        Index("ix_cash_out_policies_programme_id_valid_from_id", "programme_id", "valid_from", "id"),
        {"sqlite_autoincrement": True},
    )

    is_open: Mapped[bool] = mapped_column(Boolean)
    purse: Mapped[int] = mapped_column(Integer)
    least_units: Mapped[Whole]
    most_units: Mapped[Whole]
    limits: Mapped[dict[str, int | None]] = mapped_column(JSON)
    rate_units: Mapped[Whole]
    rate_rials: Mapped[Whole]
    fee_rials: Mapped[Whole]
    fee_basis_points: Mapped[int] = mapped_column(Integer)
    approval_above_units: Mapped[Whole | None]
    audience: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    accounts: Mapped[dict[str, str]] = mapped_column(JSON)


class CashOutBatch(InProgramme, Base):
    """What was handed to the bank at once; its lines never change."""

    __tablename__ = "cash_out_batches"
    __table_args__ = (
        Index("ix_cash_out_batches_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    made_at: Mapped[Instant]
    made_by: Mapped[str] = mapped_column(String(100))
    line_count: Mapped[int] = mapped_column(Integer)
    gross_rials: Mapped[Whole]
    fee_rials: Mapped[Whole]
    net_rials: Mapped[Whole]
    paid_count: Mapped[int] = mapped_column(Integer)
    failed_count: Mapped[int] = mapped_column(Integer)
    accounts: Mapped[dict[str, str]] = mapped_column(JSON)


class CashOut(NeedsSecondPerson, InProgramme, Base):
    """A member's wish for cash, from the debit to the payment."""

    __tablename__ = "cash_outs"
    __table_args__ = (
        within_programme("member_id", "members"),
        UniqueConstraint("programme_id", "batch_id", "line"),
        Index("ix_cash_outs_programme_id_id", "programme_id", "id"),
        Index("ix_cash_outs_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_cash_outs_programme_id_member_id_asked_at", "programme_id", "member_id", "asked_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    member_id: Mapped[int] = mapped_column(BigInteger)
    policy_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("cash_out_policies.id"))
    purse: Mapped[int] = mapped_column(Integer)
    units: Mapped[Whole]
    gross_rials: Mapped[Whole]
    fee_rials: Mapped[Whole]
    net_rials: Mapped[Whole]
    needs_approval: Mapped[bool] = mapped_column(Boolean)
    note: Mapped[str | None] = mapped_column(String(200))
    sheba_sealed: Mapped[SealedBytes | None]
    response_code: Mapped[str | None] = mapped_column(String(2))
    debit_rrn: Mapped[str | None] = mapped_column(String(12))
    batch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("cash_out_batches.id"))
    line: Mapped[int | None] = mapped_column(Integer)
    paid_at: Mapped[Instant | None]
    bank_reference: Mapped[str | None] = mapped_column(String(40))
    bank_reason: Mapped[str | None] = mapped_column(String(200))
    returned_for: Mapped[str | None] = mapped_column(String(9))
    return_attempts: Mapped[int] = mapped_column(Integer)
    return_rrn: Mapped[str | None] = mapped_column(String(12))
    finished_at: Mapped[Instant | None]


class CashOutVoucher(InProgramme, Base):
    """An accounting voucher: a balanced entry about a batch, or about one answer of the bank to it."""

    __tablename__ = "cash_out_vouchers"
    __table_args__ = (
        Index("ix_cash_out_vouchers_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    batch_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("cash_out_batches.id"))
    kind: Mapped[str] = mapped_column(String(7))
    day: Mapped[date] = mapped_column(Date)
    made_at: Mapped[Instant]
    lines: Mapped[list[dict[str, JsonValue]]] = mapped_column(JSON)


SHEBA = SealedField("cash_outs.sheba", CashOut.sheba_sealed)
