"""How trades, symbols and the efficiency of credit are listed and exported."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.listing import AtLeast, Below, Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.services.members.selection import MEMBER_ID
from host_api.services.risk.trades.models import RiskTrade, RiskySymbol
from host_api.services.risk.trades.schemas import RiskTradeSide, Symbol


class ToldTradeSort(StrEnum):
    """Orders by id."""

    LATEST = "-id"
    ID = "id"


class EfficiencySort(StrEnum):
    """By member number."""

    ID = "id"


class ToldTradeFilters(FilterQuery):
    """Which trades, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": RiskTrade.id}

    sort: ToldTradeSort = Field(
        default=ToldTradeSort.LATEST, description="The latest first unless asked otherwise."
    )
    member_id: Annotated[int | None, Equals(RiskTrade.member_id)] = Field(default=None, ge=1, le=LARGEST_ID)
    symbol: Annotated[Symbol | None, Equals(RiskTrade.symbol)] = None
    side: Annotated[RiskTradeSide | None, Equals(RiskTrade.side)] = None
    at_from: Annotated[AwareDatetime | None, AtLeast(RiskTrade.at)] = None
    at_before: Annotated[AwareDatetime | None, Below(RiskTrade.at)] = None


class ToldTradeQuery(ToldTradeFilters, ListQuery):
    """The same, by pages."""


class ToldTradeExportQuery(ToldTradeFilters, ExportQuery):
    """The same, as a file."""


class RiskySymbolQuery(ListQuery):
    """Symbols on the list."""

    sorts: ClassVar[dict[str, Column]] = {"id": RiskySymbol.id}

    sort: ToldTradeSort = Field(
        default=ToldTradeSort.LATEST, description="The latest first unless asked otherwise."
    )
    symbol: Annotated[Symbol | None, Equals(RiskySymbol.symbol)] = None


class EfficiencyFilters(FilterQuery):
    """Over what time the use of credit is reckoned."""

    sorts: ClassVar[dict[str, Column]] = {"id": MEMBER_ID}

    sort: EfficiencySort = Field(default=EfficiencySort.ID, description="By member number.")
    begin: AwareDatetime | None = Field(default=None, description="Left out, 90 days before the end.")
    end: AwareDatetime | None = Field(default=None, description="Before this instant; left out, now.")

    @property
    def period(self) -> tuple[datetime | None, datetime | None]:
        """Both ends, as the caller gave them."""
        return self.begin, self.end


class CreditEfficiencyQuery(EfficiencyFilters, ListQuery):
    """The same, by pages."""


class CreditEfficiencyExportQuery(EfficiencyFilters, ExportQuery):
    """The same, as a file."""
