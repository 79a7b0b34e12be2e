"""Table of supplementary cards."""

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Whole


class FamilyCard(InProgramme, Versioned, Base):
    """What a supplementary card has beside its card: the principal member, who holds it, its own limits.

    Limits are in rials; None is no limit.
    """

    __tablename__ = "family_cards"
    __table_args__ = (
        Index("ix_family_cards_programme_id_principal_member_id", "programme_id", "principal_member_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, ForeignKey("cards.id"), primary_key=True, autoincrement=False)
    principal_member_id: Mapped[Whole]
    relation: Mapped[str] = mapped_column(String(8))
    limit_per_purchase: Mapped[Whole | None]
    limit_per_day: Mapped[Whole | None]
    limit_per_month: Mapped[Whole | None]

    def of_successor(self, card_id: int) -> "FamilyCard":
        """The same for the card that takes this one's place."""
        return FamilyCard(
            id=card_id,
            principal_member_id=self.principal_member_id,
            relation=self.relation,
            limit_per_purchase=self.limit_per_purchase,
            limit_per_day=self.limit_per_day,
            limit_per_month=self.limit_per_month,
        )
