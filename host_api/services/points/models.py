"""Tables of the points service."""

from sqlalchemy import JSON, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole


class PointsAct(NeedsSecondPerson, InProgramme, Base):
    """One movement that a person asked for; points move only once another has approved it."""

    __tablename__ = "points_acts"
    __table_args__ = (
        Index("ix_points_acts_programme_id_id", "programme_id", "id"),
        Index("ix_points_acts_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_points_acts_programme_id_member_id_id", "programme_id", "member_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(String(8))
    member_id: Mapped[Whole]
    to_member_id: Mapped[Whole | None]
    purse: Mapped[int] = mapped_column(Integer)
    amount: Mapped[Whole]
    original_rrn: Mapped[str | None] = mapped_column(String(12))
    reason_code: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(9))
    note: Mapped[str | None] = mapped_column(String(200))
    request_id: Mapped[Whole | None]
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    balances_after: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    finished_at: Mapped[Instant | None]
