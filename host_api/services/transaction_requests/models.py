"""Tables of the transaction_requests service."""

from typing import Final

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole

# What may still move something; DOUBTFUL until reconciliation has found out.
_OPEN: Final = text("state IN ('asked', 'sent', 'doubtful')")


class TransactionRequest(NeedsSecondPerson, InProgramme, Base):
    """A void or return that a person asked for; of one transaction only one is under way at a time."""

    __tablename__ = "transaction_requests"
    __table_args__ = (
        Index("ix_transaction_requests_programme_id_id", "programme_id", "id"),
        Index("ix_transaction_requests_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_transaction_requests_programme_id_original_rrn_id", "programme_id", "original_rrn", "id"),
        Index("ix_transaction_requests_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index(
            "uq_transaction_requests_open",
            "programme_id",
            "original_rrn",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(String(9))
    original_rrn: Mapped[str] = mapped_column(String(12))
    merchant_id: Mapped[str] = mapped_column(String(15))
    member_id: Mapped[Whole | None]
    card_id: Mapped[Whole | None]
    amount: Mapped[Whole]
    lines: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    reason_code: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(9))
    note: Mapped[str | None] = mapped_column(String(200))
    request_id: Mapped[Whole | None]
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    refund_amount: Mapped[Whole | None]
    refund_units: Mapped[Whole | None]
    balances_after: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    finished_at: Mapped[Instant | None]
