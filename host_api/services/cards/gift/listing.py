"""How loads of gift cards are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.cards.gift.models import GiftLoad
from host_api.services.cards.gift.schemas import LoadState


class LoadSort(StrEnum):
    """Orders of loads."""

    LATEST = "-id"
    ID = "id"


class LoadQuery(ListQuery):
    """Which loads, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": GiftLoad.id}

    sort: LoadSort = Field(default=LoadSort.LATEST, description="The order; a minus turns it round.")
    card_id: Annotated[int | None, Equals(GiftLoad.card_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    state: Annotated[LoadState | None, Equals(GiftLoad.state)] = None
