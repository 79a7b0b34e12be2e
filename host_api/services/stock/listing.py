"""How levels, entries and counts are listed."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.listing import AtLeast, Below, Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.stock.models import StockCount, StockCountLine, StockEntry, StockLevel
from host_api.services.stock.schemas import StockCountState, StockEntryKind


class LevelSort(StrEnum):
    """Orders of levels."""

    PRODUCT = "id"


class StockLevelQuery(ListQuery):
    """Which of a branch's levels."""

    sorts: ClassVar[dict[str, Column]] = {"id": StockLevel.product_id}

    sort: LevelSort = LevelSort.PRODUCT
    branch_id: Annotated[int, Equals(StockLevel.branch_id)] = Field(ge=1, le=LARGEST_ID)
    product_id: Annotated[int | None, Equals(StockLevel.product_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    quantity_below: Annotated[int | None, Below(StockLevel.quantity)] = Field(
        default=None, ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT, description="What is to be ordered soon."
    )


class StockEntrySort(StrEnum):
    """Orders of entries and counts."""

    LATEST = "-id"
    ID = "id"


class StockEntryFilters(FilterQuery):
    """Which entries, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": StockEntry.id}

    sort: StockEntrySort = StockEntrySort.LATEST
    branch_id: Annotated[int | None, Equals(StockEntry.branch_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    product_id: Annotated[int | None, Equals(StockEntry.product_id)] = Field(
        default=None, ge=1, le=LARGEST_ID
    )
    kind: Annotated[StockEntryKind | None, Equals(StockEntry.kind)] = None
    at_from: Annotated[AwareDatetime | None, AtLeast(StockEntry.at)] = None
    at_before: Annotated[AwareDatetime | None, Below(StockEntry.at)] = None


class StockEntryQuery(StockEntryFilters, ListQuery):
    """A page of entries."""


class StockEntryExportQuery(StockEntryFilters, ExportQuery):
    """Which entries are exported, and how."""


class StockCountQuery(ListQuery):
    """Which stocktakings."""

    sorts: ClassVar[dict[str, Column]] = {"id": StockCount.id}

    sort: StockEntrySort = StockEntrySort.LATEST
    branch_id: Annotated[int | None, Equals(StockCount.branch_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    state: Annotated[StockCountState | None, Equals(StockCount.state)] = None


class StockCountLineQuery(ListQuery):
    """Which lines of a stocktaking."""

    sorts: ClassVar[dict[str, Column]] = {"id": StockCountLine.id}

    sort: StockEntrySort = StockEntrySort.ID
