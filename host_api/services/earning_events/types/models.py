"""Table of event types."""

from pydantic import JsonValue
from sqlalchemy import JSON, Boolean, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant


class EventType(Versioned, InProgramme, Base):
    """What is told of events of a kind, by whom, how often and until when."""

    __tablename__ = "earning_event_types"
    __table_args__ = (UniqueConstraint("programme_id", "code"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    code: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    is_active: Mapped[bool] = mapped_column(Boolean)
    attributes: Mapped[list[dict[str, JsonValue]]] = mapped_column(JSON)
    metric: Mapped[str | None] = mapped_column(String(16))
    sources: Mapped[list[str]] = mapped_column(JSON)
    partner_keys: Mapped[list[str]] = mapped_column(JSON)
    unique_by: Mapped[list[str]] = mapped_column(JSON)
    caps: Mapped[list[dict[str, JsonValue]]] = mapped_column(JSON)
    late_days: Mapped[int] = mapped_column(Integer)
    needs_moderation: Mapped[bool] = mapped_column(Boolean)
    audience: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[Instant]
