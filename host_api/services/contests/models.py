"""Tables of the contests service."""

from pydantic import JsonValue
from sqlalchemy import JSON, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole


class ContestPolicy(Versioned, KeyedByProgramme, Base):
    """What the club lets its contests do; without a row as `policy` has it."""

    __tablename__ = "contest_policies"

    stake_cap: Mapped[Whole]
    exposure_cap: Mapped[Whole]


class Contest(Versioned, InProgramme, Base):
    """A contest. `stage` is what people did with it; whether it is open follows from that and the times.

    `multiplier`s, `club_part` and, where winners get a multiple, `ranks` are in thousandths.
    """

    __tablename__ = "contests"
    __table_args__ = (
        Index("ix_contests_programme_id_id", "programme_id", "id"),
        Index("ix_contests_programme_id_stage_id", "programme_id", "stage", "id"),
        Index("ix_contests_programme_id_ends_at_id", "programme_id", "ends_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(String(500))
    text_fa: Mapped[str] = mapped_column(String(500))
    scenario: Mapped[str] = mapped_column(String(10))
    cost_mode: Mapped[str] = mapped_column(String(8))
    payout_mode: Mapped[str] = mapped_column(String(10))
    purse: Mapped[int] = mapped_column(Integer)
    stake_least: Mapped[Whole]
    stake_cap: Mapped[Whole]
    questions: Mapped[list[JsonValue]] = mapped_column(JSON)
    right_needed: Mapped[int | None] = mapped_column(Integer)
    # Nobody reads them before the contest is closed.
    right_answers: Mapped[dict[str, JsonValue] | None] = mapped_column(
        JSON(none_as_null=True), info={"secret": True}
    )
    ranks: Mapped[list[int]] = mapped_column(JSON)
    club_part: Mapped[int] = mapped_column(Integer)
    without_winner: Mapped[str] = mapped_column(String(6))
    prize_units: Mapped[Whole | None]
    prize_id: Mapped[Whole | None]
    valid_days: Mapped[int | None] = mapped_column(Integer)
    audience: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    entries_per_member: Mapped[int] = mapped_column(Integer)
    exposure_cap: Mapped[Whole | None]
    budget_id: Mapped[Whole | None]
    correction_minutes: Mapped[int] = mapped_column(Integer)
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    stage: Mapped[str] = mapped_column(String(10))
    written_by: Mapped[str] = mapped_column(String(72))
    written_by_name: Mapped[str] = mapped_column(String(100))
    result_id: Mapped[Whole | None]
    settle_from: Mapped[Instant | None]
    cancel_reason: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]


class ContestTally(KeyedByProgramme, Base):
    """What a contest has taken in and may have to give; its row is the lock of entries and of stages."""

    __tablename__ = "contest_tallies"
    is_audited = False

    contest_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    entries: Mapped[Whole]
    staked: Mapped[Whole]
    exposure: Mapped[Whole]
    winners: Mapped[Whole]
    won: Mapped[Whole]


class ContestEntry(InProgramme, Base):
    """A member's entry: what was staked on which answers, and what became of it."""

    __tablename__ = "contest_entries"
    __table_args__ = (
        Index("ix_contest_entries_programme_id_id", "programme_id", "id"),
        Index(
            "ix_contest_entries_programme_id_contest_id_state_id", "programme_id", "contest_id", "state", "id"
        ),
        Index(
            "ix_contest_entries_programme_id_contest_id_score_id", "programme_id", "contest_id", "score", "id"
        ),
        Index("ix_contest_entries_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_contest_entries_programme_id_state_id", "programme_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    contest_id: Mapped[Whole]
    member_id: Mapped[Whole]
    answers: Mapped[dict[str, str]] = mapped_column(JSON)
    stake: Mapped[Whole]
    possible: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(9))
    score: Mapped[Whole | None]
    scored_at: Mapped[Instant | None]
    payout: Mapped[Whole | None]
    rrn: Mapped[str | None] = mapped_column(String(12))
    response_code: Mapped[str | None] = mapped_column(String(2))
    attempts: Mapped[int] = mapped_column(Integer)
    entered_by: Mapped[str] = mapped_column(String(72))
    asked_at: Mapped[Instant]
    changed_at: Mapped[Instant]


class ContestResult(NeedsSecondPerson, InProgramme, Base):
    """A result that one person entered and another decides; the latest approved one counts."""

    __tablename__ = "contest_results"
    __table_args__ = (
        Index("ix_contest_results_programme_id_contest_id_id", "programme_id", "contest_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    contest_id: Mapped[Whole]
    answers: Mapped[dict[str, JsonValue]] = mapped_column(JSON)
    ranking: Mapped[list[int]] = mapped_column(JSON)
    note: Mapped[str | None] = mapped_column(String(200))
