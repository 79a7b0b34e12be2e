"""Table of trials."""

from pydantic import JsonValue
from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole
from host_api.services.rules.draft.json_content import JsonObject


class RuleTrial(InProgramme, Base):
    """One trial and what came of it; no version is the draft as it stands when the work begins."""

    __tablename__ = "rule_trials"
    __table_args__ = (
        Index("ix_rule_trials_programme_id_id", "programme_id", "id"),
        Index("ix_rule_trials_programme_id_asked_at", "programme_id", "asked_at"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    work: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(9))
    version_id: Mapped[Whole | None]
    against_version_id: Mapped[Whole | None]
    options: Mapped[JsonObject] = mapped_column(JSON)
    sales: Mapped[list[JsonValue]] = mapped_column(JSON)
    sales_file_id: Mapped[Whole | None]
    run_id: Mapped[Whole]
    result: Mapped[JsonObject | None] = mapped_column(JSON(none_as_null=True))
    refusal: Mapped[JsonObject | None] = mapped_column(JSON(none_as_null=True))
    report_file_id: Mapped[Whole | None]
    asked_by_name: Mapped[str] = mapped_column(String(100))
    asked_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
