"""Tables of templates."""

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant


class MessageTemplate(InProgramme, Base):
    """A text with variables; what it says stands in its versions."""

    __tablename__ = "message_templates"
    __table_args__ = (UniqueConstraint("programme_id", "code"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    code: Mapped[str] = mapped_column(String(16))
    topic: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[Instant]


class MessageTemplateVersion(InProgramme, Base):
    """What a template says from one change to the next; the highest number is in force."""

    __tablename__ = "message_wordings"
    __table_args__ = (
        UniqueConstraint("template_id", "number"),
        Index("ix_message_wordings_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    template_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("message_templates.id"))
    number: Mapped[int] = mapped_column(Integer)
    subject: Mapped[str] = mapped_column(String(100))
    subject_fa: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    text_fa: Mapped[str] = mapped_column(Text)
    variables: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[Instant]
    created_by: Mapped[str] = mapped_column(String(100))
