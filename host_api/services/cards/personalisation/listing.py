"""How designs and batches are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.listing import Column, Equals, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.cards.personalisation.models import CardBatch, CardDesign
from host_api.services.cards.personalisation.schemas import BatchState, DesignStatus


class DesignSort(StrEnum):
    """Orders of designs."""

    ID = "id"
    NAME = "name"
    LATEST = "-id"
    NAME_REVERSED = "-name"


class DesignQuery(ListQuery):
    """Which designs, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": CardDesign.id, "name": CardDesign.name}

    sort: DesignSort = Field(default=DesignSort.ID, description="The order; a minus turns it round.")
    status: Annotated[DesignStatus | None, Equals(CardDesign.status)] = None


class BatchSort(StrEnum):
    """Orders of batches."""

    LATEST = "-id"
    ID = "id"


class BatchQuery(ListQuery):
    """Which batches, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": CardBatch.id}

    sort: BatchSort = Field(default=BatchSort.LATEST, description="The order; a minus turns it round.")
    order_id: Annotated[int | None, Equals(CardBatch.order_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    state: Annotated[BatchState | None, Equals(CardBatch.state)] = None
