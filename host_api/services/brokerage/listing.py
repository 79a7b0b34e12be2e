"""How sources, trades and holdings are listed, exported and summed up."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from host_api.core.bulk.export_declaration import ExportQuery
from host_api.core.listing import AtLeast, Below, Column, Equals, FilterQuery, ListQuery
from host_api.core.path_ids import LARGEST_ID
from host_api.core.short_code import ShortCode
from host_api.services.brokerage.models import BrokerageSource, Position, SymbolDay, Trade, TradeReport
from host_api.services.brokerage.schemas import (
    AssetType,
    BrokerageSourceKind,
    TradeReportState,
    TradeSide,
)

_LONGEST: Final = timedelta(days=366)

SymbolText = Annotated[str, Field(min_length=1, max_length=24)]
MemberFilter = Annotated[
    int | None, Field(ge=1, le=LARGEST_ID, description="With the records that went into the member's.")
]


class BrokerageSort(StrEnum):
    """Orders by id."""

    LATEST = "-id"
    ID = "id"


class TradeSort(StrEnum):
    """Orders of trades."""

    LATEST = "-id"
    ID = "id"
    LATEST_TRADED = "-traded_at"
    TRADED = "traded_at"
    HIGHEST_COMMISSION = "-commission_rials"
    HIGHEST_TURNOVER = "-turnover_rials"


class SymbolDaySort(StrEnum):
    """Orders of days of symbols."""

    LATEST = "-id"
    ID = "id"
    HIGHEST_TURNOVER = "-turnover_rials"
    HIGHEST_COMMISSION = "-commission_rials"


class SourceQuery(ListQuery):
    """Which sources."""

    sorts: ClassVar[dict[str, Column]] = {"id": BrokerageSource.id}

    sort: BrokerageSort = BrokerageSort.ID
    kind: Annotated[BrokerageSourceKind | None, Equals(BrokerageSource.kind)] = None


class TradeConditions(FilterQuery):
    """Which trades."""

    sorts: ClassVar[dict[str, Column]] = {"id": Trade.id}

    member_id: MemberFilter = None
    source: Annotated[ShortCode | None, Equals(Trade.source)] = None
    symbol: Annotated[SymbolText | None, Equals(Trade.symbol)] = None
    asset_type: Annotated[AssetType | None, Equals(Trade.asset_type)] = None
    side: Annotated[TradeSide | None, Equals(Trade.side)] = None
    traded_from: Annotated[AwareDatetime | None, AtLeast(Trade.traded_at)] = None
    traded_before: Annotated[AwareDatetime | None, Below(Trade.traded_at)] = None


class TradeFilters(TradeConditions):
    """Which trades, in which order."""

    sorts: ClassVar[dict[str, Column]] = {
        "id": Trade.id,
        "traded_at": Trade.traded_at,
        "commission_rials": Trade.commission_rials,
        "turnover_rials": Trade.turnover_rials,
    }

    sort: TradeSort = Field(default=TradeSort.LATEST, description="The latest first unless asked otherwise.")
    reference: Annotated[str | None, Equals(Trade.reference)] = Field(default=None, max_length=40)
    is_cancelled: Annotated[bool | None, Equals(Trade.is_cancelled)] = None


class TradeQuery(TradeFilters, ListQuery):
    """The same, by pages."""


class TradeExportQuery(TradeFilters, ExportQuery):
    """The same, as a file."""


class TradeReportQuery(ListQuery):
    """Which rows that were imported."""

    sorts: ClassVar[dict[str, Column]] = {"id": TradeReport.id}

    sort: BrokerageSort = Field(
        default=BrokerageSort.LATEST, description="The latest first unless asked otherwise."
    )
    state: Annotated[TradeReportState | None, Equals(TradeReport.state)] = Field(
        default=None, description="`refused` are those that changed nothing."
    )
    source: Annotated[ShortCode | None, Equals(TradeReport.source)] = None
    reference: Annotated[str | None, Equals(TradeReport.reference)] = Field(default=None, max_length=40)


class PositionFilters(FilterQuery):
    """Which holdings, in which order."""

    sorts: ClassVar[dict[str, Column]] = {"id": Position.id}

    sort: BrokerageSort = Field(
        default=BrokerageSort.LATEST, description="The latest first unless asked otherwise."
    )
    member_id: MemberFilter = None
    source: Annotated[ShortCode | None, Equals(Position.source)] = None
    symbol: Annotated[SymbolText | None, Equals(Position.symbol)] = None
    asset_type: Annotated[AssetType | None, Equals(Position.asset_type)] = None


class PositionQuery(PositionFilters, ListQuery):
    """The same, by pages."""


class PositionExportQuery(PositionFilters, ExportQuery):
    """The same, as a file."""


class SymbolDayFilters(FilterQuery):
    """Which days of which symbols, in which order."""

    sorts: ClassVar[dict[str, Column]] = {
        "id": SymbolDay.id,
        "turnover_rials": SymbolDay.turnover_rials,
        "commission_rials": SymbolDay.commission_rials,
    }

    sort: SymbolDaySort = Field(
        default=SymbolDaySort.LATEST, description="The latest first unless asked otherwise."
    )
    source: Annotated[ShortCode | None, Equals(SymbolDay.source)] = None
    symbol: Annotated[SymbolText | None, Equals(SymbolDay.symbol)] = None
    asset_type: Annotated[AssetType | None, Equals(SymbolDay.asset_type)] = None
    day_from: Annotated[date | None, AtLeast(SymbolDay.day)] = Field(
        default=None, description="On this day of Tehran or later."
    )
    day_before: Annotated[date | None, Below(SymbolDay.day)] = Field(
        default=None, description="Before this day of Tehran."
    )


class SymbolDayQuery(SymbolDayFilters, ListQuery):
    """The same, by pages."""


class SymbolDayExportQuery(SymbolDayFilters, ExportQuery):
    """The same, as a file."""


class RankBy(StrEnum):
    """What a ranking goes by."""

    TURNOVER = "turnover"
    COMMISSION = "commission"
    TRADES = "trades"


class RankQuery(BaseModel):
    """A ranking: of which days, by what, and how long."""

    model_config = ConfigDict(extra="forbid")

    first_day: date = Field(description="In Tehran.")
    last_day: date = Field(description="In Tehran, itself included; at most 366 days.")
    source: ShortCode | None = None
    asset_type: AssetType | None = None
    by: RankBy
    limit: int = Field(default=20, ge=1, le=200)

    @model_validator(mode="after")
    def _check_days(self) -> Self:
        if not timedelta() <= self.last_day - self.first_day < _LONGEST:
            raise PydanticCustomError("days", "first_day to last_day are 1 to 366 days")
        return self


class SymbolRankQuery(RankQuery):
    """The symbols traded most."""

    by: RankBy = RankBy.TURNOVER


class TraderRankQuery(RankQuery):
    """The members who traded most."""

    by: RankBy = RankBy.COMMISSION
