"""How orders at storefronts are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.listing import AtLeast, Below, Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.storefronts.orders.models import StorefrontOrder
from host_api.services.storefronts.orders.states import StorefrontOrderState

FilterId = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class StorefrontOrderSort(StrEnum):
    """Orders by id."""

    LATEST = "-id"
    ID = "id"


class OwnStorefrontOrderQuery(ListQuery):
    """Which of a member's orders."""

    sorts: ClassVar[dict[str, Column]] = {"id": StorefrontOrder.id}

    sort: StorefrontOrderSort = StorefrontOrderSort.LATEST
    state: Annotated[StorefrontOrderState | None, Equals(StorefrontOrder.state)] = None


class StorefrontOrderFilters(FilterQuery):
    """Which orders, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": StorefrontOrder.id}

    sort: StorefrontOrderSort = Field(
        default=StorefrontOrderSort.LATEST, description="The latest first unless asked otherwise."
    )
    seller_id: Annotated[FilterId | None, Equals(StorefrontOrder.seller_id)] = None
    member_id: Annotated[FilterId | None, Equals(StorefrontOrder.member_id)] = None
    state: Annotated[StorefrontOrderState | None, Equals(StorefrontOrder.state)] = None
    begin: Annotated[AwareDatetime | None, AtLeast(StorefrontOrder.placed_at)] = Field(
        default=None, alias="from", description="Placed from this instant on (ISO 8601 with offset)."
    )
    end: Annotated[AwareDatetime | None, Below(StorefrontOrder.placed_at)] = Field(
        default=None, alias="to", description="Placed before this instant (ISO 8601 with offset)."
    )


class StorefrontOrderQuery(StorefrontOrderFilters, ListQuery):
    """The same, by pages."""


class StorefrontOrderExportQuery(StorefrontOrderFilters, ExportQuery):
    """The same, as a file."""
