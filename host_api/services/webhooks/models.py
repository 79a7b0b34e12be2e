"""Tables of the webhooks service."""

from enum import StrEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import SealedField
from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    PARKED = "parked"


class SwitchOffReason(StrEnum):
    """Why a webhook was switched off without anybody's asking."""

    FAILURES = "failures"
    GONE = "gone"


class Webhook(Versioned, InProgramme, Base):
    """An address that wants to hear of events.

    What the worker counts (`failures_in_row`, `failing_since`) it writes past `version`, which is for people.
    """

    __tablename__ = "webhooks"
    __table_args__ = (
        Index("ix_webhooks_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    url: Mapped[str] = mapped_column(String(2000))
    description: Mapped[str] = mapped_column(String(200))
    event_types: Mapped[list[str]] = mapped_column(JSON)
    is_active: Mapped[bool]
    created_at: Mapped[Instant]
    secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info={"secret": True})
    old_secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info={"secret": True})
    old_secret_until: Mapped[Instant | None]
    header_names: Mapped[list[str]] = mapped_column(JSON)
    headers_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info={"secret": True})
    failures_in_row: Mapped[int] = mapped_column(Integer)
    failing_since: Mapped[Instant | None]
    switched_off_at: Mapped[Instant | None]
    switched_off_reason: Mapped[str | None] = mapped_column(String(8))


SECRET = SealedField("webhooks.secret", Webhook.secret_sealed)
OLD_SECRET = SealedField("webhooks.old_secret", Webhook.old_secret_sealed)
HEADERS = SealedField("webhooks.headers", Webhook.headers_sealed)


class WebhookDelivery(InProgramme, Base):
    """One event on its way to one webhook.

    `lease` names the worker's hold on the row, which ends at `leased_until` by the database's clock: whoever
    comes then takes the row over.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index("ix_webhook_deliveries_webhook_id_id", "webhook_id", "id"),
        Index("ix_webhook_deliveries_event_id", "event_id"),
        Index("ix_webhook_deliveries_webhook_id_state_due_at", "webhook_id", "state", "due_at"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    webhook_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("webhooks.id"))
    event_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("events.id"))
    state: Mapped[str] = mapped_column(String(9))
    attempts: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[Instant]
    lease: Mapped[str | None] = mapped_column(String(16))
    leased_until: Mapped[Instant | None]
    finished_at: Mapped[Instant | None]


class WebhookAttempt(InProgramme, Base):
    """One try of a delivery: what came of it, and how long it took."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (
        Index("ix_webhook_attempts_webhook_id_id", "webhook_id", "id"),
        Index("ix_webhook_attempts_delivery_id", "delivery_id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    webhook_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("webhooks.id"))
    delivery_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("webhook_deliveries.id"))
    event_id: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(Integer)
    at: Mapped[Instant]
    latency_ms: Mapped[int] = mapped_column(Integer)
    status: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(String(16))
