"""Tables of tickets."""

from pydantic import JsonValue
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import SealedBytes, SealedField
from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, within_programme
from host_api.core.tables import Base, Identifier, Instant


class TicketDepartment(Versioned, InProgramme, Base):
    """A unit that answers; the staff of the one above it sees what it has too."""

    __tablename__ = "ticket_departments"
    __table_args__ = (
        UniqueConstraint("programme_id", "code"),
        Index("ix_ticket_departments_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    code: Mapped[str] = mapped_column(String(16))
    name_fa: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60))
    above_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("ticket_departments.id"))
    hours: Mapped[list[dict[str, int]]] = mapped_column(JSON)
    first_answer_minutes: Mapped[int] = mapped_column(Integer)
    resolution_minutes: Mapped[int] = mapped_column(Integer)
    is_open: Mapped[bool] = mapped_column(Boolean)


class TicketStaff(InProgramme, Base):
    """Who works in a department: a caller, by the key that acts are ascribed to."""

    __tablename__ = "ticket_staff"
    __table_args__ = (
        UniqueConstraint("programme_id", "department_id", "caller_key"),
        Index("ix_ticket_staff_programme_id_caller_key", "programme_id", "caller_key"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    department_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket_departments.id"))
    caller_key: Mapped[str] = mapped_column(String(72))
    name: Mapped[str] = mapped_column(String(100))


class TicketLink(InProgramme, Base):
    """Whose customer somebody is: a member directly, or indirectly by their organisation."""

    __tablename__ = "ticket_links"
    __table_args__ = (
        within_programme("member_id", "members"),
        UniqueConstraint("programme_id", "member_id"),
        UniqueConstraint("programme_id", "organisation"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    department_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket_departments.id"))
    member_id: Mapped[int | None] = mapped_column(BigInteger)
    organisation: Mapped[str | None] = mapped_column(String(16))


class TicketType(Versioned, InProgramme, Base):
    """A kind of ticket, with the fields that it asks for."""

    __tablename__ = "ticket_types"
    __table_args__ = (
        UniqueConstraint("programme_id", "code"),
        Index("ix_ticket_types_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    code: Mapped[str] = mapped_column(String(16))
    name_fa: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60))
    department_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket_departments.id"))
    fields: Mapped[list[dict[str, JsonValue]]] = mapped_column(JSON)
    is_open: Mapped[bool] = mapped_column(Boolean)


class Ticket(Versioned, InProgramme, Base):
    """A member's request, from opening to closing. `subject_key` is what searches compare."""

    __tablename__ = "tickets"
    __table_args__ = (
        within_programme("member_id", "members"),
        UniqueConstraint("programme_id", "tracking_code"),
        Index("ix_tickets_programme_id_id", "programme_id", "id"),
        Index("ix_tickets_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index(
            "ix_tickets_programme_id_department_id_state_id", "programme_id", "department_id", "state", "id"
        ),
        # Only what can still be late.
        *(
            Index(
                f"ix_tickets_programme_id_{column}",
                "programme_id",
                column,
                sqlite_where=text(f"{column} IS NOT NULL"),
                postgresql_where=text(f"{column} IS NOT NULL"),
            )
            for column in ("answer_due_at", "resolution_due_at")
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    tracking_code: Mapped[str] = mapped_column(String(10))
    type_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket_types.id"))
    department_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket_departments.id"))
    member_id: Mapped[int] = mapped_column(BigInteger)
    subject: Mapped[str] = mapped_column(String(120))
    subject_key: Mapped[str] = mapped_column(String(240))
    values: Mapped[dict[str, JsonValue]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(8))
    assignee: Mapped[str | None] = mapped_column(String(72))
    assignee_name: Mapped[str | None] = mapped_column(String(100))
    opened_at: Mapped[Instant]
    answer_due_at: Mapped[Instant | None]
    resolution_due_at: Mapped[Instant | None]
    first_answered_at: Mapped[Instant | None]
    resolved_at: Mapped[Instant | None]
    breaches: Mapped[int] = mapped_column(SmallInteger)
    reopened: Mapped[int] = mapped_column(SmallInteger)
    score: Mapped[int | None] = mapped_column(SmallInteger)
    merged_into: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("tickets.id"))


class TicketMessage(InProgramme, Base):
    """What was written in a ticket; internal ones no member sees."""

    __tablename__ = "ticket_messages"
    __table_args__ = (
        Index("ix_ticket_messages_ticket_id_id", "ticket_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tickets.id"))
    at: Mapped[Instant]
    is_of_member: Mapped[bool] = mapped_column(Boolean)
    is_internal: Mapped[bool] = mapped_column(Boolean)
    author: Mapped[str] = mapped_column(String(100))
    text_sealed: Mapped[SealedBytes | None]


class TicketFile(InProgramme, Base):
    """A file in a ticket; who may read the ticket may read it."""

    __tablename__ = "ticket_files"
    __table_args__ = (
        Index("ix_ticket_files_ticket_id_id", "ticket_id", "id"),
        Index("ix_ticket_files_programme_id_file_id", "programme_id", "file_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tickets.id"))
    file_id: Mapped[int] = mapped_column(BigInteger)
    is_internal: Mapped[bool] = mapped_column(Boolean)
    name: Mapped[str] = mapped_column(String(150))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[Instant]
    author: Mapped[str] = mapped_column(String(100))


class TicketStep(InProgramme, Base):
    """One step of a ticket's way; steps are only ever added."""

    __tablename__ = "ticket_steps"
    __table_args__ = (
        Index("ix_ticket_steps_ticket_id_id", "ticket_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tickets.id"))
    at: Mapped[Instant]
    kind: Mapped[str] = mapped_column(String(12))
    by: Mapped[str] = mapped_column(String(100))
    from_department_id: Mapped[int | None] = mapped_column(BigInteger)
    to_department_id: Mapped[int | None] = mapped_column(BigInteger)
    assignee_name: Mapped[str | None] = mapped_column(String(100))
    note: Mapped[str | None] = mapped_column(String(200))


class CannedAnswer(Versioned, InProgramme, Base):
    """A text that staff sends again and again."""

    __tablename__ = "ticket_canned_answers"
    __table_args__ = (
        UniqueConstraint("programme_id", "code"),
        Index("ix_ticket_canned_answers_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    code: Mapped[str] = mapped_column(String(16))
    text_fa: Mapped[str] = mapped_column(String(2000))
    text_en: Mapped[str] = mapped_column(String(2000))


TEXT = SealedField("ticket_messages.text", TicketMessage.text_sealed)
