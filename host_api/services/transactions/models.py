"""Projection tables: what the journal feed says. Only the feed projection writes them.

No foreign key leads to members, cards or terminals: the journal is older and surer than this database's
records.
"""

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from host_api.core.database import Base


class Transaction(Base):
    """One financial request and the switch's decision; the key is its journal position."""

    __tablename__ = "transactions"
    __table_args__ = (
        Index("ix_transactions_rrn", "rrn"),
        Index("ix_transactions_at_ms_position", "at_ms", "position"),
        Index("ix_transactions_member_number_position", "member_number", "position"),
        Index("ix_transactions_terminal_id_position", "terminal_id", "position"),
    )

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    mti: Mapped[str] = mapped_column(String(4))
    processing_code: Mapped[str] = mapped_column(String(6))
    terminal_id: Mapped[str] = mapped_column(String(8))
    merchant_id: Mapped[str] = mapped_column(String(15))
    branch_number: Mapped[int] = mapped_column(Integer)
    stan: Mapped[str] = mapped_column(String(6))
    transmitted_at: Mapped[str] = mapped_column(String(10))
    rrn: Mapped[str] = mapped_column(String(12))
    card_reference: Mapped[int | None] = mapped_column(BigInteger)
    member_number: Mapped[int | None] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    response_code: Mapped[str] = mapped_column(String(2))
    rule_table_version: Mapped[int] = mapped_column(BigInteger)
    reverses_rrn: Mapped[str | None] = mapped_column(String(12))
    reversed_by_rrn: Mapped[str | None] = mapped_column(String(12))
    balances_after: Mapped[dict[str, int]] = mapped_column(JSON)

    transfers: Mapped[list["Transfer"]] = relationship(lazy="raise", order_by="Transfer.sequence")


class Transfer(Base):
    """One double-entry movement of a transaction."""

    __tablename__ = "transfers"

    position: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("transactions.position"), primary_key=True, autoincrement=False
    )
    sequence: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    purse: Mapped[str] = mapped_column(String(32))
    debit_account: Mapped[str] = mapped_column(String(64))
    credit_account: Mapped[str] = mapped_column(String(64))
    amount: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(16))
    rule: Mapped[str] = mapped_column(String(32))


class Balance(Base):
    """What a member has in a purse, and since which journal position."""

    __tablename__ = "balances"

    member_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    purse: Mapped[str] = mapped_column(String(32), primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    position: Mapped[int] = mapped_column(BigInteger)
    at_ms: Mapped[int] = mapped_column(BigInteger)
