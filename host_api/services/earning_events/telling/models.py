"""Tables of events that were told, and of what was taken back."""

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class EarningEvent(InProgramme, Base):
    """Something that a member did, and what it earned.

    `duplicate_key` is the same for two tellings of one event, `revision` counts its corrections.
    `next_try_at` is when the job goes on with it; None where nothing is to be done. Whoever told, decided or
    took it back stands in the row, so it is not audited besides.
    """

    __tablename__ = "earning_events"
    __table_args__ = (
        UniqueConstraint("programme_id", "type_id", "duplicate_key", "revision"),
        Index("ix_earning_events_programme_id_id", "programme_id", "id"),
        Index("ix_earning_events_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_earning_events_programme_id_type_id_id", "programme_id", "type_id", "id"),
        Index("ix_earning_events_programme_id_type_id_reference", "programme_id", "type_id", "reference"),
        Index(
            "ix_earning_events_programme_id_member_id_occurred_at", "programme_id", "member_id", "occurred_at"
        ),
        Index("ix_earning_events_programme_id_next_try_at_id", "programme_id", "next_try_at", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    type_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("earning_event_types.id"))
    member_id: Mapped[Whole]
    reference: Mapped[str] = mapped_column(String(64))
    duplicate_key: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(String(8))
    occurred_at: Mapped[Instant]
    attributes: Mapped[dict[str, JsonValue]] = mapped_column(JSON)
    amount: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(11))
    told_at: Mapped[Instant]
    told_by_name: Mapped[str] = mapped_column(String(100))
    decided_at: Mapped[Instant | None]
    decided_by_name: Mapped[str | None] = mapped_column(String(100))
    refusal: Mapped[str | None] = mapped_column(String(48))
    text: Mapped[str | None] = mapped_column(String(300))
    text_fa: Mapped[str | None] = mapped_column(String(300))
    request_id: Mapped[Whole | None]
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    points: Mapped[Whole | None]
    credit: Mapped[Whole | None]
    ended_at: Mapped[Instant | None]
    taken_back_at: Mapped[Instant | None]
    taken_back_by_name: Mapped[str | None] = mapped_column(String(100))
    taken_back_for: Mapped[str | None] = mapped_column(String(200))
    next_try_at: Mapped[Instant | None]


class EarningTaking(InProgramme, Base):
    """A debit that takes back what an event gave to one purse of one member."""

    __tablename__ = "earning_takings"
    __table_args__ = (
        Index("ix_earning_takings_event_id_id", "event_id", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    event_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("earning_events.id"))
    member_id: Mapped[Whole]
    purse: Mapped[int] = mapped_column(Integer)
    units: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(8))
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    asked_at: Mapped[Instant]
