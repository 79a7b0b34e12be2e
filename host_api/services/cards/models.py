"""Tables of cards and of what became of them."""

from datetime import date

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from host_api.core.encryption.sealed_field import BlindIndex, SealedBytes, SealedField
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole
from host_api.services.cards.products.models import CardProduct


class Card(InProgramme, Base):
    """A card of a member or of the stock.

    `reference` is what the feed has for the number: the id, but for a gift card that took another's place,
    which goes on with its reference and so with what is left on it. No foreign key leads to the member: a
    terminal may have made one whom this database does not know yet. `branch_id` is the branch in whose stock
    the card lies, or from which it was issued. `feed_position` is the last journal entry that changed the
    card, so that a rebuild changes nothing a second time.
    """

    __tablename__ = "cards"
    __table_args__ = (
        UniqueConstraint("programme_id", "number_index"),
        Index("ix_cards_member_id_id", "member_id", "id"),
        # SQLite would go through all cards of the programme for some of them by id.
        Index("ix_cards_programme_id_id", "programme_id", "id"),
        Index("ix_cards_programme_id_reference", "programme_id", "reference"),
        Index("ix_cards_programme_id_last_four_first_six", "programme_id", "last_four", "first_six"),
        Index("ix_cards_programme_id_card_type_id", "programme_id", "card_type", "id"),
        Index("ix_cards_programme_id_branch_id_id", "programme_id", "branch_id", "id"),
        Index("ix_cards_programme_id_status_expires_on", "programme_id", "status", "expires_on"),
        Index(
            "ix_cards_programme_id_product_id_branch_id_status_id",
            "programme_id",
            "product_id",
            "branch_id",
            "status",
            "id",
        ),
        Index(
            "ix_cards_programme_id_product_id_issued_at_branch_id",
            "programme_id",
            "product_id",
            "issued_at",
            "branch_id",
        ),
        Index("ix_cards_order_id_id", "order_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    reference: Mapped[Whole]
    # Hidden from the log too, whose readers open what is sealed there.
    number_sealed: Mapped[SealedBytes | None] = mapped_column(info={"secret": True})
    number_index: Mapped[BlindIndex | None]
    first_six: Mapped[str] = mapped_column(String(6))
    last_four: Mapped[str] = mapped_column(String(4))
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("card_products.id"))
    card_type: Mapped[str] = mapped_column(String(8))
    member_id: Mapped[Whole | None]
    status: Mapped[str] = mapped_column(String(9))
    status_reason: Mapped[str | None] = mapped_column(String(16))
    expires_on: Mapped[date | None] = mapped_column(Date)
    branch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("branches.id"))
    order_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("card_orders.id"))
    replaces_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("cards.id"))
    feed_position: Mapped[Whole]
    created_at: Mapped[Instant]
    issued_at: Mapped[Instant | None]

    product: Mapped[CardProduct] = relationship(lazy="raise")


NUMBER = SealedField("cards.number", Card.number_sealed, Card.number_index)


class CardTransition(InProgramme, Base):
    """One change of a card's state: from what to what, why, by whom, and what it cost."""

    __tablename__ = "card_transitions"
    __table_args__ = (
        Index("ix_card_transitions_programme_id_card_id_id", "programme_id", "card_id", "id"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    card_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("cards.id"))
    from_status: Mapped[str] = mapped_column(String(9))
    to_status: Mapped[str] = mapped_column(String(9))
    reason: Mapped[str] = mapped_column(String(16))
    note: Mapped[str | None] = mapped_column(String(200))
    fee: Mapped[Whole]
    at: Mapped[Instant]
    caller_kind: Mapped[str] = mapped_column(String(8))
    caller_id: Mapped[str] = mapped_column(String(60))
    caller_name: Mapped[str] = mapped_column(String(100))
    feed_position: Mapped[Whole | None]
