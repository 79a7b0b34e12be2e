"""Tables of the credit conversions service."""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole


class ConversionRate(NeedsSecondPerson, InProgramme, Base):
    """What a purse is worth from an instant on: `give` rials for every `per` units, until the next rate.

    Rows never change once they are approved: a conversion names the one that it was made by. 0 rials end it.
    """

    __tablename__ = "conversion_rates"
    __table_args__ = (
        Index("ix_conversion_rates_programme_id_purse_id", "programme_id", "purse", "id"),
        Index("ix_conversion_rates_programme_id_state_id", "programme_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    purse: Mapped[int] = mapped_column(Integer)
    to_purse: Mapped[int] = mapped_column(Integer)
    give: Mapped[Whole]
    per: Mapped[Whole]
    units_min: Mapped[Whole]
    step: Mapped[Whole]
    starts_at: Mapped[Instant]
    reason: Mapped[str] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(String(200))


class CreditConversion(InProgramme, Base):
    """Units of a member that become rials: taken first, then given, and given back where that fails."""

    __tablename__ = "credit_conversions"
    __table_args__ = (
        Index("ix_credit_conversions_programme_id_id", "programme_id", "id"),
        Index("ix_credit_conversions_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_credit_conversions_programme_id_state_id", "programme_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    member_id: Mapped[Whole]
    rate_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("conversion_rates.id"))
    purse: Mapped[int] = mapped_column(Integer)
    to_purse: Mapped[int] = mapped_column(Integer)
    units: Mapped[Whole]
    rials: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(9))
    response_code: Mapped[str | None] = mapped_column(String(2))
    debit_rrn: Mapped[str | None] = mapped_column(String(12))
    credit_rrn: Mapped[str | None] = mapped_column(String(12))
    asked_by_name: Mapped[str] = mapped_column(String(100))
    asked_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
