"""Tables of merchants' books."""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole
from host_api.services.store_accounts.till_documents import TillDocument


class StoreEntry(InProgramme, Base):
    """One account's part of a document, a debit above zero; the parts of each document sum to zero."""

    __tablename__ = "store_entries"
    __table_args__ = (
        Index("ix_store_entries_programme_id_merchant_at", "programme_id", "merchant", "at"),
        Index("ix_store_entries_programme_id_merchant_id", "programme_id", "merchant", "id"),
        Index("ix_store_entries_programme_id_member_id_id", "programme_id", "member_id", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False  # it is a record of its own

    id: Mapped[Identifier]
    merchant: Mapped[Whole] = mapped_column(ForeignKey("merchants.id"))
    branch_id: Mapped[Whole] = mapped_column(ForeignKey("branches.id"))
    document_kind: Mapped[str] = mapped_column(String(12))
    document_id: Mapped[Whole]
    account: Mapped[str] = mapped_column(String(12))
    member_id: Mapped[Whole | None]
    amount: Mapped[Whole]
    at: Mapped[Instant]
    by_name: Mapped[str] = mapped_column(String(100))


class StoreDebtor(KeyedByProgramme, Base):
    """What a member owes a merchant: the sum of their entries on `receivable`."""

    __tablename__ = "store_debtors"
    is_audited = False  # the entries tell

    merchant: Mapped[Whole] = mapped_column(ForeignKey("merchants.id"), primary_key=True, autoincrement=False)
    member_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    balance: Mapped[Whole]


class StoreDebtAct(TillDocument, InProgramme, Base):
    """A debt that was written down, settled or written off."""

    __tablename__ = "store_debt_acts"
    __table_args__ = (
        UniqueConstraint("programme_id", "till", "reference"),
        Index("ix_store_debt_acts_programme_id_member_id_id", "programme_id", "member_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(String(10))
    merchant: Mapped[Whole] = mapped_column(ForeignKey("merchants.id"))
    branch_id: Mapped[Whole] = mapped_column(ForeignKey("branches.id"))
    member_id: Mapped[Whole]
    account: Mapped[str] = mapped_column(String(12))
    amount: Mapped[Whole]
    note: Mapped[str | None] = mapped_column(String(100))
    at: Mapped[Instant]
    by_name: Mapped[str] = mapped_column(String(100))
