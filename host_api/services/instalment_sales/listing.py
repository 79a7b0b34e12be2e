"""How instalment sales are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.listing import Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.instalment_sales.models import InstalmentSale
from host_api.services.instalment_sales.states import InstalmentSaleState

FilterId = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class InstalmentSaleSort(StrEnum):
    """Orders by id."""

    LATEST = "-id"
    ID = "id"


class OwnInstalmentSaleQuery(ListQuery):
    """Which of a member's sales."""

    sorts: ClassVar[dict[str, Column]] = {"id": InstalmentSale.id}

    sort: InstalmentSaleSort = InstalmentSaleSort.LATEST
    state: Annotated[InstalmentSaleState | None, Equals(InstalmentSale.state)] = None


class InstalmentSaleFilters(FilterQuery):
    """Which sales, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": InstalmentSale.id}

    sort: InstalmentSaleSort = Field(
        default=InstalmentSaleSort.LATEST, description="The latest first unless asked otherwise."
    )
    seller_id: Annotated[FilterId | None, Equals(InstalmentSale.seller_id)] = None
    member_id: Annotated[FilterId | None, Equals(InstalmentSale.member_id)] = None
    state: Annotated[InstalmentSaleState | None, Equals(InstalmentSale.state)] = None


class InstalmentSaleQuery(InstalmentSaleFilters, ListQuery):
    """The same, by pages."""


class InstalmentSaleExportQuery(InstalmentSaleFilters, ExportQuery):
    """The same, as a file."""
