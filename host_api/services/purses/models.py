"""Table of the purses service."""

from sqlalchemy import JSON, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class PurseConversion(InProgramme, Base):
    """Units that a member wants as those of another purse, and what the switch's rules made of it."""

    __tablename__ = "purse_conversions"
    __table_args__ = (
        Index("ix_purse_conversions_programme_id_id", "programme_id", "id"),
        Index("ix_purse_conversions_programme_id_member_id_id", "programme_id", "member_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    member_id: Mapped[Whole]
    from_purse: Mapped[int] = mapped_column(Integer)
    to_purse: Mapped[int] = mapped_column(Integer)
    units: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(8))
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    balances_after: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    asked_by_name: Mapped[str] = mapped_column(String(100))
    asked_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
