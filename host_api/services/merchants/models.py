"""Tables of merchants and branches."""

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from host_api.core.encryption.sealed_field import SealedField
from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant


class Merchant(Versioned, InProgramme, Base):
    """A business that accepts the club's cards."""

    __tablename__ = "merchants"
    __table_args__ = (
        UniqueConstraint("programme_id", "merchant_id"),
        Index("ix_merchants_programme_id_guild", "programme_id", "guild"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    merchant_id: Mapped[str] = mapped_column(String(15))
    name: Mapped[str] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(9), default="active")
    guild: Mapped[str | None] = mapped_column(String(16))
    sector: Mapped[str | None] = mapped_column(String(16))
    sheba_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    contact_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[Instant]


SHEBA = SealedField("merchants.sheba", Merchant.sheba_sealed)
CONTACT = SealedField("merchants.contact", Merchant.contact_sealed)


class Branch(Versioned, InProgramme, Base):
    """A place of a merchant where terminals stand; numbered from 1 within the merchant."""

    __tablename__ = "branches"
    __table_args__ = (UniqueConstraint("merchant_key", "branch_number"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    merchant_key: Mapped[int] = mapped_column(BigInteger, ForeignKey("merchants.id"))
    branch_number: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(6), default="open")
    city: Mapped[str | None] = mapped_column(String(60))
    city_code: Mapped[str | None] = mapped_column(String(16))
    address: Mapped[str | None] = mapped_column(String(200))
    latitude_microdegrees: Mapped[int | None] = mapped_column(Integer)
    longitude_microdegrees: Mapped[int | None] = mapped_column(Integer)
    opening_hours: Mapped[list[dict[str, object]]] = mapped_column(JSON, default=list)
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[Instant]

    merchant: Mapped[Merchant] = relationship(lazy="raise")
