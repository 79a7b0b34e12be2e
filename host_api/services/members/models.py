"""Tables of the members service: the people themselves, and the numbers they get."""

from datetime import date

from sqlalchemy import JSON, BigInteger, Date, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import SealedBytes
from host_api.core.locking import Versioned
from host_api.core.programmes import KeyedByProgramme
from host_api.core.tables import Base, Identifier, Instant


class Member(Versioned, KeyedByProgramme, Base):
    """A member of the club; the id is the member number of the programme's switch, and none's of another's.

    The name is empty where a member was enrolled at the counter and nobody has completed the record yet.
    """

    __tablename__ = "members"
    __table_args__ = (
        Index("ix_members_programme_id_name_id", "programme_id", "name", "id"),
        Index("ix_members_programme_id_activity_id", "programme_id", "activity", "id"),
        Index("ix_members_programme_id_created_at", "programme_id", "created_at"),
        # Most members are of none.
        *(
            Index(
                f"ix_members_programme_id_{column}_id",
                "programme_id",
                column,
                "id",
                sqlite_where=text(f"{column} IS NOT NULL"),
                postgresql_where=text(f"{column} IS NOT NULL"),
            )
            for column in ("organisation", "club_level", "introducer")
        ),
        *(
            Index(f"ix_members_programme_id_{column}_id", "programme_id", column, "id")
            for column in ("tier", "status", "joined_via")
        ),
        # By a locale's order PostgreSQL finds no beginning of a name.
        Index(
            "ix_members_programme_id_name_pattern",
            "programme_id",
            "name",
            postgresql_ops={"name": "varchar_pattern_ops"},
            info={"dialect": "postgresql"},
        ).ddl_if(dialect="postgresql"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(100))
    tier: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(8))
    status_reason: Mapped[str | None] = mapped_column(String(200))
    status_at: Mapped[Instant | None]
    created_at: Mapped[Instant]
    joined_via: Mapped[str] = mapped_column(String(8), default="office")
    activity: Mapped[str] = mapped_column(String(8), default="new")
    group_name: Mapped[str | None] = mapped_column(String(16))
    organisation: Mapped[str | None] = mapped_column(String(16))
    club_level: Mapped[str | None] = mapped_column(String(16))
    risk_class: Mapped[str | None] = mapped_column(String(8))
    segments: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    agreements: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    household: Mapped[int | None] = mapped_column(BigInteger)
    introducer: Mapped[int | None] = mapped_column(BigInteger)
    merged_into: Mapped[int | None] = mapped_column(BigInteger)
    introduced_until: Mapped[date | None] = mapped_column(Date)
    till_text: Mapped[str | None] = mapped_column(String(96))
    till_text_fa: Mapped[str | None] = mapped_column(String(96))
    birth_date_sealed: Mapped[SealedBytes | None]
    city_sealed: Mapped[SealedBytes | None]
    address_sealed: Mapped[SealedBytes | None]
    postal_code_sealed: Mapped[SealedBytes | None]
    sheba_sealed: Mapped[SealedBytes | None]


class MemberNumber(Base):
    """Gives out the numbers of members: each row put in is the next one, and is deleted at once."""

    __tablename__ = "member_numbers"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Identifier]
    drawn_at: Mapped[Instant]
