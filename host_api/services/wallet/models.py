"""Tables of the wallet service."""

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole


class WalletPolicy(Versioned, KeyedByProgramme, Base):
    """A programme's limits, rials; without a row they are `policy.DEFAULTS`."""

    __tablename__ = "wallet_policies"

    balance_max: Mapped[Whole]
    load_min: Mapped[Whole]
    day_load_max: Mapped[Whole]
    day_spend_max: Mapped[Whole]


class WalletAct(NeedsSecondPerson, InProgramme, Base):
    """Money that goes into a wallet or out of it. Only a transfer from the bank waits for a second person."""

    __tablename__ = "wallet_acts"
    __table_args__ = (
        # A transfer is written down once, also when it was rejected: then its reference is given free.
        UniqueConstraint("programme_id", "bank_reference"),
        Index("ix_wallet_acts_programme_id_id", "programme_id", "id"),
        Index("ix_wallet_acts_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_wallet_acts_programme_id_member_id_asked_at", "programme_id", "member_id", "asked_at"),
        Index("ix_wallet_acts_programme_id_state_id", "programme_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(String(8))
    member_id: Mapped[Whole]
    merchant_id: Mapped[str] = mapped_column(String(15))
    amount: Mapped[Whole]
    bank_reference: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(String(200))
    request_id: Mapped[Whole | None]
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    balance_after: Mapped[Whole | None]
    finished_at: Mapped[Instant | None]
