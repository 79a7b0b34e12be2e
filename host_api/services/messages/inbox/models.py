"""Tables of inboxes."""

from sqlalchemy import BigInteger, Boolean, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import SealedBytes, SealedField
from host_api.core.programmes import InProgramme, within_programme
from host_api.core.tables import Base, Identifier, Instant


class InboxMessage(InProgramme, Base):
    """What the club wrote into a member's inbox, or the member to the club."""

    __tablename__ = "inbox_messages"
    __table_args__ = (
        within_programme("member_id", "members"),
        Index("ix_inbox_messages_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_inbox_messages_programme_id_is_from_member_id", "programme_id", "is_from_member", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    member_id: Mapped[int] = mapped_column(BigInteger)
    is_from_member: Mapped[bool] = mapped_column(Boolean)
    topic: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(100))
    text_sealed: Mapped[SealedBytes | None]
    created_at: Mapped[Instant]
    read_at: Mapped[Instant | None]


TEXT = SealedField("inbox_messages.text", InboxMessage.text_sealed)
