"""How orders, allotments and counts are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.cards.stock.models import CardAllotment, CardCount, CardOrder
from host_api.services.cards.stock.schemas import OrderState

_KEY = Field(default=None, ge=1, le=LARGEST_ID)


class StockSort(StrEnum):
    """Orders of the lists."""

    LATEST = "-id"
    ID = "id"


class OrderQuery(ListQuery):
    """Which orders of cards, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": CardOrder.id}

    sort: StockSort = Field(default=StockSort.LATEST, description="The order; a minus turns it round.")
    product_id: Annotated[int | None, Equals(CardOrder.product_id)] = _KEY
    state: Annotated[OrderState | None, Equals(CardOrder.state)] = None


class AllotmentQuery(ListQuery):
    """Which allotments, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": CardAllotment.id}

    sort: StockSort = Field(default=StockSort.LATEST, description="The order; a minus turns it round.")
    product_id: Annotated[int | None, Equals(CardAllotment.product_id)] = _KEY
    to_branch_id: Annotated[int | None, Equals(CardAllotment.to_branch_id)] = _KEY


class CountQuery(ListQuery):
    """Which counts, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": CardCount.id}

    sort: StockSort = Field(default=StockSort.LATEST, description="The order; a minus turns it round.")
    product_id: Annotated[int | None, Equals(CardCount.product_id)] = _KEY
    branch_id: Annotated[int | None, Equals(CardCount.branch_id)] = _KEY
