"""How sellers, lines, movements and settlements are listed."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.jalali import CalendarDate
from host_api.core.listing import AtLeast, Below, Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.sellers.models import Seller, SellerLine, SellerMovement, SellerSettlement
from host_api.services.sellers.states import (
    SellerLineKind,
    SellerMovementState,
    SellerSettlementState,
    SellerState,
)

FilterId = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class SellerSort(StrEnum):
    """Orders by id."""

    LATEST = "-id"
    ID = "id"


class SellerQuery(ListQuery):
    """Which sellers."""

    sorts: ClassVar[dict[str, Column]] = {"id": Seller.id}

    sort: SellerSort = Field(default=SellerSort.ID, description="The order; a minus turns it round.")
    state: Annotated[SellerState | None, Equals(Seller.state)] = None
    member_id: Annotated[FilterId | None, Equals(Seller.member_id)] = None
    merchant_key: Annotated[FilterId | None, Equals(Seller.merchant_key)] = None


class SellerLineFilters(FilterQuery):
    """Which lines, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": SellerLine.id}

    sort: SellerSort = Field(default=SellerSort.ID, description="The order; a minus turns it round.")
    seller_id: Annotated[FilterId | None, Equals(SellerLine.seller_id)] = None
    kind: Annotated[SellerLineKind | None, Equals(SellerLine.kind)] = None
    begin: Annotated[AwareDatetime | None, AtLeast(SellerLine.at)] = Field(
        default=None, alias="from", description="From this instant on (ISO 8601 with offset)."
    )
    end: Annotated[AwareDatetime | None, Below(SellerLine.at)] = Field(
        default=None, alias="to", description="Before this instant (ISO 8601 with offset)."
    )


class SellerLineQuery(SellerLineFilters, ListQuery):
    """The same, by pages."""


class SellerLineExportQuery(SellerLineFilters, ExportQuery):
    """The same, as a file."""


class SellerMovementQuery(ListQuery):
    """Which movements."""

    sorts: ClassVar[dict[str, Column]] = {"id": SellerMovement.id}

    sort: SellerSort = Field(
        default=SellerSort.LATEST, description="The latest first unless asked otherwise."
    )
    seller_id: Annotated[FilterId | None, Equals(SellerMovement.seller_id)] = None
    member_id: Annotated[FilterId | None, Equals(SellerMovement.member_id)] = None
    state: Annotated[SellerMovementState | None, Equals(SellerMovement.state)] = None


class SellerSettlementQuery(ListQuery):
    """Which settlements."""

    sorts: ClassVar[dict[str, Column]] = {"id": SellerSettlement.id}

    sort: SellerSort = Field(
        default=SellerSort.LATEST, description="The latest first unless asked otherwise."
    )
    seller_id: Annotated[FilterId | None, Equals(SellerSettlement.seller_id)] = None
    state: Annotated[SellerSettlementState | None, Equals(SellerSettlement.state)] = None


class SellerStatementQuery(FilterQuery):
    """Of which days, both among them, by the calendar in Tehran."""

    sorts: ClassVar[dict[str, Column]] = {"id": SellerLine.id}

    begin: CalendarDate = Field(alias="from")
    end: CalendarDate = Field(alias="to")

    @property
    def days(self) -> tuple[date, date]:
        """First and last day."""
        return self.begin, self.end
