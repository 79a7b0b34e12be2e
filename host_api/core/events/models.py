"""Tables of events."""

from typing import Final

from sqlalchemy import JSON, BigInteger, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.tables import Base, Identifier, Instant

UNPUBLISHED: Final = 0
# Characters; SQLite would take more, PostgreSQL not.
SUBJECT_KIND_MAX: Final = 16


class Event(InProgramme, Base):
    """One event.

    `sequence` counts up by one within the programme, in an order that no later commit can change; it is given
    when the event is published, soon after its own commit, and `UNPUBLISHED` until then.
    """

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("message_id"),
        Index("ix_events_programme_id_sequence_id", "programme_id", "sequence", "id"),
        Index("ix_events_programme_id_at", "programme_id", "at"),
        Index("ix_events_programme_id_type_sequence", "programme_id", "type", "sequence"),
        Index(
            "ix_events_programme_id_subject_kind_subject_id_sequence",
            "programme_id",
            "subject_kind",
            "subject_id",
            "sequence",
        ),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    message_id: Mapped[str] = mapped_column(String(28))
    sequence: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[Instant]
    type: Mapped[str] = mapped_column(String(47))
    type_version: Mapped[int] = mapped_column(Integer)
    subject_kind: Mapped[str] = mapped_column(String(SUBJECT_KIND_MAX))
    subject_id: Mapped[str] = mapped_column(String(20))
    payload: Mapped[dict[str, object]] = mapped_column(JSON)
    only_webhook_id: Mapped[int | None] = mapped_column(BigInteger)


class EventStream(KeyedByProgramme, Base):
    """The last sequence number that was given out in a programme."""

    __tablename__ = "event_streams"
    is_audited = False

    last_sequence: Mapped[int] = mapped_column(BigInteger)


class FeedMark(KeyedByProgramme, Base):
    """The journal position up to which the feed has been told as events; a rebuild doesn't move it back."""

    __tablename__ = "event_feed_marks"
    is_audited = False

    position: Mapped[int] = mapped_column(BigInteger)
