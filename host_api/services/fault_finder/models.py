"""Tables of the fault finder."""

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class Fault(InProgramme, Base):
    """Faults that are the same: of one kind, at one place, for one cause.

    It is open until somebody acknowledges it, and again when it is seen again.
    """

    __tablename__ = "faults"
    __table_args__ = (
        UniqueConstraint("programme_id", "fingerprint"),
        Index("ix_faults_programme_id_last_seen_at_id", "programme_id", "last_seen_at", "id"),
        Index(
            "ix_faults_programme_id_is_open_last_seen_at_id", "programme_id", "is_open", "last_seen_at", "id"
        ),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    fingerprint: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(160))
    cause: Mapped[str] = mapped_column(String(200))
    count: Mapped[Whole]
    first_seen_at: Mapped[Instant]
    last_seen_at: Mapped[Instant]
    is_open: Mapped[bool] = mapped_column(Boolean)
    acknowledged_at: Mapped[Instant | None]
    acknowledged_by: Mapped[str | None] = mapped_column(String(100))
    note: Mapped[str | None] = mapped_column(String(200))


class FaultSighting(InProgramme, Base):
    """One time that a fault was seen; `reference` names it, so that it counts once whoever sees it."""

    __tablename__ = "fault_sightings"
    __table_args__ = (
        UniqueConstraint("fault_id", "reference"),
        Index("ix_fault_sightings_fault_id_id", "fault_id", "id"),
        Index("ix_fault_sightings_programme_id_request_id", "programme_id", "request_id"),
        Index("ix_fault_sightings_programme_id_rrn", "programme_id", "rrn"),
        Index("ix_fault_sightings_programme_id_terminal_id", "programme_id", "terminal_id"),
        Index("ix_fault_sightings_programme_id_at", "programme_id", "at"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    fault_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("faults.id"))
    reference: Mapped[str] = mapped_column(String(64))
    at: Mapped[Instant]
    request_id: Mapped[str | None] = mapped_column(String(36))
    rrn: Mapped[str | None] = mapped_column(String(12))
    terminal_id: Mapped[str | None] = mapped_column(String(8))
