"""Tables of operators and shifts."""

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import SealedField
from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class Operator(Versioned, InProgramme, Base):
    """Somebody who works at a merchant's terminals; `branches` is None for all of the merchant's.

    Of the PIN there is only what a terminal compares with, and that sealed.
    """

    __tablename__ = "operators"
    __table_args__ = (
        UniqueConstraint("merchant_key", "code"),
        Index("ix_operators_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    merchant_key: Mapped[int] = mapped_column(BigInteger, ForeignKey("merchants.id"))
    code: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(6))
    branches: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    expires_at: Mapped[Instant | None]
    pin_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info={"secret": True})
    pin_set_at: Mapped[Instant]
    created_at: Mapped[Instant]


PIN_CHECK = SealedField("operators.pin", Operator.pin_sealed)


class Shift(Versioned, InProgramme, Base):
    """An operator's time at a till; `closed_at` is None as long as it goes on."""

    __tablename__ = "shifts"
    __table_args__ = (
        Index("ix_shifts_programme_id_id", "programme_id", "id"),
        Index("ix_shifts_operator_id_opened_at", "operator_id", "opened_at"),
        Index("ix_shifts_programme_id_terminal_id_opened_at", "programme_id", "terminal_id", "opened_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    operator_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("operators.id"))
    branch_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("branches.id"))
    terminal_id: Mapped[str | None] = mapped_column(String(8))
    opened_at: Mapped[Instant]
    opened_by: Mapped[str] = mapped_column(String(100))
    opening_cash: Mapped[Whole]
    closed_at: Mapped[Instant | None]
    closed_by: Mapped[str | None] = mapped_column(String(100))
    closing_cash: Mapped[Whole | None]
    note: Mapped[str | None] = mapped_column(String(200))
