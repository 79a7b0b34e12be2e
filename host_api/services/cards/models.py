"""Tables of the cards service."""

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant


class Card(InProgramme, Base):
    """A card of a member or of the stock; the id is the card reference that the feed has for its number."""

    __tablename__ = "cards"
    __table_args__ = (
        UniqueConstraint("programme_id", "number"),
        Index("ix_cards_member_id_id", "member_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    number: Mapped[str] = mapped_column(String(16))
    member_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("members.id"))
    card_type: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[Instant]
