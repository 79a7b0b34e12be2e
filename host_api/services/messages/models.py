"""Tables of messages."""

from sqlalchemy import (
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

# Written so that both databases read it, and the same in the migration.
_WAITING = text("is_waiting")


class WaitingText(InProgramme, Base):
    """A text for a member, or for the number of an applicant, that the SMS gateway is to fetch and send.

    Once it is sent or of no use only the row without its text stays, so that nothing is told twice. The text
    is sealed, or plain where whoever had something to tell had no cipher at hand: never a one-time code
    or a number.
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
