"""Projection tables: what the journal feed says. Only the feed projection writes them.

No foreign key leads to members, cards or terminals: the journal is older and surer than this database's
records.
"""

from datetime import date
from typing import TypedDict

from sqlalchemy import JSON, BigInteger, Date, ForeignKeyConstraint, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from host_api.core.programmes import KeyedByProgramme
from host_api.core.tables import Base


class LotLineRow(TypedDict):
    """What a transaction added to one lot of an account."""

    account: str
    purse: str
    available_from_s: int
    expires_at_s: int
    delta: int


class RecordLineRow(TypedDict):
    """A record that a transaction changed."""

    file: str
    action: str
    member_number: int | None
    card_reference: int | None


# Each is read in the order of positions, so a period, which is a range of positions, narrows all of them.
_SEARCHED_BY = (
    ("rrn",),
    ("concerns_rrn",),
    ("reverses_rrn",),
    ("at_ms",),
    ("member_number",),
    ("card_reference",),
    ("terminal_id",),
    ("terminal_id", "stan"),
    ("merchant_id",),
    ("merchant_id", "branch_number"),
    ("response_code",),
    ("operation",),
    ("standing",),
    ("amount",),
)


class Transaction(KeyedByProgramme, Base):
    """One financial request and the switch's decision; the key is its journal position.

    `operation` and `standing` are those of `operation.Operation` and `standing.Standing`; `returned_amount`
    is what the returns that stand have taken back. `lot_lines` and `record_lines` are the feed's.
    """

    __tablename__ = "transactions"
    __table_args__ = (
        *(
            Index(
                f"ix_transactions_programme_id_{'_'.join(columns)}_position",
                "programme_id",
                *columns,
                "position",
            )
            for columns in _SEARCHED_BY
        ),
    )
    is_audited = False

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
    discount: Mapped[int] = mapped_column(BigInteger)
    tendered: Mapped[int] = mapped_column(BigInteger)
    net_amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    response_code: Mapped[str] = mapped_column(String(2))
    rule_table_version: Mapped[int] = mapped_column(BigInteger)
    reverses_rrn: Mapped[str | None] = mapped_column(String(12))
    reversed_by_rrn: Mapped[str | None] = mapped_column(String(12))
    concerns_rrn: Mapped[str | None] = mapped_column(String(12))
    hold_until_s: Mapped[int | None] = mapped_column(BigInteger)
    line_count: Mapped[int] = mapped_column(Integer)
    balances_after: Mapped[dict[str, int]] = mapped_column(JSON)
    operation: Mapped[str] = mapped_column(String(20))
    standing: Mapped[str] = mapped_column(String(13))
    returned_amount: Mapped[int] = mapped_column(BigInteger)
    lot_lines: Mapped[list[LotLineRow]] = mapped_column(JSON)
    record_lines: Mapped[list[RecordLineRow]] = mapped_column(JSON)

    transfers: Mapped[list["Transfer"]] = relationship(lazy="raise", order_by="Transfer.sequence")
    grants: Mapped[list["TransactionGrant"]] = relationship(
        lazy="raise", order_by="TransactionGrant.sequence"
    )


class Transfer(KeyedByProgramme, Base):
    """One double-entry movement of a transaction."""

    __tablename__ = "transfers"
    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "position"], ["transactions.programme_id", "transactions.position"]
        ),
    )
    is_audited = False

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    purse: Mapped[str] = mapped_column(String(32))
    debit_account: Mapped[str] = mapped_column(String(64))
    credit_account: Mapped[str] = mapped_column(String(64))
    amount: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(16))
    stage: Mapped[str] = mapped_column(String(16))
    rule: Mapped[str] = mapped_column(String(32))


class TransactionGrant(KeyedByProgramme, Base):
    """What one effect of one rule gave or took in a transaction."""

    __tablename__ = "transaction_grants"
    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "position"], ["transactions.programme_id", "transactions.position"]
        ),
    )
    is_audited = False

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    rule: Mapped[str] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[str] = mapped_column(String(16))
    purse: Mapped[str | None] = mapped_column(String(32))
    beneficiary: Mapped[str] = mapped_column(String(64))
    desired: Mapped[int] = mapped_column(BigInteger)
    granted: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(16))


class Lot(KeyedByProgramme, Base):
    """What an account holds from one time until another, epoch seconds; an empty lot has no row.

    Debt is a lot of its own, with both times 0.
    """

    __tablename__ = "lots"
    is_audited = False

    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    purse: Mapped[str] = mapped_column(String(32), primary_key=True)
    available_from_s: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    expires_at_s: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    amount: Mapped[int] = mapped_column(BigInteger)


class Balance(KeyedByProgramme, Base):
    """Which journal position last moved a purse of an account; its lots tell how much is in it."""

    __tablename__ = "balances"
    is_audited = False

    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    purse: Mapped[str] = mapped_column(String(32), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    at_ms: Mapped[int] = mapped_column(BigInteger)


class TransactionRule(KeyedByProgramme, Base):
    """A rule that gave or took something in a transaction, once however many effects it had there."""

    __tablename__ = "transaction_rules"
    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "position"], ["transactions.programme_id", "transactions.position"]
        ),
    )
    is_audited = False

    rule: Mapped[str] = mapped_column(String(32), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class AccountMovement(KeyedByProgramme, Base):
    """What one journal entry added to a purse of an account, for one reason; expiries among them.

    The sum of an account's movements is the sum of its lots.
    """

    __tablename__ = "account_movements"
    is_audited = False

    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    purse: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    delta: Mapped[int] = mapped_column(BigInteger)
    at_ms: Mapped[int] = mapped_column(BigInteger)


class BusinessDay(KeyedByProgramme, Base):
    """A business day of the switch, which begins at a journal position."""

    __tablename__ = "business_days"
    is_audited = False

    first_position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    business_date: Mapped[date] = mapped_column(Date)
