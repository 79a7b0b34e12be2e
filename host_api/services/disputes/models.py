"""Tables of the disputes service."""

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class Dispute(Versioned, InProgramme, Base):
    """A case about one transaction.

    `transaction_request_id` and `points_act_id` are what the decision asked for.
    """

    __tablename__ = "disputes"
    __table_args__ = (
        Index("ix_disputes_programme_id_id", "programme_id", "id"),
        Index("ix_disputes_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_disputes_programme_id_deadline_at_id", "programme_id", "deadline_at", "id"),
        Index("ix_disputes_programme_id_rrn_id", "programme_id", "rrn", "id"),
        Index("ix_disputes_programme_id_member_id_id", "programme_id", "member_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    rrn: Mapped[str] = mapped_column(String(12))
    member_id: Mapped[Whole | None]
    kind: Mapped[str] = mapped_column(String(16))
    claim_amount: Mapped[Whole | None]
    state: Mapped[str] = mapped_column(String(8))
    assignee: Mapped[str | None] = mapped_column(String(100))
    deadline_at: Mapped[Instant]
    opened_by: Mapped[str] = mapped_column(String(100))
    opened_at: Mapped[Instant]
    outcome: Mapped[str | None] = mapped_column(String(8))
    decision: Mapped[str | None] = mapped_column(String(1000))
    decided_by: Mapped[str | None] = mapped_column(String(100))
    decided_at: Mapped[Instant | None]
    transaction_request_id: Mapped[Whole | None]
    points_act_id: Mapped[Whole | None]


class DisputeNote(InProgramme, Base):
    """What somebody wrote down about a case."""

    __tablename__ = "dispute_notes"
    __table_args__ = (
        Index("ix_dispute_notes_dispute_id_id", "dispute_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    dispute_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("disputes.id"))
    at: Mapped[Instant]
    author: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(String(1000))
