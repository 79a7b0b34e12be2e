"""Tables of achievements."""

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class Achievement(Versioned, InProgramme, Base):
    """What is counted of purchases or events, in which time, and the levels that are reached by it."""

    __tablename__ = "achievements"
    __table_args__ = (UniqueConstraint("programme_id", "code"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    code: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(String(500))
    text_fa: Mapped[str] = mapped_column(String(500))
    badge: Mapped[str | None] = mapped_column(String(32))
    measure: Mapped[str] = mapped_column(String(8))
    counted: Mapped[str] = mapped_column(String(16))
    distinct_by: Mapped[str | None] = mapped_column(String(16))
    least_amount: Mapped[Whole]
    merchant_ids: Mapped[list[str]] = mapped_column(JSON)
    window: Mapped[str] = mapped_column("time_window", String(8))
    window_days: Mapped[int | None] = mapped_column(Integer)
    grace: Mapped[int] = mapped_column(Integer)
    is_repeated: Mapped[bool] = mapped_column(Boolean)
    levels: Mapped[list[dict[str, JsonValue]]] = mapped_column(JSON)
    audience: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    is_active: Mapped[bool] = mapped_column(Boolean)
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant | None]
    created_at: Mapped[Instant]


class AchievementAward(InProgramme, Base):
    """A member has reached a level in a period; kept whatever becomes of the purchases, also by a rebuild."""

    __tablename__ = "achievement_awards"
    __table_args__ = (
        UniqueConstraint(
            "programme_id",
            "achievement_id",
            "member_id",
            "level",
            "period",
            name="uq_achievement_awards_once",
        ),
        Index("ix_achievement_awards_programme_id_id", "programme_id", "id"),
        Index("ix_achievement_awards_programme_id_member_id_id", "programme_id", "member_id", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    achievement_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("achievements.id"))
    member_id: Mapped[Whole]
    level: Mapped[int] = mapped_column(Integer)
    period: Mapped[str] = mapped_column(String(16))
    value: Mapped[Whole]
    reached_at: Mapped[Instant]
    awarded_at: Mapped[Instant]
    prize: Mapped[str] = mapped_column(String(5))
    prize_award_id: Mapped[Whole | None]
