"""Tables of the households service."""

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, within_programme
from host_api.core.tables import Base, Identifier, Instant, Whole

_PRESENT = text("left_at IS NULL")
_HEADS = text("left_at IS NULL AND relation = 'head'")


class Household(Versioned, InProgramme, Base):
    """A household; the number is the owner of pooled purses on the switch."""

    __tablename__ = "households"
    __table_args__ = (UniqueConstraint("programme_id", "number"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    number: Mapped[Whole]
    name: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[Instant]
    dissolved_at: Mapped[Instant | None]


class HouseholdMember(InProgramme, Base):
    """A member's time in a household; whoever has left keeps the row.

    The indices see to one household a member and one head a household, whoever writes at once.
    """

    __tablename__ = "household_members"
    __table_args__ = (
        within_programme("member_id", "members"),
        Index(
            "uq_household_members_present",
            "programme_id",
            "member_id",
            unique=True,
            sqlite_where=_PRESENT,
            postgresql_where=_PRESENT,
        ),
        Index(
            "uq_household_members_head",
            "household_id",
            unique=True,
            sqlite_where=_HEADS,
            postgresql_where=_HEADS,
        ),
        Index("ix_household_members_household_id_id", "household_id", "id"),
        Index("ix_household_members_programme_id_member_id_id", "programme_id", "member_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    household_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("households.id"))
    member_id: Mapped[int] = mapped_column(BigInteger)
    relation: Mapped[str] = mapped_column(String(6))
    joined_at: Mapped[Instant]
    left_at: Mapped[Instant | None]
