"""Tables of gateways."""

from pydantic import JsonValue
from sqlalchemy import JSON, Boolean, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import SealedBytes, SealedField
from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant


class MessageGateway(Versioned, InProgramme, Base):
    """A gateway that messages of a channel go out by; its secret is sealed."""

    __tablename__ = "message_gateways"
    __table_args__ = (
        Index("ix_message_gateways_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    channel: Mapped[str] = mapped_column(String(7))
    name: Mapped[str] = mapped_column(String(60))
    settings: Mapped[dict[str, JsonValue]] = mapped_column(JSON)
    secret_sealed: Mapped[SealedBytes | None]
    rials_per_part: Mapped[int] = mapped_column(Integer)
    is_active: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[Instant]


SECRET = SealedField("message_gateways.secret", MessageGateway.secret_sealed)
