"""Tables of the festivals service."""

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class Festival(Versioned, InProgramme, Base):
    """A festival and what it counts."""

    __tablename__ = "festivals"
    __table_args__ = (
        Index("ix_festivals_programme_id_id", "programme_id", "id"),
        Index("ix_festivals_programme_id_ends_at_id", "programme_id", "ends_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    indicators: Mapped[list[JsonValue]] = mapped_column(JSON)
    merchant_ids: Mapped[list[str]] = mapped_column(JSON)
    audience: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    category_by: Mapped[str | None] = mapped_column(String(12))
    refresh_minutes: Mapped[int] = mapped_column(Integer)
    created_by_name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[Instant]
    cancelled_at: Mapped[Instant | None]
    cancel_reason: Mapped[str | None] = mapped_column(String(200))


class FestivalBoard(KeyedByProgramme, Base):
    """When a festival's leaderboard was made, of what time, and when it is made again."""

    __tablename__ = "festival_boards"
    __table_args__ = (Index("ix_festival_boards_programme_id_due_at", "programme_id", "due_at"),)
    is_audited = False

    festival_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    due_at: Mapped[Instant | None]
    counted_from: Mapped[Instant | None]
    counted_until: Mapped[Instant | None]


class FestivalMember(KeyedByProgramme, Base):
    """A member who takes part, with the score and the places of the last count.

    The order of places is that of `sort_score` (the score with its sign turned), `joined_ms` and the number.
    """

    __tablename__ = "festival_members"
    __table_args__ = (
        Index(
            "ix_festival_members_programme_id_place",
            *("programme_id", "festival_id", "sort_score", "joined_ms", "member_id"),
        ),
        Index(
            "ix_festival_members_programme_id_category_place",
            *("programme_id", "festival_id", "category", "sort_score", "joined_ms", "member_id"),
        ),
    )
    is_audited = False

    festival_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    member_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    joined_ms: Mapped[Whole]
    category: Mapped[str] = mapped_column(String(64))
    score: Mapped[Whole]
    sort_score: Mapped[Whole]
    place: Mapped[Whole | None]
    category_place: Mapped[Whole | None]


class FestivalAward(InProgramme, Base):
    """A day on which members are awarded. `listed_up_to` is the last member in the draw's list."""

    __tablename__ = "festival_awards"
    __table_args__ = (
        UniqueConstraint("festival_id", "number"),
        Index("ix_festival_awards_programme_id_state_at", "programme_id", "state", "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    festival_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("festivals.id"))
    number: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    method: Mapped[str] = mapped_column(String(7))
    counts_from: Mapped[Instant]
    at: Mapped[Instant]
    delay_minutes: Mapped[int] = mapped_column(Integer)
    is_by_category: Mapped[bool] = mapped_column(Boolean)
    winners: Mapped[int] = mapped_column(Integer)
    min_score: Mapped[Whole]
    score_per_chance: Mapped[Whole | None]
    most_chances: Mapped[int] = mapped_column(Integer)
    prizes: Mapped[list[JsonValue]] = mapped_column(JSON)
    budget_id: Mapped[Whole | None]
    budget_units: Mapped[Whole]
    spent_units: Mapped[Whole]
    draw_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("draws.id"))
    state: Mapped[str] = mapped_column(String(9))
    listed_up_to: Mapped[Whole]
    created_by_name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[Instant]
    settled_at: Mapped[Instant | None]


class FestivalWin(KeyedByProgramme, Base):
    """A member who is awarded, by the place in a category (empty: of all), and what becomes of the prize."""

    __tablename__ = "festival_wins"
    __table_args__ = (
        Index("ix_festival_wins_programme_id_award_id_state", "programme_id", "award_id", "state"),
        Index("ix_festival_wins_programme_id_member_id", "programme_id", "member_id"),
    )

    award_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    category: Mapped[str] = mapped_column(String(64), primary_key=True)
    rank: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    member_id: Mapped[Whole]
    score: Mapped[Whole]
    prize_id: Mapped[Whole | None]
    quantity: Mapped[int] = mapped_column(Integer)
    cost_units: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(11))
    awarded_at: Mapped[Instant | None]
