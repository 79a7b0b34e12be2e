"""Tables of the tiers service."""

from pydantic import JsonValue
from sqlalchemy import JSON, Boolean, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole

_ACTIVE = text("state = 'active'")


class Tier(Versioned, KeyedByProgramme, Base):
    """A tier; a programme without rows has the tiers of `defaults`."""

    __tablename__ = "tiers"
    __table_args__ = (UniqueConstraint("programme_id", "rank"),)

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    rank: Mapped[int] = mapped_column(Integer)
    colour: Mapped[str] = mapped_column(String(7))
    match: Mapped[str] = mapped_column(String(3))
    criteria: Mapped[list[JsonValue]] = mapped_column(JSON)
    benefits: Mapped[list[JsonValue]] = mapped_column(JSON)


class TierPolicy(Versioned, KeyedByProgramme, Base):
    """How a programme evaluates; without a row as `defaults` has it."""

    __tablename__ = "tier_policies"

    window: Mapped[str] = mapped_column(String(8))
    rolling_days: Mapped[int] = mapped_column(Integer)
    downgrade: Mapped[str] = mapped_column(String(10))
    grace_days: Mapped[int] = mapped_column(Integer)
    purse: Mapped[str] = mapped_column(String(32))
    steps_alone: Mapped[int] = mapped_column(Integer)


class MemberTier(KeyedByProgramme, Base):
    """Where a member stands: the tier earned, until when, and the one in force."""

    __tablename__ = "member_tiers"
    is_audited = False

    member_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    tier: Mapped[str] = mapped_column(String(16))
    earned_tier: Mapped[str] = mapped_column(String(16))
    since: Mapped[Instant]
    valid_until: Mapped[Instant | None]


class TierAssignment(InProgramme, Base):
    """A tier given by hand; a member has one in force at a time."""

    __tablename__ = "tier_assignments"
    __table_args__ = (
        Index("ix_tier_assignments_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_tier_assignments_programme_id_state_id", "programme_id", "state", "id"),
        Index(
            "uq_tier_assignments_active",
            "programme_id",
            "member_id",
            unique=True,
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    member_id: Mapped[Whole]
    tier: Mapped[str] = mapped_column(String(16))
    is_exact: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(String(200))
    until: Mapped[Instant | None]
    state: Mapped[str] = mapped_column(String(8))
    asked_by: Mapped[str] = mapped_column(String(72))
    asked_by_name: Mapped[str] = mapped_column(String(100))
    asked_at: Mapped[Instant]
    decided_by_name: Mapped[str | None] = mapped_column(String(100))
    decided_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]


class TierChange(InProgramme, Base):
    """A member's tier became another."""

    __tablename__ = "tier_changes"
    __table_args__ = (
        Index("ix_tier_changes_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_tier_changes_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    member_id: Mapped[Whole]
    from_tier: Mapped[str] = mapped_column(String(16))
    to_tier: Mapped[str] = mapped_column(String(16))
    cause: Mapped[str] = mapped_column(String(16))
    assignment_id: Mapped[Whole | None]
    at: Mapped[Instant]
