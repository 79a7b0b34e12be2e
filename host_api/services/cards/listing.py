"""How cards and their transitions are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.cards.models import Card, CardTransition
from host_api.services.cards.states import CardStatus


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
    product_id: Annotated[int | None, Equals(Card.product_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    branch_id: Annotated[int | None, Equals(Card.branch_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    order_id: Annotated[int | None, Equals(Card.order_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    reference: Annotated[int | None, Equals(Card.reference)] = Field(
        default=None, ge=1, le=LARGEST_ID, description="As transactions have it."
    )


class TransitionQuery(ListQuery):
    """A card's changes of state, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": CardTransition.id}

    sort: CardSort = Field(default=CardSort.LATEST, description="The order; a minus turns it round.")
