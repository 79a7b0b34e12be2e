"""How partners, spendings and lines of statements are listed."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.jalali import CalendarDate
from host_api.core.listing import AtLeast, Below, Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.partner_spending.models import Partner, PartnerMovement, PartnerSpending
from host_api.services.partner_spending.schemas import (
    PartnerMovementKind,
    PartnerSpendingState,
    PartnerStatus,
)

PartnerId = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class PartnerSpendingSort(StrEnum):
    """Orders by id."""

    LATEST = "-id"
    ID = "id"


class PartnerQuery(ListQuery):
    """Which partners."""

    sorts: ClassVar[dict[str, Column]] = {"id": Partner.id}

    sort: PartnerSpendingSort = Field(
        default=PartnerSpendingSort.ID, description="The order; a minus turns it round."
    )
    status: Annotated[PartnerStatus | None, Equals(Partner.status)] = None


class PartnerSpendingQuery(ListQuery):
    """Which spendings, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": PartnerSpending.id}

    sort: PartnerSpendingSort = Field(
        default=PartnerSpendingSort.LATEST, description="The latest first unless asked otherwise."
    )
    state: Annotated[PartnerSpendingState | None, Equals(PartnerSpending.state)] = None
    partner_id: Annotated[PartnerId | None, Equals(PartnerSpending.partner_id)] = None
    member_id: Annotated[PartnerId | None, Equals(PartnerSpending.member_id)] = None
    reference: Annotated[str | None, Equals(PartnerSpending.reference)] = Field(default=None, max_length=32)


class MovementFilters(FilterQuery):
    """Which lines of partners' accounts, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": PartnerMovement.id}

    sort: PartnerSpendingSort = Field(
        default=PartnerSpendingSort.ID, description="The order; a minus turns it round."
    )
    partner_id: Annotated[PartnerId | None, Equals(PartnerMovement.partner_id)] = None
    kind: Annotated[PartnerMovementKind | None, Equals(PartnerMovement.kind)] = None
    begin: Annotated[AwareDatetime | None, AtLeast(PartnerMovement.at)] = Field(
        default=None, alias="from", description="From this instant on (ISO 8601 with offset)."
    )
    end: Annotated[AwareDatetime | None, Below(PartnerMovement.at)] = Field(
        default=None, alias="to", description="Before this instant (ISO 8601 with offset)."
    )


class MovementQuery(MovementFilters, ListQuery):
    """The same, by pages."""


class MovementExportQuery(MovementFilters, ExportQuery):
    """The same, as a file."""


class StatementQuery(FilterQuery):
    """Of which days, both among them, by the calendar in Tehran."""

    sorts: ClassVar[dict[str, Column]] = {"id": PartnerMovement.id}

    begin: CalendarDate = Field(alias="from")
    end: CalendarDate = Field(alias="to")

    @property
    def days(self) -> tuple[date, date]:
        """First and last day."""
        return self.begin, self.end
