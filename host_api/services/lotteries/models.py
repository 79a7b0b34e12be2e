"""Tables of the lotteries service."""

from datetime import date

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class Lottery(Versioned, InProgramme, Base):
    """A lottery; each of its rounds is drawn by itself."""

    __tablename__ = "lotteries"
    __table_args__ = (
        Index("ix_lotteries_programme_id_id", "programme_id", "id"),
        Index("ix_lotteries_programme_id_ends_at_id", "programme_id", "ends_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    occasion: Mapped[str | None] = mapped_column(String(60))
    model: Mapped[str] = mapped_column(String(16))
    cost_mode: Mapped[str] = mapped_column(String(6))
    price: Mapped[Whole]
    purse: Mapped[int] = mapped_column(Integer)
    tickets_per_entry: Mapped[int] = mapped_column(Integer)
    entries_per_day: Mapped[int | None] = mapped_column(Integer)
    tickets_per_member: Mapped[int | None] = mapped_column(Integer)
    free_daily_tickets: Mapped[int] = mapped_column(Integer)
    winners: Mapped[int] = mapped_column(Integer)
    is_once_each: Mapped[bool] = mapped_column(Boolean)
    tier_chances: Mapped[list[JsonValue]] = mapped_column(JSON)
    prizes: Mapped[list[JsonValue]] = mapped_column(JSON)
    audience: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    public_value_source: Mapped[str | None] = mapped_column(String(200))
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    created_by: Mapped[str] = mapped_column(String(72))
    created_by_name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[Instant]
    cancelled_at: Mapped[Instant | None]
    cancelled_by_name: Mapped[str | None] = mapped_column(String(100))
    cancel_reason: Mapped[str | None] = mapped_column(String(200))


class LotteryRound(InProgramme, Base):
    """A time in which entries are for one draw. `listed_up_to` is the last entry that is in its list."""

    __tablename__ = "lottery_rounds"
    __table_args__ = (
        UniqueConstraint("lottery_id", "number"),
        Index("ix_lottery_rounds_programme_id_state_closes_at", "programme_id", "state", "closes_at"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    lottery_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lotteries.id"))
    number: Mapped[int] = mapped_column(Integer)
    opens_at: Mapped[Instant]
    closes_at: Mapped[Instant]
    draw_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("draws.id"))
    state: Mapped[str] = mapped_column(String(9))
    listed_up_to: Mapped[Whole]


class LotteryEntry(InProgramme, Base):
    """Tickets that a member took at once; `code` with a number behind it names each."""

    __tablename__ = "lottery_entries"
    __table_args__ = (
        Index("ix_lottery_entries_programme_id_round_id_state_id", "programme_id", "round_id", "state", "id"),
        Index("ix_lottery_entries_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_lottery_entries_programme_id_lottery_id_id", "programme_id", "lottery_id", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    lottery_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lotteries.id"))
    round_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lottery_rounds.id"))
    member_id: Mapped[Whole]
    day: Mapped[date] = mapped_column(Date)
    code: Mapped[str] = mapped_column(String(12))
    tickets: Mapped[int] = mapped_column(Integer)
    free_tickets: Mapped[int] = mapped_column(Integer)
    chances: Mapped[int] = mapped_column(Integer)
    cost: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[Instant]
    request_id: Mapped[Whole | None]
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    refunds_asked: Mapped[int] = mapped_column(Integer)


class LotteryMember(KeyedByProgramme, Base):
    """What a member has taken, against the limits: in all, and on one day."""

    __tablename__ = "lottery_members"
    is_audited = False

    lottery_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    member_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    tickets: Mapped[int] = mapped_column(Integer)
    day: Mapped[date] = mapped_column(Date)
    day_entries: Mapped[int] = mapped_column(Integer)
    day_free_tickets: Mapped[int] = mapped_column(Integer)


class LotteryWin(KeyedByProgramme, Base):
    """What becomes of a winner's prize."""

    __tablename__ = "lottery_wins"
    __table_args__ = (
        Index("ix_lottery_wins_programme_id_state_round_id", "programme_id", "state", "round_id"),
        Index("ix_lottery_wins_programme_id_member_id", "programme_id", "member_id"),
    )

    round_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    rank: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    member_id: Mapped[Whole]
    ticket: Mapped[str] = mapped_column(String(24))
    prize_id: Mapped[Whole | None]
    quantity: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(8))
    awarded_at: Mapped[Instant | None]
