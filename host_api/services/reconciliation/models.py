"""Tables of the reconciliation service."""

from sqlalchemy import JSON, Boolean, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole

Cell = str | int | None


class Reconciliation(InProgramme, Base):
    """One comparison and what it found."""

    __tablename__ = "reconciliations"
    __table_args__ = (
        Index("ix_reconciliations_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    state: Mapped[str] = mapped_column(String(8))
    asked_by: Mapped[str] = mapped_column(String(100))
    began_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
    is_balanced: Mapped[bool | None] = mapped_column(Boolean)
    fault: Mapped[str | None] = mapped_column(String(200))
    from_position: Mapped[Whole]
    position: Mapped[Whole]
    totals_position: Mapped[Whole | None]
    requests: Mapped[int] = mapped_column(Integer)
    transactions: Mapped[int] = mapped_column(Integer)
    settled: Mapped[int] = mapped_column(Integer)
    difference_count: Mapped[int] = mapped_column(Integer)
    differences: Mapped[list[dict[str, Cell]]] = mapped_column(JSON)
    totals: Mapped[list[dict[str, Cell]]] = mapped_column(JSON)
