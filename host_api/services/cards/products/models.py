"""Table of card products."""

from sqlalchemy import JSON, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class CardProduct(InProgramme, Versioned, Base):
    """A kind of card. A limit of None is none; `card_type` is what the switch and the rules call it."""

    __tablename__ = "card_products"
    __table_args__ = (UniqueConstraint("programme_id", "code"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    code: Mapped[str] = mapped_column(String(8))
    card_type: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(100))
    title_fa: Mapped[str] = mapped_column(String(100))
    media: Mapped[list[str]] = mapped_column(JSON)
    number_digits: Mapped[str] = mapped_column(String(2))
    validity_months: Mapped[int | None] = mapped_column(Integer)
    is_pin_wanted: Mapped[bool]
    price: Mapped[Whole]
    replacement_fee: Mapped[Whole]
    tiers: Mapped[list[str]] = mapped_column(JSON)
    club_levels: Mapped[list[str]] = mapped_column(JSON)
    limit_per_member: Mapped[int | None] = mapped_column(Integer)
    limit_total: Mapped[int | None] = mapped_column(Integer)
    limit_per_branch: Mapped[int | None] = mapped_column(Integer)
    limit_per_branch_day: Mapped[int | None] = mapped_column(Integer)
    is_family_allowed: Mapped[bool]
    static_code: Mapped[str] = mapped_column(String(8))
    moment_code_s: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[Instant]
