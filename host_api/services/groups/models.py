"""Tables of the groups service."""

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class Group(Versioned, InProgramme, Base):
    """A group of members; one that is a segment has a bit of its own as long as it exists."""

    __tablename__ = "member_groups"
    __table_args__ = (
        UniqueConstraint("programme_id", "code"),
        UniqueConstraint("programme_id", "segment_bit"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    code: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(7))
    effect: Mapped[str] = mapped_column(String(7))
    segment_bit: Mapped[int | None] = mapped_column(Integer)
    priority: Mapped[int] = mapped_column(Integer)
    query: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    schedule: Mapped[str] = mapped_column(String(7))
    state: Mapped[str] = mapped_column(String(6))
    created_at: Mapped[Instant]


class GroupComputation(KeyedByProgramme, Base):
    """What the last computation of a group has found, and when the next is due."""

    __tablename__ = "member_group_computations"
    __table_args__ = (Index("ix_member_group_computations_programme_id_due_at", "programme_id", "due_at"),)
    is_audited = False

    group_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("member_groups.id"), primary_key=True, autoincrement=False
    )
    members: Mapped[Whole]
    computed_at: Mapped[Instant | None]
    due_at: Mapped[Instant | None]


class GroupMember(KeyedByProgramme, Base):
    """A member is in a group."""

    __tablename__ = "member_group_members"
    __table_args__ = (
        Index(
            "ix_member_group_members_programme_id_member_id_group_id",
            "programme_id",
            "member_id",
            "group_id",
        ),
    )

    group_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("member_groups.id"), primary_key=True, autoincrement=False
    )
    member_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[Instant]
