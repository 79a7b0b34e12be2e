"""Tables of broadcasts."""

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant


class MessageBroadcast(InProgramme, Base):
    """One text to an audience, or to members that were named.

    Attributes:
        after_member: up to which member's number messages are queued; a job goes on there.
    """

    __tablename__ = "message_broadcasts"
    __table_args__ = (
        Index("ix_message_broadcasts_programme_id_id", "programme_id", "id"),
        Index("ix_message_broadcasts_programme_id_state_starts_at", "programme_id", "state", "starts_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    title: Mapped[str] = mapped_column(String(60))
    template_version_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("message_wordings.id"))
    topic: Mapped[str] = mapped_column(String(32))
    audience: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    member_ids: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    values: Mapped[dict[str, JsonValue]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(9))
    starts_at: Mapped[Instant]
    useful_hours: Mapped[int] = mapped_column(Integer)
    after_member: Mapped[int] = mapped_column(BigInteger)
    queued: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[Instant]
    created_by: Mapped[str] = mapped_column(String(100))
