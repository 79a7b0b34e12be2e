"""Tables of messages."""

from pydantic import JsonValue
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import SealedBytes, SealedField
from host_api.core.programmes import InProgramme, KeyedByProgramme, within_programme
from host_api.core.tables import Base, Identifier, Instant
from host_api.services.messages.states import Channel, MessageState

# Written so that both databases read it, and the same in the migration.
_WAITING = text("is_waiting")


class WaitingText(InProgramme, Base):
    """A message to a member, or to the number of an applicant: what waits, and the log of what was sent.

    Once it is sent or of no use only the row without its text stays, so that nothing is told twice. The text
    is sealed, or plain where whoever had something to tell had no cipher at hand: never a one-time code
    or a number. What comes from a template has its version and values instead, and is written as it is sent.

    Attributes:
        due_at: when to try it; of one that was sent, when to ask the gateway whether it arrived.
        lease, leased_until: the hold of a job's batch on it while it is SENDING.
        provider_id: the gateway's name of it.
    """

    __tablename__ = "waiting_texts"
    __table_args__ = (
        within_programme("member_id", "members"),
        UniqueConstraint("programme_id", "topic", "reference"),
        CheckConstraint("member_id IS NULL OR receiver_sealed IS NULL", name="one_receiver"),
        Index(
            "ix_waiting_texts_waiting",
            "programme_id",
            "id",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index("ix_waiting_texts_programme_id_member_id", "programme_id", "member_id"),
        Index("ix_waiting_texts_programme_id_created_at", "programme_id", "created_at"),
        Index("ix_waiting_texts_programme_id_state_due_at_id", "programme_id", "state", "due_at", "id"),
        Index("ix_waiting_texts_programme_id_provider_id", "programme_id", "provider_id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    topic: Mapped[str] = mapped_column(String(32))
    reference: Mapped[str] = mapped_column(String(64))
    member_id: Mapped[int | None] = mapped_column(BigInteger)
    receiver_sealed: Mapped[SealedBytes | None]
    text_sealed: Mapped[SealedBytes | None]
    text_plain: Mapped[str | None] = mapped_column(Text, info={"secret": True})
    is_waiting: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    sent_at: Mapped[Instant | None]
    channel: Mapped[str] = mapped_column(String(7), default=Channel.SMS.value, server_default="sms")
    state: Mapped[str] = mapped_column(
        String(11), default=MessageState.WAITING.value, server_default="waiting"
    )
    is_code: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    due_at: Mapped[Instant | None]
    template_version_id: Mapped[int | None] = mapped_column(BigInteger)
    values: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    broadcast_id: Mapped[int | None] = mapped_column(BigInteger)
    gateway_id: Mapped[int | None] = mapped_column(BigInteger)
    lease: Mapped[str | None] = mapped_column(String(16))
    leased_until: Mapped[Instant | None]
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    provider_id: Mapped[str | None] = mapped_column(String(64))
    parts: Mapped[int | None] = mapped_column(Integer)
    cost_rials: Mapped[int | None] = mapped_column(BigInteger)
    failure: Mapped[str | None] = mapped_column(String(24))
    delivered_at: Mapped[Instant | None]


class MemberLanguage(KeyedByProgramme, Base):
    """The language that a member wants to be written to in, where it is not the club's own."""

    __tablename__ = "member_languages"
    __table_args__ = (within_programme("member_id", "members"),)

    member_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    language: Mapped[str] = mapped_column(String(2))


class MemberCode(InProgramme, Base):
    """What is kept of the last one-time code that was texted to a member for something."""

    __tablename__ = "member_codes"
    __table_args__ = (
        within_programme("member_id", "members"),
        UniqueConstraint("programme_id", "topic", "reference"),
        Index("ix_member_codes_programme_id_member_id_sent_at", "programme_id", "member_id", "sent_at"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    topic: Mapped[str] = mapped_column(String(32))
    reference: Mapped[str] = mapped_column(String(64))
    member_id: Mapped[int] = mapped_column(BigInteger)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16), info={"secret": True})
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), info={"secret": True})
    expires_at: Mapped[Instant]
    tries_left: Mapped[int] = mapped_column(Integer)
    sent_at: Mapped[Instant]
    times_sent: Mapped[int] = mapped_column(Integer)


RECEIVER = SealedField("waiting_texts.receiver", WaitingText.receiver_sealed)
TEXT = SealedField("waiting_texts.text", WaitingText.text_sealed)
