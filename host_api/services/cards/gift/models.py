"""Table of loads of gift cards."""

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class GiftLoad(InProgramme, Base):
    """Money that was taken for a gift card, and what the switch made of it."""

    __tablename__ = "gift_loads"
    __table_args__ = (
        Index("ix_gift_loads_programme_id_card_id_id", "programme_id", "card_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    card_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("cards.id"))
    merchant_id: Mapped[str] = mapped_column(String(15))
    amount: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(8))
    request_id: Mapped[Whole | None]
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    balance_after: Mapped[Whole | None]
    asked_by_name: Mapped[str] = mapped_column(String(100))
    asked_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
