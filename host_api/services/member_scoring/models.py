"""Tables of scoring models, their runs, and members' scores."""

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class ScoringModel(Versioned, InProgramme, Base):
    """What is measured, and what bands of scores get; each run keeps the `content` of its time."""

    __tablename__ = "scoring_models"
    __table_args__ = (
        Index("ix_scoring_models_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    content: Mapped[dict[str, JsonValue]] = mapped_column(JSON)
    created_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[Instant]


class ScoringRun(InProgramme, Base):
    """All members weighed at one instant, `at`; members up to `scored_up_to` are, and the results of those
    up to `published_up_to` are out."""

    __tablename__ = "scoring_runs"
    __table_args__ = (
        Index("ix_scoring_runs_programme_id_id", "programme_id", "id"),
        Index("ix_scoring_runs_programme_id_model_id_id", "programme_id", "model_id", "id"),
        Index("ix_scoring_runs_programme_id_state_id", "programme_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    model_id: Mapped[Whole] = mapped_column(ForeignKey("scoring_models.id"))
    content: Mapped[dict[str, JsonValue]] = mapped_column(JSON)
    previous_run_id: Mapped[Whole | None]
    state: Mapped[str] = mapped_column(String(10))
    at: Mapped[Instant]
    scored_up_to: Mapped[Whole]
    published_up_to: Mapped[Whole]
    members: Mapped[Whole]
    award_units: Mapped[Whole]
    by_band: Mapped[dict[str, int]] = mapped_column(JSON)
    asked_by: Mapped[str] = mapped_column(String(72))
    asked_by_name: Mapped[str] = mapped_column(String(100))
    published_by_name: Mapped[str | None] = mapped_column(String(100))
    finished_at: Mapped[Instant | None]


class ScoredMember(KeyedByProgramme, Base):
    """A member's score in a run: the band before and now, what was measured, and the award's end."""

    __tablename__ = "scored_members"
    __table_args__ = (
        Index(
            "ix_scored_members_programme_id_run_id_band_member_id",
            *("programme_id", "run_id", "band", "member_id"),
        ),
        Index("ix_scored_members_programme_id_member_id_run_id", "programme_id", "member_id", "run_id"),
        Index("ix_scored_members_programme_id_run_id_award_state", "programme_id", "run_id", "award_state"),
    )
    is_audited = False

    run_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("scoring_runs.id"), primary_key=True, autoincrement=False
    )
    member_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    score: Mapped[int] = mapped_column(Integer)
    band: Mapped[str] = mapped_column(String(16))
    band_before: Mapped[str | None] = mapped_column(String(16))
    measured: Mapped[list[int | None]] = mapped_column(JSON)
    award_units: Mapped[Whole]
    award_state: Mapped[str] = mapped_column(String(8))
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
