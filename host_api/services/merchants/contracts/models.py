"""Table of contracts."""

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole
from host_api.services.merchants.models import Merchant


class Contract(NeedsSecondPerson, Versioned, InProgramme, Base):
    """One version of the contract with a merchant; its terms never change, another version follows.

    `begins_at` and `ends_at` are when it really is in force: later than `valid_from` where another one was in
    force until it was approved, earlier than `valid_until` where another one took its place.
    `purses` and `branches` are None where all are meant.
    """

    __tablename__ = "contracts"
    __table_args__ = (
        UniqueConstraint("merchant_key", "number"),
        Index("ix_contracts_programme_id_id", "programme_id", "id"),
        Index("ix_contracts_programme_id_state_ends_at", "programme_id", "state", "ends_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    merchant_key: Mapped[int] = mapped_column(BigInteger, ForeignKey("merchants.id"))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(9))
    valid_from: Mapped[Instant]
    valid_until: Mapped[Instant]
    begins_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    may_earn: Mapped[bool]
    may_burn: Mapped[bool]
    purses: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    branches: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    funding: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    settlement_period: Mapped[str] = mapped_column(String(7))
    settlement_days: Mapped[int] = mapped_column(Integer)
    commission_parts: Mapped[int] = mapped_column(Integer)
    text: Mapped[str | None] = mapped_column(String(4000))
    file_id: Mapped[Whole | None]
    note: Mapped[str | None] = mapped_column(String(200))
    warned_days: Mapped[int | None] = mapped_column(Integer)

    merchant: Mapped[Merchant] = relationship(lazy="raise")
