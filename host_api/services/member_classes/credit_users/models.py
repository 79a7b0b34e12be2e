"""The table of credit users."""

from sqlalchemy import BigInteger, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import SealedBytes, SealedField
from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, within_programme
from host_api.core.tables import Base, Identifier, Instant, Whole

_ACTIVE = text("state = 'active'")


class CreditUser(Versioned, InProgramme, Base):
    """A member's credit; of one member one is in force."""

    __tablename__ = "credit_users"
    __table_args__ = (
        within_programme("member_id", "members"),
        Index(
            "uq_credit_users_active",
            "programme_id",
            "member_id",
            unique=True,
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
        Index("ix_credit_users_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_credit_users_programme_id_state_valid_until", "programme_id", "state", "valid_until"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    member_id: Mapped[int] = mapped_column(BigInteger)
    ceiling: Mapped[Whole]
    valid_from: Mapped[Instant]
    valid_until: Mapped[Instant | None]
    reason_sealed: Mapped[SealedBytes | None]
    state: Mapped[str] = mapped_column(String(7))
    created_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]


REASON = SealedField("credit_users.reason", CreditUser.reason_sealed)
