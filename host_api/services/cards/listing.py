"""How cards are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.cards.models import Card
from host_api.services.cards.schemas import CardStatus


class CardSort(StrEnum):
    """Orders of cards."""

    ID = "id"
    LATEST = "-id"


class CardQuery(ListQuery):
    """Which cards, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Card.id}

    sort: CardSort = Field(default=CardSort.ID, description="The order; a minus turns it round.")
    member_id: Annotated[int | None, Equals(Card.member_id)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="Only cards of this member."
    )
    status: Annotated[CardStatus | None, Equals(Card.status)] = None
    card_type: Annotated[str | None, Equals(Card.card_type)] = Field(default=None, max_length=8)
