"""Table of the numbers that stand for a card or a member beside the card's own."""

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import BlindIndex, SealedBytes, SealedField
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class CardCode(InProgramme, Base):
    """A number that the switch takes for a card: on a screen for a moment, in an EAN-13, or a phone's.

    A phone number stands for its member and has no card. A row is deleted with the switch's record of it.
    `is_due`: a terminal has changed the card, and the switch doesn't have the code as the card is now.
    """

    __tablename__ = "card_codes"
    __table_args__ = (
        UniqueConstraint("programme_id", "number_index"),
        Index("ix_card_codes_programme_id_card_id", "programme_id", "card_id"),
        Index("ix_card_codes_programme_id_member_id", "programme_id", "member_id"),
        Index("ix_card_codes_programme_id_expires_at", "programme_id", "expires_at"),
        Index("ix_card_codes_programme_id_is_due", "programme_id", "is_due"),
        {"sqlite_autoincrement": True},
    )
    # A screen asks for a new one every minute; the switch's journal has what was done with it.
    is_audited = False

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(String(8))
    card_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("cards.id"))
    member_id: Mapped[Whole | None]
    number_sealed: Mapped[SealedBytes | None]
    number_index: Mapped[BlindIndex | None]
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant | None]
    is_due: Mapped[bool]


CODE_NUMBER = SealedField("card_codes.number", CardCode.number_sealed, CardCode.number_index)
