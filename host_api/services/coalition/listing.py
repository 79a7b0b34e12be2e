"""How clubs, contracts, links, exchanges, statements and settlements are listed."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.jalali import CalendarDate
from host_api.core.listing import AtLeast, Below, Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.core.tehran_time import period_of_days
from host_api.services.coalition.exchange_schemas import (
    ClubExchangeState,
    ClubSettlementState,
    ClubStatementState,
)
from host_api.services.coalition.models import (
    ClubContract,
    ClubExchange,
    ClubLink,
    ClubSettlement,
    ClubStatement,
    PartnerClub,
)
from host_api.services.coalition.schemas import ClubContractState, ClubLinkState, ClubStatus

FilterId = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class CoalitionSort(StrEnum):
    """Orders by id."""

    LATEST = "-id"
    ID = "id"


class ClubQuery(ListQuery):
    """Which clubs."""

    sorts: ClassVar[dict[str, Column]] = {"id": PartnerClub.id}

    sort: CoalitionSort = Field(default=CoalitionSort.ID, description="The order; a minus turns it round.")
    status: Annotated[ClubStatus | None, Equals(PartnerClub.status)] = None


class ClubContractQuery(ListQuery):
    """Which contracts."""

    sorts: ClassVar[dict[str, Column]] = {"id": ClubContract.id}

    sort: CoalitionSort = Field(default=CoalitionSort.ID, description="The order; a minus turns it round.")
    club_id: Annotated[FilterId | None, Equals(ClubContract.club_id)] = None
    state: Annotated[ClubContractState | None, Equals(ClubContract.state)] = None


class ClubLinkQuery(ListQuery):
    """Which links."""

    sorts: ClassVar[dict[str, Column]] = {"id": ClubLink.id}

    sort: CoalitionSort = Field(
        default=CoalitionSort.LATEST, description="The latest first unless asked otherwise."
    )
    club_id: Annotated[FilterId | None, Equals(ClubLink.club_id)] = None
    member_id: Annotated[FilterId | None, Equals(ClubLink.member_id)] = None
    state: Annotated[ClubLinkState | None, Equals(ClubLink.state)] = None


class ClubExchangeFilters(FilterQuery):
    """Which exchanges, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": ClubExchange.id}

    sort: CoalitionSort = Field(
        default=CoalitionSort.LATEST, description="The latest first unless asked otherwise."
    )
    club_id: Annotated[FilterId | None, Equals(ClubExchange.club_id)] = None
    member_id: Annotated[FilterId | None, Equals(ClubExchange.member_id)] = None
    is_outgoing: Annotated[bool | None, Equals(ClubExchange.is_outgoing)] = None
    state: Annotated[ClubExchangeState | None, Equals(ClubExchange.state)] = None
    begin: Annotated[AwareDatetime | None, AtLeast(ClubExchange.done_at)] = Field(
        default=None, alias="from", description="Done from this instant on (ISO 8601 with offset)."
    )
    end: Annotated[AwareDatetime | None, Below(ClubExchange.done_at)] = Field(
        default=None, alias="to", description="Done before this instant (ISO 8601 with offset)."
    )


class ClubExchangeQuery(ClubExchangeFilters, ListQuery):
    """The same, by pages."""


class ClubExchangeExportQuery(ClubExchangeFilters, ExportQuery):
    """The same, as a file: the lines of statements."""


class ClubStatementQuery(ListQuery):
    """Which statements."""

    sorts: ClassVar[dict[str, Column]] = {"id": ClubStatement.id}

    sort: CoalitionSort = Field(
        default=CoalitionSort.LATEST, description="The latest first unless asked otherwise."
    )
    club_id: Annotated[FilterId | None, Equals(ClubStatement.club_id)] = None
    state: Annotated[ClubStatementState | None, Equals(ClubStatement.state)] = None


class ClubSettlementQuery(ListQuery):
    """Which settlements."""

    sorts: ClassVar[dict[str, Column]] = {"id": ClubSettlement.id}

    sort: CoalitionSort = Field(
        default=CoalitionSort.LATEST, description="The latest first unless asked otherwise."
    )
    statement_id: Annotated[FilterId | None, Equals(ClubSettlement.statement_id)] = None
    state: Annotated[ClubSettlementState | None, Equals(ClubSettlement.state)] = None


class ClearingQuery(FilterQuery):
    """Of which days, both among them, by the calendar in Tehran."""

    sorts: ClassVar[dict[str, Column]] = {"id": ClubExchange.id}

    begin: CalendarDate = Field(alias="from")
    end: CalendarDate = Field(alias="to")

    @property
    def period(self) -> tuple[datetime, datetime]:
        """First instant, and the first one behind it; the same where the days are the wrong way round."""
        if self.end < self.begin:
            start = period_of_days(self.begin, self.begin).start
            return start, start
        found = period_of_days(self.begin, self.end)
        return found.start, found.end
