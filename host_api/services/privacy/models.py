"""Tables of the privacy service."""

from sqlalchemy import JSON, BigInteger, Boolean, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme, within_programme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant


class PrivacyRequest(NeedsSecondPerson, InProgramme, Base):
    """An export, which nobody need approve, or an erasing. Nothing in it tells who the member is.

    `debits` counts the requests by which points were given up.
    """

    __tablename__ = "privacy_requests"
    __table_args__ = (
        within_programme("member_id", "members"),
        Index("ix_privacy_requests_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_privacy_requests_programme_id_state_id", "programme_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(String(6))
    member_id: Mapped[int] = mapped_column(BigInteger)
    reason_code: Mapped[str] = mapped_column(String(12))
    gives_up_points: Mapped[bool] = mapped_column(Boolean)
    debits: Mapped[int] = mapped_column(Integer)
    hindrances: Mapped[list[str]] = mapped_column(JSON)
    file_ids: Mapped[list[int]] = mapped_column(JSON)
    finished_at: Mapped[Instant | None]
