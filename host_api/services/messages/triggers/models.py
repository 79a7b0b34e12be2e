"""Tables of triggers."""

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.tables import Base, Identifier, Instant


class MessageTrigger(Versioned, InProgramme, Base):
    """A message to the member of each event of a type, if its payload and the member fit."""

    __tablename__ = "message_triggers"
    __table_args__ = (
        Index("ix_message_triggers_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    event_type: Mapped[str] = mapped_column(String(47))
    template_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("message_templates.id"))
    conditions: Mapped[dict[str, JsonValue]] = mapped_column(JSON)
    audience: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    delay_minutes: Mapped[int] = mapped_column(Integer)
    is_active: Mapped[bool] = mapped_column(Boolean)
    active_since: Mapped[Instant]
    created_at: Mapped[Instant]


class MessageTriggerMark(KeyedByProgramme, Base):
    """Up to which event triggers have been pulled."""

    __tablename__ = "message_trigger_marks"
    is_audited = False

    sequence: Mapped[int] = mapped_column(BigInteger)
