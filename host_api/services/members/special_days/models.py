"""Tables of special days."""

from datetime import date

from sqlalchemy import BigInteger, Date, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import BlindIndex, SealedBytes, SealedField
from host_api.core.programmes import InProgramme, KeyedByProgramme, within_programme
from host_api.core.tables import Base, Identifier, Instant
from host_api.services.members.special_days.recurrence import recurrence


class SpecialDay(InProgramme, Base):
    """A day of a member, found again by its day of the year alone."""

    __tablename__ = "member_special_days"
    __table_args__ = (
        within_programme("member_id", "members"),
        UniqueConstraint("programme_id", "member_id", "kind"),
        Index("ix_member_special_days_programme_id_day_index_id", "programme_id", "day_index", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    member_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[Instant]
    day_sealed: Mapped[SealedBytes | None]
    day_index: Mapped[BlindIndex | None]


class SpecialDayTold(KeyedByProgramme, Base):
    """A member's day of a kind was told on a day of the calendar."""

    __tablename__ = "member_special_days_told"
    is_audited = False

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    member_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)


class SpecialDayMark(KeyedByProgramme, Base):
    """The last day of the calendar that has been gone through wholly."""

    __tablename__ = "member_special_day_marks"
    is_audited = False

    told_on: Mapped[date] = mapped_column(Date)


DAY = SealedField(
    "member_special_days.day", SpecialDay.day_sealed, SpecialDay.day_index, normalise=recurrence
)
