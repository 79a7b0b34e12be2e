"""Tables of the merchants service."""

from sqlalchemy import BigInteger, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant


class Merchant(InProgramme, Base):
    """A business that accepts the club's cards."""

    __tablename__ = "merchants"
    __table_args__ = (UniqueConstraint("programme_id", "merchant_id"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    merchant_id: Mapped[str] = mapped_column(String(15))
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[Instant]


class Branch(InProgramme, Base):
    """A place of a merchant where terminals stand; numbered from 1 within the merchant."""

    __tablename__ = "branches"
    __table_args__ = (UniqueConstraint("merchant_key", "branch_number"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    merchant_key: Mapped[int] = mapped_column(BigInteger, ForeignKey("merchants.id"))
    branch_number: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(100))
    city: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[Instant]

    merchant: Mapped[Merchant] = relationship(lazy="raise")
