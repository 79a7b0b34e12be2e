"""Tables of the wheels service."""

from pydantic import JsonValue
from sqlalchemy import JSON, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class Wheel(Versioned, InProgramme, Base):
    """A wheel. `stage` is what people did with it; whether it turns follows from that and the times."""

    __tablename__ = "wheels"
    __table_args__ = (
        Index("ix_wheels_programme_id_id", "programme_id", "id"),
        Index("ix_wheels_programme_id_stage_id", "programme_id", "stage", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    stage: Mapped[str] = mapped_column(String(9))
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant | None]
    audience: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    free_per_day: Mapped[int | None] = mapped_column(Integer)
    free_per_week: Mapped[int | None] = mapped_column(Integer)
    free_total: Mapped[int | None] = mapped_column(Integer)
    purse: Mapped[int] = mapped_column(Integer)
    price: Mapped[Whole | None]
    bought_per_day: Mapped[int | None] = mapped_column(Integer)
    odds_id: Mapped[Whole]
    created_at: Mapped[Instant]


class WheelOdds(InProgramme, Base):
    """Slices as they were in force; a change of them is another row, so that each spin can be checked."""

    __tablename__ = "wheel_odds"
    __table_args__ = (
        Index("ix_wheel_odds_programme_id_wheel_id_id", "programme_id", "wheel_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    wheel_id: Mapped[Whole]
    slices: Mapped[list[JsonValue]] = mapped_column(JSON)
    written_by_name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[Instant]


class WheelStock(KeyedByProgramme, Base):
    """How often a slice was given."""

    __tablename__ = "wheel_stocks"
    is_audited = False

    wheel_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    given: Mapped[Whole]


class WheelMember(KeyedByProgramme, Base):
    """A member's earned spins of a wheel that are left; its row is the lock of the member's spins."""

    __tablename__ = "wheel_members"
    is_audited = False

    wheel_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    member_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    earned: Mapped[Whole]


class SpinGrant(InProgramme, Base):
    """Spins that a service or a person has given a member, once for each reference."""

    __tablename__ = "wheel_spin_grants"
    __table_args__ = (
        UniqueConstraint("programme_id", "service", "reference"),
        Index("ix_wheel_spin_grants_programme_id_id", "programme_id", "id"),
        Index("ix_wheel_spin_grants_programme_id_member_id_id", "programme_id", "member_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    wheel_id: Mapped[Whole]
    member_id: Mapped[Whole]
    count: Mapped[int] = mapped_column(Integer)
    service: Mapped[str] = mapped_column(String(32))
    reference: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str | None] = mapped_column(String(200))
    granted_at: Mapped[Instant]


class Spin(InProgramme, Base):
    """One spin: how it was had, what was drawn by which number from which odds, and what was given.

    `slice` is what the number stands for; `given` what the member gets, its substitute where it was out.
    """

    __tablename__ = "wheel_spins"
    __table_args__ = (
        Index("ix_wheel_spins_programme_id_id", "programme_id", "id"),
        Index(
            "ix_wheel_spins_programme_id_wheel_id_member_id_asked_at",
            "programme_id",
            "wheel_id",
            "member_id",
            "asked_at",
        ),
        Index("ix_wheel_spins_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_wheel_spins_programme_id_wheel_id_id", "programme_id", "wheel_id", "id"),
        Index("ix_wheel_spins_programme_id_state_id", "programme_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    wheel_id: Mapped[Whole]
    member_id: Mapped[Whole]
    source: Mapped[str] = mapped_column(String(6))
    price: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(9))
    odds_id: Mapped[Whole | None]
    number: Mapped[Whole | None]
    total: Mapped[Whole | None]
    slice: Mapped[str | None] = mapped_column(String(16))
    given: Mapped[str | None] = mapped_column(String(16))
    award_id: Mapped[Whole | None]
    attempts: Mapped[int] = mapped_column(Integer)
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    spun_by: Mapped[str] = mapped_column(String(72))
    asked_at: Mapped[Instant]
    drawn_at: Mapped[Instant | None]
