"""Tables of visits."""

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class VisitPoint(Versioned, InProgramme, Base):
    """How members check in at a branch; `code` and `qr_token` are of no use but there."""

    __tablename__ = "visit_points"
    __table_args__ = (
        UniqueConstraint("programme_id", "branch_id"),
        UniqueConstraint("programme_id", "code"),
        UniqueConstraint("programme_id", "qr_token"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    branch_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("branches.id"))
    ways: Mapped[list[str]] = mapped_column(JSON)
    code: Mapped[str] = mapped_column(String(8), info={"secret": True})
    qr_token: Mapped[str] = mapped_column(String(32), info={"secret": True})
    radius_m: Mapped[int] = mapped_column(Integer)
    rest_minutes: Mapped[int] = mapped_column(Integer)
    event: Mapped[str] = mapped_column(String(16))
    is_active: Mapped[bool] = mapped_column(Boolean)


class Visit(InProgramme, Base):
    """A member was at a branch."""

    __tablename__ = "visits"
    __table_args__ = (
        Index("ix_visits_programme_id_id", "programme_id", "id"),
        Index("ix_visits_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_visits_programme_id_branch_id_id", "programme_id", "branch_id", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    member_id: Mapped[Whole]
    branch_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("branches.id"))
    way: Mapped[str] = mapped_column(String(8))
    distance_m: Mapped[int | None] = mapped_column(Integer)
    visited_at: Mapped[Instant]
    event_id: Mapped[Whole | None]
