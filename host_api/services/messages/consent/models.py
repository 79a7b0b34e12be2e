"""Tables of consent and suppression."""

from sqlalchemy import BigInteger, Boolean, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import BlindIndex, SealedBytes, SealedField
from host_api.core.programmes import InProgramme, KeyedByProgramme, within_programme
from host_api.core.tables import Base, Identifier, Instant


class MessageConsent(KeyedByProgramme, Base):
    """Whether a member wants promotional messages on a channel; without a row the policy decides."""

    __tablename__ = "message_consents"
    __table_args__ = (within_programme("member_id", "members"),)

    member_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    channel: Mapped[str] = mapped_column(String(7), primary_key=True)
    is_allowed: Mapped[bool] = mapped_column(Boolean)
    changed_at: Mapped[Instant]
    changed_by: Mapped[str] = mapped_column(String(100))


class MessageSuppression(InProgramme, Base):
    """A number or address that wants nothing, a member's or not; one-time codes still go there."""

    __tablename__ = "message_suppressions"
    __table_args__ = (
        Index("ix_message_suppressions_programme_id_id", "programme_id", "id"),
        Index(
            "ix_message_suppressions_programme_id_channel_address_index",
            "programme_id",
            "channel",
            "address_index",
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    channel: Mapped[str] = mapped_column(String(7))
    address_sealed: Mapped[SealedBytes | None]
    address_index: Mapped[BlindIndex | None]
    source: Mapped[str] = mapped_column(String(6))
    since: Mapped[Instant]


ADDRESS = SealedField(
    "message_suppressions.address", MessageSuppression.address_sealed, MessageSuppression.address_index
)
