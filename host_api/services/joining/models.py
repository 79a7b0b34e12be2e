"""Tables of joining."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import BlindIndex, SealedBytes, SealedField
from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, within_programme
from host_api.core.tables import Base, Identifier, Instant, Whole

# Written so that both databases read it, and the same in the migration.
_PENDING = text("is_pending")


class JoiningPolicy(Versioned, InProgramme, Base):
    """How one joins the club itself (`club_level` empty) or a sub-club."""

    __tablename__ = "joining_policies"
    __table_args__ = (
        UniqueConstraint("programme_id", "club_level"),
        UniqueConstraint("programme_id", "sms_keyword"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    club_level: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(7))
    ways: Mapped[list[str]] = mapped_column(JSON)
    fee_rials: Mapped[Whole]
    required_fields: Mapped[list[str]] = mapped_column(JSON)
    required_agreements: Mapped[list[int]] = mapped_column(JSON)
    needs_approval: Mapped[bool] = mapped_column(Boolean)
    sms_keyword: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[Instant]


class Application(Versioned, InProgramme, Base):
    """Somebody's wish to become a member. What they tell is sealed, and forgotten once they are one."""

    __tablename__ = "membership_applications"
    __table_args__ = (
        within_programme("member_id", "members"),
        Index("ix_membership_applications_programme_id_id", "programme_id", "id"),
        Index("ix_membership_applications_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_membership_applications_programme_id_mobile_index", "programme_id", "mobile_index"),
        Index(
            "uq_membership_applications_pending_mobile",
            "programme_id",
            "mobile_index",
            unique=True,
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        Index(
            "uq_membership_applications_pending_national_id",
            "programme_id",
            "national_id_index",
            unique=True,
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    club_level: Mapped[str] = mapped_column(String(16))
    way: Mapped[str] = mapped_column(String(7))
    state: Mapped[str] = mapped_column(String(16))
    is_pending: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[Instant]
    asked_by: Mapped[str] = mapped_column(String(72))
    asked_by_name: Mapped[str] = mapped_column(String(100))
    fee_rials: Mapped[Whole]
    fee_reference: Mapped[str | None] = mapped_column(String(60))
    fee_noted_at: Mapped[Instant | None]
    fee_noted_by: Mapped[str | None] = mapped_column(String(100))
    needs_approval: Mapped[bool] = mapped_column(Boolean)
    decided_by: Mapped[str | None] = mapped_column(String(72))
    decided_by_name: Mapped[str | None] = mapped_column(String(100))
    decided_at: Mapped[Instant | None]
    reason: Mapped[str | None] = mapped_column(String(200))
    member_id: Mapped[int | None] = mapped_column(BigInteger)
    confirmed_at: Mapped[Instant | None]
    code_salt: Mapped[bytes | None] = mapped_column(LargeBinary(16), info={"secret": True})
    code_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), info={"secret": True})
    code_expires_at: Mapped[Instant | None]
    code_tries_left: Mapped[int] = mapped_column(Integer)
    codes_sent: Mapped[int] = mapped_column(Integer)
    code_sent_at: Mapped[Instant | None]
    details_sealed: Mapped[SealedBytes | None]
    mobile_sealed: Mapped[SealedBytes | None]
    mobile_index: Mapped[BlindIndex | None]
    national_id_sealed: Mapped[SealedBytes | None]
    national_id_index: Mapped[BlindIndex | None]


class FailedAttempt(InProgramme, Base):
    """Somebody tried to join and could not: kept so that they can be called, without any code."""

    __tablename__ = "failed_joining_attempts"
    __table_args__ = (
        Index("ix_failed_joining_attempts_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    at: Mapped[Instant]
    way: Mapped[str] = mapped_column(String(7))
    club_level: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(40))
    application_id: Mapped[Whole | None]
    is_followed_up: Mapped[bool] = mapped_column(Boolean)
    followed_up_at: Mapped[Instant | None]
    followed_up_by: Mapped[str | None] = mapped_column(String(100))
    note: Mapped[str | None] = mapped_column(String(200))
    name_sealed: Mapped[SealedBytes | None]
    mobile_sealed: Mapped[SealedBytes | None]


class ReceivedSms(InProgramme, Base):
    """A message that came in, and what became of it; the gateway's own id makes a repeat known."""

    __tablename__ = "joining_messages"
    __table_args__ = (
        UniqueConstraint("programme_id", "message_id"),
        Index("ix_joining_messages_programme_id_at", "programme_id", "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    message_id: Mapped[str] = mapped_column(String(64))
    at: Mapped[Instant]
    outcome: Mapped[str] = mapped_column(String(40))
    application_id: Mapped[Whole | None]
    member_id: Mapped[Whole | None]


DETAILS = SealedField("membership_applications.details", Application.details_sealed)
MOBILE = SealedField("membership_applications.mobile", Application.mobile_sealed, Application.mobile_index)
NATIONAL_ID = SealedField(
    "membership_applications.national_id", Application.national_id_sealed, Application.national_id_index
)
ATTEMPT_NAME = SealedField("failed_joining_attempts.name", FailedAttempt.name_sealed)
ATTEMPT_MOBILE = SealedField("failed_joining_attempts.mobile", FailedAttempt.mobile_sealed)
