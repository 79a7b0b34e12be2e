"""Tables of the discount codes service."""

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class CodePool(Versioned, InProgramme, Base):
    """Codes that are worth the same. `supplier` is None for the club's own."""

    __tablename__ = "code_pools"
    __table_args__ = (UniqueConstraint("programme_id", "code"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    code: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    worth: Mapped[str] = mapped_column(String(100))
    worth_fa: Mapped[str] = mapped_column(String(100))
    supplier: Mapped[str | None] = mapped_column(String(60))
    cost: Mapped[Whole]
    prefix: Mapped[str] = mapped_column(String(8))
    valid_from: Mapped[Instant | None]
    valid_until: Mapped[Instant | None]
    low_stock: Mapped[int] = mapped_column(Integer)
    is_low: Mapped[bool] = mapped_column(Boolean)
    is_open: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[Instant]


class DiscountCode(InProgramme, Base):
    """One code. `service` and `reference` are whose wish it was given for; `ends_at` is its own end."""

    __tablename__ = "discount_codes"
    __table_args__ = (
        UniqueConstraint("programme_id", "pool_id", "code"),
        UniqueConstraint("programme_id", "service", "reference"),
        Index("ix_discount_codes_programme_id_pool_id_state_id", "programme_id", "pool_id", "state", "id"),
        Index("ix_discount_codes_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_discount_codes_programme_id_state_ends_at", "programme_id", "state", "ends_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    pool_id: Mapped[Whole] = mapped_column(ForeignKey("code_pools.id"))
    code: Mapped[str] = mapped_column(String(40), info={"secret": True})
    state: Mapped[str] = mapped_column(String(9))
    ends_at: Mapped[Instant | None]
    member_id: Mapped[Whole | None]
    service: Mapped[str | None] = mapped_column(String(32))
    reference: Mapped[str | None] = mapped_column(String(64))
    added_at: Mapped[Instant]
    taken_at: Mapped[Instant | None]
    finished_at: Mapped[Instant | None]
